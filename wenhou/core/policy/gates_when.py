"""Gates 14 and 15: may it leave now (DESIGN §7)."""

# ruff: noqa: ARG001 - every gate takes the same three
from __future__ import annotations

from datetime import datetime, timedelta

from wenhou.core.policy.facts import Facts
from wenhou.core.policy.results import NOT_ASKED, GateResult, hold_for, hold_until, passed, skip
from wenhou.core.policy.routes import choose_route
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.windows import start_of_day
from wenhou.core.purposes import Purpose

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
_ASKED = frozenset({"campaign", "task"})


def window(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """14: inside the purpose's send window in the customer's zone, not in mourning, not before its wave's turn.

    Nor into a carrier's blackout or crowded minutes. Answers go at once.
    """
    if facts.origin not in _ASKED:
        return passed("window", NOT_ASKED)
    if facts.mourning_until is not None:
        resting = _mourning(facts, policy, at)
        if resting is not None:
            return resting
    if facts.origin == "task":  # a person knows when to call
        return passed("window", NOT_ASKED)
    if facts.wave is not None:
        return hold_for("window", "wave_waiting", facts.wave)
    allowed = policy.window_for(facts.purpose, facts.zone)
    earliest = allowed.earliest(at, facts.zone, policy.days_off)
    if earliest > at:
        return hold_until("window", "outside_window", earliest, allowed.shown)
    if policy.blackouts or policy.congestion or policy.line_hours:
        kept = _carrier(facts, policy, at)
        if kept is not None:
            return kept
    return passed("window", allowed.shown)


def _mourning(facts: Facts, policy: Policy, at: datetime) -> GateResult | None:
    """In mourning greetings and offers rest, and whatever is festive; service goes on."""
    rests = facts.festive or facts.purpose in (Purpose.CARE, Purpose.MARKETING)
    last = facts.mourning_until
    if last is None or not rests or at.astimezone(facts.zone).date() > last:
        return None
    over = start_of_day(last + _DAY, facts.zone)
    allowed = policy.window_for(facts.purpose, facts.zone)
    if allowed.earliest(over, facts.zone, policy.days_off) >= facts.expires_at:
        return skip("window", "mourning", last.isoformat())
    return hold_until("window", "mourning", over, last.isoformat())


def _carrier(facts: Facts, policy: Policy, at: datetime) -> GateResult | None:
    """Past a blackout of the line, inside its hours; past crowded minutes, spread so that a whole run does not leave in one.

    The spread is the customer's own and stays the same whenever it is asked.
    """
    route = choose_route(facts, policy, at)
    if route is None:
        return None
    closed = policy.blackout_end(route.channel, facts.purpose, at)
    if closed is not None:
        return hold_until("window", "blackout", closed, route.channel)
    hours = policy.line_hours.get(route.channel)
    opening = hours.opening(at) if hours is not None else None
    if hours is not None and opening is not None:
        return hold_until("window", "outside_window", opening, hours.shown)
    if facts.purpose is Purpose.SERVICE or not policy.is_crowded(route.channel, at):
        return None
    free = at.replace(second=0, microsecond=0) + _MINUTE
    while policy.is_crowded(route.channel, free):
        free += _MINUTE
    free += timedelta(seconds=facts.place % max(policy.spread_minutes * 60, 1))
    if free >= facts.expires_at:  # late beats crowded: better in a busy minute than never
        return None
    return hold_until("window", "crowded_minute", free, f"{at.astimezone(facts.zone):%H:%M}")


def late(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """15: still in time; a birthday greeting is never sent after the day."""
    if at < facts.expires_at:
        return passed("late")
    return skip("late", "too_late", "expired")
