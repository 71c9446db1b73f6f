"""Steps that a person does: one to-do for the advisor or the pool, and words only where it was not done."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from store.models.customers import Customer
from tests.integration.planning.town import SHANGHAI, Town
from wenhou.core.statuses import Status
from wenhou.services.tasks import complete_task

DAY = date(2027, 3, 1)
VIP = """
key: vip
name: {zh-CN: 贵宾生日, en: VIP birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
occasion: birthday
channels: [sms]
approval: none
steps:
  - {key: call, task: {kind: call, title: {zh-CN: 请致电, en: Call}, due_at: "16:00"}}
  - {key: text, template: birthday, after: call, wait: 0d, when: [{not: {done: call}}], send_at: "16:00", until: "20:00"}
"""
LOW = """
key: visit
name: {zh-CN: 到访回访, en: After a visit}
purpose: service
trigger: {type: business_event, event: branch_visit, workdays_after: 0}
channels: [sms]
approval: none
steps:
  - {key: call, task: {kind: call, title: {zh-CN: 请致电, en: Call}, due_at: "16:00"}}
  - {key: text, template: callback_branch_visit, after: call, wait: 1d, when: [{not: {done: call}}], send_at: "10:00"}
"""


def _birthday(town: Town, **facts: Any) -> Customer:
    customer = town.customer(birthday=("solar", 3, 1), **facts)
    town.go_live(VIP)
    town.at(DAY)
    town.plan(DAY)
    return customer


def test_a_call_is_asked_of_the_advisor_once_and_the_words_wait_for_the_afternoon(town: Town) -> None:
    _birthday(town)
    town.plan(DAY)
    (task,) = town.tasks()
    (text,) = town.messages()
    assert (task.kind, task.step_key, task.assignee_id, task.org_id) == (
        "call",
        "call",
        town.people.advisor.id,
        town.tree.outlet.id,
    )
    assert task.due_at == datetime(2027, 3, 1, 16, tzinfo=SHANGHAI)
    assert (text.status, text.due_at) == ("scheduled", datetime(2027, 3, 1, 16, tzinfo=SHANGHAI))
    assert text.dedupe_key == "birthday|birthday:solar:2027/1"


def test_without_an_advisor_the_pool_of_the_branch_is_asked(town: Town) -> None:
    _birthday(town, advisor=None)
    (task,) = town.tasks()
    assert (task.assignee_id, task.org_id) == (None, town.tree.outlet.id)


@pytest.mark.parametrize(
    ("outcome", "ends"),
    [(None, ("sent", None)), ("reached", ("skipped", "condition_not_met")), ("not_reached", ("sent", None))],
)
def test_the_words_leave_at_four_unless_the_call_came_about(
    town: Town, outcome: str | None, ends: tuple[str, str | None]
) -> None:
    _birthday(town)
    town.at(DAY, 15)
    assert town.dispatch() == 0
    if outcome:
        complete_task(town.context, town.actors["advisor"], town.tasks()[0].id, outcome)
    town.at(DAY, 16)
    town.dispatch()
    assert town.standing() == [ends]


def test_a_call_done_before_the_words_were_planned_needs_none(town: Town) -> None:
    _birthday(town)
    complete_task(town.context, town.actors["advisor"], town.tasks()[0].id, "reached")
    town.plan(DAY)
    town.at(DAY, 16)
    assert town.dispatch() == 0


def test_words_after_a_call_about_an_event_know_the_event(town: Town) -> None:
    town.go_live(LOW)
    town.at(DAY)
    town.tell("branch_visit", town.customer(), org="WH0101")
    town.plan(DAY)
    assert len(town.tasks()) == 1
    town.at(DAY + timedelta(days=1))
    town.plan(DAY + timedelta(days=1))
    (text,) = town.messages()
    assert text.status == "scheduled", text.reason
    assert "江汉路网点" in town.words(text)
    assert "3月1日" in town.words(text)


def test_a_cancelled_event_withdraws_the_call_and_no_words_follow_it(town: Town) -> None:
    town.go_live(LOW)
    customer = town.customer()
    town.at(DAY)
    town.tell("branch_visit", customer, org="WH0101")
    town.plan(DAY)
    town.tell("branch_visit", customer, org="WH0101", cancelled=True)
    assert [one.state for one in town.tasks()] == ["dropped"]
    town.at(DAY + timedelta(days=1), 10)
    town.plan(DAY, DAY + timedelta(days=1))
    assert town.dispatch() == 0
    assert town.messages() == []
    assert [one.state for one in town.tasks()] == ["dropped"]


def test_a_cancelled_event_withdraws_words_that_wait_after_a_call(town: Town) -> None:
    town.go_live(LOW)
    customer = town.customer()
    town.at(DAY)
    town.tell("branch_visit", customer, org="WH0101")
    town.plan(DAY)
    town.at(DAY + timedelta(days=1))
    town.plan(DAY + timedelta(days=1))
    town.tell("branch_visit", customer, org="WH0101", cancelled=True)
    assert town.standing() == [("cancelled", "event_cancelled")]


def test_a_corrected_event_asks_for_one_call_on_its_new_day(town: Town) -> None:
    town.go_live(LOW)
    customer = town.customer()
    town.at(DAY)
    town.tell("branch_visit", customer, org="WH0101")
    town.plan(DAY)
    town.at(DAY + timedelta(days=1))
    town.tell("branch_visit", customer, org="WH0101", happened_at=town.clock.now())
    for _ in range(2):
        town.plan(DAY, DAY + timedelta(days=2))
    assert [(one.state, one.planned_for) for one in town.tasks()] == [
        ("dropped", DAY),
        ("open", DAY + timedelta(days=1)),
    ]
    assert [one.planned_for for one in town.messages()] == [DAY + timedelta(days=2)]


def test_a_plain_greeting_and_a_call_for_the_same_birthday_never_both_come(town: Town) -> None:
    town.go_live(
        VIP
        + "---"
        + VIP.split("steps:", maxsplit=1)[0].replace("key: vip", "key: plain")
        + "template: birthday\n"
    )
    customer = town.customer(birthday=("solar", 3, 1))
    town.at(DAY)
    for _ in range(2):
        town.plan(DAY)
    town.at(DAY, 17)
    town.dispatch()
    sent = [one for one in town.messages(customer=customer) if one.status == Status.SENT]
    assert len(sent) == 1
