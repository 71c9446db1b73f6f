"""One question, one answer: may this message leave at this instant, by which channel, and if not, why not?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from wenhou.core.policy.facts import Facts, Route
from wenhou.core.policy.gates import gates_for, trace_of
from wenhou.core.policy.results import HOLD, PASS, SKIP, GateResult
from wenhou.core.policy.routes import choose_route, why_no_route
from wenhou.core.policy.rules import Policy

_ROUNDS = 8
"""Holds that follow one another (rest after a case, a platform's month, mourning, night, a crowded minute)."""
_OF_THE_HOUR = "crowded_minute"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The whole trace and what follows from it.

    `send_at`: the instant the message may leave (pass and hold by the clock). `hold_key`: the event it waits for.
    `route`: the channel and address it would take.
    """

    verdict: str
    reason: str | None
    send_at: datetime
    hold_key: str | None
    route: Route | None
    gates: tuple[GateResult, ...]
    policy_number: int

    @property
    def channel(self) -> str | None:
        """The channel chosen."""
        return self.route.channel if self.route else None

    @property
    def contact_point_id(self) -> UUID | None:
        """The address chosen."""
        return self.route.contact_point_id if self.route else None


def decide(facts: Facts, policy: Policy, at: datetime) -> Decision:
    """Run every gate as of the instant the message would leave, never before it is planned.

    Any skip beats any hold. Holds by the clock are solved together: the earliest instant at which every gate passes,
    bounded by `expires_at` (else skip `no_slot`). A hold by an event has no instant, only its key.
    """
    gates = gates_for(facts.origin)
    moment = begun = max(at, facts.planned_at)
    first = results = tuple([gate(facts, policy, moment) for gate in gates])
    for _ in range(_ROUNDS):
        until = _next_moment(results)
        if until is None:
            break
        moment = until
        results = tuple([gate(facts, policy, moment) for gate in gates])
    shown = first if results is first else _shown(first, results, is_planned_ahead=begun > at)
    route = choose_route(facts, policy, moment) if facts.routes else None
    verdict, reason, hold_key = _verdict(shown, results, first)
    if route is None and verdict != SKIP and facts.origin != "task":
        verdict, reason, hold_key = SKIP, why_no_route(facts, policy), None
    return Decision(
        verdict=verdict,
        reason=reason,
        send_at=moment,
        hold_key=hold_key,
        route=route,
        gates=trace_of(shown),
        policy_number=policy.number,
    )


def _next_moment(results: tuple[GateResult, ...]) -> datetime | None:
    """When all that the clock holds may go; None where nothing is held so, or a skip makes waiting vain."""
    moment: datetime | None = None
    for result in results:
        if result.verdict == SKIP:
            return None
        if result.until is not None and (moment is None or result.until > moment):
            moment = result.until
    return moment


def _shown(
    first: tuple[GateResult, ...], last: tuple[GateResult, ...], *, is_planned_ahead: bool
) -> tuple[GateResult, ...]:
    """What each gate said when it was first asked, unless waiting turned it into a no.

    To leave some minutes past the hour is no hold for what is planned ahead: it is simply its time.
    """
    return tuple(
        [
            late if late.verdict == SKIP or (is_planned_ahead and early.reason == _OF_THE_HOUR) else early
            for early, late in zip(first, last, strict=True)
        ]
    )


def _verdict(
    shown: tuple[GateResult, ...], last: tuple[GateResult, ...], first: tuple[GateResult, ...]
) -> tuple[str, str | None, str | None]:
    """(verdict, reason, hold key): any skip beats any hold, an event beats the clock."""
    held: GateResult | None = None
    refused: GateResult | None = None
    for result in shown:
        if result.verdict == SKIP:
            refused = refused or result
        elif result.verdict == HOLD:
            held = held or result
    if refused is not None:
        was_late = any(result.gate == "late" and result.verdict == SKIP for result in first)
        return SKIP, "no_slot" if refused.gate == "late" and not was_late else refused.reason, None
    if held is None:
        return PASS, None, None
    event = next((result for result in last if result.hold_key is not None), None)
    return (HOLD, event.reason, event.hold_key) if event else (HOLD, held.reason, None)
