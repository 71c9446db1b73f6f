"""One gate's word: pass, hold or skip, why, and what it saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from wenhou.core.policy.facts import Facts
from wenhou.core.policy.rules import Policy

PASS, HOLD, SKIP = "pass", "hold", "skip"
NOT_ASKED = "answer"
"""The value of a gate that is not asked of this kind of message."""
NOT_YET = "later"
"""The value of a gate that did not exist when a stored trace was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateResult:
    """One gate's word. `value`: what it saw, short and free of personal data. `until`: when a hold ends."""

    gate: str
    verdict: str = PASS
    value: str = ""
    reason: str | None = None
    until: datetime | None = None
    hold_key: str | None = None


Gate = Callable[[Facts, Policy, datetime], GateResult]


@lru_cache(maxsize=4096)
def passed(gate: str, value: str = "") -> GateResult:
    """A pass: one object for all messages alike, since almost all of a million decisions are passes."""
    return GateResult(gate=gate, value=value)


def skip(gate: str, reason: str, value: str = "") -> GateResult:
    """A no."""
    return GateResult(gate=gate, verdict=SKIP, reason=reason, value=value)


def hold_until(gate: str, reason: str, until: datetime, value: str = "") -> GateResult:
    """Not now: the clock ends it."""
    return GateResult(gate=gate, verdict=HOLD, reason=reason, until=until, value=value)


def hold_for(gate: str, reason: str, key: str, value: str = "") -> GateResult:
    """Not now: an event ends it."""
    return GateResult(gate=gate, verdict=HOLD, reason=reason, hold_key=key, value=value)
