"""By which channel: the first of the plan on which every condition of its own holds."""

from __future__ import annotations

from datetime import datetime

from wenhou.core.policy.facts import Facts, QuotaState, Route
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose

_ANSWERING = frozenset({"reply", "confirmation", "case_note"})
_WRITTEN_FIRST = frozenset({"campaign", "welcome"})


def has_consent(facts: Facts, route: Route) -> bool:
    """Whether this route may carry this purpose by consent."""
    if facts.origin in _ANSWERING:
        return True
    if facts.purpose is Purpose.SERVICE:
        return route.consent != "withdrawn"
    return route.consent == "granted"


def needs_guardian(facts: Facts) -> bool:
    """Whether only a guardian's contact will do: whoever wrote to us is answered where they wrote from."""
    return facts.is_minor and facts.origin in _WRITTEN_FIRST


def needs_verified(facts: Facts) -> bool:
    """Whether only a verified address will do: a dormant customer's number may be somebody else's by now."""
    return (
        facts.customer_state == "dormant"
        and facts.purpose is not Purpose.SERVICE
        and facts.origin in _WRITTEN_FIRST
    )


def used_up(route: Route, at: datetime) -> QuotaState | None:
    """The platform's limit that stops this route at that instant: of several the one that starts anew last."""
    spent = [quota for quota in route.quotas if quota.is_used_up(at)]
    if not spent:
        return None
    return max(
        spent, key=lambda one: (one.resets_at is None, one.resets_at.timestamp() if one.resets_at else 0)
    )


def fits(facts: Facts, policy: Policy, route: Route) -> bool:
    """Whether every condition of the route holds that no clock changes."""
    if not route.reachable or route.unfiled or facts.purpose not in route.platform_purposes:
        return False
    if facts.origin != "confirmation" and (route.suppressed or not has_consent(facts, route)):
        return False
    if facts.names_product and route.shared_by > 1:
        return False
    if route.relation != "guardian" and needs_guardian(facts):
        return False
    if not route.verified and needs_verified(facts):
        return False
    return not (
        route.address_today >= policy.care_per_address_and_day
        and facts.origin == "campaign"
        and facts.purpose is Purpose.CARE
    )


def free_from(facts: Facts, policy: Policy, route: Route, at: datetime) -> datetime | None:
    """When the platform and the carrier let this route go, inside the send window; None: never.

    `at` itself where nothing stops it.
    """
    spent = used_up(route, at) if route.quotas else None
    closed = policy.blackout_end(route.channel, facts.purpose, at) if policy.blackouts else None
    if spent is None and closed is None:
        return at
    if spent is not None and spent.resets_at is None:
        return None
    until = max(one for one in (closed, spent.resets_at if spent else None) if one is not None)
    return policy.window_for(facts.purpose, facts.zone).earliest(until, facts.zone, policy.days_off)


def choose_route(facts: Facts, policy: Policy, at: datetime) -> Route | None:
    """The first channel of the plan that fits and is free by then, or becomes free before the message expires.

    The plan's order is the bank's wish: a platform's limit that starts anew in time is waited for; only what it would
    hold too long goes on to the next channel that has room.
    """
    first: Route | None = None
    for route in facts.routes:
        if not fits(facts, policy, route):
            continue
        first = first or route
        if not route.quotas and not policy.blackouts:
            return route
        free = free_from(facts, policy, route, at)
        if free is not None and (free <= at or free < facts.expires_at):
            return route
    return first


def why_no_route(facts: Facts, policy: Policy) -> str:
    """Why no single channel fits although each condition holds somewhere: the first thing that stops the first one."""
    for route in facts.routes:
        if not route.reachable or route.unfiled:
            continue
        if route.suppressed:
            return "suppressed"
        if not has_consent(facts, route):
            return "consent_withdrawn" if route.consent == "withdrawn" else "no_consent"
        if route.relation != "guardian" and needs_guardian(facts):
            return "guardian_missing"
        if not route.verified and needs_verified(facts):
            return "number_unverified"
        if facts.names_product and route.shared_by > 1:
            return "shared_address"
        if route.address_today >= policy.care_per_address_and_day:
            return "address_cap_reached"
    return "no_reachable_channel"
