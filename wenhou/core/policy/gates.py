"""The gates, in order: each looks at the facts, says pass, hold or skip, and what it saw (DESIGN §7).

A gate never looks at another gate's verdict. Holds that end by the clock name an instant, holds that end by an event
name a key. Adding a gate: write the function, put it in GATES, give it its sentences in `sentences.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from wenhou.core.policy.facts import Facts, Route
from wenhou.core.policy.rules import Cap, Policy
from wenhou.core.purposes import Purpose

PASS, HOLD, SKIP = "pass", "hold", "skip"
_ANSWERS = frozenset({"reply", "confirmation", "case_note", "welcome"})


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


def restriction(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """1: the customer is active and nothing restricts this purpose."""
    if facts.customer_state in ("closed", "erased"):
        return GateResult(
            gate="restriction", verdict=SKIP, reason="customer_inactive", value=facts.customer_state
        )
    if any(item.stops(facts.purpose) for item in facts.restrictions):
        return GateResult(gate="restriction", verdict=SKIP, reason="care_restricted", value="restricted")
    return GateResult(gate="restriction", value=facts.customer_state)


def audience(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """2: in the audience."""
    if facts.in_audience:
        return GateResult(gate="audience", value="in")
    return GateResult(gate="audience", verdict=SKIP, reason="not_in_audience", value="out")


def priority(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """4: no more important message on that day."""
    if facts.rival is None:
        return GateResult(gate="priority")
    return GateResult(gate="priority", verdict=SKIP, reason="more_important_message", value=facts.rival)


def reachable(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """5: an address on a channel of the plan whose platform allows the purpose."""
    usable = [route for route in facts.routes if route.reachable]
    if not usable:
        return GateResult(gate="reachable", verdict=SKIP, reason="no_reachable_channel", value="0")
    allowed = [route.channel for route in usable if facts.purpose in route.platform_purposes]
    if not allowed:
        return GateResult(gate="reachable", verdict=SKIP, reason="platform_forbids", value=usable[0].channel)
    return GateResult(gate="reachable", value=",".join(allowed))


def consent(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """6: consent for channel and purpose; silence is no consent, save for service about the customer's own business."""
    routes = [route for route in facts.routes if route.reachable] or list(facts.routes)
    agreed = [route.channel for route in routes if has_consent(facts, route)]
    if agreed:
        return GateResult(gate="consent", value=",".join(agreed))
    withdrawn = any(route.consent == "withdrawn" for route in routes)
    reason = "consent_withdrawn" if withdrawn else "no_consent"
    return GateResult(gate="consent", verdict=SKIP, reason=reason, value="withdrawn" if withdrawn else "none")


def suppression(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """7: the address is not on the list of those nobody may write to."""
    routes = [route for route in facts.routes if route.reachable]
    if routes and all(route.suppressed for route in routes):
        return GateResult(gate="suppression", verdict=SKIP, reason="suppressed", value=routes[0].channel)
    return GateResult(gate="suppression")


def open_case(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """8: an open complaint holds everything but service; the case that closes releases it."""
    if facts.open_case is None or facts.purpose is Purpose.SERVICE:
        return GateResult(gate="open_case")
    return GateResult(
        gate="open_case", verdict=HOLD, reason="open_case", value="open", hold_key=f"case:{facts.open_case}"
    )


def placeholders(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """9: every placeholder filled and sane."""
    if not facts.problems:
        return GateResult(gate="placeholders")
    return GateResult(
        gate="placeholders", verdict=SKIP, reason="placeholder_missing", value=",".join(facts.problems)
    )


def lint(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """10: nothing in the wording is blocked; a shared address carries no product, amount or date."""
    if facts.lint:
        return GateResult(gate="lint", verdict=SKIP, reason="content_blocked", value=",".join(facts.lint))
    routes = [route for route in facts.routes if route.reachable]
    if facts.names_product and routes and all(route.shared_by > 1 for route in routes):
        return GateResult(gate="lint", verdict=SKIP, reason="shared_address", value=str(routes[0].shared_by))
    return GateResult(gate="lint")


def caps(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """11: the contact caps, across channels; service and answers do not count."""
    if facts.purpose is Purpose.SERVICE or facts.origin in _ANSWERS:
        return GateResult(gate="caps")
    for cap in policy.caps:
        if facts.purpose not in cap.purposes:
            continue
        made = _most_contacts(facts, cap)
        if made >= cap.most:
            return GateResult(
                gate="caps", verdict=SKIP, reason="cap_reached", value=f"{cap.name} {made}/{cap.most}"
            )
    routes = [route for route in facts.routes if route.reachable]
    if facts.purpose is Purpose.CARE and routes:
        busy = all(route.address_today >= policy.care_per_address_and_day for route in routes)
        if busy:
            return GateResult(
                gate="caps", verdict=SKIP, reason="address_cap_reached", value=routes[0].channel
            )
    return GateResult(gate="caps")


def _most_contacts(facts: Facts, cap: Cap) -> int:
    """The contacts of the fullest run of `cap.days` days in a row that holds the planned day.

    Planned messages lie on both sides of the day: six days before and six after are no week.
    """
    by_day = {
        days: sum(amount for purpose, amount in by_purpose.items() if purpose in cap.purposes)
        for days, by_purpose in facts.contacts.items()
        if abs(days) < cap.days
    }
    if sum(by_day.values()) < cap.most:
        return sum(by_day.values())
    runs = range(cap.days)
    return max(
        sum(amount for days, amount in by_day.items() if first - cap.days < days <= first) for first in runs
    )


def window(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """14: inside the send window of the purpose, in the customer's zone."""
    if facts.origin in _ANSWERS:
        return GateResult(gate="window", value="answer")
    allowed = policy.windows[facts.purpose]
    earliest = allowed.earliest(at, facts.zone, policy.days_off)
    value = f"{allowed.opens:%H:%M}-{allowed.closes:%H:%M}"
    if earliest <= at:
        return GateResult(gate="window", value=value)
    return GateResult(gate="window", verdict=HOLD, reason="outside_window", value=value, until=earliest)


def late(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """15: still in time; a birthday greeting is never sent after the day."""
    if at < facts.expires_at:
        return GateResult(gate="late")
    return GateResult(gate="late", verdict=SKIP, reason="too_late", value="expired")


GATES: tuple[Gate, ...] = (
    restriction,
    audience,
    priority,
    reachable,
    consent,
    suppression,
    open_case,
    placeholders,
    lint,
    caps,
    window,
    late,
)

_NOT_ASKED: dict[str, frozenset[str]] = {
    "reply": frozenset({"audience", "priority", "consent", "open_case", "caps"}),
    "confirmation": frozenset(
        {"restriction", "audience", "priority", "consent", "suppression", "open_case", "caps"}
    ),
    "case_note": frozenset({"audience", "priority", "consent", "open_case", "caps"}),
    "welcome": frozenset({"audience", "priority", "caps"}),
}
"""What does not apply to words that answer the customer: an opt-out is confirmed once although consent is gone."""


def gates_for(origin: str) -> tuple[Gate, ...]:
    """The gate set of an origin, in order."""
    skipped = _NOT_ASKED.get(origin, frozenset())
    return tuple(gate for gate in GATES if gate.__name__ not in skipped)


def has_consent(facts: Facts, route: Route) -> bool:
    """Whether this route may carry this purpose by consent."""
    if facts.origin in ("reply", "confirmation", "case_note"):
        return True
    if facts.purpose is Purpose.SERVICE:
        return route.consent != "withdrawn"
    return route.consent == "granted"
