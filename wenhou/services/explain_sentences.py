"""What became of a stored message, in one sentence of both languages, made of nothing but what is stored."""

from __future__ import annotations

import uuid
from datetime import date

from store import access, overview
from store.contact_quality import unusable
from store.database import Session
from store.models.campaigns import Campaign as CampaignRow
from store.models.customers import Customer
from store.models.messages import Message
from store.vault import place
from templates.salutations import Addressee, salutation
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import CHANNEL_NAMES
from wenhou.core.purposes import PURPOSE_NAMES, Purpose
from wenhou.core.reasons import sentence
from wenhou.core.risk import RESTRICTION_NAMES
from wenhou.core.statuses import HANDED_OVER, STATUS_NAMES, Status
from wenhou.services.contact_quality import mask_address
from wenhou.services.context import Context

_WHY_UNUSABLE = {"dead": "address_dead", "recycled": "address_not_theirs", "soft_failing": "address_resting"}
UNUSABLE = frozenset({"no_reachable_channel", "suppressed", *_WHY_UNUSABLE.values()})
"""Reasons behind which stands an address that cannot be used."""
_PRONOUN = {"female": ("她", "she"), "male": ("他", "he")}


def sentence_of(
    session: Session,
    context: Context,
    actor: Actor,
    customer: Customer,
    campaign: CampaignRow,
    message: Message,
) -> tuple[str, str]:
    """What happened, in one sentence, in both languages; only what is stored."""
    status, who = Status(message.status), spoken(customer)
    channel = CHANNEL_NAMES.get(message.channel or "", ("", ""))
    if status in HANDED_OVER and status is not Status.UNKNOWN:
        return (
            f"已发给{who}：{day_zh(message.planned_for)}的“{campaign.name}”经{channel[0]}{STATUS_NAMES[status][0]}。",
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
    who, status = spoken(customer), Status(message.status)
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
    if reason in UNUSABLE:
        return _unusable(session, context, customer, message)
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


def _unusable(session: Session, context: Context, customer: Customer, message: Message) -> tuple[str, str]:
    """Which of the customer's addresses cannot be used, masked, since when, and what the provider said of it."""
    reason = sentence(message.reason), sentence(message.reason, "en")
    known = unusable(session, customer.id, message.channel_plan.split(","))
    if not known:
        return reason
    zh, en = [], []
    for one in known:
        text = context.vault.open(
            place("contact_points", "address", one.contact_point_id), one.address
        ).decode()
        code = _WHY_UNUSABLE.get(one.state, "address_resting")
        since = one.since.astimezone(context.bank.zone) if one.since else None
        told = f"（{one.told}）" if one.told else ""
        day = f"{since.month}月{since.day}日起" if since else ""
        name = CHANNEL_NAMES.get(one.channel, (one.channel, one.channel))
        zh.append(f"{name[0]} {mask_address(one.channel, text)} {day}{sentence(code)}{told}")
        en.append(
            f"{name[1]} {mask_address(one.channel, text)}: {sentence(code, 'en')}{f' ({one.told})' if told else ''}"
        )
    own = message.reason in _WHY_UNUSABLE.values()
    return ("；".join(zh) if own else f"{reason[0]}：{'；'.join(zh)}"), (
        "; ".join(en) if own else f"{reason[1]}: {'; '.join(en)}"
    )


def _restriction(session: Session, actor: Actor, customer: Customer, message: Message) -> tuple[str, str]:
    """The kind only where this person may know it; a confidential one says nothing but that it is there."""
    known = access.list_restrictions(session, actor, customer.id, message.planned_for)
    if any(one.confidential and one.kind is None for one in known):
        return sentence("care_restricted"), sentence("care_restricted", "en")
    kinds = [one.kind for one in known if one.kind in RESTRICTION_NAMES]
    if not kinds or not actor.has(Role.COMPLIANCE):
        return sentence("care_restricted"), sentence("care_restricted", "en")
    return RESTRICTION_NAMES[kinds[0] or "other"]


def spoken(customer: Customer) -> str:
    """王女士, 欧阳先生; the whole name where the gender is not known or no surname is certain."""
    return salutation(Addressee(name=customer.name, gender=customer.gender)) or customer.name


def day_zh(day: date) -> str:
    """3月1日."""
    return f"{day.month}月{day.day}日"
