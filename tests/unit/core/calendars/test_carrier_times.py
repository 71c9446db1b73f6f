"""Blackouts and crowded minutes: what leaves, leaves outside all of them and as early as it may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.calendars.carrier_times import Blackout, Congestion
from wenhou.core.calendars.dated import DatedCalendar

ZONE = ZoneInfo("Asia/Shanghai")
EVE = datetime(2027, 2, 5, 18, tzinfo=ZONE)
FIREWORKS = Blackout(
    starts_at=EVE,
    ends_at=EVE + timedelta(hours=8),
    reason="除夕高峰",
    channel="sms",
    purposes=frozenset({"care", "marketing"}),
)
HALVES = Congestion(minutes=(0, 30), width=2, channel="sms")


def test_a_blackout_stops_its_channel_and_purposes_until_it_ends() -> None:
    calendar = DatedCalendar(blackouts=(FIREWORKS,))

    assert calendar.next_allowed("sms", EVE, purpose="care") == FIREWORKS.ends_at
    assert calendar.next_allowed("sms", EVE, purpose="service") == EVE
    assert calendar.next_allowed("sms", EVE) == FIREWORKS.ends_at
    assert calendar.next_allowed("email", EVE, purpose="care") == EVE
    assert calendar.next_allowed("sms", FIREWORKS.ends_at, purpose="care") == FIREWORKS.ends_at
    assert calendar.find_blackout("sms", EVE, purpose="care") == FIREWORKS
    assert calendar.find_blackout("sms", EVE - timedelta(seconds=1), purpose="care") is None


def test_of_several_blackouts_the_one_that_lasts_longest_is_named() -> None:
    later = Blackout(starts_at=EVE + timedelta(hours=1), ends_at=EVE + timedelta(hours=2), reason="短")
    calendar = DatedCalendar(blackouts=(later, FIREWORKS))

    assert calendar.find_blackout("sms", EVE + timedelta(minutes=90), purpose="care") == FIREWORKS


def test_crowded_minutes_reach_over_the_hour() -> None:
    calendar = DatedCalendar(congestion=(HALVES,))

    assert HALVES.avoided == {58, 59, 0, 1, 2, 28, 29, 30, 31, 32}
    assert calendar.next_allowed("sms", EVE.replace(hour=9, minute=58, second=40)) == EVE.replace(
        hour=10, minute=3
    )
    assert calendar.next_allowed("sms", EVE.replace(minute=27, second=59)) == EVE.replace(
        minute=27, second=59
    )
    assert calendar.next_allowed("wecom", EVE) == EVE


def test_the_end_of_a_blackout_at_a_full_hour_is_crowded_too() -> None:
    calendar = DatedCalendar(blackouts=(FIREWORKS,), congestion=(HALVES,))

    assert calendar.next_allowed("sms", EVE) == FIREWORKS.ends_at + timedelta(minutes=3)


instants = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=4)).map(
    lambda later: datetime(2027, 2, 4, tzinfo=UTC) + later
)
blackouts = st.builds(
    lambda start, length, channel: Blackout(
        starts_at=start, ends_at=start + length, reason="x", channel=channel
    ),
    start=instants,
    length=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=1)),
    channel=st.sampled_from([None, "sms", "email"]),
)
crowds = st.builds(
    Congestion,
    minutes=st.lists(st.integers(min_value=0, max_value=59), min_size=1, max_size=3).map(tuple),
    width=st.integers(min_value=0, max_value=2),
    channel=st.sampled_from([None, "sms"]),
)


@given(
    stops=st.lists(blackouts, max_size=5).map(tuple),
    congestion=st.lists(crowds, max_size=2).map(tuple),
    instant=instants,
)
def test_the_next_allowed_instant_is_free_and_the_first_such(
    stops: tuple[Blackout, ...], congestion: tuple[Congestion, ...], instant: datetime
) -> None:
    calendar = DatedCalendar(blackouts=stops, congestion=congestion)

    def is_free(at: datetime) -> bool:
        crowded = any(at.minute in one.avoided for one in congestion)
        return not crowded and calendar.find_blackout("sms", at) is None

    found = calendar.next_allowed("sms", instant)

    assert found >= instant
    assert is_free(found)
    # Where nothing is free in between: every minute, every end of a blackout, and the instant itself.
    minute = instant.replace(second=0, microsecond=0) + timedelta(minutes=1)
    tries = [instant, *(stop.ends_at for stop in stops)]
    tries += [
        minute + timedelta(minutes=ahead)
        for ahead in range(int((found - instant) / timedelta(minutes=1)) + 1)
    ]
    assert not [at for at in tries if instant <= at < found and is_free(at)]


def test_the_answer_is_in_the_zone_of_the_question() -> None:
    calendar = DatedCalendar(blackouts=(FIREWORKS,))

    asked = EVE.astimezone(UTC)
    assert calendar.next_allowed("sms", asked, purpose="care").tzinfo is UTC
