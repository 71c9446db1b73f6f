"""Stored traces: a few bytes that still say everything years later."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core.policy.worlds import NOON, facts, route
from wenhou.core.policy.decide import decide
from wenhou.core.policy.facts import QuotaState, Restriction, Suitability
from wenhou.core.policy.gates import GATES, PASS
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.sentences import GATE_NAMES, gate_sentence
from wenhou.core.policy.trace import decode_trace, encode_trace
from wenhou.core.purposes import Purpose

OFFER = Suitability(product="P1", is_on_sale=True, risk_level=4, customer_level=3, is_assessed=True)
NIGHT = datetime(2027, 1, 30, 15, 0, tzinfo=UTC)
KNOWN: list[dict[str, Any]] = [
    {},
    {"customer_state": "closed"},
    {"restrictions": (Restriction(purposes=frozenset({"care"}), confidential=True),)},
    {"in_audience": False},
    {"rival": "birthday"},
    {"routes": (route("wechat", platform_purposes=frozenset()),)},
    {"routes": ()},
    {"routes": (route(consent=None),)},
    {"routes": (route(consent="withdrawn"),)},
    {"routes": (route(suppressed=True),)},
    {"open_case": uuid.UUID(int=9)},
    {"problems": ("customer.salutation",)},
    {"lint": ("promise_of_return",)},
    {"names_product": True, "routes": (route(shared_by=4),)},
    {"contacts": {0: {"care": 2}}},
    {"routes": (route(address_today=2),)},
    {"expires_at": NOON},
    {"held_out": True},
    {"condition": "not_met:replied"},
    {"condition": "unknown:read"},
    {"greeted": "birthday:lunar:2027"},
    {"late_feeds": {"care": "deaths"}},
    {"customer_state": "dormant", "routes": (route(verified=False),)},
    {"life_stage": "under_14", "asks": True},
    {"life_stage": "under_14"},
    {"care_resumes_at": NOON + timedelta(hours=3)},
    {"suitability": OFFER},
    {"suitability": OFFER, "life_stage": "senior"},
    {"is_withdrawn": True},
    {"is_campaign_full": True},
    {"purpose": Purpose.MARKETING, "non_sales_before": 1},
    {"routes": (route(quotas=(QuotaState(name="d", used=4, most=4),)),)},
    {"wave": "wave:x:1"},
    {"mourning_until": date(2027, 1, 30)},
    {"origin": "reply", "customer_state": "closed"},
]


@pytest.mark.parametrize("at", [NOON, NIGHT])
@pytest.mark.parametrize("known", KNOWN)
def test_a_trace_gives_back_every_verdict_reason_and_value(known: dict[str, Any], at: datetime) -> None:
    decision = decide(facts(**known), Policy(number=12), at)

    number, results = decode_trace(encode_trace(decision))

    assert number == 12
    assert [(one.gate, one.verdict, one.reason, one.value) for one in results] == [
        (one.gate, one.verdict, one.reason, one.value) for one in decision.gates
    ]


@pytest.mark.parametrize("known", KNOWN)
def test_a_trace_is_small(known: dict[str, Any]) -> None:
    assert len(encode_trace(decide(facts(**known), Policy(number=999), NIGHT))) <= 120


def test_a_trace_of_the_first_release_still_reads_as_it_was_written() -> None:
    number, results = decode_trace(b"4|a+active|b+in|d+sms|e-wwithdrawn|k+08:00-20:00")

    assert number == 4
    assert [one.gate for one in results] == [gate.__name__ for gate in GATES]
    later = [one for one in results if gate_sentence(one, "en") == "There was no such check then."]
    assert [one.gate for one in later] == ["holdout", "care_ratio", "quota"]
    said = {one.gate: (one.verdict, one.reason, one.value) for one in results}
    assert said["consent"] == ("skip", "consent_withdrawn", "withdrawn")
    assert said["window"] == (PASS, None, "08:00-20:00")
    assert said["late"] == (PASS, None, "")


@given(st.text(max_size=200))
def test_a_strange_value_cannot_break_the_trace(value: str) -> None:
    decision = decide(facts(rival=value, expires_at=NOON + timedelta(days=2)), Policy(), NOON)

    _, results = decode_trace(encode_trace(decision))

    assert [one.gate for one in results] == [gate.__name__ for gate in GATES]
    assert next(one for one in results if one.gate == "priority").reason == "more_important_message"


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("known", KNOWN)
def test_every_verdict_has_a_sentence(known: dict[str, Any], locale: str) -> None:
    for result in decide(facts(**known), Policy(), NIGHT).gates:
        sentence = gate_sentence(result, locale)
        assert sentence
        assert "{" not in sentence
        assert "_" not in sentence.replace(result.value, "")


def test_every_gate_has_its_names() -> None:
    assert set(GATE_NAMES) == {gate.__name__ for gate in GATES}
