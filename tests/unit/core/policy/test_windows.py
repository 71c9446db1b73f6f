"""Send windows, also over midnight, days off and clock changes; caps and policies read from documents."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.errors import InputError
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.windows import Window
from wenhou.core.purposes import Purpose
from wenhou.services.policy_files import policy_from_document

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from([SHANGHAI, ZoneInfo("Asia/Kolkata"), ZoneInfo("Pacific/Kiritimati"), ZoneInfo("UTC")])
INSTANTS = st.datetimes(
    min_value=datetime(2026, 12, 1),  # noqa: DTZ001 - hypothesis wants naive bounds
    max_value=datetime(2027, 12, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
TIMES = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 59]))
WINDOWS = st.builds(Window, opens=TIMES, closes=TIMES, workdays_only=st.booleans())
DAYS_OFF = st.frozensets(st.dates(min_value=date(2026, 12, 1), max_value=date(2027, 12, 31)), max_size=40)


@pytest.mark.parametrize(
    ("opens", "closes", "at", "inside"),
    [
        ("08:00", "20:00", "08:00", True),
        ("08:00", "20:00", "07:59", False),
        ("08:00", "20:00", "19:59", True),
        ("08:00", "20:00", "20:00", False),
        ("22:00", "02:00", "23:30", True),
        ("22:00", "02:00", "01:59", True),
        ("22:00", "02:00", "02:00", False),
        ("22:00", "02:00", "12:00", False),
        ("00:00", "00:00", "03:00", True),
        ("12:00", "12:00", "03:00", True),
    ],
)
def test_a_window_holds_its_opening_and_not_its_closing(
    opens: str, closes: str, at: str, inside: bool
) -> None:
    window = Window(opens=time.fromisoformat(opens), closes=time.fromisoformat(closes))
    instant = datetime.combine(date(2027, 1, 30), time.fromisoformat(at), tzinfo=SHANGHAI)

    assert window.contains(instant.astimezone(UTC), SHANGHAI, frozenset()) is inside


@given(WINDOWS, INSTANTS, ZONES, DAYS_OFF)
def test_the_earliest_instant_is_inside_and_nothing_before_it_is(
    window: Window, at: datetime, zone: ZoneInfo, days_off: frozenset[date]
) -> None:
    earliest = window.earliest(at, zone, days_off)

    assert earliest >= at
    assert window.contains(earliest, zone, days_off)
    step = timedelta(minutes=15)
    between = at
    while between < earliest:
        assert not window.contains(between, zone, days_off)
        between += step
    if earliest > at:
        assert not window.contains(earliest - timedelta(seconds=1), zone, days_off)


def test_a_window_over_midnight_begins_anew_at_midnight_after_a_day_off() -> None:
    window = Window(opens=time(22), closes=time(8), workdays_only=True)
    sunday_night = datetime(2027, 1, 31, 23, 0, tzinfo=SHANGHAI)

    earliest = window.earliest(sunday_night, SHANGHAI, frozenset({date(2027, 1, 31)}))

    assert earliest == datetime(2027, 2, 1, 0, 0, tzinfo=SHANGHAI)


def test_a_window_that_opens_inside_a_lost_hour_opens_when_the_clocks_say_so() -> None:
    new_york = ZoneInfo("America/New_York")
    window = Window(opens=time(2, 30), closes=time(9))
    before = datetime(2027, 3, 14, 6, 0, tzinfo=UTC)  # 01:00 of the night in which 02:00 becomes 03:00

    earliest = window.earliest(before, new_york, frozenset())

    assert window.contains(earliest, new_york, frozenset())
    assert earliest <= datetime(2027, 3, 14, 7, 30, tzinfo=UTC)


def test_the_customers_zone_counts_not_the_banks() -> None:
    window = Policy().windows[Purpose.CARE]
    noon_in_shanghai = datetime(2027, 1, 30, 4, 0, tzinfo=UTC)

    assert window.contains(noon_in_shanghai, SHANGHAI, frozenset())
    assert not window.contains(noon_in_shanghai, ZoneInfo("America/New_York"), frozenset())


def test_a_month_of_days_off_gives_an_instant_all_the_same() -> None:
    window = Window(opens=time(9), closes=time(20), workdays_only=True)
    at = datetime(2027, 1, 1, 4, 0, tzinfo=UTC)
    days_off = frozenset(date(2027, 1, 1) + timedelta(days=n) for n in range(60))

    assert window.earliest(at, SHANGHAI, days_off) == at + timedelta(days=31)


def test_a_policy_document_changes_what_it_names_and_nothing_else() -> None:
    document = {
        "windows": {"care": {"opens": "10:00", "closes": "18:00"}},
        "caps": [{"name": "day", "purposes": ["care"], "days": 1, "most": 2}],
        "care_per_address_and_day": 3,
    }

    policy = policy_from_document(document, number=5)

    assert policy.windows[Purpose.CARE] == Window(opens=time(10), closes=time(18))
    assert policy.windows[Purpose.SERVICE] == Policy().windows[Purpose.SERVICE]
    assert [(cap.days, cap.most) for cap in policy.caps] == [(1, 2)]
    assert (policy.number, policy.care_per_address_and_day, policy.longest_cap) == (5, 3, 1)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"windows": {"greeting": {"opens": "08:00", "closes": "20:00"}}}, "windows.greeting"),
        ({"windows": {"care": {"opens": "8 o'clock", "closes": "20:00"}}}, "windows.care"),
        ({"windows": {"care": {"opens": "08:00"}}}, "windows.care"),
        ({"caps": [{"purposes": ["care"], "days": 0, "most": 1}]}, "caps[0]"),
        ({"caps": [{"purposes": ["spam"], "days": 1, "most": 1}]}, "caps[0]"),
        ({"caps": [{"days": 1, "most": 1}]}, "caps[0]"),
    ],
)
def test_a_wrong_policy_names_its_field(document: dict[str, Any], place: str) -> None:
    with pytest.raises(InputError) as caught:
        policy_from_document(document)

    assert place in str(caught.value)
