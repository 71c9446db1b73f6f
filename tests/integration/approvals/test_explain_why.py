"""Why somebody was not written to: one sentence of what is stored, and every gate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from store.models.customers import CareRestriction
from store.models.messages import Message
from tests import factories
from tests.factories import AT
from tests.integration.approvals.conftest import Branch
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.policy.gates import GATES
from wenhou.core.statuses import Status
from wenhou.services import approvals
from wenhou.services.context import Context
from wenhou.services.explain_why import Explanation, explain

Propose = Callable[..., Message]


def ask(context: Context, branch: Branch, key: str = "birthday_0", who: str = "advisor") -> Explanation:
    return explain(context, branch.actors[who], branch.customer.external_ref, key)


def skip(context: Context, message: Message, reason: str, trace: bytes) -> None:
    with context.db.write() as session:
        row = session.get_one(Message, message.id)
        row.status, row.reason, row.trace = Status.SKIPPED, reason, trace


def test_what_waits_names_who_it_waits_for(context: Context, branch: Branch, propose: Propose) -> None:
    propose()

    assert ask(context, branch).sentence_zh.startswith("还没发给王女士：在等李伟审批")


def test_a_rejection_names_who_and_why(context: Context, branch: Branch, propose: Propose) -> None:
    message = propose()
    approvals.reject(context, branch.actors["deputy"], message.id, "wrong_time")

    assert ask(context, branch).sentence_zh == "没有发给王女士：陈静退回了这条，原因是时间不合适。"


def test_a_stored_trace_gives_every_gate_its_sentence(
    context: Context, branch: Branch, propose: Propose
) -> None:
    skip(context, propose(), "consent_withdrawn", b"4|a+active|e-wwithdrawn")

    found = ask(context, branch).as_json()

    assert (found["verdict"], found["reason"], found["judged_now"]) == ("skip", "consent_withdrawn", False)
    assert len(found["gates"]) == len(GATES)
    refused = [gate for gate in found["gates"] if gate["verdict"] != "pass"]
    assert [gate["gate"] for gate in refused] == ["consent"]
    assert refused[0]["rule"].startswith("policy:4/")


@pytest.mark.parametrize(("who", "words"), [("advisor", "按规定暂不联系"), ("compliance", "有逾期未还")])
def test_a_confidential_restriction_is_named_to_compliance_only(
    context: Context, branch: Branch, propose: Propose, who: str, words: str
) -> None:
    skip(context, propose(), "care_restricted", b"1|a-rrestricted")
    with context.db.write() as session:
        session.add(
            CareRestriction(
                customer_id=branch.customer.id,
                kind="overdue",
                from_on=date(2027, 1, 1),
                purposes=["all"],
                source="file",
                visibility="confidential",
                created_at=AT,
            )
        )

    assert words in ask(context, branch, who=who).sentence_zh


def test_what_was_never_planned_is_judged_now(context: Context, branch: Branch) -> None:
    with context.db.write() as session:
        factories.make_campaign(session, "spring_festival")

    found = explain(
        context, branch.actors["advisor"], branch.customer.external_ref, "spring_festival", date(2027, 2, 5)
    )

    assert found.judged_now
    assert found.status is None
    assert "没有为其安排" in found.sentence_zh
    assert found.gates


def test_what_was_handed_over_without_an_answer_is_said_to_be_unknown(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()
    with context.db.write() as session:
        session.get_one(Message, message.id).status = Status.UNKNOWN

    assert "不会重发" in ask(context, branch).sentence_zh


def test_an_unknown_campaign_is_named(context: Context, branch: Branch) -> None:
    with pytest.raises(InputError, match="no_such"):
        ask(context, branch, "no_such")


def test_a_customer_out_of_sight_is_not_explained(context: Context, branch: Branch, propose: Propose) -> None:
    propose()

    with pytest.raises(AccessDenied):
        ask(context, branch, who="other_advisor")


def test_a_snoozed_message_falls_due_later_and_still_waits(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()
    until = context.clock.now() + timedelta(hours=3)

    approvals.snooze(context, branch.actors["advisor"], message.id, until)

    with context.db.read() as session:
        now = session.get_one(Message, message.id)
    assert (now.status, now.due_at, now.reason) == (Status.PROPOSED, until, "snoozed")
