"""New words in force: what waits says them and is approved anew, what left stays, planning twice plans once."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import func, select

from store.models.campaigns import TemplateVersion
from store.models.customers import Customer
from store.models.messages import Approval, Message, MessageEvent
from tests.integration.planning.town import Town
from tests.integration.words.desk import Desk
from wenhou.core.statuses import Status
from wenhou.services.approvals import Edit, approve, current_hash, edit
from wenhou.services.words_in_force import shipped

DAY = date(2027, 2, 5)
CAMPAIGN = """
key: birthday
name: {zh-CN: 生日, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
template: birthday
channels: [sms]
approval: LEVEL
plan_ahead_workdays: 10
send_at: "09:30"
until: "20:00"
"""
NEW = "愿您今天过得称心。"


@pytest.fixture
def waiting(desk: Desk) -> tuple[Customer, Message]:
    """A birthday on 5 February, planned and waiting for its advisor."""
    desk.town.go_live(CAMPAIGN.replace("LEVEL", "advisor"))
    customer = desk.town.customer(birthday=("solar", 2, 5))
    desk.town.plan(DAY)
    (message,) = desk.town.messages()
    return customer, message


def _approve(town: Town, message: Message) -> None:
    actor = town.actors["advisor"]
    approve(town.context, actor, message.id, current_hash(town.context, actor, message.id), undo_seconds=0)


def _votes(town: Town, message: Message) -> list[tuple[str, str | None]]:
    with town.context.db.read() as session:
        rows = session.scalars(
            select(Approval).where(Approval.message_id == message.id).order_by(Approval.id)
        )
        return [(row.decision, row.void_reason) for row in rows]


def _events(town: Town, message: Message) -> list[tuple[str, str | None]]:
    with town.context.db.read() as session:
        found = select(MessageEvent).where(MessageEvent.message_id == message.id).order_by(MessageEvent.id)
        return [(row.event, row.reason) for row in session.scalars(found)]


def _number_of(town: Town, message: Message) -> int:
    with town.context.db.read() as session:
        row = session.get_one(Message, message.id)
        return session.get_one(TemplateVersion, row.template_version_id).number


def test_a_waiting_message_says_the_new_words(desk: Desk, waiting: tuple[Customer, Message]) -> None:
    _, message = waiting
    assert NEW not in desk.town.words(message)
    desk.publish(NEW)
    desk.town.planner.plan_horizon()
    (now,) = desk.town.messages()
    assert (now.id, now.status, now.variant) == (message.id, Status.PROPOSED, "a")
    assert NEW in desk.town.words(message)
    assert _number_of(desk.town, message) == 101


def test_an_approval_of_the_old_words_is_void_and_says_why(
    desk: Desk, waiting: tuple[Customer, Message]
) -> None:
    _, message = waiting
    _approve(desk.town, message)
    desk.publish(NEW)
    desk.town.planner.plan_horizon()
    (now,) = desk.town.messages()
    assert (now.status, now.approvals) == (Status.PROPOSED, 0)
    assert _votes(desk.town, message) == [("approved", "input_changed")]
    assert ("skip", "input_changed") in _events(desk.town, message)


def test_planning_again_afterwards_changes_nothing(desk: Desk, waiting: tuple[Customer, Message]) -> None:
    _, message = waiting
    desk.publish(NEW)
    desk.town.plan(DAY)
    before = _events(desk.town, message)
    report = desk.town.plan(DAY)
    assert _events(desk.town, message) == before
    assert [one["proposed"] for one in report] == [1]
    assert len(desk.town.messages()) == 1


def test_a_version_for_a_later_day_changes_nothing_before_it(
    desk: Desk, waiting: tuple[Customer, Message]
) -> None:
    _, message = waiting
    _approve(desk.town, message)
    desk.publish(NEW, first=date(2027, 2, 4))
    desk.town.at(date(2027, 2, 3), 23, 50)
    desk.town.planner.plan_horizon()
    assert _votes(desk.town, message) == [("approved", None)]
    desk.town.at(date(2027, 2, 4), 0, 1)
    desk.town.planner.plan_horizon()  # within the ten minutes in which a run is left alone otherwise
    assert _votes(desk.town, message) == [("approved", "input_changed")]
    assert NEW in desk.town.words(message)


def test_what_left_keeps_its_words_and_the_name_of_their_version(desk: Desk) -> None:
    desk.town.go_live(CAMPAIGN.replace("LEVEL", "none"))
    desk.town.customer(birthday=("solar", 2, 5))
    desk.town.at(DAY, 8)
    desk.town.plan(DAY)
    desk.town.at(DAY, 10)
    assert desk.town.dispatch() == 1
    (message,) = desk.town.messages()
    said, number = desk.town.words(message), _number_of(desk.town, message)
    assert number == shipped().get("birthday").version
    desk.publish(NEW)
    desk.town.plan(DAY)
    assert (desk.town.words(message), _number_of(desk.town, message)) == (said, number)
    assert desk.town.messages()[0].status == Status.SENT


def test_words_that_a_person_edited_stay_theirs(desk: Desk, waiting: tuple[Customer, Message]) -> None:
    _, message = waiting
    town, actor = desk.town, desk.town.actors["advisor"]
    seen = current_hash(town.context, actor, message.id)
    edit(town.context, actor, message.id, {"sms": Edit(text="王女士，生日那天我给您打电话。")}, seen)
    desk.publish(NEW)
    town.plan(DAY)
    assert "给您打电话" in town.words(message)


def test_a_roll_back_and_a_retirement_render_anew_too(desk: Desk, waiting: tuple[Customer, Message]) -> None:
    _, message = waiting
    before = desk.town.words(message)
    first = desk.publish(NEW)
    desk.publish("愿您日日称心。")
    desk.town.plan(DAY)
    assert "日日称心" in desk.town.words(message)
    desk.roll_back(first)
    desk.town.plan(DAY)
    assert NEW in desk.town.words(message)
    desk.retire(number=first)
    desk.town.plan(DAY)
    assert desk.town.words(message) == before


def test_a_version_that_says_the_same_to_this_customer_keeps_the_approval(desk: Desk) -> None:
    desk.publish(NEW)
    desk.town.go_live(CAMPAIGN.replace("LEVEL", "advisor"))
    desk.town.customer(birthday=("solar", 2, 5))
    desk.town.plan(DAY)
    (message,) = desk.town.messages()
    _approve(desk.town, message)
    desk.publish(NEW, channels="sms, wechat")  # a channel more, this one as it was
    desk.town.plan(DAY)
    assert _votes(desk.town, message) == [("approved", None)]
    assert _number_of(desk.town, message) == 102
    with desk.town.context.db.read() as session:
        assert session.scalar(select(func.count()).select_from(MessageEvent)) == 2
