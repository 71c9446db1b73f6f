"""为什么没发给他？ One sentence and every gate, from the trace that was stored, or judged now where nothing was planned."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
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
from wenhou.core.channels import CHANNEL_NAMES, CHANNELS
from wenhou.core.errors import InputError
from wenhou.core.ids import new_id
from wenhou.core.policy.decide import decide
from wenhou.core.policy.gates import PASS, SKIP, GateResult
from wenhou.core.policy.sentences import GATE_NAMES, gate_sentence
from wenhou.core.policy.trace import decode_trace
from wenhou.core.purposes import PURPOSE_NAMES, Purpose
from wenhou.core.reasons import sentence
from wenhou.core.statuses import HANDED_OVER, STATUS_NAMES, Status
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force

_PRONOUN = {"female": ("她", "she"), "male": ("他", "he")}
_TITLE = {"female": "女士", "male": "先生"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why somebody got a message or did not. `verdict` of the gates; `status` None where nothing was planned."""

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
                    "sentence": gate_sentence(gate, locale),
                }
                for gate in self.gates
            ],
            "sentence": self.sentence_zh if locale.startswith("zh") else self.sentence_en,
            "status": self.status,
            "message": str(self.message_id) if self.message_id else None,
            "judged_now": self.judged_now,
        }


def explain(
    context: Context,
    actor: Actor,
    ref: str,
    campaign_key: str,
    on: date | None = None,
    *,
    platform: Mapping[str, frozenset[str]] | None = None,
) -> Explanation:
    """Explain one customer and one campaign, on a day or the newest time; AccessDenied out of sight.

    `platform`: what each channel's account may carry, for judging what was never planned; by default every account
    that the store knows. Looking is audited for compliance, who may see confidential restrictions.
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
            found = _judged(session, context, customer, campaign, day, platform)
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
    number, gates = decode_trace(message.trace) if message.trace else (0, ())
    status = Status(message.status)
    stopped = next((gate for gate in gates if gate.verdict != PASS), None)
    is_held = message.hold_key is not None
    verdict = SKIP if status is Status.SKIPPED else "hold" if is_held or stopped else PASS
    zh, en = _sentence(session, context, actor, customer, campaign, message)
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
    platform: Mapping[str, frozenset[str]] | None,
) -> Explanation:
    now = context.clock.now()
    policy = policy_in_force(session, now)
    noon = datetime.combine(day, datetime.min.time(), tzinfo=context.bank.zone) + timedelta(
        hours=9, minutes=30
    )
    question = Question(
        message_id=new_id(),
        customer_id=customer.id,
        purpose=Purpose(campaign.purpose),
        origin="campaign",
        channels=CHANNELS,
        planned_for=day,
        planned_at=max(noon, now),
        expires_at=max(noon, now) + timedelta(hours=10),
    )
    reach = platform if platform is not None else _known_accounts(session)
    facts = load_facts(session, [question], policy=policy, zone=context.bank.zone, now=now, platform=reach)
    decision = decide(facts[question.message_id], policy, now)
    who = _spoken(customer)
    if decision.verdict == SKIP:
        zh = f"没有发给{who}：当天没有为其安排“{campaign.name}”；现在判断也不能发，因为{sentence(decision.reason)}。"
        en = (
            f"Nothing was planned for {customer.name}, and it could not be sent now: "
            f"{sentence(decision.reason, 'en')}."
        )
    else:
        zh = f"没有发给{who}：{_day(day)}没有为其安排“{campaign.name}”，当天不是其日子、不在客群内，或还没到排期时间。"
        en = (
            f"Nothing was planned for {customer.name} on {day}: not their day, outside the audience, "
            "or not planned yet. Nothing else stands in the way."
        )
    return _explanation(
        customer,
        campaign,
        on=day,
        verdict=decision.verdict,
        reason=decision.reason if decision.verdict == SKIP else "not_planned",
        status=None,
        message_id=None,
        gates=decision.gates,
        policy_number=policy.number,
        judged_now=True,
        sentence_zh=zh,
        sentence_en=en,
    )


def _known_accounts(session: Session) -> dict[str, frozenset[str]]:
    every = frozenset(str(purpose) for purpose in Purpose)
    return {account.channel: every for account in list_accounts(session)} or dict.fromkeys(CHANNELS, every)


def _sentence(
    session: Session,
    context: Context,
    actor: Actor,
    customer: Customer,
    campaign: CampaignRow,
    message: Message,
) -> tuple[str, str]:
    """What happened, in one sentence, in both languages; only what is stored."""
    status, who = Status(message.status), _spoken(customer)
    channel = CHANNEL_NAMES.get(message.channel or "", ("", ""))
    if status in HANDED_OVER and status is not Status.UNKNOWN:
        return (
            f"已发给{who}：{_day(message.planned_for)}的“{campaign.name}”经{channel[0]}{STATUS_NAMES[status][0]}。",
            f"Sent to {customer.name} by {channel[1]} for {message.planned_for}: {STATUS_NAMES[status][1].lower()}.",
        )
    if status is Status.UNKNOWN:
        return (
            f"不知道{who}收到没有：平台没有答复，为了不重复打扰，不会重发。",
            f"Nobody knows whether {customer.name} got it: no answer came, and it is never sent again blindly.",
        )
    if status in (Status.PROPOSED, Status.SCHEDULED, Status.SENDING, Status.AWAITING_TAP):
        return _waiting_sentence(session, context, customer, message)
    why_zh, why_en = _why(session, context, actor, customer, message)
    return f"没有发给{who}：{why_zh}。", f"Not sent to {customer.name}: {why_en}."


def _waiting_sentence(
    session: Session, context: Context, customer: Customer, message: Message
) -> tuple[str, str]:
    who, status = _spoken(customer), Status(message.status)
    local = message.due_at.astimezone(context.bank.zone)
    when = f"{local.month}月{local.day}日{local:%H:%M}"
    if message.hold_key is not None:
        why = sentence(message.reason or "open_case")
        return (
            f"还没发给{who}：{why}，事情了结后再看。",
            f"Held for {customer.name}: {sentence(message.reason, 'en')}.",
        )
    if status is Status.PROPOSED:
        name = overview.user_names(session, [message.advisor_id]).get(message.advisor_id or uuid.UUID(int=0))
        by = name or "网点审批人"
        need = f"（需两人，已有{message.approvals}人）" if message.level >= 2 else ""
        return (
            f"还没发给{who}：在等{by}审批{need}，{when}前批准就能按时发出。",
            f"Waiting for approval by {by}, due {local:%d %b %H:%M}.",
        )
    return (
        f"还没发给{who}：已批准，排在{when}发出。",
        f"Approved and due {local:%d %b %H:%M}: {STATUS_NAMES[status][1].lower()}.",
    )


def _why(
    session: Session, context: Context, actor: Actor, customer: Customer, message: Message
) -> tuple[str, str]:
    reason = message.reason or ""
    if reason == "consent_withdrawn":
        return _withdrawal(session, context, customer, message)
    if reason == "care_restricted":
        return _restriction(session, actor, customer, message)
    if message.status == Status.REJECTED:
        vote = overview.last_vote(session, message.id)
        name = vote[0] if vote else "审批人"
        return f"{name}退回了这条，原因是{sentence(reason)}", f"{name} rejected it: {sentence(reason, 'en')}"
    if reason == "already_greeted":
        return "客户经理已亲自问候，机器不再重复", "the advisor greeted in person"
    if reason == "address_cap_reached":
        return (
            "与家人共用一个号码，当天已有一条问候发到这个号码，不再重复",
            "the number is shared and already gets one greeting that day",
        )
    return sentence(reason) or STATUS_NAMES[Status(message.status)][0], sentence(
        reason, "en"
    ) or "see the gates"


def _withdrawal(session: Session, context: Context, customer: Customer, message: Message) -> tuple[str, str]:
    """When, how and in which words the customer asked us to stop."""
    acts = overview.list_consents(session, customer.id)
    act = next((one for one in acts if one.act == "withdrawn" and one.purpose == message.purpose), None)
    purpose = PURPOSE_NAMES[Purpose(message.purpose)]
    she, _ = _PRONOUN.get(customer.gender, ("客户", "they"))
    if act is None:
        return f"{she}已退订{purpose[0]}类消息", f"{purpose[1].lower()} is withdrawn"
    local = act.at.astimezone(context.bank.zone)
    words = None
    entry = (act.evidence or {}).get("entry")
    if entry:
        words = overview.entry_words(session, context.vault, customer.id, uuid.UUID(str(entry)))
    day = f"{local.month}月{local.day}日"
    if words:
        short = words if len(words) <= 24 else f"{words[:24]}…"
        return (
            f"{she}{day}回复“{short}”，已退订{purpose[0]}类消息",
            f"on {local:%d %b} the customer replied “{short}” and withdrew {purpose[1].lower()}",
        )
    return f"{she}{day}已退订{purpose[0]}类消息", f"{purpose[1].lower()} was withdrawn on {local:%d %b}"


_KINDS: dict[str | None, tuple[str, str]] = {
    "overdue": ("有逾期未还，催收期间不发问候", "a payment is overdue; no greetings meanwhile"),
    "bereavement": ("家中有丧事，先不打扰", "the family is in mourning"),
    "litigation": ("与本行有诉讼", "there is litigation"),
    "dormant": ("账户已休眠", "the account is dormant"),
    "minor": ("客户未成年", "the customer is a minor"),
    "wrong_person": ("号码不是本人的", "the number is not theirs"),
    "deceased": ("客户已故", "the customer has died"),
}


def _restriction(session: Session, actor: Actor, customer: Customer, message: Message) -> tuple[str, str]:
    """The kind only where this person may know it; a confidential one says nothing but that it is there."""
    known = access.list_restrictions(session, actor, customer.id, message.planned_for)
    if any(one.confidential and one.kind is None for one in known):
        return sentence("care_restricted"), sentence("care_restricted", "en")
    kinds = [one.kind for one in known if one.kind in _KINDS]
    return _KINDS[kinds[0]] if kinds else (sentence("care_restricted"), sentence("care_restricted", "en"))


def _spoken(customer: Customer) -> str:
    title = _TITLE.get(customer.gender, "")
    return f"{customer.name[:1]}{title}" if title else customer.name


def _day(day: date) -> str:
    return f"{day.month}月{day.day}日"
