"""A confidential restriction says nothing of its kind: neither its trace nor what anybody below compliance is told."""

from __future__ import annotations

import json

import pytest

from store.models.customers import CareRestriction, Customer
from tests.factories import AT, actor_for, make_campaign, make_user
from tests.integration.policy.world import Asked, restrict
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied
from wenhou.core.policy.decide import decide
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.trace import encode_trace
from wenhou.core.purposes import Purpose
from wenhou.core.risk import RISK_KINDS
from wenhou.services.explain_why import explain

_UNSEEN = "out of sight"
KINDS = sorted(
    {kind.restriction for kind in RISK_KINDS.values() if kind.is_confidential and kind.restriction}
)


def confide(asked: Asked, kind: str) -> None:
    """One restriction of that kind in place of any other, as the bank's event would write it."""
    stops = next(list(one.stops) for one in RISK_KINDS.values() if one.restriction == kind)
    with asked.context.db.write() as session:
        session.query(CareRestriction).delete()
        restrict(session, asked.customer, kind=kind, visibility="confidential")
        session.flush()
        session.query(CareRestriction).update({"purposes": stops})


def test_there_is_more_than_one_confidential_kind() -> None:
    assert len(KINDS) >= 2


@pytest.mark.parametrize("purpose", list(Purpose))
def test_the_trace_is_the_same_whatever_the_kind(asked: Asked, purpose: Purpose) -> None:
    traces = set()
    for kind in KINDS:
        confide(asked, kind)
        decision = decide(asked.facts(purpose=purpose), Policy(), AT)
        traces.add((decision.reason, decision.hold_key, encode_trace(decision)))

    assert len(traces) == 1
    reason, _, trace = traces.pop()
    assert not any(kind.encode() in trace for kind in KINDS)
    if purpose is not Purpose.SERVICE:
        assert reason == "care_restricted"


def test_no_role_below_compliance_can_tell_the_kind_from_an_explanation(asked: Asked) -> None:
    with asked.context.db.write() as session:
        make_campaign(session)
        actors = [
            actor_for(session, make_user(session, str(role), str(role), asked.org, role))
            for role in Role
            if role is not Role.COMPLIANCE
        ]
        session.get_one(Customer, asked.customer.id).main_advisor_id = actors[0].user_id
    seeing = 0
    for actor in actors:
        said = {_said(asked, actor, kind) for kind in KINDS}
        assert len(said) == 1, actor.roles
        told = said.pop()
        assert not any(kind in told for kind in KINDS)
        seeing += told != _UNSEEN
    assert seeing >= 2, "an advisor and a supervisor see the customer"


def _said(asked: Asked, actor: Actor, kind: str) -> str:
    confide(asked, kind)
    try:
        found = explain(asked.context, actor, asked.customer.external_ref, "birthday")
    except AccessDenied:
        return _UNSEEN
    return json.dumps([found.as_json("zh-CN"), found.as_json("en")], ensure_ascii=False, default=str)
