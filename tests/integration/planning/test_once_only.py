"""What was planned once stays planned once: by two planners at once, after changes, after it has left."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from scheduler.planning import Planner
from store.models.campaigns import Occurrence
from store.models.customers import PersonalDate
from store.models.hearing import Task
from store.models.messages import ContactLedger, Message
from tests.integration.planning.town import SHANGHAI, Town
from wenhou.core.actors import SYSTEM
from wenhou.core.calendars.personal import Rules
from wenhou.core.statuses import HANDED_OVER
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns

DAY = date(2027, 2, 28)
GREETING = """
key: birthday
name: {zh-CN: 生日, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday, days_before: LEAD}
template: birthday
channels: [sms]
approval: none
send_at: "09:30"
until: "20:00"
"""
EVENT = """
key: visit
name: {zh-CN: 到访回访, en: After a visit}
purpose: service
trigger: {type: business_event, event: branch_visit, workdays_after: 2}
template: callback_branch_visit
channels: [sms]
approval: none
"""


def _all_at_once(planners: list[Callable[[], object]]) -> None:
    """Run them in threads that begin together; the first failure is raised."""
    gate, failures = threading.Barrier(len(planners)), []

    def _run(plan: Callable[[], object]) -> None:
        gate.wait()
        try:
            plan()
        except Exception as error:  # noqa: BLE001 - carried to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=_run, args=(plan,)) for plan in planners]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if failures:
        raise failures[0]


def _counted(town: Town) -> tuple[Counter[str], Counter[str], int]:
    with town.context.db.read() as session:
        statuses = Counter(session.scalars(select(Message.status)))
        ledger = Counter(session.scalars(select(ContactLedger.state)))
        tasks = len(session.scalars(select(Task.id)).all())
    return statuses, ledger, tasks


def test_two_planners_at_once_plan_once_and_count_the_same(town: Town) -> None:
    apply_campaigns(town.context, SYSTEM, bundled_campaigns())
    for number in range(60):
        tier = "VIP" if number % 10 == 0 else "普通"
        town.customer(
            birthday=("solar", 2, 5), tier=tier, consents=() if number % 4 == 1 else (("sms", "care"),)
        )
    eve = date(2027, 2, 5)
    town.at(eve, 6)
    planners = [Planner(town.context, town.carriers) for _ in range(3)]
    _all_at_once([lambda one=one: one.plan(eve, eve) for one in planners])  # type: ignore[misc]
    at_once, runs = _counted(town), _runs(town)
    report = town.plan(eve)
    assert _counted(town) == at_once
    assert _runs(town) == runs
    assert sum(one["new"] for one in report) == 0
    statuses, ledger, tasks = at_once
    assert tasks == 6
    assert len({(one.customer_id, one.dedupe_key) for one in town.messages()}) == sum(statuses.values())
    live = [one.customer_id for one in town.messages() if one.status in {"proposed", "scheduled"}]
    assert len(live) == len(set(live)) == ledger["reserved"]


def _runs(town: Town) -> dict[tuple[object, date], int | None]:
    with town.context.db.read() as session:
        rows = session.scalars(select(Occurrence)).all()
        return {(one.campaign_id, one.on_day): one.audience for one in rows}


# --- after it has left ------------------------------------------------------------------------------------------------


def _greeted(town: Town) -> Message:
    """Somebody born on 29 February, greeted on the 28th of 2027."""
    town.go_live(GREETING.replace("LEAD", "0"))
    town.customer(birthday=("solar", 2, 29))
    town.at(DAY, 10)
    town.plan(DAY)
    assert town.dispatch() == 1
    (left,) = town.messages()
    return left


def _move_birthday(town: Town, **facts: object) -> None:
    with town.context.db.write() as session:
        session.execute(update(PersonalDate).values(**facts))


def _change_lead(town: Town) -> None:
    town.go_live(GREETING.replace("LEAD", "3"))


def _change_words(town: Town) -> None:
    town.go_live(GREETING.replace("LEAD", "0").replace("template: birthday", "template: account_anniversary"))


def _change_version(town: Town) -> None:
    town.go_live(GREETING.replace("LEAD", "0").replace("09:30", "11:00").replace("[sms]", "[email, sms]"))


def _change_leap_policy(town: Town) -> None:
    town.planner = Planner(town.context, town.carriers, rules=Rules(missing_29_feb="mar_1"))


@pytest.mark.parametrize(
    "change",
    [
        lambda town: _move_birthday(town, month=3, day=2),
        lambda town: _move_birthday(town, calendar="lunar", month=1, day=25),
        lambda town: _move_birthday(town, calendar="lunar", month=3, day=3),
        _change_lead,
        _change_words,
        _change_version,
        _change_leap_policy,
    ],
    ids=["day", "calendar", "calendar, next month", "lead", "template", "version", "leap policy"],
)
def test_no_change_after_a_greeting_has_left_greets_again(town: Town, change: Callable[[Town], None]) -> None:
    left = _greeted(town)
    change(town)
    town.plan(DAY - timedelta(days=5), DAY + timedelta(days=60))
    town.at(DAY + timedelta(days=60), 12)
    town.dispatch()
    gone = [one.id for one in town.messages() if one.status in HANDED_OVER]
    assert gone == [left.id]
    waiting = [one.dedupe_key for one in town.messages() if one.status in {"proposed", "scheduled"}]
    assert waiting == []


def test_the_next_year_is_greeted_again(town: Town) -> None:
    _greeted(town)
    _move_birthday(town, month=3, day=2)
    town.plan(date(2028, 3, 2))
    assert [one.dedupe_key for one in town.messages()] == [
        "birthday|birthday:solar:2027/1",
        "birthday|birthday:solar:2028/1",
    ]


# --- events -----------------------------------------------------------------------------------------------------------


def test_an_event_delivered_again_and_again_is_called_back_once(town: Town) -> None:
    town.go_live(EVENT)
    customer, monday = town.customer(), date(2027, 3, 1)
    happened = datetime(2027, 3, 1, 9, tzinfo=SHANGHAI)
    for hour in (9, 10, 11):
        town.at(monday, hour)
        town.tell("branch_visit", customer, org="WH0101", happened_at=happened)
        town.plan(monday, monday + timedelta(days=7))
    assert [(one.planned_for, one.status) for one in town.messages()] == [(date(2027, 3, 3), "scheduled")]


def test_a_cancelled_event_withdraws_its_waiting_call_back_for_good(town: Town) -> None:
    town.go_live(EVENT)
    customer, monday = town.customer(), date(2027, 3, 1)
    town.at(monday)
    town.tell("branch_visit", customer, org="WH0101")
    town.plan(monday, monday + timedelta(days=7))
    town.tell("branch_visit", customer, org="WH0101", cancelled=True)
    town.plan(monday, monday + timedelta(days=7))
    town.at(date(2027, 3, 3), 12)
    assert town.dispatch() == 0
    assert town.standing() == [("cancelled", "event_cancelled")]


def test_a_corrected_event_is_called_back_once_by_its_new_day(town: Town) -> None:
    town.go_live(EVENT)
    customer, monday = town.customer(), date(2027, 3, 1)
    town.at(monday)
    town.tell("branch_visit", customer, org="WH0101")
    town.plan(monday, monday + timedelta(days=7))
    town.tell("branch_visit", customer, org="WH0101", happened_at=town.clock.now() + timedelta(days=1))
    for _ in range(2):
        town.plan(monday, monday + timedelta(days=7))
    assert [(one.planned_for, one.status) for one in town.messages()] == [
        (date(2027, 3, 3), "cancelled"),
        (date(2027, 3, 4), "scheduled"),
    ]


def test_an_event_with_the_longest_number_has_a_key_that_fits(town: Town) -> None:
    town.go_live(EVENT)
    customer, monday = town.customer(), date(2027, 3, 1)
    town.at(monday)
    for end in "ab":
        town.tell("branch_visit", customer, org="WH0101", source_id="9" * 98 + f"-{end}")
    town.plan(monday, monday + timedelta(days=7))
    assert len({one.dedupe_key for one in town.messages()}) == 2
