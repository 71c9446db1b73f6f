"""Gates 1–8: may this customer be written to at all, and by which address (DESIGN §7)."""

# ruff: noqa: ARG001 - every gate takes the same three
from __future__ import annotations

from datetime import datetime

from wenhou.core.policy.facts import Facts, Route
from wenhou.core.policy.results import GateResult, hold_for, hold_until, passed, skip
from wenhou.core.policy.routes import has_consent, needs_guardian, needs_verified
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose


def _reachable(facts: Facts) -> list[Route]:
    return [route for route in facts.routes if route.reachable]


def restriction(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """1: the customer is active, nothing restricts this purpose, the data that says so has arrived.

    A restriction's kind never comes here. Minors get no marketing and are asked for no rating, and words for them go
    to a guardian; a dormant customer's number must be verified first, save for service.
    """
    if facts.customer_state in ("closed", "erased"):
        return skip("restriction", "customer_inactive", facts.customer_state)
    if any(item.stops(facts.purpose) for item in facts.restrictions):
        return skip("restriction", "care_restricted", "restricted")
    if facts.life_stage is not None and facts.is_minor:
        refused = _minor(facts)
        if refused is not None:
            return refused
    if facts.customer_state == "dormant" and needs_verified(facts):
        usable = _reachable(facts)
        if usable and not any(route.verified for route in usable):
            return skip("restriction", "number_unverified", usable[0].channel)
    if facts.late_feeds:
        feed = facts.late_feeds.get(facts.purpose)
        if feed is not None and not facts.statutory:
            return hold_for("restriction", "feed_late", f"feed:{feed}", feed)
    return passed("restriction", facts.customer_state)


def _minor(facts: Facts) -> GateResult | None:
    if facts.purpose is Purpose.MARKETING or facts.asks or facts.refers:
        return skip("restriction", "minor", facts.life_stage or "")
    usable = _reachable(facts)
    if usable and needs_guardian(facts) and not any(route.relation == "guardian" for route in usable):
        return skip("restriction", "guardian_missing", usable[0].channel)
    return None


def audience(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """2: in the audience, and what the step waits for has happened. What nobody can know meets no condition."""
    if not facts.in_audience:
        return skip("audience", "not_in_audience", "out")
    if facts.condition == "met":
        return passed("audience", "in")
    state, _, which = facts.condition.partition(":")
    reason = "condition_not_met" if state == "not_met" else "condition_unknown"
    return skip("audience", reason, which or state)


def holdout(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """3: not in the holdout; service and statutory notices have none, and some tiers are never held out."""
    if not facts.held_out or facts.statutory or facts.purpose is Purpose.SERVICE:
        return passed("holdout")
    if facts.tier in policy.never_held_out_tiers:
        return passed("holdout")
    return skip("holdout", "holdout")


def priority(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """4: no more important message on that day, and no birthday greeted by the other calendar.

    The value is the other one's key, so that each can name the other.
    """
    if facts.rival is not None:
        return skip("priority", "more_important_message", facts.rival)
    if facts.greeted is not None:
        return skip("priority", "greeted_this_birth_year", facts.greeted)
    return passed("priority")


def reachable(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """5: an address on a channel of the plan whose platform allows the purpose, and whose line carries the words."""
    allowed = [
        route.channel
        for route in facts.routes
        if route.reachable and not route.unfiled and facts.purpose in route.platform_purposes
    ]
    if allowed:
        return passed("reachable", ",".join(allowed))
    usable = _reachable(facts)
    if not usable:
        return skip("reachable", "no_reachable_channel", "0")
    unfiled = next((route for route in usable if route.unfiled), None)
    if unfiled is not None:
        return skip("reachable", unfiled.unfiled, unfiled.channel)
    return skip("reachable", "platform_forbids", usable[0].channel)


def consent(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """6: consent for channel and purpose; silence is no consent, save for service about the customer's own business."""
    routes = _reachable(facts) or facts.routes
    agreed = [route.channel for route in routes if has_consent(facts, route)]
    if agreed:
        return passed("consent", ",".join(agreed))
    withdrawn = any(route.consent == "withdrawn" for route in routes)
    reason = "consent_withdrawn" if withdrawn else "no_consent"
    return skip("consent", reason, "withdrawn" if withdrawn else "none")


def suppression(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """7: the address is not on the list of those nobody may write to."""
    if not any(route.suppressed for route in facts.routes):
        return passed("suppression")
    routes = _reachable(facts)
    if routes and all(route.suppressed for route in routes):
        return skip("suppression", "suppressed", routes[0].channel)
    return passed("suppression")


def open_case(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """8: an open complaint holds everything but its own words and statutory notices; all but service rests after it.

    The case that closes releases what it held; what is not service then waits for `care_resumes_at`.
    """
    if facts.statutory:
        return passed("open_case")
    if facts.open_case is not None:
        return hold_for("open_case", "open_case", f"case:{facts.open_case}", "open")
    resumes = facts.care_resumes_at
    if resumes is not None and at < resumes and facts.purpose is not Purpose.SERVICE:
        return hold_until("open_case", "case_rest", resumes, "rest")
    return passed("open_case")
