"""消保审查: which campaigns need an opinion, whether the words stand agreed to, and entering one.

Required in production, or where the policy says `campaigns_need_opinion`, of marketing and information. Greetings and
service need none: they offer nothing, which the lint and the campaign's validation hold them to. A campaign without
one, or whose opinion is over, refused or of other words, cannot be approved nor go live; one that is live holds
(`opinion_expired`, `opinion_missing`) until an opinion is entered, which lets go what was held.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from store import opinions as rows
from store import pending
from store.audit import record
from store.campaigns import LiveCampaign, find_campaign, list_campaigns
from store.database import Session
from store.models.campaigns import Campaign as CampaignRow
from store.models.offers import ReviewOpinion
from store.notices import notify
from store.pools import note_warning
from templates.library import Library
from wenhou.core.actors import Actor, Role
from wenhou.core.campaigns import Campaign
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.opinions import (
    NEED_OPINION,
    Agreed,
    Conclusion,
    Opinion,
    Words,
    agreed,
    hold_key,
    last_day,
    why_not,
)
from wenhou.core.policy.rules import Policy
from wenhou.services.campaign_specs import specs_of
from wenhou.services.context import Context
from wenhou.services.opinion_files import material_document, material_from
from wenhou.services.policies import policy_in_force
from wenhou.services.words_in_force import library_in_force

NOTICE = "opinion_expiring"
STAGES = (30, 7, 0)
"""Days left at which the owner is told; 0: the last day is over."""
_READERS = (Role.OPERATIONS, Role.COMPLIANCE, Role.SUPERVISOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An opinion as lists show it. `state`: valid, not_yet, expired or refused, as of today."""

    campaign: str
    number: str
    reviewer: str
    conclusion: str
    valid_from: date | None
    valid_until: date
    state: str
    days_left: int
    materials: tuple[str, ...]
    issuer_approval: str | None
    note: str | None


def is_needed(context: Context, policy: Policy, campaign: Campaign) -> bool:
    """Whether consumer protection must have agreed before these words leave."""
    asked = context.production or policy.campaigns_need_opinion
    return asked and campaign.purpose in NEED_OPINION


def words_of(library: Library, campaign: Campaign) -> list[Words]:
    """Every template version the campaign says, in every locale there is."""
    keys = {step.template for step in campaign.message_steps}
    keys |= {step.alternative.template for step in campaign.message_steps if step.alternative is not None}
    found = [version for (key, _), version in library.versions.items() if key in keys]
    return sorted(
        (
            Words(key=one.key, locale=one.locale, version=one.version, digest=one.digest.lower())
            for one in found
        ),
        key=lambda one: (one.key, one.locale != "zh-CN", one.locale),
    )


def agreed_for(
    session: Session, context: Context, policy: Policy, campaign_id: uuid.UUID, campaign: Campaign
) -> Agreed | None:
    """When a campaign's words as they are in force now stand agreed to; None: they need no opinion."""
    if not is_needed(context, policy, campaign):
        return None
    words = words_of(library_in_force(session, context.clock.now()), campaign)
    found = rows.opinions_of(session, [campaign_id])[campaign_id]
    spans = agreed(campaign_id, [_value(one) for one in found], words, context.bank.zone)
    return spans if issuer_problem(session, context, campaign, found) is None else replace(spans, spans=())


def agreed_for_messages(
    session: Session,
    context: Context,
    policy: Policy,
    messages: Mapping[uuid.UUID, tuple[uuid.UUID, Campaign]],
) -> dict[uuid.UUID, Agreed]:
    """Message → when the words it was made from stand agreed to. `messages`: id → (campaign's id, campaign).

    Asked at hand-over: what was written of a version that came out of force needs the opinion of that version.
    """
    asked = {one: pair for one, pair in messages.items() if is_needed(context, policy, pair[1])}
    if not asked:
        return {}
    made_of = rows.words_of_messages(session, asked)
    opinions = rows.opinions_of(session, {campaign_id for campaign_id, _ in asked.values()})
    known: dict[tuple[uuid.UUID, str], Agreed] = {}
    found: dict[uuid.UUID, Agreed] = {}
    for message_id, (campaign_id, campaign) in asked.items():
        made = made_of.get(message_id)
        digest = made[3].hex() if made else ""
        key = (campaign_id, digest)
        if key not in known:
            known[key] = _of_words(session, context, campaign_id, campaign, made, opinions[campaign_id])
        found[message_id] = known[key]
    return found


def _of_words(
    session: Session,
    context: Context,
    campaign_id: uuid.UUID,
    campaign: Campaign,
    made: tuple[str, str, int, bytes] | None,
    found: Sequence[ReviewOpinion],
) -> Agreed:
    if made is None or issuer_problem(session, context, campaign, found) is not None:
        return Agreed(campaign_id=campaign_id)
    words = Words(key=made[0], locale=made[1], version=made[2], digest=made[3].hex())
    return agreed(campaign_id, [_value(one) for one in found], [words], context.bank.zone)


def problem(session: Session, context: Context, campaign: Campaign) -> tuple[str, str] | None:
    """(Chinese, English) why a campaign may be neither approved nor put into force; None: it may.

    The opinion that its own document brings counts beside those that were entered.
    """
    now = context.clock.now()
    if not is_needed(context, policy_in_force(session, now), campaign):
        return None
    row = find_campaign(session, campaign.key)
    found = rows.opinions_of(session, [row.id])[row.id] if row is not None else []
    opinions = [_value(one) for one in found]
    if campaign.opinion is not None and campaign.opinion.number not in {one.number for one in opinions}:
        opinions.append(campaign.opinion)
    today = now.astimezone(context.bank.zone).date()
    return why_not(opinions, words_of(library_in_force(session, now), campaign), today) or issuer_problem(
        session, context, campaign, found
    )


def check(session: Session, context: Context, campaign: Campaign) -> None:
    """Raise Refused with the sentence of `problem`, if there is one."""
    found = problem(session, context, campaign)
    if found is not None:
        raise Refused(
            f"活动 {campaign.key} 不能批准或生效：{found[0]} (campaign {campaign.key} cannot be approved nor go live: "
            f"{found[1]}; enter one with `wenhou opinions add {campaign.key}`)",
            code="opinion_missing",
        )


def issuer_problem(
    session: Session, context: Context, campaign: Campaign, found: Sequence[ReviewOpinion]
) -> tuple[str, str] | None:
    """代销: of a product somebody else issues the issuer must have agreed to the words, under a number."""
    product = rows.find_product(session, campaign.product) if campaign.product is not None else None
    if product is None or product.issuer.strip() == context.bank.name:
        return None
    own = product.approval_number
    said = campaign.opinion.issuer_approval if campaign.opinion is not None else None
    said = said or next((one.issuer_approval for one in reversed(found) if one.issuer_approval), None)
    if own is None and said is None:
        return (
            f"{product.name}由{product.issuer}发行，缺发行方审核编号",
            f"product {product.code} is issued by {product.issuer}, whose approval number is missing",
        )
    if own is not None and said is not None and own != said:
        return (
            f"发行方审核编号不一致：产品 {own}，意见 {said}",
            f"the issuer's approval number is {own} on the product, {said} on the opinion",
        )
    return None


def keep(session: Session, context: Context, actor: Actor, row: CampaignRow, campaign: Campaign) -> None:
    """Enter the opinion that an approved document brings; the same again changes nothing.

    Raises Refused where its number stands for something else already.
    """
    if campaign.opinion is not None:
        _enter(session, context, actor, row, campaign.opinion)


def add_opinion(context: Context, actor: Actor, key: str, opinion: Opinion) -> tuple[str, int]:
    """Enter an opinion, a renewal or a refusal: (`created` or `unchanged`, messages let go).

    Only compliance does: it is what lets words out. AccessDenied, InputError for no such campaign, Refused for a
    number that stands for something else.
    """
    if not actor.has(Role.COMPLIANCE):
        raise AccessDenied(
            "只有合规能登记消保审查意见 (only compliance enters opinions of consumer protection)"
        )
    with context.db.write() as session:
        row = _get(session, key)
        outcome, released = _enter(session, context, actor, row, opinion)
    context.submit("dispatch")
    context.submit("planning")
    return outcome, released


def list_opinions(
    context: Context, actor: Actor, *, campaign: str | None = None, expiring: int | None = None
) -> list[Line]:
    """Opinions, the first to expire first; `expiring`: those in force whose last day is at most so many days away."""
    _check_reader(actor)
    today = _today(context)
    until = today + timedelta(days=expiring) if expiring is not None else None
    with context.db.read() as session:
        if campaign is not None:
            _get(session, campaign)
        lines = [
            _line(row, key, today) for row, key in rows.list_opinions(session, campaign=campaign, until=until)
        ]
    return lines if expiring is None else [one for one in lines if one.state in ("valid", "not_yet")]


def show_opinion(context: Context, actor: Actor, key: str, number: str) -> Line:
    """One opinion; InputError where the campaign has none of that number."""
    _check_reader(actor)
    with context.db.read() as session:
        found = rows.find_opinion(session, _get(session, key).id, number)
        if found is None:
            raise InputError(
                f"campaign {key} has no opinion {number}; `wenhou opinions list {key}` names them"
            )
        return _line(found, key, _today(context))


def warn_expiring(context: Context) -> int:
    """The job of the day: tell each live campaign's owner 30 and 7 days before its opinion ends, and when it has.

    A renewal that follows without a gap counts. Where nobody in particular owns it operations is told.
    """
    now, today = context.clock.now(), _today(context)
    with context.db.read() as session:
        live = list_campaigns(session, states=("live", "paused"))
        specs = specs_of(session, [one.version_id for one in live])
        policy = policy_in_force(session, now)
        watched = [
            one
            for one in live
            if one.version_id in specs and is_needed(context, policy, specs[one.version_id])
        ]
        library = library_in_force(session, now)
        opinions = rows.opinions_of(session, [one.id for one in watched])
        owners = rows.owners_of(session, [one.version_id for one in watched])
    told = 0
    for one in watched:
        values = [_value(row) for row in opinions[one.id]]
        words = words_of(library, specs[one.version_id])
        ends = last_day(values, words, today) or _last_of_all(values)
        if ends is not None:
            told += _warn(context, one, ends, owners.get(one.version_id))
    return told


def _warn(context: Context, campaign: LiveCampaign, ends: Opinion, owner: uuid.UUID | None) -> int:
    now, left = context.clock.now(), (ends.valid_until - _today(context)).days
    stage = next(
        (number for number, days in reversed(list(enumerate(STAGES, 1))) if left <= days - (days == 0)), 0
    )
    if stage == 0:
        return 0
    with context.db.write() as session:
        queue = f"opinion:{campaign.id.hex}"
        if not note_warning(session, queue, ends.valid_until, stage, user_id=owner, at=now):
            return 0
        body = {"key": campaign.key, "until": ends.valid_until.isoformat(), "is_over": left < 0}
        notify(session, kind=NOTICE, body={**body, "number": ends.number}, at=now, user_id=owner)
    return 1


def _last_of_all(opinions: Sequence[Opinion]) -> Opinion | None:
    """Of opinions none of which agrees today the one that ended last; a refusal is no news to its owner."""
    ended = [one for one in opinions if not one.is_refusal]
    return max(ended, key=lambda one: one.valid_until, default=None)


def _enter(
    session: Session, context: Context, actor: Actor, row: CampaignRow, opinion: Opinion
) -> tuple[str, int]:
    now = context.clock.now()
    stands = rows.find_opinion(session, row.id, opinion.number)
    if stands is not None:
        if _value(stands) == opinion:
            return "unchanged", 0
        raise Refused(
            f"意见 {opinion.number} 已登记且内容不同，请用新编号 (opinion {opinion.number} of {row.key} is entered already "
            "and says something else; an opinion never changes, give the new one its own number)"
        )
    made = rows.add_opinion(session, row.id, _columns(opinion), by=actor.user_id, at=now)
    details = {"key": row.key, "number": opinion.number, "conclusion": opinion.conclusion.value}
    record(session, now, actor, "opinion.add", "campaign", row.id, {**details, "opinion": str(made.id)})
    # What waits is only let go: the gates ask again at hand-over, and hold again what this opinion does not cover.
    return "created", pending.release_held(session, hold_key(row.id), actor=actor.label, at=now)


def _columns(opinion: Opinion) -> dict[str, Any]:
    return {
        "number": opinion.number,
        "reviewer": opinion.reviewer,
        "conclusion": opinion.conclusion.value,
        "valid_from": opinion.valid_from,
        "valid_until": opinion.valid_until,
        "materials": [material_document(one) for one in opinion.materials],
        "issuer_approval": opinion.issuer_approval,
        "note": opinion.note,
    }


def _value(row: ReviewOpinion) -> Opinion:
    return Opinion(
        number=row.number,
        reviewer=row.reviewer,
        conclusion=Conclusion(row.conclusion),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        materials=tuple(material_from(one) for one in row.materials),
        issuer_approval=row.issuer_approval,
        note=row.note,
    )


def _line(row: ReviewOpinion, key: str, today: date) -> Line:
    value = _value(row)
    if value.is_refusal:
        state = "refused"
    elif row.valid_until < today:
        state = "expired"
    else:
        state = "not_yet" if row.valid_from is not None and row.valid_from > today else "valid"
    return Line(
        campaign=key,
        number=row.number,
        reviewer=row.reviewer,
        conclusion=row.conclusion,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        state=state,
        days_left=(row.valid_until - today).days,
        materials=tuple(_said(one) for one in value.materials),
        issuer_approval=row.issuer_approval,
        note=row.note,
    )


def _said(material: Any) -> str:
    if material.template:
        return f"{material.template}@{material.version}" + (f":{material.locale}" if material.locale else "")
    return f"{material.name}={material.sha256[:12]}…"


def _get(session: Session, key: str) -> CampaignRow:
    row = find_campaign(session, key)
    if row is None:
        raise InputError(f"there is no campaign {key}; `wenhou campaigns list` names them")
    return row


def _today(context: Context) -> date:
    return context.clock.now().astimezone(context.bank.zone).date()


def _check_reader(actor: Actor) -> None:
    if not actor.has(*_READERS):
        raise AccessDenied("only operations, compliance and supervisors see opinions of consumer protection")
