"""A whole year, day by day: nobody twice a day, nobody at night or against their will, every birthday once or its reason.

What left is recounted from the calls themselves, against rules written down here once more.
"""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from scheduler.carriers import Carriers
from scheduler.explaining import judging_with
from store.models.hearing import Task
from store.models.messages import ContactLedger, Message
from tests.acceptance.year import SHANGHAI, Year, birthdays_until, make_year
from tests.integration.scheduler.world import CountingSender
from wenhou.core.channels import SMS
from wenhou.core.clock import ShiftedClock
from wenhou.core.statuses import HANDED_OVER
from wenhou.services.context import Context
from wenhou.services.explain_why import explain

WINDOWS = {"service": (7, 22), "care": (8, 20), "information": (9, 20), "marketing": (9, 20)}
PROMOTIONAL = ("care", "information", "marketing")
CAPS = ((1, 1), (7, 3), (30, 8))
"""(days in a row, messages) for all promotional words together."""


def _live(context: Context, amount: int, last: date) -> Year:
    clock = ShiftedClock(datetime(last.year - 1, 12, 31, 12, tzinfo=SHANGHAI), frozen=True)
    moved = Context(db=context.db, vault=context.vault, clock=clock, bank=context.bank)
    found = make_year(moved, clock, amount, last)
    found.live()
    return found


@pytest.mark.timeout(600)  # a minute where nobody else is at work
@pytest.mark.parametrize(
    ("database_url", "amount", "last"),
    [("sqlite", 2000, date(2028, 12, 31)), ("postgresql", 150, date(2027, 3, 31))],
    indirect=["database_url"],
)
def test_a_whole_year_keeps_every_promise(context: Context, amount: int, last: date) -> None:
    lived = _live(context, amount, last)
    messages = _messages(lived)
    assert len(lived.left) > amount, "a year in which little happens shows little"
    _nobody_gets_two_a_day_nor_more_than_the_caps(lived, messages)
    _nobody_is_written_to_at_night(lived, messages)
    _nobody_is_written_to_against_their_will(lived, messages)
    _a_family_phone_gets_one_greeting_a_day(lived)
    _festive_words_rested_while_the_country_mourned(lived)
    _the_ledger_says_what_left(lived, messages)
    _every_message_has_an_end_with_a_name(messages)
    _every_birthday_was_met_once_or_has_its_reason(lived, messages)


def _messages(year: Year) -> dict[uuid.UUID, Message]:
    with year.context.db.read() as session:
        return {one.id: one for one in session.scalars(select(Message))}


def _promotional(year: Year, messages: dict[uuid.UUID, Message]) -> dict[uuid.UUID, list[date]]:
    """The bank's days on which promotional words left, by customer."""
    days: dict[uuid.UUID, list[date]] = defaultdict(list)
    for one in year.left:
        if one.purpose in PROMOTIONAL:
            days[messages[one.message_id].customer_id].append(one.at.astimezone(SHANGHAI).date())
    return days


def _nobody_gets_two_a_day_nor_more_than_the_caps(year: Year, messages: dict[uuid.UUID, Message]) -> None:
    assert not [key for key, times in Counter(one.message_id for one in year.left).items() if times > 1]
    for customer_id, days in _promotional(year, messages).items():
        for length, most in CAPS:
            for first in days:
                run = [day for day in days if first <= day < first + timedelta(days=length)]
                assert len(run) <= most, (year.people[customer_id].ref, length, sorted(run))


def _nobody_is_written_to_at_night(year: Year, messages: dict[uuid.UUID, Message]) -> None:
    for one in year.left:
        person = year.people[messages[one.message_id].customer_id]
        opens, closes = WINDOWS[one.purpose]
        local = one.at.astimezone(person.local)
        assert time(opens) <= local.time() < time(closes), (person.ref, one.purpose, local)


def _nobody_is_written_to_against_their_will(year: Year, messages: dict[uuid.UUID, Message]) -> None:
    for one in year.left:
        if one.purpose not in PROMOTIONAL:
            continue
        person = year.people[messages[one.message_id].customer_id]
        day = one.at.astimezone(SHANGHAI).date()
        assert person.agrees(one.purpose, one.at), (person.ref, one.purpose, one.at)
        if person.restricted is not None:
            assert not person.restricted[0] <= day <= person.restricted[1], (person.ref, one.at)
        if person.complaint is not None:
            assert not person.complaint[0] <= one.at < person.complaint[1] + timedelta(days=3), person.ref


def _a_family_phone_gets_one_greeting_a_day(year: Year) -> None:
    seen = Counter(
        (one.address, one.at.astimezone(SHANGHAI).date()) for one in year.left if one.purpose == "care"
    )
    assert not [key for key, times in seen.items() if times > 1]


def _festive_words_rested_while_the_country_mourned(year: Year) -> None:
    first, last = year.mourning
    days = [one.at.astimezone(SHANGHAI).date() for one in year.left if one.purpose == "care"]
    assert not [day for day in days if first <= day <= last]


def _the_ledger_says_what_left(year: Year, messages: dict[uuid.UUID, Message]) -> None:
    with year.context.db.read() as session:
        rows = {one.message_id: one for one in session.scalars(select(ContactLedger))}
        called = set(session.scalars(select(Task.id).where(Task.state == "done")))
    left = {one.message_id: one for one in year.left}
    for message_id, one in left.items():
        row = rows[message_id]
        assert (row.state, row.on_day) == ("committed", one.at.astimezone(SHANGHAI).date()), message_id
        assert row.customer_id == messages[message_id].customer_id
    assert not [key for key, row in rows.items() if row.state == "reserved"]
    assert {key for key, row in rows.items() if row.state == "committed"} - called == set(left)


def _every_message_has_an_end_with_a_name(messages: dict[uuid.UUID, Message]) -> None:
    ends = Counter(
        (one.status, one.reason if one.status not in HANDED_OVER else None) for one in messages.values()
    )
    nameless = {end: times for end, times in ends.items() if end[0] not in HANDED_OVER and not end[1]}
    assert not nameless
    assert not {status for status, _ in ends} & {"proposed", "scheduled", "sending", "awaiting_tap"}


def _every_birthday_was_met_once_or_has_its_reason(year: Year, messages: dict[uuid.UUID, Message]) -> None:
    kept = birthdays_until(year.last)
    met: dict[tuple[uuid.UUID, date], list[Message]] = defaultdict(list)
    for message in messages.values():
        if message.dedupe_key.startswith("birthday|birthday:"):
            met[message.customer_id, message.planned_for].append(message)
    with year.context.db.read() as session:
        called = {(one.customer_id, one.planned_for) for one in session.scalars(select(Task))}
    expected = 0
    outside = []
    for person in year.people.values():
        days = kept[person.birth] if person.birth else []
        for day in days:
            expected += 1
            rows = met.pop((person.id, day), [])
            if person.is_staff:
                assert not rows
                outside.append((person.ref, day))
            elif person.tier == "VIP":
                assert len(rows) == 1 or (person.id, day) in called, (person.ref, day)
            else:
                assert [one.status for one in rows if one.status in HANDED_OVER or one.reason] == [
                    one.status for one in rows
                ]
                assert len(rows) == 1, (person.ref, person.birth, day, [one.dedupe_key for one in rows])
    assert not met, "a birthday was kept on a day that is none"
    assert expected > len(year.people) // 8
    carriers = Carriers(senders={SMS: CountingSender(SMS)})
    asking = replace(year.context, judge_one=judging_with(carriers))
    for ref, day in outside[:3]:
        told = explain(asking, year.operations, ref, "birthday", day)
        assert [gate.verdict for gate in told.gates if gate.gate == "audience"] == ["skip"]
