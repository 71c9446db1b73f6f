"""What replies do beside opting out: ratings, complaints, to-dos, words that stop everything."""

from datetime import timedelta

import pytest

from store.models.customers import CareRestriction, ContactPoint
from store.models.hearing import CaseEvent, Conversation, Feedback, Task
from tests import factories
from tests.integration.hearing.world import World
from wenhou.core.statuses import Event, Status
from wenhou.services import cases


def test_a_digit_is_a_rating_when_one_was_asked(world: World) -> None:
    message, _ = world.sent(asks="csat")
    world.hear(world.says("５分，小李很耐心"))
    (rating,) = world.rows(Feedback)
    assert (rating.score, rating.kind, rating.message_id) == (5, "csat", message.id)
    assert rating.advisor_id == world.people.advisor.id
    assert rating.comment is not None
    assert [answer.origin for answer in world.answers()] == ["confirmation"]
    assert world.entries()[0].answers_message_id == message.id


def test_a_digit_is_no_rating_when_none_was_asked(world: World) -> None:
    world.sent()
    world.hear(world.says("5"))
    assert world.rows(Feedback) == []
    assert world.tasks() == ["read_reply"]


def test_a_digit_is_no_rating_days_after_the_question(world: World) -> None:
    world.sent(asks="csat")
    world.clock.advance(timedelta(hours=73))
    world.hear(world.says("5"))
    assert world.rows(Feedback) == []


def test_a_second_rating_changes_nothing_and_goes_to_a_person(world: World) -> None:
    world.sent(asks="csat")
    world.hear(world.says("5"))
    world.hear(world.says("1"))
    assert [rating.score for rating in world.rows(Feedback)] == [5]
    assert len(world.answers()) == 1
    assert world.tasks() == ["read_reply"]


def test_a_low_rating_makes_a_call_and_a_case(world: World) -> None:
    world.sent(asks="csat")
    world.hear(world.says("1"))
    assert world.tasks() == ["answer_case", "call_after_rating"]
    assert [case.kind for case in world.cases()] == ["service"]


def test_nps_takes_a_ten(world: World) -> None:
    world.sent(asks="nps")
    world.hear(world.says("10"))
    assert [(rating.kind, rating.score) for rating in world.rows(Feedback)] == [("nps", 10)]


def test_a_complaint_opens_a_case_whose_clocks_run(world: World) -> None:
    world.hear(world.says("我要投诉你们的客户经理"))
    (case,) = world.cases()
    assert case.number == "TS20270130-0001"
    assert case.assignee_id == world.people.supervisor.id
    assert case.about_user_id == world.people.advisor.id
    now = world.clock.now()
    assert case.solution_due_at == now + timedelta(hours=24)
    assert case.first_answer_due_at > now
    assert str(case.regulator_due_on) == "2027-02-14"
    assert case.first_answered_at is None
    assert world.tasks() == ["answer_case"]
    (answer,) = world.answers()
    assert (answer.origin, answer.status) == ("case_note", "scheduled")
    assert sorted(event.kind for event in world.rows(CaseEvent)) == ["acknowledged", "said"]


def test_an_open_complaint_holds_what_waits_and_closing_lets_it_go(world: World) -> None:
    birthday, service = world.planned(days=3), world.planned("service")
    world.hear(world.says("我要投诉"))
    (case,) = world.cases()
    assert (world.message(birthday).hold_key, world.message(birthday).reason) == (
        f"case:{case.id}",
        "open_case",
    )
    assert world.message(service).hold_key is None
    with world.context.db.read() as session:
        supervisor = factories.actor_for(session, world.people.supervisor)
    cases.close_case(world.context, supervisor, case.id, "已当面致歉并退还手续费")
    assert (world.message(birthday).hold_key, world.status(birthday)) == (None, Status.SCHEDULED)
    assert world.cases()[0].state == "closed"
    assert sorted(task.kind for task in world.rows(Task) if task.state == "open") == ["call_back"]


def test_a_second_complaint_joins_the_open_case(world: World) -> None:
    world.hear(world.says("我要投诉"))
    world.hear(world.says("还没人理我，继续投诉"))
    assert len(world.cases()) == 1
    assert len(world.answers()) == 1
    assert [event.kind for event in world.rows(CaseEvent)].count("said") == 2


def test_the_next_case_of_the_day_has_the_next_number(world: World) -> None:
    with world.context.db.write() as session:
        factories.make_customer(session, world.context.vault, reach=factories.Reach(phone="+8613800138009"))
    world.hear(world.says("我要投诉"))
    world.hear(world.says("我要投诉", address="+8613800138009"))
    assert [case.number for case in world.cases()] == ["TS20270130-0001", "TS20270130-0002"]


def test_a_rating_does_not_hide_a_complaint(world: World) -> None:
    world.sent(asks="csat")
    world.hear(world.says("1，我要投诉"))
    assert [rating.score for rating in world.rows(Feedback)] == [1]
    assert [case.kind for case in world.cases()] == ["complaint"]


@pytest.mark.parametrize(
    ("words", "task"),
    [
        ("你们几点开门？", "answer_question"),
        ("回电", "call_back"),
        ("进度", "tell_progress"),
        ("谢谢，也祝你新年好", "read_reply"),
        ("孩子今年高考，有点忙", "read_reply"),
    ],
)
def test_every_reply_makes_its_to_do_for_the_advisor(world: World, words: str, task: str) -> None:
    world.hear(world.says(words))
    (todo,) = world.rows(Task)
    assert (todo.kind, todo.assignee_id) == (task, world.people.advisor.id)
    (conversation,) = world.rows(Conversation)
    assert (conversation.customer_id, conversation.unread) == (world.customer.id, 1)


def test_a_wrong_persons_number_is_retired_until_verified(world: World) -> None:
    world.hear(world.says("发错了，我不是王芳"))
    point = next(row for row in world.rows(ContactPoint) if row.channel == "sms")
    assert point.retired_reason == "wrong_person"
    assert "verify_contact" in world.tasks()
    assert world.answers() == []


def test_a_death_stops_greetings_and_sends_no_automatic_answer(world: World) -> None:
    birthday = world.planned()
    world.hear(world.says("我爸上周去世了，别再发了"))
    assert [row.kind for row in world.rows(CareRestriction)] == ["bereavement"]
    assert world.status(birthday) is Status.SKIPPED
    assert "condolence" in world.tasks()
    assert world.answers() == []


def test_an_automatic_reply_is_kept_and_never_taken_for_the_customers_words(world: World) -> None:
    world.hear(world.says("【自动回复】我在开会，退订请稍后"))
    (entry,) = world.entries()
    assert entry.is_automatic
    assert world.tasks() == []
    assert world.rows(Conversation)[0].unread == 0


def test_a_mails_reference_names_the_customer_whatever_address_it_comes_from(world: World) -> None:
    _, attempt = world.sent(channel="email", upto=Event.ACCEPT)
    reference = world.context.vault.reference_of(attempt.id)
    world.hear(
        world.says("谢谢", address="private@example.org", account="email", reference=reference),
        account="email",
    )
    assert world.entries()[0].customer_id == world.customer.id


def test_emoji_zero_width_and_right_to_left_characters_do_no_harm(world: World) -> None:
    world.hear(world.says("退\u200b订\u202e🙏" + "长" * 30_000))
    assert len(world.entries()) == 1
