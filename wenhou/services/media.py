"""Greeting cards: taken in once, agreed to by compliance, and what a provider's account calls them today.

A card is an image and the words for those who do not see it; both are read by customers, so both are agreed to by a
second person and never change after. Another picture is another card.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store import media
from store.audit import record
from store.database import Session
from store.models.campaigns import Media
from templates.compliance.about import About
from templates.compliance.lint import Level, lint
from templates.compliance.rules import RuleBook
from templates.mail.card import Card
from templates.mail.headers import refused_in_subject
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.images import inspect
from wenhou.services.context import Context
from wenhou.services.word_rules import rules_in_force

MOST_ALT = 120
UPLOAD_MARGIN = timedelta(minutes=30)
"""An image that its provider forgets sooner than this is given anew: a hand-over may wait in a queue."""
_KEY = re.compile(r"[a-z][a-z0-9_]{1,59}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class CardDraft:
    """An image as handed in. `key`: what templates call it."""

    key: str
    body: bytes
    alt_zh: str
    alt_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRow:
    """One card as lists show it."""

    key: str
    digest: str
    state: str
    mime: str
    width: int
    height: int
    size: int
    alt_zh: str
    alt_en: str
    created_at: datetime
    decided_at: datetime | None


def add_media(context: Context, actor: Actor, draft: CardDraft) -> tuple[MediaRow, str]:
    """Keep a card, not yet for use: `created`, or `unchanged` when it is kept already.

    InputError for what is no still image or lacks its words; Refused when the key or the image is another card's.
    """
    if not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance adds cards")
    image = inspect(draft.body)
    with context.db.read() as session:
        _check_words(draft, rules_in_force(session))
    digest = hashlib.sha256(draft.body).digest()
    now = context.clock.now()
    new = media.NewMedia(
        digest=digest,
        mime=image.mime,
        body=draft.body,
        width=image.width,
        height=image.height,
        key=draft.key,
        alt_zh=draft.alt_zh.strip(),
        alt_en=draft.alt_en.strip(),
        created_by=actor.user_id,
    )
    with context.db.write() as session:
        named = media.find_media(session, draft.key)
        if named is not None and named.digest != digest:
            raise Refused(
                f"{draft.key} is another picture; a card never changes: choose a new key", code="card_key"
            )
        if not media.insert_media(session, new, now):
            row = _get(session, media.digest_text(digest))
            if (row.key, row.alt_zh, row.alt_en) != (new.key, new.alt_zh, new.alt_en):
                raise Refused(
                    f"this picture is kept already as {row.key}, with its own words", code="card_known"
                )
            return _row(row), "unchanged"
        details = {"digest": media.digest_text(digest), "key": draft.key}
        record(session, now, actor, "media.add", "media", None, details)
        return _row(_get(session, draft.key)), "created"


def approve_media(context: Context, actor: Actor, name: str) -> MediaRow:
    """Compliance agrees to a card, never the one who added it; from now on words may take it."""
    if not actor.has(Role.COMPLIANCE):
        raise AccessDenied("only compliance approves cards")
    with context.db.write() as session:
        row = _get(session, name)
        if row.state != media.WAITING:
            raise Refused(f"{row.key} is {row.state}; only a waiting card is approved", code="card_state")
        if actor.user_id is None or row.created_by in {None, actor.user_id}:
            raise Refused("somebody else than who added a card approves it", code="card_own")
        return _decide(session, context, actor, row, media.APPROVED)


def retire_media(context: Context, actor: Actor, name: str) -> MediaRow:
    """Take a card back: nothing is planned with it, and what waits with it goes back to its approver."""
    if not actor.has(Role.COMPLIANCE, Role.OPERATIONS):
        raise AccessDenied("only operations or compliance retires cards")
    with context.db.write() as session:
        row = _get(session, name)
        if row.state == media.RETIRED:
            raise Refused(f"{row.key} is retired already", code="card_state")
        return _decide(session, context, actor, row, media.RETIRED)


def list_media(context: Context) -> list[MediaRow]:
    """Every card, the newest first."""
    with context.db.read() as session:
        return [_row(row) for row in media.list_media(session)]


def get_media(context: Context, name: str) -> tuple[MediaRow, bytes]:
    """A card and its bytes, by key or digest; InputError when there is none."""
    with context.db.read() as session:
        row = _get(session, name)
        return _row(row), row.body


def uploads_of(context: Context, name: str) -> list[dict[str, Any]]:
    """Which accounts hold a card, and until when."""
    with context.db.read() as session:
        return [
            {
                "provider": one.provider,
                "account": one.account,
                "uploaded_at": one.uploaded_at,
                "expires_at": one.expires_at,
            }
            for one in media.list_uploads(session, _get(session, name).digest)
        ]


def cards_in_force(session: Session) -> Mapping[str, Card]:
    """Every approved card, by key and by digest: what a template's `card:` may name."""
    found: dict[str, Card] = {}
    for row in media.list_media(session, state=media.APPROVED):
        card = Card(
            digest=media.digest_text(row.digest),
            width=row.width or 0,
            height=row.height or 0,
            alt_zh=row.alt_zh or "",
            alt_en=row.alt_en or "",
        )
        found[card.digest] = card
        if row.key:
            found[row.key] = card
    return found


def upload_for(session: Session, digest: str, *, provider: str, account: str, at: datetime) -> str | None:
    """What the account calls the image, good for some time from `at`; None: it has to be given (anew)."""
    found = media.find_upload(session, digest, provider=provider, account=account)
    if found is None or (found.expires_at is not None and found.expires_at <= at + UPLOAD_MARGIN):
        return None
    return found.provider_media_id


def _check_words(draft: CardDraft, book: RuleBook) -> None:
    if not _KEY.match(draft.key):
        raise InputError("a key is lower-case letters, digits and _, such as mid_autumn_2027", column="--key")
    for option, words in (("--alt-zh", draft.alt_zh), ("--alt-en", draft.alt_en)):
        if not words.strip() or len(words) > MOST_ALT or refused_in_subject(words.strip()):
            sentence = f"say in 1 to {MOST_ALT} ordinary characters what is to be seen; it is read where it is not shown"
            raise InputError(sentence, column=option)
        locale = "en" if option == "--alt-en" else "zh-CN"
        hits = lint(words, About(purpose="care", channel="email", locale=locale), book)
        blocked = [hit for hit in hits if hit.level is Level.BLOCK]
        if blocked:
            raise InputError(f"{blocked[0].sentence_zh} ({blocked[0].sentence_en})", column=option)


def _decide(session: Session, context: Context, actor: Actor, row: Media, state: str) -> MediaRow:
    now = context.clock.now()
    row.state, row.decided_at = state, now
    if state == media.APPROVED:
        row.decided_by = actor.user_id
    act = "media.approve" if state == media.APPROVED else "media.retire"
    record(session, now, actor, act, "media", None, {"digest": media.digest_text(row.digest), "key": row.key})
    return _row(row)


def _get(session: Session, name: str) -> Media:
    found = media.find_media(session, name)
    if found is None:
        raise InputError(f"there is no card {name}; `wenhou media list` names them")
    return found


def _row(row: Media) -> MediaRow:
    return MediaRow(
        key=row.key or "",
        digest=media.digest_text(row.digest),
        state=row.state,
        mime=row.mime,
        width=row.width or 0,
        height=row.height or 0,
        size=row.size,
        alt_zh=row.alt_zh or "",
        alt_en=row.alt_en or "",
        created_at=row.created_at,
        decided_at=row.decided_at,
    )
