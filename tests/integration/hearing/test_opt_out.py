"""A customer's refusal: by purpose, at once, confirmed once, never hiding a complaint."""

from store.models.customers import ConsentState, Customer, Suppression
from store.models.hearing import Conversation, Task
from store.models.messages import MessageEvent
from tests import factories
from tests.integration.hearing.world import MAIL, PHONE, World, point_of
from wenhou.core.statuses import Status

ALL = {"care", "information", "marketing"}


def withdrawn(world: World, customer: Customer) -> set[str]:
    return {
        row.purpose
        for row in world.rows(ConsentState)
        if row.customer_id == customer.id
        and row.channel == "any"
        and row.state == "withdrawn"
        and row.by_customer
    }


def share_phone(world: World) -> Customer:
    with world.context.db.write() as session:
        vault = world.context.vault
        return factories.make_customer(
            session,
            vault,
            name="王强",
            org=world.tree.outlet,
            advisor=world.people.deputy,
            reach=factories.Reach(phone=PHONE, email="qiang@example.com"),
        )


def test_an_opt_out_word_withdraws_every_purpose_but_service(world: World) -> None:
    world.hear(world.says("Ｔ Ｄ"))
    assert withdrawn(world, world.customer) == ALL
    assert {ban.purpose for ban in world.rows(Suppression)} == ALL


def test_the_birthday_due_tomorrow_turns_grey_with_its_reason(world: World) -> None:
    birthday, proposed, service = (
        world.planned(),
        world.planned(status=Status.PROPOSED),
        world.planned("service"),
    )
    world.hear(world.says("退订"))
    assert (world.status(birthday), world.message(birthday).reason) == (Status.SKIPPED, "consent_withdrawn")
    assert world.status(proposed) is Status.SKIPPED
    assert world.status(service) is Status.SCHEDULED
    causes = [event.actor for event in world.rows(MessageEvent) if event.message_id == birthday.id]
    assert causes[-1] == "customer"


def test_no_more_wealth_products_but_birthdays_are_fine(world: World) -> None:
    birthday, offer = world.planned("care"), world.planned("marketing")
    world.hear(world.says("别再发理财了，生日可以"))
    assert withdrawn(world, world.customer) == {"marketing"}
    assert world.status(offer) is Status.SKIPPED
    assert world.status(birthday) is Status.SCHEDULED
    (confirmation,) = world.answers()
    assert confirmation.origin == "confirmation"
    assert (confirmation.purpose, confirmation.level, confirmation.status) == ("service", 0, "scheduled")


def test_the_confirmation_goes_where_the_word_came_from(world: World) -> None:
    world.hear(world.says("退订", address=MAIL), account="email")
    (confirmation,) = world.answers()
    assert confirmation.channel == "email"


def test_a_repeated_opt_out_is_kept_but_not_confirmed_again(world: World) -> None:
    world.hear(world.says("退订"))
    world.hear(world.says("退订！！"))
    assert len(world.entries()) == 2
    assert len(world.answers()) == 1


def test_an_opt_out_and_a_complaint_in_one_sentence_are_both_heard(world: World) -> None:
    birthday = world.planned()
    world.hear(world.says("再发我打12378"))
    assert withdrawn(world, world.customer) == ALL
    assert world.status(birthday) is Status.SKIPPED
    (case,) = world.cases()
    assert case.kind == "complaint"
    (answer,) = world.answers()  # one message, which says both
    assert answer.origin == "case_note"


def test_a_shared_phone_is_silenced_for_all_and_nobodys_consent_moves(world: World) -> None:
    other = share_phone(world)
    mine, theirs = world.planned(), world.planned(whose=other)
    with world.context.db.read() as session:
        assert point_of(session, other, "sms").id == mine.contact_point_id
    world.hear(world.says("退订"))
    assert withdrawn(world, world.customer) == withdrawn(world, other) == set()
    assert {ban.purpose for ban in world.rows(Suppression)} == ALL
    assert [world.message(one).reason for one in (mine, theirs)] == ["suppressed", "suppressed"]
    assert len(world.answers("confirmation")) == 1
    (entry,) = world.entries()
    assert (entry.customer_id, entry.sealed_for) == (None, "system")
    assert world.tasks() == ["attribute_reply"]


def test_a_shared_phones_reply_goes_to_the_advisor_of_whom_we_last_wrote_to(world: World) -> None:
    other = share_phone(world)
    world.sent(whose=other)
    world.hear(world.says("你们几点开门？"))
    tasks = world.rows(Task)
    assert {task.kind for task in tasks} == {"answer_question", "attribute_reply"}
    assert {task.assignee_id for task in tasks} == {world.people.deputy.id}
    (conversation,) = world.rows(Conversation)
    assert conversation.customer_id is None


def test_a_stranger_is_heard_too(world: World) -> None:
    world.hear(world.says("退订", address="+8613700137000"))
    (entry,) = world.entries()
    assert entry.customer_id is None
    assert world.tasks() == ["attribute_reply"]
    assert world.answers() == []
    assert {ban.purpose for ban in world.rows(Suppression)} == ALL


def test_the_platforms_own_opt_out_has_source_provider_and_no_confirmation(world: World) -> None:
    birthday = world.planned()
    world.hear({"type": "opt_out", "id": "o1", "address": PHONE, "at": world.now(), "purposes": []})
    assert withdrawn(world, world.customer) == ALL
    assert world.status(birthday) is Status.SKIPPED
    assert world.answers() == []
    assert [(entry.direction, entry.intents) for entry in world.entries()] == [("note", None)]


def test_a_typed_code_opens_the_messages_again(world: World) -> None:
    world.hear(world.says("退订"))
    world.hear(world.says("恢复订阅"))
    assert withdrawn(world, world.customer) == set()
    assert world.rows(Suppression) == []


def test_nothing_a_customer_said_stands_readable_in_the_entry(world: World) -> None:
    world.hear(world.says("别再发理财了，生日可以"))
    (entry,) = world.entries()
    assert "理财".encode() not in entry.text
    assert "理财" not in str(entry.intents)
    assert entry.sealed_for == "customer"
