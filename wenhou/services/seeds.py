"""The seed list: adding and removing, and the sample words that a real run sends to it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import Any

from store import seeds
from store.audit import record
from store.orgs import get_org
from templates.render import Footer, render
from wenhou.core.actors import Actor, Role
from wenhou.core.addresses import AddressInvalid, mask_email, mask_phone, normalise_email, normalise_phone
from wenhou.core.campaigns import Campaign, Step
from wenhou.core.channels import CHANNELS, EMAIL, SMS, Content
from wenhou.core.errors import AccessDenied, InputError, TemplateError, WenhouError
from wenhou.services.context import Context
from wenhou.services.media import cards_in_force
from wenhou.services.wording import Edit, apply_edit, editable
from wenhou.services.words_in_force import library_in_force

MARK, SMS_MARK = "【样本】", "（样本）"
"""Put before a sample's words; an SMS may hold 【】 only as its signature."""
_OPENID_LENGTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedRow:
    """One seed as a list shows it; the address masked. `org` None: reads runs of the whole bank."""

    id: uuid.UUID
    name: str
    channel: str
    address: str
    carrier: str | None
    org: str | None


def add_seed(
    context: Context,
    actor: Actor,
    *,
    name: str,
    channel: str,
    address: str,
    carrier: str | None = None,
    org: str | None = None,
) -> SeedRow:
    """Put somebody of the bank's own on the list. InputError for a bad address, channel or org; AccessDenied."""
    _check(actor)
    if not name.strip():
        raise InputError("say whose it is: --name", column="--name")
    plain = _normal(channel, address)
    now = context.clock.now()
    with context.db.write() as session:
        place = get_org(session, org) if org else None
        row, changed = seeds.add_seed(
            session,
            context.vault,
            seeds.NewSeed(
                name=name.strip(),
                channel=channel,
                address=plain,
                carrier=carrier,
                org_id=place.id if place else None,
                added_by=actor.user_id,
            ),
            now,
        )
        if changed:
            record(session, now, actor, "seed.added", "seed", row.id, {"channel": channel})
        return SeedRow(
            id=row.id,
            name=row.name,
            channel=channel,
            address=_masked(channel, plain),
            carrier=carrier,
            org=org,
        )


def remove_seed(context: Context, actor: Actor, seed_id: uuid.UUID) -> None:
    """Take somebody off the list; InputError when nobody there has that id."""
    _check(actor)
    with context.db.write() as session:
        if not seeds.remove_seed(session, seed_id):
            raise InputError(f"there is no seed {seed_id}; `wenhou seeds list` names them")
        record(session, context.clock.now(), actor, "seed.removed", "seed", seed_id)


def list_seeds(context: Context, actor: Actor) -> list[SeedRow]:
    """Everybody on the list."""
    _check(actor)
    with context.db.read() as session:
        return [
            SeedRow(
                id=seed.id,
                name=seed.name,
                channel=seed.channel,
                address=_masked(seed.channel, address),
                carrier=seed.carrier,
                org=org,
            )
            for seed, address, org in seeds.list_seeds(session, context.vault)
        ]


def list_sends(context: Context, occurrence_id: uuid.UUID) -> list[dict[str, Any]]:
    """What went to whom of a run. An outcome that nobody wrote down is `unknown`."""
    with context.db.read() as session:
        return [
            {
                "seed": seed.name,
                "carrier": seed.carrier,
                "channel": send.channel,
                "outcome": send.outcome or "unknown",
                "code": send.code,
                "receipt": send.receipt,
                "at": send.opened_at.isoformat(),
            }
            for send, seed in seeds.list_sends(session, occurrence_id)
        ]


def sample_step(campaign: Campaign, channel: str) -> Step | None:
    """The first step of a campaign that writes on a channel."""
    return next((step for step in campaign.message_steps if channel in step.channels), None)


def sample_words(context: Context, campaign: Campaign, channel: str) -> Content | None:
    """What a made-up customer would read on a channel, marked as a sample; None where the words cannot be made."""
    step = sample_step(campaign, channel)
    if step is None:
        return None
    bank = context.bank
    try:
        with context.db.read() as session:
            version = library_in_force(session, context.clock.now()).get(step.template, "zh-CN")
            # A sample goes out without its picture: it is for reading the words.
            card = cards_in_force(session).get(version.card) if version.card else None
        made = render(
            version,
            channel,
            dict(version.samples()),
            signature=bank.signature,
            footer=Footer(branch=bank.name, hotline=bank.hotline),
            card=card,
        )
        if not made.ok:
            return None
        content = Content(
            channel=channel,
            sender=bank.signature if channel == SMS else bank.name,
            text=made.text,
            subject=made.subject,
            html=made.html,
            provider_template=made.skeleton_id,
            parameters=dict(made.parameters),
        )
        return _marked(content, campaign.purpose)
    except (TemplateError, WenhouError):
        return None


def _marked(content: Content, purpose: str) -> Content:
    mark = SMS_MARK if content.channel == SMS else MARK
    words = mark + editable(content, purpose)
    subject = f"{mark}{content.subject}" if content.subject else None
    if content.channel not in {SMS, EMAIL}:
        return replace(content, text=words)
    return apply_edit(content, Edit(text=words, subject=subject), purpose)


def _normal(channel: str, address: str) -> str:
    if channel not in CHANNELS:
        raise InputError(f"{channel!r} is no channel; there are {', '.join(CHANNELS)}", column="--channel")
    try:
        if channel == SMS:
            return normalise_phone(address).e164
        if channel == EMAIL:
            return normalise_email(address)
    except AddressInvalid as error:
        raise InputError(str(error), column="--address") from error
    plain = address.strip()
    if not plain or len(plain) > _OPENID_LENGTH or not plain.isascii():
        raise InputError(f"{channel} wants the account's own id of the person", column="--address")
    return plain


def _masked(channel: str, address: str) -> str:
    if channel == SMS:
        return mask_phone(address)
    return mask_email(address) if channel == EMAIL else f"{address[:2]}***{address[-2:]}"


def _check(actor: Actor) -> None:
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("种子名单由运营或合规维护 (operations or compliance keeps the seed list)")
