"""Contact caps: whatever is planned in whatever order, no run of days and no calendar period holds too many."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.core.policy.worlds import NOON, facts
from wenhou.core.policy.gates import PASS, SKIP, caps
from wenhou.core.policy.rules import PROMOTIONAL, Cap, Policy, period_of
from wenhou.core.purposes import Purpose

FIRST = date(2027, 1, 1)
CAPS = st.lists(
    st.builds(
        lambda days, period, most: Cap(name="c", purposes=PROMOTIONAL, days=days, period=period, most=most),
        st.integers(1, 10),
        st.sampled_from([None, None, "day", "week", "month", "quarter"]),
        st.integers(0, 4),
    ),
    min_size=1,
    max_size=3,
)
WISHES = st.lists(st.integers(0, 130), max_size=60)


def planned(wishes: list[int], policy: Policy) -> list[date]:
    """The days that the gate let through, asked in the order of the wishes."""
    taken: list[date] = []
    for wish in wishes:
        day = FIRST + timedelta(days=wish)
        contacts: dict[int, dict[str, int]] = {}
        for other in taken:
            by_purpose = contacts.setdefault((day - other).days, {})
            by_purpose["care"] = by_purpose.get("care", 0) + 1
        if caps(facts(planned_for=day, contacts=contacts), policy, NOON).verdict == PASS:
            taken.append(day)
    return taken


@given(CAPS, WISHES)
@settings(max_examples=150, deadline=None)
def test_no_run_of_days_and_no_period_ever_holds_more_than_its_cap(
    rules: list[Cap], wishes: list[int]
) -> None:
    taken = planned(wishes, Policy(caps=tuple(rules)))

    for cap in rules:
        for start in range(-10, 141):
            first = FIRST + timedelta(days=start)
            if cap.period is None:
                last = first + timedelta(days=cap.days - 1)
            else:
                first, last = period_of(first, cap.period)
            assert sum(first <= day <= last for day in taken) <= cap.most


@pytest.mark.parametrize(
    ("period", "day", "first", "last"),
    [
        ("day", date(2027, 2, 28), date(2027, 2, 28), date(2027, 2, 28)),
        ("week", date(2027, 1, 3), date(2026, 12, 28), date(2027, 1, 3)),
        ("month", date(2028, 2, 10), date(2028, 2, 1), date(2028, 2, 29)),
        ("month", date(2027, 12, 31), date(2027, 12, 1), date(2027, 12, 31)),
        ("quarter", date(2027, 11, 5), date(2027, 10, 1), date(2027, 12, 31)),
        ("quarter", date(2027, 3, 31), date(2027, 1, 1), date(2027, 3, 31)),
    ],
)
def test_a_calendar_period_has_its_own_first_and_last_day(
    period: str, day: date, first: date, last: date
) -> None:
    assert period_of(day, period) == (first, last)


def test_a_calendar_week_starts_anew_on_monday_where_a_rolling_one_does_not() -> None:
    monday = facts(planned_for=date(2027, 2, 1), contacts={1: {"care": 3}})
    calendar = Cap(name="week", purposes=PROMOTIONAL, period="week", most=3)
    rolling = Cap(name="week", purposes=PROMOTIONAL, days=7, most=3)

    assert caps(monday, Policy(caps=(calendar,)), NOON).verdict == PASS
    assert caps(monday, Policy(caps=(rolling,)), NOON).reason == "cap_reached"


def test_caps_count_across_purposes() -> None:
    mixed = facts(contacts={1: {"care": 1, "marketing": 1}, 2: {"information": 1}})

    assert caps(mixed, Policy(), NOON).value == "week 3/3"
    assert (
        caps(facts(purpose=Purpose.MARKETING, contacts={9: {"marketing": 2}}), Policy(), NOON).verdict == SKIP
    )
