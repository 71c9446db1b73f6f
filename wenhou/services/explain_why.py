"""为什么没发给他？ One sentence and every gate, from the trace that was stored, or judged now where nothing was planned."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from store import access, overview
from store.accounts import list_accounts
from store.audit import record
from store.campaigns import find_campaign
from store.database import Session
from store.facts import Question, load_facts
from store.models.campaigns import Campaign as CampaignRow
from store.models.customers import Customer
from store.models.messages import Message
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import CHANNELS
from wenhou.core.errors import InputError
from wenhou.core.ids import new_id
from wenhou.core.judged_now import JudgedNow
from wenhou.core.policy.decide import decide
from wenhou.core.policy.gates import GATES, NOT_ASKED, PASS, SKIP, GateResult
from wenhou.core.policy.sentences import GATE_NAMES, gate_sentence
from wenhou.core.policy.trace import decode_trace
from wenhou.core.purposes import Purpose
from wenhou.core.reasons import sentence
from wenhou.core.statuses import Status
from wenhou.services.context import Context
from wenhou.services.explain_sentences import day_zh, sentence_of, spoken
from wenhou.services.policies import policy_in_force

_UNASKED = tuple(GateResult(gate=gate.__name__, value=NOT_ASKED) for gate in GATES)
"""Of a message without a trace: nothing was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why somebody got a message or did not. `verdict` of the gates; `status` None where nothing was planned.

    `outside`: (Chinese, English) what keeps a customer out whom the occasion does not meet: the audience gate's words.
    """

    customer: str
    customer_name: str
    campaign: str
    campaign_name: str
    on: date
    verdict: str
    reason: str | None
    status: Status | None
    message_id: uuid.UUID | None
    gates: tuple[GateResult, ...]
    policy_number: int
    judged_now: bool
    sentence_zh: str
    sentence_en: str
    outside: tuple[str, str] | None = None

    def as_json(self, locale: str = "zh-CN") -> dict[str, Any]:
        """The shape of DESIGN §15 `explain`, with the sentence, the status and the message's id beside it."""
        return {
            "customer": self.customer,
            "campaign": self.campaign,
            "on": self.on.isoformat(),
            "verdict": self.verdict,
            "reason": self.reason,
            "gates": [
                {
                    "gate": gate.gate,
                    "name": GATE_NAMES[gate.gate][0 if locale.startswith("zh") else 1],
                    "verdict": gate.verdict,
                    "value": gate.value,
                    "rule": f"policy:{self.policy_number}/{gate.gate}",
                    "version": self.policy_number,
                    "sentence": self._gate_sentence(gate, locale),
                }
                for gate in self.gates
            ],
            "sentence": self.sentence_zh if locale.startswith("zh") else self.sentence_en,
            "status": self.status,
            "message": str(self.message_id) if self.message_id else None,
            "judged_now": self.judged_now,
        }

    def _gate_sentence(self, gate: GateResult, locale: str) -> str:
        if gate.gate != "audience" or self.outside is None:
            return gate_sentence(gate, locale)
        return f"{self.outside[0]}。" if locale.startswith("zh") else f"{self.outside[1]}."


def explain(
    context: Context,
    actor: Actor,
    ref: str,
    campaign_key: str,
    on: date | None = None,
) -> Explanation:
    """Explain one customer and one campaign, on a day or the newest time; AccessDenied out of sight.

    What was never planned is judged now by the planner itself (`Context.judge_one`). Looking is audited for compliance,
    who may see confidential restrictions.
    """
    now = context.clock.now()
    with context.db.read() as session:
        customer = access.get_customer(session, actor, ref)
        campaign = find_campaign(session, campaign_key)
        if campaign is None:
            raise InputError(
                f"没有活动 {campaign_key} (there is no campaign {campaign_key})", column="campaign"
            )
        message = overview.find_planned(session, customer.id, campaign.id, on)
        if message is not None:
            found = _of_message(session, context, actor, customer, campaign, message)
        else:
            day = on or now.astimezone(context.bank.zone).date()
            found = _judged(session, context, customer, campaign, day)
    if actor.has(Role.COMPLIANCE):
        with context.db.write() as session:
            record(session, now, actor, "customer.explained", "customer", customer.id)
    return found


def _of_message(
    session: Session,
    context: Context,
    actor: Actor,
    customer: Customer,
    campaign: CampaignRow,
    message: Message,
) -> Explanation:
    number, gates = decode_trace(message.trace) if message.trace else (0, _UNASKED)
    status = Status(message.status)
    stopped = next((gate for gate in gates if gate.verdict != PASS), None)
    is_held = message.hold_key is not None
    verdict = SKIP if status is Status.SKIPPED else "hold" if is_held or stopped else PASS
    zh, en = sentence_of(session, context, actor, customer, campaign, message)
    return _explanation(
        customer,
        campaign,
        on=message.planned_for,
        verdict=verdict,
        reason=message.reason,
        status=status,
        message_id=message.id,
        gates=gates,
        policy_number=number,
        judged_now=False,
        sentence_zh=zh,
        sentence_en=en,
    )


def _explanation(customer: Customer, campaign: CampaignRow, **rest: Any) -> Explanation:
    return Explanation(
        customer=customer.external_ref,
        customer_name=customer.name,
        campaign=campaign.key,
        campaign_name=campaign.name,
        **rest,
    )


def _judged(
    session: Session,
    context: Context,
    customer: Customer,
    campaign: CampaignRow,
    day: date,
) -> Explanation:
    """What the planner itself would say; in a process without senders what the facts alone say."""
    judged = context.judge_one(context, customer.id, campaign.key, day) if context.judge_one else None
    if judged is None:
        judged = _by_facts(session, context, customer, campaign, day)
    who, name = spoken(customer), campaign.name
    zh, en = _said(
        judged, who, name, customer.name, day, context.clock.now().astimezone(context.bank.zone).date()
    )
    return _explanation(
        customer,
        campaign,
        on=day,
        verdict=judged.verdict,
        reason=judged.reason if judged.verdict == SKIP else "not_planned",
        status=None,
        message_id=None,
        gates=judged.gates,
        policy_number=judged.policy_number,
        judged_now=True,
        sentence_zh=zh,
        sentence_en=en,
        outside=judged.why if not judged.is_met and judged.why[0] else None,
    )


def _said(judged: JudgedNow, who: str, campaign: str, name: str, day: date, today: date) -> tuple[str, str]:
    """The whole answer in a sentence."""
    on = day_zh(day)
    if judged.stands is not None:
        return (
            f"没有再为{who}安排“{campaign}”：{judged.stands[0]}。",
            f"Nothing more was planned for {name}: {judged.stands[1]}.",
        )
    if not judged.is_met and judged.why[0]:
        return (
            f"没有发给{who}：{on}没有为其安排“{campaign}”，{judged.why[0]}。",
            f"Nothing was planned for {name} on {day}: {judged.why[1]}.",
        )
    if judged.verdict == SKIP:
        why = sentence(judged.reason), sentence(judged.reason, "en")
        return (
            f"没有发给{who}：{on}没有为其安排“{campaign}”；现在判断也不能发，因为{why[0]}。",
            f"Nothing was planned for {name} on {day}, and it could not be sent: {why[1]}.",
        )
    if not judged.is_met:
        return (
            f"没有发给{who}：{on}没有为其安排“{campaign}”，当天不是其日子、不在客群内，或还没到排期时间。",
            f"Nothing was planned for {name} on {day}: not their day, outside the audience, or not planned yet.",
        )
    held = sentence(judged.reason), sentence(judged.reason, "en")
    if day > today:
        tail = f"，但要先等：{held[0]}" if judged.reason else "，此刻判断可以发"
        return (
            f"还没到排期时间：{on}会为{who}安排“{campaign}”{tail}。",
            f"Not planned yet: {name} is met on {day}"
            + (f", held at first: {held[1]}." if judged.reason else " and every gate passes now."),
        )
    tail = f"，先等：{held[0]}" if judged.reason else ""
    return (
        f"{on}应为{who}安排“{campaign}”，但还没有排期{tail}。",
        f"{name} is met on {day} but nothing has been planned yet{f'; held: {held[1]}' if judged.reason else ''}.",
    )


def _by_facts(
    session: Session, context: Context, customer: Customer, campaign: CampaignRow, day: date
) -> JudgedNow:
    """The gates on the customer's facts alone: no words, no occasion."""
    now = context.clock.now()
    policy = policy_in_force(session, now)
    nine = datetime.combine(day, datetime.min.time(), tzinfo=context.bank.zone) + timedelta(
        hours=9, minutes=30
    )
    question = Question(
        message_id=new_id(),
        customer_id=customer.id,
        purpose=Purpose(campaign.purpose),
        origin="campaign",
        channels=CHANNELS,
        planned_for=day,
        planned_at=max(nine, now),
        expires_at=max(nine, now) + timedelta(hours=10),
    )
    reach = _known_accounts(session)
    facts = load_facts(session, [question], policy=policy, zone=context.bank.zone, now=now, platform=reach)
    decision = decide(facts[question.message_id], policy, now)
    return JudgedNow(
        is_met=False,
        verdict=decision.verdict,
        reason=decision.reason,
        gates=decision.gates,
        policy_number=policy.number,
    )


def _known_accounts(session: Session) -> dict[str, frozenset[str]]:
    every = frozenset(str(purpose) for purpose in Purpose)
    return {account.channel: every for account in list_accounts(session)} or dict.fromkeys(CHANNELS, every)
