"""Gates 9–13: may these words go, and is there room for them (DESIGN §7)."""

# ruff: noqa: ARG001 - every gate takes the same three
from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from wenhou.core.opinions import Agreed
from wenhou.core.policy.facts import Facts, Suitability
from wenhou.core.policy.results import GateResult, hold_for, hold_until, passed, skip
from wenhou.core.policy.routes import choose_route, free_from, used_up
from wenhou.core.policy.rules import Cap, Policy, period_of
from wenhou.core.purposes import Purpose


def placeholders(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """9: every placeholder filled and sane."""
    if not facts.problems:
        return passed("placeholders")
    return skip("placeholders", "placeholder_missing", ",".join(facts.problems))


def lint(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """10: nothing in the wording is blocked, the product suits the customer, a shared address carries no details."""
    if facts.lint:
        return skip("lint", "content_blocked", ",".join(facts.lint))
    if facts.is_withdrawn:
        return skip("lint", "article_withdrawn")
    if facts.suitability is not None and not facts.statutory:
        refused = unsuitable(facts.suitability, facts.life_stage, policy)
        if refused is not None:
            return refused
    if facts.names_product:
        routes = [route for route in facts.routes if route.reachable]
        if routes and all(route.shared_by > 1 for route in routes):
            return skip("lint", "shared_address", str(routes[0].shared_by))
    if facts.agreed is not None and not facts.agreed.holds_at(at):
        return _not_agreed(facts.agreed, at)
    return passed("lint")


def _not_agreed(agreed: Agreed, at: datetime) -> GateResult:
    """What consumer protection does not agree to now waits: for the opinion's first day, or for one to be entered."""
    begins = agreed.begins_after(at)
    if begins is not None:
        return hold_until("lint", agreed.reason, begins, agreed.number)
    return hold_for("lint", agreed.reason, agreed.hold_key, agreed.number)


def unsuitable(offer: Suitability, life_stage: str | None, policy: Policy) -> GateResult | None:
    """A product may be named only if it is on sale, R ≤ C and the assessment is valid; the old by a stricter rule.

    The appetite tag never takes the place of an assessment.
    """
    risk = f"R{offer.risk_level}"
    if not offer.is_on_sale:
        return skip("lint", "product_not_on_sale", offer.product)
    if life_stage == "senior" and offer.risk_level > policy.senior_max_risk:
        return skip("lint", "too_risky_for_age", f"{risk}>R{policy.senior_max_risk}")
    if offer.customer_level is None:
        return skip("lint", "not_assessed", risk)
    if not offer.is_assessed:
        return skip("lint", "assessment_expired", f"C{offer.customer_level}")
    if offer.risk_level > offer.customer_level:
        return skip("lint", "product_too_risky", f"{risk}>C{offer.customer_level}")
    return None


def caps(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """11: the campaign's own limit, and the contact caps across channels and purposes.

    Service, answers and what the bank must tell by law are never stopped by a cap.
    """
    if facts.is_campaign_full:
        return skip("caps", "campaign_limit")
    if facts.purpose is Purpose.SERVICE or facts.statutory or facts.origin != "campaign":
        return passed("caps")
    for cap in policy.caps:
        if facts.purpose not in cap.purposes or (not facts.contacts and cap.most > 0):
            continue
        made = _contacts(facts, cap)
        if made >= cap.most:
            return skip("caps", "cap_reached", f"{cap.name} {made}/{cap.most}")
    if facts.purpose is Purpose.CARE and any(route.address_today for route in facts.routes):
        routes = [route for route in facts.routes if route.reachable]
        if routes and all(route.address_today >= policy.care_per_address_and_day for route in routes):
            return skip("caps", "address_cap_reached", routes[0].channel)
    return passed("caps")


def _contacts(facts: Facts, cap: Cap) -> int:
    """The contacts that the cap counts: of the calendar period, or of the fullest run of days that holds the day."""
    if cap.period is None:
        return _most_contacts(facts, cap)
    first, last = period_of(facts.day, cap.period)
    back, ahead = (facts.day - first).days, (facts.day - last).days
    return sum(
        _counted(by_purpose, cap) for days, by_purpose in facts.contacts.items() if ahead <= days <= back
    )


def _most_contacts(facts: Facts, cap: Cap) -> int:
    """The contacts of the fullest run of `cap.days` days in a row that holds the planned day.

    Planned messages lie on both sides of the day: six days before and six after are no week.
    """
    by_day = {
        days: _counted(by_purpose, cap) for days, by_purpose in facts.contacts.items() if abs(days) < cap.days
    }
    if not by_day:
        return 0
    runs = range(min(0, *by_day), cap.days)
    return max(
        sum(amount for days, amount in by_day.items() if first - cap.days < days <= first) for first in runs
    )


def _counted(by_purpose: Mapping[str, int], cap: Cap) -> int:
    return sum(amount for purpose, amount in by_purpose.items() if purpose in cap.purposes)


def care_ratio(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """12: sales only after enough other contacts: not every contact is about business."""
    ratio = policy.care_ratio
    if facts.purpose is not Purpose.MARKETING or ratio is None or facts.origin != "campaign":
        return passed("care_ratio")
    needed = ratio.non_sales * (facts.sales_before + 1)
    seen = f"{facts.non_sales_before}/{needed}"
    if facts.non_sales_before >= needed:
        return passed("care_ratio", seen)
    return skip("care_ratio", "care_ratio", seen)


def quota(facts: Facts, policy: Policy, at: datetime) -> GateResult:
    """13: the platform's limits. Waits until they start anew; where that is too late, the next channel with room."""
    if not any(route.quotas for route in facts.routes):
        return passed("quota")
    route = choose_route(facts, policy, at)
    spent = used_up(route, at) if route is not None else None
    if route is None or spent is None:
        return passed("quota")
    seen = f"{route.channel} {spent.used}/{spent.most}"
    if spent.resets_at is None:
        return skip("quota", "quota_exhausted", seen)
    free = free_from(facts, policy, route, at)
    if free is None or free >= facts.expires_at:
        return skip("quota", "no_slot", seen)
    return hold_until("quota", "quota_exhausted", spent.resets_at, seen)
