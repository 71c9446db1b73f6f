"""Blackouts, crowded minutes, mourning and platforms' limits: when it leaves, and by which channel instead."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.policy.worlds import NOON, facts, route
from wenhou.core.calendars.carrier_times import Blackout, Congestion
from wenhou.core.policy.decide import decide
from wenhou.core.policy.facts import Facts, QuotaState
from wenhou.core.policy.gates import HOLD, PASS, SKIP
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.sentences import gate_sentence
from wenhou.core.purposes import Purpose

HOUR = timedelta(hours=1)
CLOSED = Blackout(starts_at=NOON - HOUR, ends_at=NOON + 2 * HOUR, reason="重保", channel="sms")
CROWDED = Policy(congestion=(Congestion(minutes=(0, 30), width=2),), spread_minutes=12)


def test_a_blackout_of_the_line_is_waited_out() -> None:
    decision = decide(facts(), Policy(blackouts=(CLOSED,)), NOON)

    assert (decision.verdict, decision.reason, decision.send_at) == (HOLD, "blackout", CLOSED.ends_at)


def test_a_blackout_that_lasts_too_long_sends_it_by_the_next_channel() -> None:
    known = facts(routes=(route("sms"), route("email")), expires_at=NOON + HOUR)

    decision = decide(known, Policy(blackouts=(CLOSED,)), NOON)

    assert (decision.verdict, decision.channel) == (PASS, "email")


def test_a_blackout_of_other_purposes_stops_nothing() -> None:
    closed = replace(CLOSED, purposes=frozenset({"marketing"}))

    assert decide(facts(), Policy(blackouts=(closed,)), NOON).verdict == PASS


@given(st.integers(0, 0xFFFF), st.integers(0, 59))
def test_a_crowded_minute_moves_what_is_planned_ahead_and_calls_it_no_hold(place: int, minute: int) -> None:
    planned = NOON + timedelta(days=1, minutes=minute)
    known = facts(place=place, planned_at=planned, expires_at=planned + 8 * HOUR)

    decision = decide(known, CROWDED, NOON)

    assert (decision.verdict, decision.reason) == (PASS, None)
    assert not CROWDED.is_crowded("sms", decision.send_at)
    assert planned <= decision.send_at < planned + timedelta(minutes=40)
    assert decide(known, CROWDED, NOON).send_at == decision.send_at, "each customer's own minute stays"


def test_a_run_is_spread_over_the_minutes_after_the_crowded_ones() -> None:
    planned = NOON + timedelta(days=1)
    leaves = {
        decide(facts(place=place, planned_at=planned, expires_at=planned + HOUR), CROWDED, NOON).send_at
        for place in range(0, 720, 60)
    }

    assert len(leaves) == 12


def test_at_hand_over_a_crowded_minute_is_a_wait_with_its_reason() -> None:
    decision = decide(facts(), CROWDED, NOON)

    assert (decision.verdict, decision.reason) == (HOLD, "crowded_minute")
    assert gate_sentence(next(one for one in decision.gates if one.gate == "window")).startswith(
        "避开整点拥堵"
    )


def test_service_and_what_would_be_late_leave_in_a_crowded_minute() -> None:
    assert decide(facts(purpose=Purpose.SERVICE), CROWDED, NOON).verdict == PASS
    assert decide(facts(expires_at=NOON + timedelta(minutes=2)), CROWDED, NOON).verdict == PASS


def limited(channel: str, *, resets_in: timedelta | None) -> Facts:
    """WeCom first, its limit used up; SMS after it."""
    spent = QuotaState(name="group_send", used=4, most=4, resets_at=NOON + resets_in if resets_in else None)
    return facts(routes=(route("wecom", quotas=(spent,)), route("sms")))


@pytest.mark.parametrize(
    ("resets_in", "verdict", "channel"),
    [
        (timedelta(hours=3), HOLD, "wecom"),
        (timedelta(days=9), PASS, "sms"),
        (timedelta(hours=23, minutes=30), HOLD, "wecom"),
        (None, PASS, "sms"),
    ],
)
def test_a_used_up_limit_waits_where_that_is_in_time_and_else_takes_the_next_channel(
    resets_in: timedelta | None, verdict: str, channel: str
) -> None:
    decision = decide(limited("wecom", resets_in=resets_in), Policy(), NOON)

    assert (decision.verdict, decision.channel) == (verdict, channel)
    if verdict == HOLD and resets_in is not None:
        assert (decision.reason, decision.send_at) == ("quota_exhausted", NOON + resets_in)


def test_a_limit_that_starts_anew_at_night_counts_with_the_window_that_opens_after_it() -> None:
    midnight = timedelta(hours=12)
    spent = QuotaState(name="day", used=1, most=1, resets_at=NOON + midnight)
    known = facts(routes=(route("wecom", quotas=(spent,)), route("sms")), expires_at=NOON + midnight + HOUR)

    assert decide(known, Policy(), NOON).channel == "sms", "at one in the morning nothing may leave"


def test_where_no_channel_has_room_in_time_there_is_no_slot() -> None:
    spent = QuotaState(name="month", used=4, most=4, resets_at=NOON + timedelta(days=9))
    decision = decide(facts(routes=(route("wecom", quotas=(spent,)),)), Policy(), NOON)

    assert (decision.verdict, decision.reason) == (SKIP, "no_slot")
    quota = next(one for one in decision.gates if one.gate == "quota")
    assert gate_sentence(quota) == "有效期内没有可发送时段（企业微信 4/4）。"


def test_rest_after_a_case_mourning_and_night_are_solved_together() -> None:
    known = facts(
        care_resumes_at=NOON + timedelta(hours=8),
        mourning_until=(NOON + timedelta(days=1)).date(),
        expires_at=NOON + timedelta(days=5),
    )

    decision = decide(known, Policy(), NOON)

    assert (decision.verdict, decision.reason) == (HOLD, "case_rest")
    assert decision.send_at == NOON + timedelta(days=1, hours=20), "08:00 of the first day after mourning"
