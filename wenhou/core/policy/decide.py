"""One question, one answer: may this message leave at this instant, by which channel, and if not, why not?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from wenhou.core.policy.facts import Facts, Route
from wenhou.core.policy.gates import HOLD, PASS, SKIP, GateResult, gates_for, has_consent
from wenhou.core.policy.rules import Policy

_ROUNDS = 5


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
    moment = max(at, facts.planned_at)
    first: tuple[GateResult, ...] | None = None
    results: tuple[GateResult, ...] = ()
    for _ in range(_ROUNDS):
        results = tuple(gate(facts, policy, moment) for gate in gates)
        first = first or results
        timed = [result.until for result in results if result.verdict == HOLD and result.until is not None]
        if not timed or any(result.verdict == SKIP for result in results):
            break
        moment = max(timed)
    return _conclude(facts, policy, moment, first or (), results, delayed=moment > at)


def _conclude(
    facts: Facts,
    policy: Policy,
    moment: datetime,
    first: tuple[GateResult, ...],
    last: tuple[GateResult, ...],
    *,
    delayed: bool,
) -> Decision:
    route = choose_route(facts, policy)
    shown = tuple(b if b.verdict == SKIP else a for a, b in zip(first, last, strict=True))
    passed = Decision(
        verdict=PASS,
        reason=None,
        send_at=moment,
        hold_key=None,
        route=route,
        gates=shown,
        policy_number=policy.number,
    )
    skip = next((result for result in last if result.verdict == SKIP), None)
    if skip is not None:
        was_late = any(result.gate == "late" and result.verdict == SKIP for result in first)
        reason = "no_slot" if skip.gate == "late" and not was_late else skip.reason
        return replace(passed, verdict=SKIP, reason=reason)
    if route is None:
        return replace(passed, verdict=SKIP, reason=_no_route_reason(facts))
    event = next((result for result in last if result.hold_key is not None), None)
    if event is not None:
        return replace(passed, verdict=HOLD, reason=event.reason, hold_key=event.hold_key)
    hold = next((result for result in first if result.verdict == HOLD), None)
    if hold is not None and delayed:
        return replace(passed, verdict=HOLD, reason=hold.reason)
    return passed


def choose_route(facts: Facts, policy: Policy) -> Route | None:
    """The first channel of the plan on which every condition of its own holds together."""
    for route in facts.routes:
        if not route.reachable or facts.purpose not in route.platform_purposes:
            continue
        if facts.origin != "confirmation" and (route.suppressed or not has_consent(facts, route)):
            continue
        if facts.names_product and route.shared_by > 1:
            continue
        if (
            facts.origin == "campaign"
            and facts.purpose == "care"
            and (route.address_today >= policy.care_per_address_and_day)
        ):
            continue
        return route
    return None


def _no_route_reason(facts: Facts) -> str:
    """Why no single channel fits although each condition holds somewhere: the first thing that stops the first one."""
    for route in facts.routes:
        if not route.reachable:
            continue
        if route.suppressed:
            return "suppressed"
        if not has_consent(facts, route):
            return "consent_withdrawn" if route.consent == "withdrawn" else "no_consent"
        if facts.names_product and route.shared_by > 1:
            return "shared_address"
        if route.address_today:
            return "address_cap_reached"
    return "no_reachable_channel"
