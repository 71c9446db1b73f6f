"""Threads as staff read and answer them, shared numbers attributed, cases carried."""

import uuid

import pytest

from store.models.customers import ConsentState, Customer
from store.models.hearing import CaseEvent, Conversation, Task
from tests import factories
from tests.integration.hearing.world import PHONE, World
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.statuses import Status
from wenhou.services import cases, conversations, tasks
from wenhou.services.edit_faults import EditRefused


def actor(world: World, login: str) -> Actor:
    with world.context.db.read() as session:
        return factories.actor_for(session, getattr(world.people, login))


def thread_id(world: World) -> uuid.UUID:
    (conversation,) = world.rows(Conversation)
    return uuid.UUID(int=conversation.id.int)


def share_phone(world: World) -> Customer:
    with world.context.db.write() as session:
        return factories.make_customer(
            session,
            world.context.vault,
            name="王强",
            org=world.tree.outlet,
            advisor=world.people.advisor,
            reach=factories.Reach(phone=PHONE, email="qiang@example.com"),
        )


def test_a_thread_shows_what_we_sent_what_they_said_and_our_answers_in_one_line(world: World) -> None:
    _, attempt = world.sent(asks="csat")
    world.hear(world.receipt(attempt, "delivered"), world.says("5 很好"))
    thread = conversations.read_thread(world.context, actor(world, "advisor"), thread_id(world))
    assert thread.customer_name == "王芳"
    kinds = {(item.kind, item.origin) for item in thread.items}
    assert kinds == {("out", "campaign"), ("in", None), ("out", "confirmation")}
    said = next(item for item in thread.items if item.kind == "in")
    assert (said.text, said.intents) == ("5 很好", ("rating",))
    assert next(item for item in thread.items if item.origin == "campaign").status is Status.DELIVERED


def test_another_branchs_advisor_knows_nothing_of_the_thread(world: World) -> None:
    world.hear(world.says("谢谢"))
    stranger = actor(world, "other_advisor")
    assert conversations.list_threads(world.context, stranger) == []
    with pytest.raises(AccessDenied):
        conversations.read_thread(world.context, stranger, thread_id(world))
    with pytest.raises(AccessDenied):
        conversations.reply_to_customer(world.context, stranger, thread_id(world), "您好")


def test_a_reply_is_a_message_due_now_and_settles_the_to_do(world: World) -> None:
    world.hear(world.says("你们几点开门？"))
    advisor = actor(world, "advisor")
    conversations.reply_to_customer(world.context, advisor, thread_id(world), "早上九点，欢迎您来。")
    (reply,) = world.answers("reply")
    assert (reply.purpose, reply.level, reply.status, reply.channel) == ("service", 0, "scheduled", "sms")
    assert reply.due_at == world.clock.now()
    assert tasks.list_open(world.context, advisor) == []
    assert world.rows(Conversation)[0].unread == 0
    thread = conversations.read_thread(world.context, advisor, thread_id(world))
    assert thread.items[-1].text == "【江城银行】早上九点，欢迎您来。"


def test_pressing_send_twice_sends_once(world: World) -> None:
    world.hear(world.says("你们几点开门？"))
    advisor, thread = actor(world, "advisor"), thread_id(world)
    press = world.entries()[0].id
    conversations.reply_to_customer(world.context, advisor, thread, "九点", reply_id=press)
    with pytest.raises(Refused):
        conversations.reply_to_customer(world.context, advisor, thread, "九点", reply_id=press)
    assert len(world.answers("reply")) == 1


def test_an_empty_reply_is_no_reply(world: World) -> None:
    world.hear(world.says("谢谢"))
    with pytest.raises(InputError):
        conversations.reply_to_customer(world.context, actor(world, "advisor"), thread_id(world), "  ")


@pytest.mark.parametrize(
    ("words", "rule"),
    [
        ("这款保本保收益，您放心。", "保本"),
        ("您的卡号6222021234567890123已经换好。", "6222"),
        ("请把短信验证码告诉我。", "验证码"),
    ],
)
def test_a_reply_that_a_rule_stops_is_not_sent_and_says_where(world: World, words: str, rule: str) -> None:
    world.hear(world.says("有什么好产品？"))
    with pytest.raises(EditRefused) as refused:
        conversations.reply_to_customer(world.context, actor(world, "advisor"), thread_id(world), words)
    assert any(rule in one.found and words[one.start : one.end] == one.found for one in refused.value.faults)
    assert world.answers("reply") == []


def test_who_asked_for_a_product_is_answered_about_it(world: World) -> None:
    """One word of a product makes a planned notice marketing; an answer to a question stays an answer."""
    world.hear(world.says("到期后可以买国债吗？"))
    words = "可以，到期后能转国债，明天上午我把资料当面给您看。"
    conversations.reply_to_customer(world.context, actor(world, "advisor"), thread_id(world), words)
    assert len(world.answers("reply")) == 1


def test_a_note_is_kept_in_the_thread_and_sent_to_nobody(world: World) -> None:
    world.hear(world.says("谢谢"))
    conversations.add_note(world.context, actor(world, "advisor"), thread_id(world), "电话里说下周来")
    thread = conversations.read_thread(world.context, actor(world, "advisor"), thread_id(world))
    assert [item.kind for item in thread.items] == ["in", "note"]
    assert world.answers() == []


def test_a_shared_numbers_thread_cannot_be_answered_before_somebody_says_who_spoke(world: World) -> None:
    share_phone(world)
    world.hear(world.says("你们几点开门？"))
    advisor = actor(world, "advisor")
    (row,) = conversations.list_threads(world.context, advisor)
    assert row.customer_id is None
    with pytest.raises(Refused):
        conversations.reply_to_customer(world.context, advisor, row.id, "九点")


def test_attributing_a_reply_makes_its_refusal_and_its_complaint_that_customers_own(world: World) -> None:
    other = share_phone(world)
    mine, theirs = world.planned("information"), world.planned("information", whose=other)
    world.hear(world.says("再发理财我打12378"))
    (case,) = world.cases()
    assert case.customer_id is None
    assert {world.message(one).hold_key for one in (mine, theirs)} == {f"case:{case.id}"}
    (entry,) = world.entries()
    conversations.attribute(world.context, actor(world, "advisor"), entry.id, other.id)
    (case,) = world.cases()
    assert (case.customer_id, case.about_user_id) == (other.id, world.people.advisor.id)
    assert (world.message(mine).hold_key, world.message(theirs).hold_key) == (None, f"case:{case.id}")
    refusals = {(row.customer_id, row.purpose) for row in world.rows(ConsentState) if row.by_customer}
    assert refusals == {(other.id, "marketing")}
    (entry,) = world.entries()
    assert (entry.customer_id, entry.sealed_for) == (other.id, "customer")
    assert "attribute_reply" not in [task.kind for task in world.rows(Task) if task.state == "open"]
    with pytest.raises(Refused):
        conversations.attribute(world.context, actor(world, "advisor"), entry.id, world.customer.id)


def test_a_public_note_reaches_the_customer_and_is_the_first_answer(world: World) -> None:
    world.hear(world.says("我要投诉"))
    (case,) = world.cases()
    cases.add_note(world.context, actor(world, "supervisor"), case.id, "已经查明，明天退还。", public=True)
    (case,) = world.cases()
    assert (case.state, case.first_answered_at) == ("answered", world.clock.now())
    assert len(world.answers("case_note")) == 2
    assert "note" in [event.kind for event in world.rows(CaseEvent)]


def test_an_internal_note_stops_no_clock(world: World) -> None:
    world.hear(world.says("我要投诉"))
    (case,) = world.cases()
    cases.add_note(world.context, actor(world, "supervisor"), case.id, "在查")
    assert world.cases()[0].first_answered_at is None
    assert len(world.answers()) == 1


def test_whom_a_complaint_is_about_can_neither_see_nor_close_it(world: World) -> None:
    world.hear(world.says("我要投诉"))
    (case,) = world.cases()
    with pytest.raises(AccessDenied):
        cases.close_case(world.context, actor(world, "advisor"), case.id, "没事")


def test_a_case_is_closed_once(world: World) -> None:
    world.hear(world.says("我要投诉"))
    (case,) = world.cases()
    supervisor = actor(world, "supervisor")
    cases.close_case(world.context, supervisor, case.id, "已退还")
    with pytest.raises(Refused):
        cases.close_case(world.context, supervisor, case.id, "已退还")


def test_a_to_do_is_closed_once_with_what_came_of_it(world: World) -> None:
    world.hear(world.says("回电"))
    advisor = actor(world, "advisor")
    (todo,) = tasks.list_open(world.context, advisor)
    tasks.complete_task(world.context, advisor, todo.id, "reached", "聊了十分钟")
    assert tasks.list_open(world.context, advisor) == []
    with pytest.raises(Refused):
        tasks.complete_task(world.context, advisor, todo.id)
