"""Changing the words of a waiting message: sealed anew, judged anew, approved anew."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from store import approvals as votes
from store.audit import record
from store.database import Session
from store.filed_texts import list_filings
from store.models.messages import Message
from store.mourning import is_solemn
from store.orgs import paths_of
from store.planned_words import keep_planned
from store.transitions import Change, change_status
from wenhou.core.actors import Actor
from wenhou.core.calendars.festivals import Tone
from wenhou.core.channels import Content
from wenhou.core.digests import content_digest, message_digest
from wenhou.core.errors import Refused
from wenhou.core.statuses import Event, Status
from wenhou.services import wording
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.deciding import check_hash, load_standing, waiting
from wenhou.services.filed_texts import FiledWording, load_filings
from wenhou.services.word_rules import word_rules
from wenhou.services.wording import Edit


def edit(
    context: Context,
    actor: Actor,
    message_id: uuid.UUID,
    edits: Mapping[str, Edit],
    content_hash: bytes,
) -> bytes:
    """Change the words of some channels; approvals so far are void. Returns the new hash, to be approved by somebody.

    Refused: the words changed meanwhile, a rule stops the new ones (its sentence is said), a channel cannot carry them.
    """
    now = context.clock.now()
    with context.db.write() as session:
        message = waiting(session, load_standing(session, actor, message_id))
        check_hash(message, content_hash)
        stored = votes.load_contents(session, context.vault, message)
        unknown = set(edits) - set(stored)
        if unknown:
            raise Refused(f"这条没有渠道 {'、'.join(sorted(unknown))} (no such channel)", code="channel")
        filed = {
            channel: filed_choices(session, stored[channel], message)
            for channel in edits
            if wording.is_filed(stored[channel])
        }
        changed = {
            channel: wording.apply_edit(stored[channel], new, message.purpose, filed.get(channel))
            for channel, new in edits.items()
        }
        if votes.is_shared(session, message):
            wording.refuse_details(changed)
        rules = word_rules(session, context.bank, message.planned_for)
        hits = wording.judge(changed, message.purpose, tone_of(session, message), rules)
        level = 2 if wording.needs_second_person(hits) else message.level
        fresh = _Fresh(
            changed=changed, level=max(level, message.level), variant=_variant(message, edits, filed)
        )
        return _reseal(session, context, actor, message, fresh, at=now)


def filed_choices(session: Session, content: Content, message: Message) -> dict[str, FiledWording]:
    """By code, the filed texts that may stand in place of this one: of its account and template, for the org."""
    path = paths_of(session, [message.org_id]).get(message.org_id, "") if message.org_id else ""
    for one in list_filings(session, code=content.provider_template):
        filings = load_filings(session, one.provider, one.account)
        now = filings.find(one.code, path)
        if now is not None and filings.has_signature(path, content.sender):
            same = filings.texts(path, now.template_key, one.locale)
            return {choice.filed.code: choice for choice in (*same.values(), now)}
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fresh:
    """What an edit makes of a message. `variant`: the wording that is kept with it."""

    changed: Mapping[str, Content]
    level: int
    variant: str | None


def _variant(
    message: Message, edits: Mapping[str, Edit], filed: Mapping[str, Mapping[str, FiledWording]]
) -> str | None:
    """Another filed text on the channel it goes by first is another wording, and is told as such for ever."""
    edit = edits.get(message.channel or "")
    chosen = filed.get(message.channel or "", {}).get(edit.filed or "") if edit is not None else None
    return chosen.wording if chosen is not None else message.variant


def _reseal(
    session: Session,
    context: Context,
    actor: Actor,
    message: Message,
    new: _Fresh,
    *,
    at: datetime,
) -> bytes:
    changed, level = new.changed, new.level
    key = context.vault.digest_key
    fresh = {channel: content_digest(key, content) for channel, content in changed.items()}
    whole = votes.load_channel_digests(session, message) | fresh
    ordered = [(channel, whole[channel]) for channel in message.channel_plan.split(",") if channel in whole]
    new_hash = message_digest(key, ordered)
    parts = {channel: wording.count_parts(content) for channel, content in changed.items()}
    keep_planned(session, message.id, at)
    votes.reseal_contents(session, context.vault, message, list(changed.values()), digests=fresh, parts=parts)
    change = Change(
        message_id=message.id,
        was=Status.PROPOSED,
        event=Event.REVISE,
        actor=actor.label,
        reason="edited",
        sets={
            "content_hash": new_hash,
            "approvals": 0,
            "edited_by": actor.user_id,
            "level": level,
            "variant": new.variant,
        },
        requires={"content_hash": message.content_hash},
    )
    change_status(session, [change], at)
    voided = votes.void_votes(session, message.id, "edited", at)
    details = {"channels": sorted(changed), "voided": voided, "level": level}
    record(session, at, actor, "message.edited", "message", message.id, details)
    return new_hash


def tone_of(session: Session, message: Message) -> str:
    """The tone of the day a text is for, where its customer is; a solemn day, or days of mourning there, win."""
    day = message.planned_for
    path = paths_of(session, [message.org_id]).get(message.org_id) if message.org_id else None
    tones = [festival.tone for festival in calendar_in_force(session).festivals_on(day, path)]
    if Tone.SOLEMN in tones or is_solemn(session, path, day):
        return Tone.SOLEMN
    return tones[0] if tones else ""
