"""Every gate by itself: what makes it pass, hold or skip, and the reason it gives."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.unit.core.policy.worlds import NOON, facts, route
from wenhou.core.policy import gates
from wenhou.core.policy.decide import decide
from wenhou.core.policy.facts import QuotaState, Restriction, Route, Suitability
from wenhou.core.policy.gates import GATES, HOLD, PASS, SKIP, gates_for, has_consent
from wenhou.core.policy.rules import Cap, Policy
from wenhou.core.purposes import Purpose

CASE = uuid.UUID(int=7)
CARE_STOPPED = Restriction(purposes=frozenset({"care"}))
ALL_STOPPED = Restriction(purposes=frozenset({"all"}))
MARKETING_STOPPED = Restriction(purposes=frozenset({"marketing"}))
TODAY = date(2027, 1, 30)
UNPROVED = route(verified=False)
DORMANT: dict[str, Any] = {"customer_state": "dormant", "routes": (UNPROVED,)}
CHILD: dict[str, Any] = {"life_stage": "under_14", "routes": (route(relation="guardian"),)}
BLIND = route("wechat", reachable=False)
ONLY_SERVICE = frozenset({"service"})


def offer(**known: Any) -> Suitability:
    """A product that suits: R3 for a C3, on sale, assessed."""
    sound = Suitability(product="P1", is_on_sale=True, risk_level=3, customer_level=3, is_assessed=True)
    return replace(sound, **known)


def limited(used: int, most: int, resets_at: datetime | None = None) -> Route:
    """A route under a platform's limit."""
    return route(quotas=(QuotaState(name="day", used=used, most=most, resets_at=resets_at),))


TABLE: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("restriction", {}, PASS, None),
    ("restriction", {"customer_state": "dormant"}, PASS, None),
    ("restriction", {"customer_state": "closed"}, SKIP, "customer_inactive"),
    ("restriction", {"customer_state": "erased"}, SKIP, "customer_inactive"),
    ("restriction", {"restrictions": (CARE_STOPPED,)}, SKIP, "care_restricted"),
    ("restriction", {"restrictions": (ALL_STOPPED,), "purpose": Purpose.SERVICE}, SKIP, "care_restricted"),
    ("restriction", {"restrictions": (MARKETING_STOPPED,)}, PASS, None),
    ("restriction", {"restrictions": (ALL_STOPPED,), "statutory": True}, SKIP, "care_restricted"),
    ("restriction", {"late_feeds": {"care": "deaths"}}, HOLD, "feed_late"),
    ("restriction", {"late_feeds": {"marketing": "deaths"}}, PASS, None),
    ("restriction", {"late_feeds": {"care": "deaths"}, "statutory": True}, PASS, None),
    ("restriction", {**DORMANT}, SKIP, "number_unverified"),
    ("restriction", {**DORMANT, "routes": (UNPROVED, route("email"))}, PASS, None),
    ("restriction", {**DORMANT, "purpose": Purpose.SERVICE}, PASS, None),
    ("restriction", {**CHILD}, PASS, None),
    ("restriction", {**CHILD, "purpose": Purpose.MARKETING}, SKIP, "minor"),
    ("restriction", {**CHILD, "asks": True}, SKIP, "minor"),
    ("restriction", {**CHILD, "refers": True}, SKIP, "minor"),
    ("restriction", {**CHILD, "life_stage": "under_18", "asks": True}, SKIP, "minor"),
    ("restriction", {**CHILD, "routes": (route(),)}, SKIP, "guardian_missing"),
    ("restriction", {**CHILD, "routes": (route(),), "life_stage": "under_18"}, SKIP, "guardian_missing"),
    ("restriction", {**CHILD, "routes": (route(relation="family"),)}, SKIP, "guardian_missing"),
    ("restriction", {**CHILD, "routes": (route(),), "origin": "reply"}, PASS, None),
    ("restriction", {"life_stage": "adult", "asks": True, "purpose": Purpose.MARKETING}, PASS, None),
    ("audience", {}, PASS, None),
    ("audience", {"condition": "not_met:replied"}, SKIP, "condition_not_met"),
    ("audience", {"condition": "not_met"}, SKIP, "condition_not_met"),
    ("audience", {"condition": "unknown:read"}, SKIP, "condition_unknown"),
    ("holdout", {}, PASS, None),
    ("holdout", {"held_out": True}, SKIP, "holdout"),
    ("holdout", {"held_out": True, "purpose": Purpose.SERVICE}, PASS, None),
    ("holdout", {"held_out": True, "statutory": True}, PASS, None),
    ("holdout", {"held_out": True, "tier": "VIP"}, PASS, None),
    ("holdout", {"held_out": True, "tier": "普通"}, SKIP, "holdout"),
    ("audience", {"in_audience": False}, SKIP, "not_in_audience"),
    ("priority", {}, PASS, None),
    ("priority", {"rival": "birthday"}, SKIP, "more_important_message"),
    ("priority", {"greeted": "birthday:lunar:2027"}, SKIP, "greeted_this_birth_year"),
    ("reachable", {}, PASS, None),
    ("reachable", {"routes": ()}, SKIP, "no_reachable_channel"),
    ("reachable", {"routes": (BLIND,)}, SKIP, "no_reachable_channel"),
    ("reachable", {"routes": (route("wechat", platform_purposes=ONLY_SERVICE),)}, SKIP, "platform_forbids"),
    ("reachable", {"routes": (route("wechat", platform_purposes=ONLY_SERVICE), route())}, PASS, None),
    ("consent", {}, PASS, None),
    ("consent", {"routes": (route(consent=None),)}, SKIP, "no_consent"),
    ("consent", {"routes": (route(consent="withdrawn"),)}, SKIP, "consent_withdrawn"),
    ("consent", {"routes": (route(consent=None), route("email"))}, PASS, None),
    ("consent", {"routes": (route(consent=None),), "purpose": Purpose.SERVICE}, PASS, None),
    (
        "consent",
        {"routes": (route(consent="withdrawn"),), "purpose": Purpose.SERVICE},
        SKIP,
        "consent_withdrawn",
    ),
    (
        "consent",
        {"routes": (route(consent=None, reachable=True), route("email", reachable=False))},
        SKIP,
        "no_consent",
    ),
    ("suppression", {}, PASS, None),
    ("suppression", {"routes": (route(suppressed=True),)}, SKIP, "suppressed"),
    ("suppression", {"routes": (route(suppressed=True), route("email"))}, PASS, None),
    ("open_case", {}, PASS, None),
    ("open_case", {"open_case": CASE}, HOLD, "open_case"),
    ("open_case", {"open_case": CASE, "purpose": Purpose.MARKETING}, HOLD, "open_case"),
    ("open_case", {"open_case": CASE, "purpose": Purpose.INFORMATION}, HOLD, "open_case"),
    ("open_case", {"open_case": CASE, "purpose": Purpose.SERVICE}, HOLD, "open_case"),
    ("open_case", {"open_case": CASE, "purpose": Purpose.SERVICE, "statutory": True}, PASS, None),
    ("open_case", {"care_resumes_at": NOON + timedelta(days=1)}, HOLD, "case_rest"),
    ("open_case", {"care_resumes_at": NOON}, PASS, None),
    ("open_case", {"care_resumes_at": NOON + timedelta(days=1), "purpose": Purpose.SERVICE}, PASS, None),
    ("open_case", {"care_resumes_at": NOON + timedelta(days=1), "statutory": True}, PASS, None),
    ("placeholders", {}, PASS, None),
    ("placeholders", {"problems": ("customer.name",)}, SKIP, "placeholder_missing"),
    ("lint", {}, PASS, None),
    ("lint", {"lint": ("promise_of_return",)}, SKIP, "content_blocked"),
    ("lint", {"names_product": True}, PASS, None),
    ("lint", {"names_product": True, "routes": (route(shared_by=2),)}, SKIP, "shared_address"),
    ("lint", {"names_product": True, "routes": (route(shared_by=2), route("email"))}, PASS, None),
    ("lint", {"is_withdrawn": True}, SKIP, "article_withdrawn"),
    ("lint", {"suitability": offer()}, PASS, None),
    ("lint", {"suitability": offer(is_on_sale=False)}, SKIP, "product_not_on_sale"),
    ("lint", {"suitability": offer(risk_level=4)}, SKIP, "product_too_risky"),
    ("lint", {"suitability": offer(customer_level=None)}, SKIP, "not_assessed"),
    ("lint", {"suitability": offer(is_assessed=False)}, SKIP, "assessment_expired"),
    ("lint", {"suitability": offer(), "life_stage": "senior"}, SKIP, "too_risky_for_age"),
    ("lint", {"suitability": offer(risk_level=2), "life_stage": "senior"}, PASS, None),
    ("lint", {"suitability": offer(risk_level=4), "statutory": True}, PASS, None),
    ("caps", {}, PASS, None),
    ("caps", {"is_campaign_full": True}, SKIP, "campaign_limit"),
    ("caps", {"is_campaign_full": True, "purpose": Purpose.SERVICE}, SKIP, "campaign_limit"),
    ("caps", {"contacts": {0: {"care": 1}}, "statutory": True}, PASS, None),
    ("caps", {"contacts": {0: {"care": 1}}}, SKIP, "cap_reached"),
    ("caps", {"contacts": {0: {"marketing": 1}}}, SKIP, "cap_reached"),
    ("caps", {"contacts": {0: {"care": 1}}, "purpose": Purpose.SERVICE}, PASS, None),
    ("caps", {"contacts": {0: {"care": 1}}, "origin": "reply"}, PASS, None),
    ("caps", {"contacts": {1: {"care": 1}, 2: {"care": 1}}}, PASS, None),
    ("caps", {"contacts": {1: {"care": 1}, 2: {"care": 1}, 6: {"care": 1}}}, SKIP, "cap_reached"),
    ("caps", {"contacts": {1: {"care": 1}, 2: {"care": 1}, 7: {"care": 1}}}, PASS, None),
    ("caps", {"contacts": {-6: {"care": 1}, -5: {"care": 1}, 6: {"care": 1}}}, PASS, None),
    ("caps", {"contacts": {-3: {"care": 1}, -2: {"care": 1}, 3: {"care": 1}}}, SKIP, "cap_reached"),
    ("caps", {"routes": (route(address_today=1),)}, SKIP, "address_cap_reached"),
    ("caps", {"routes": (route(address_today=1), route("email"))}, PASS, None),
    ("caps", {"routes": (route(address_today=1),), "purpose": Purpose.INFORMATION}, PASS, None),
    ("care_ratio", {}, PASS, None),
    ("care_ratio", {"purpose": Purpose.MARKETING, "non_sales_before": 3}, PASS, None),
    ("care_ratio", {"purpose": Purpose.MARKETING, "non_sales_before": 2}, SKIP, "care_ratio"),
    (
        "care_ratio",
        {"purpose": Purpose.MARKETING, "non_sales_before": 5, "sales_before": 1},
        SKIP,
        "care_ratio",
    ),
    ("care_ratio", {"purpose": Purpose.MARKETING, "non_sales_before": 6, "sales_before": 1}, PASS, None),
    ("quota", {}, PASS, None),
    ("quota", {"routes": (limited(4, 5),)}, PASS, None),
    ("quota", {"routes": (limited(5, 5, NOON + timedelta(hours=20)),)}, HOLD, "quota_exhausted"),
    ("quota", {"routes": (limited(5, 5, NOON),)}, PASS, None),
    ("quota", {"routes": (limited(5, 5),)}, SKIP, "quota_exhausted"),
    ("quota", {"routes": (limited(5, 5, NOON + timedelta(days=2)),)}, SKIP, "no_slot"),
    ("quota", {"routes": (limited(5, 5, NOON + timedelta(days=2)), route("email"))}, PASS, None),
    ("quota", {"routes": (limited(5, 5), route("email"))}, PASS, None),
    ("quota", {"routes": (limited(5, 5), route("email", suppressed=True))}, SKIP, "quota_exhausted"),
    ("window", {}, PASS, None),
    ("window", {"wave": "wave:x/1"}, HOLD, "wave_waiting"),
    ("window", {"mourning_until": TODAY}, HOLD, "mourning"),
    ("window", {"mourning_until": TODAY, "expires_at": NOON + timedelta(hours=8)}, SKIP, "mourning"),
    ("window", {"mourning_until": TODAY, "expires_at": NOON + timedelta(hours=19)}, SKIP, "mourning"),
    ("window", {"mourning_until": TODAY - timedelta(days=1)}, PASS, None),
    ("window", {"mourning_until": TODAY, "purpose": Purpose.MARKETING}, HOLD, "mourning"),
    ("window", {"mourning_until": TODAY, "purpose": Purpose.INFORMATION}, PASS, None),
    ("window", {"mourning_until": TODAY, "purpose": Purpose.SERVICE}, PASS, None),
    ("window", {"mourning_until": TODAY, "purpose": Purpose.SERVICE, "festive": True}, HOLD, "mourning"),
    ("late", {}, PASS, None),
    ("late", {"expires_at": NOON}, SKIP, "too_late"),
    ("late", {"expires_at": NOON + timedelta(seconds=1)}, PASS, None),
]


@pytest.mark.parametrize(("gate", "known", "verdict", "reason"), TABLE)
def test_a_gate_says_what_its_facts_say(
    gate: str, known: dict[str, Any], verdict: str, reason: str | None
) -> None:
    look: Callable[..., gates.GateResult] = getattr(gates, gate)

    result = look(facts(**known), Policy(), NOON)

    assert (result.gate, result.verdict, result.reason) == (gate, verdict, reason)


def test_every_gate_is_in_the_table() -> None:
    assert {gate.__name__ for gate in GATES} == {row[0] for row in TABLE}


def test_a_hold_by_an_open_case_names_the_case_and_no_instant() -> None:
    result = gates.open_case(facts(open_case=CASE), Policy(), NOON)

    assert (result.hold_key, result.until) == (f"case:{CASE}", None)


def test_a_hold_by_the_window_names_its_opening() -> None:
    night = NOON + timedelta(hours=10)

    result = gates.window(facts(), Policy(), night)

    assert (result.verdict, result.until) == (HOLD, NOON + timedelta(hours=20))


@pytest.mark.parametrize("origin", ["reply", "confirmation", "case_note", "welcome"])
def test_an_answer_does_not_wait_for_a_window(origin: str) -> None:
    assert gates.window(facts(origin=origin), Policy(), NOON + timedelta(hours=10)).verdict == PASS


def test_a_cap_of_none_lets_nothing_through() -> None:
    policy = Policy(caps=(Cap(name="none", purposes=frozenset({Purpose.CARE}), days=1, most=0),))

    assert gates.caps(facts(), policy, NOON).reason == "cap_reached"


def test_an_opt_out_confirmation_needs_no_consent_but_an_address() -> None:
    asked = {gate.__name__ for gate in gates_for("confirmation")}

    assert not asked & {"consent", "suppression", "caps", "open_case"}
    assert {"reachable", "placeholders", "lint", "late"} <= asked


def test_a_task_for_a_person_asks_who_but_not_how_it_is_sent() -> None:
    asked = {gate.__name__ for gate in gates_for("task")}

    assert asked == {"restriction", "audience", "holdout", "priority", "open_case", "window", "late"}
    alone = facts(origin="task", routes=())
    assert decide(alone, Policy(), NOON + timedelta(hours=10)).verdict == PASS
    assert decide(facts(origin="task", routes=(), mourning_until=TODAY), Policy(), NOON).reason == "mourning"
    assert decide(facts(origin="task", routes=(), open_case=CASE), Policy(), NOON).verdict == HOLD


def test_a_campaign_is_asked_every_gate() -> None:
    assert gates_for("campaign") == GATES


@pytest.mark.parametrize(
    ("purpose", "consent", "may"),
    [
        ("care", "granted", True),
        ("care", None, False),
        ("care", "withdrawn", False),
        ("marketing", None, False),
        ("information", None, False),
        ("service", None, True),
        ("service", "withdrawn", False),
    ],
)
def test_silence_is_no_consent_save_for_service(purpose: str, consent: str | None, may: bool) -> None:
    known = facts(purpose=Purpose(purpose))

    assert has_consent(known, route(consent=consent)) is may
