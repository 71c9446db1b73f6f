"""What the planner says about one customer, one campaign and one day when it is asked now: the value of a port."""

from __future__ import annotations

from dataclasses import dataclass

from wenhou.core.policy.results import GateResult


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedNow:
    """`is_met`: the planner would speak to the customer on that day. Where not, `why` says what keeps them out.

    `gates`: all fifteen. `stands`: what was done for the same occasion already, as a sentence. `why` and `stands` are
    (Chinese, English).
    """

    is_met: bool
    verdict: str
    reason: str | None
    gates: tuple[GateResult, ...]
    policy_number: int
    why: tuple[str, str] = ("", "")
    stands: tuple[str, str] | None = None
