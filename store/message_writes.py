"""Writing new messages: row, contents, first event and ledger in one go; a second one for an occasion is not written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import case, delete, update
from sqlalchemy.orm import Session

from store.bulk import IN_LIMIT, insert_rows, insert_unmet
from store.keys import customer_keys
from store.models.messages import ContactLedger, Message, MessageContent, MessageEvent
from store.models.words import PlannedWords
from store.transitions import Change, change_status
from store.vault import CustomerKey, Vault, place
from wenhou.core.channels import Content
from wenhou.core.digests import content_digest, message_digest
from wenhou.core.ids import new_id, new_ids
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Event, Status

PLANNED = "plan"
"""The first event of every message's history."""
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_REVIVED = (
    "channel",
    "channel_plan",
    "contact_point_id",
    "due_at",
    "hold_key",
    "level",
    "approvals",
    "advisor_id",
    "org_id",
    "content_hash",
    "template_version_id",
    "variant",
    "trace",
    "campaign_version_id",
    "occurrence_id",
    "planned_for",
    "not_before",
    "expires_at",
    "risk",
    "asks",
    "wave",
)
"""What a message that is planned anew takes from its new planning; its customer and occasion stay.

The version too: hand-over judges by the campaign whose words these are (its product, its conditions).
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage:
    """A message to be written. `contents` in the order of the channel plan; empty for a skipped one.

    `parts` per channel (SMS segments). `counts_in_caps` False for what answers the customer (replies, confirmations).
    """

    customer_id: uuid.UUID
    dedupe_key: str
    origin: str
    purpose: Purpose
    channel_plan: tuple[str, ...]
    status: Status
    planned_for: date
    not_before: datetime
    due_at: datetime
    expires_at: datetime
    level: int = 0
    reason: str | None = None
    channel: str | None = None
    contact_point_id: uuid.UUID | None = None
    origin_id: uuid.UUID | None = None
    campaign_id: uuid.UUID | None = None
    campaign_version_id: uuid.UUID | None = None
    occurrence_id: uuid.UUID | None = None
    step: int = 1
    risk: str = "low"
    asks: str | None = None
    org_id: uuid.UUID | None = None
    advisor_id: uuid.UUID | None = None
    hold_key: str | None = None
    template_version_id: uuid.UUID | None = None
    variant: str | None = None
    trace: bytes | None = None
    linked_to: uuid.UUID | None = None
    wave: int | None = None
    contents: tuple[Content, ...] = ()
    parts: Mapping[str, int] = field(default_factory=dict)
    counts_in_caps: bool = True
    id: uuid.UUID = field(default_factory=new_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedMessages:
    """Messages as rows, digested and sealed: what can be done before the write lock is taken has been done.

    `contents`, `events` and `ledger` name their message in `message_id`.
    """

    messages: tuple[NewMessage, ...] = ()
    rows: tuple[dict[str, Any], ...] = ()
    contents: tuple[dict[str, Any], ...] = ()
    events: tuple[dict[str, Any], ...] = ()
    ledger: tuple[dict[str, Any], ...] = ()


def prepare_messages(
    vault: Vault,
    messages: Sequence[NewMessage],
    *,
    at: datetime,
    keys: Mapping[uuid.UUID, CustomerKey],
    actor: str = "system",
) -> PreparedMessages:
    """Digest, seal and lay out messages for `insert_prepared` or `revive_prepared`; needs no database.

    `keys`: those of all customers whose message has contents (`store.keys.customer_keys`).
    """
    digests = [channel_digests(vault, message.contents) for message in messages]
    pairs = list(zip(messages, digests, strict=True))
    return PreparedMessages(
        messages=tuple(messages),
        rows=tuple(_row(vault, message, digest, at) for message, digest in pairs),
        contents=tuple(row for message, digest in pairs for row in content_rows(message, digest, keys)),
        events=tuple(_events(messages, at, actor)),
        ledger=tuple(
            _ledger(message) for message in messages if message.counts_in_caps and message.status in PENDING
        ),
    )


def insert_prepared(session: Session, prepared: PreparedMessages) -> set[uuid.UUID]:
    """Write those whose (customer, dedupe_key) is new; returns the ids written. All in the caller's transaction."""
    unique = ("customer_id", "dedupe_key")
    written: set[uuid.UUID] = insert_unmet(session, Message, prepared.rows, unique=unique)
    insert_rows(session, MessageContent, _of(written, prepared.contents, prepared))
    insert_rows(session, MessageEvent, _of(written, prepared.events, prepared))
    insert_rows(session, ContactLedger, _of(written, prepared.ledger, prepared))
    return written


def _of(
    ids: set[uuid.UUID], rows: Sequence[dict[str, Any]], prepared: PreparedMessages
) -> Sequence[dict[str, Any]]:
    """The rows that belong to these messages."""
    return rows if len(ids) == len(prepared.rows) else [row for row in rows if row["message_id"] in ids]


def insert_messages(
    session: Session,
    vault: Vault,
    messages: Sequence[NewMessage],
    *,
    at: datetime,
    actor: str = "system",
    keys: Mapping[uuid.UUID, CustomerKey] | None = None,
) -> set[uuid.UUID]:
    """`prepare_messages` and `insert_prepared` in one, for a few messages; fetches the keys that are not given."""
    if not messages:
        return set()
    if keys is None:
        keys = customer_keys(
            session, vault, {message.customer_id for message in messages if message.contents}
        )
    return insert_prepared(session, prepare_messages(vault, messages, at=at, keys=keys, actor=actor))


def revive_prepared(session: Session, prepared: PreparedMessages, *, at: datetime) -> set[uuid.UUID]:
    """Plan anew what was skipped while its window is open: `id` names the standing row. Returns the ids revived."""
    changes = [
        Change(
            message_id=row["id"],
            was=Status.SKIPPED,
            event=Event.REPLAN,
            actor="system",
            sets={column: row[column] for column in _REVIVED} | {"edited_by": None},
        )
        for row in prepared.rows
    ]
    moved = change_status(session, changes, at)
    if moved:
        for start in range(0, len(prepared.rows), IN_LIMIT):
            ids = [row["id"] for row in prepared.rows[start : start + IN_LIMIT] if row["id"] in moved]
            session.execute(delete(MessageContent).where(MessageContent.message_id.in_(ids)))
            session.execute(delete(ContactLedger).where(ContactLedger.message_id.in_(ids)))
            session.execute(delete(PlannedWords).where(PlannedWords.message_id.in_(ids)))
        insert_rows(session, MessageContent, _of(moved, prepared.contents, prepared))
        ledger = [_ledger(message) for message in prepared.messages if message.id in moved]
        insert_rows(session, ContactLedger, ledger)
    agreed = [
        Change(message_id=message.id, was=Status.PROPOSED, event=Event.APPROVE, actor="system")
        for message in prepared.messages
        if message.id in moved and message.level == 0
    ]
    change_status(session, agreed, at)
    return moved


def bind_contents(
    session: Session, vault: Vault, message_id: uuid.UUID, digests: Sequence[tuple[str, bytes]]
) -> None:
    """Bind the next approval to these digests; whoever needed nobody's approval needs one now."""
    for channel, digest in digests:
        session.execute(
            update(MessageContent)
            .where(MessageContent.message_id == message_id, MessageContent.channel == channel)
            .values(digest=digest),
            execution_options={"synchronize_session": False},
        )
    session.execute(
        update(Message)
        .where(Message.id == message_id)
        .values(
            content_hash=message_digest(vault.digest_key, digests),
            level=case((Message.level == 0, 1), else_=Message.level),
        ),
        execution_options={"synchronize_session": False},
    )


def channel_digests(vault: Vault, contents: Sequence[Content]) -> list[tuple[str, bytes]]:
    """(channel, digest) of each content, in the plan's order."""
    return [(content.channel, content_digest(vault.digest_key, content)) for content in contents]


def content_rows(
    message: NewMessage, digests: Sequence[tuple[str, bytes]], keys: Mapping[uuid.UUID, CustomerKey]
) -> list[dict[str, Any]]:
    """The rows of `message_contents`, sealed with the customer's key."""
    rows = []
    for content, (channel, digest) in zip(message.contents, digests, strict=True):
        rows.append(
            {
                "message_id": message.id,
                "channel": channel,
                "body": seal_body(keys[message.customer_id], message.id, content),
                "skeleton": content.provider_template,
                "digest": digest,
                "parts": message.parts.get(channel, 1),
            }
        )
    return rows


def seal_body(key: CustomerKey, message_id: uuid.UUID, content: Content) -> bytes:
    """A content as sealed bytes. The HTML of a mail built on a skeleton is left out: it is made anew from parameters."""
    body = {
        "sender": content.sender,
        "subject": content.subject,
        "text": content.text,
        "html": None if content.provider_template else content.html,
        "media": list(content.media),
        "template": content.provider_template,
        "parameters": dict(content.parameters),
    }
    plain = _ENCODER.encode({name: value for name, value in body.items() if value}).encode()
    return key.seal(place("message_contents", content.channel, message_id), plain)


def open_body(key: CustomerKey, message_id: uuid.UUID, channel: str, sealed: bytes) -> Content:
    """The content of one channel; `html` is None where a skeleton makes it."""
    body = json.loads(key.open(place("message_contents", channel, message_id), sealed))
    return Content(
        channel=channel,
        sender=body.get("sender", ""),
        subject=body.get("subject"),
        text=body.get("text", ""),
        html=body.get("html"),
        media=tuple(body.get("media", ())),
        provider_template=body.get("template"),
        parameters=body.get("parameters", {}),
    )


def _row(
    vault: Vault, message: NewMessage, digests: Sequence[tuple[str, bytes]], at: datetime
) -> dict[str, Any]:
    return {
        "id": message.id,
        "customer_id": message.customer_id,
        "dedupe_key": message.dedupe_key,
        "origin": message.origin,
        "origin_id": message.origin_id,
        "campaign_id": message.campaign_id,
        "campaign_version_id": message.campaign_version_id,
        "occurrence_id": message.occurrence_id,
        "step": message.step,
        "purpose": message.purpose,
        "urgency": message.purpose.urgency,
        "channel": message.channel,
        "channel_plan": ",".join(message.channel_plan),
        "contact_point_id": message.contact_point_id,
        "status": message.status,
        "reason": message.reason,
        "level": message.level,
        "approvals": 0,
        "risk": message.risk,
        "asks": message.asks,
        "org_id": message.org_id,
        "advisor_id": message.advisor_id,
        "planned_for": message.planned_for,
        "not_before": message.not_before,
        "due_at": message.due_at,
        "expires_at": message.expires_at,
        "hold_key": message.hold_key,
        "content_hash": message_digest(vault.digest_key, digests) if digests else None,
        "template_version_id": message.template_version_id,
        "variant": message.variant,
        "claim_fence": 0,
        "tries": 0,
        "trace": message.trace,
        "linked_to": message.linked_to,
        "wave": message.wave,
        "created_at": at,
        "updated_at": at,
    }


def _events(messages: Sequence[NewMessage], at: datetime, actor: str) -> list[dict[str, Any]]:
    return [
        {
            "id": event_id,
            "message_id": message.id,
            "event": PLANNED,
            "status": message.status,
            "reason": message.reason,
            "actor": actor,
            "attempt_id": None,
            "at": at,
        }
        for event_id, message in zip(new_ids(len(messages)), messages, strict=True)
    ]


def _ledger(message: NewMessage) -> dict[str, Any]:
    return {
        "message_id": message.id,
        "customer_id": message.customer_id,
        "contact_point_id": message.contact_point_id,
        "on_day": message.planned_for,
        "purpose": message.purpose,
        "channel": message.channel,
        "state": "reserved",
    }
