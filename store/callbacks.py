"""Raw provider items: stored once before they are acknowledged, claimed, finished, waited for, never lost."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, insert, select, text
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.handover import ParkedReceipt, ProviderRef
from store.models.hearing import Callback, CallbackKey
from store.vault import Vault, place
from wenhou.core.ids import new_id

_OPEN = text("callbacks.state IN ('new', 'waiting')")
"""Spelt out, because SQLite uses a partial index only for the very words of its condition."""
_YOUNG = timedelta(minutes=10)
_REFERENCE_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Where items came from and when (wall time). `failed_because` set: kept for a person, never applied."""

    provider: str
    account: str
    received_at: datetime
    failed_because: str | None = None


def store_items(session: Session, vault: Vault, arrival: Arrival, items: Sequence[bytes]) -> int:
    """Store each item that was never heard before, sealed with the system key; returns how many were new."""
    ids: dict[bytes, tuple[uuid.UUID, bytes]] = {}
    for item in items:
        ids.setdefault(_hash(b"item", item), (new_id(), item))
    keys = [
        {"provider": arrival.provider, "account": arrival.account, "key_hash": digest, "callback_id": row_id}
        for digest, (row_id, _) in ids.items()
    ]
    fresh = insert_new(
        session,
        CallbackKey,
        keys,
        unique=("provider", "account", "key_hash"),
        returning=CallbackKey.callback_id,
    )
    rows = [
        {
            "id": row_id,
            "provider": arrival.provider,
            "account": arrival.account,
            "payload": vault.seal(place("callbacks", "payload", row_id), item),
            "verified": True,
            "state": "failed" if arrival.failed_because else "new",
            "tries": 0,
            "next_try_at": arrival.received_at,
            "received_at": arrival.received_at,
            "error": arrival.failed_because,
        }
        for row_id, item in ids.values()
        if row_id in fresh
    ]
    if rows:
        session.execute(insert(Callback), rows)
    return len(rows)


def list_due(session: Session, now: datetime, limit: int) -> list[uuid.UUID]:
    """Ids of items that may be applied now (wall time), oldest first."""
    return list(
        session.scalars(
            select(Callback.id)
            .where(_OPEN, Callback.next_try_at <= now)
            .order_by(Callback.next_try_at, Callback.id)
            .limit(limit)
        )
    )


def list_woken(session: Session, now: datetime, limit: int) -> list[uuid.UUID]:
    """Parked receipts whose hand-over has its name by now (wall time), the oldest first.

    Only the young are looked for here, each second: an answer overtaken by its receipt is minutes late at most. Older
    ones have their turns by `next_try_at`.
    """
    is_named = exists().where(
        ProviderRef.provider == ParkedReceipt.provider,
        ProviderRef.account == ParkedReceipt.account,
        ProviderRef.reference == ParkedReceipt.reference,
    )
    return list(
        session.scalars(
            select(ParkedReceipt.callback_id)
            .where(ParkedReceipt.parked_at > now - _YOUNG, is_named)
            .order_by(ParkedReceipt.parked_at, ParkedReceipt.callback_id)
            .limit(limit)
        )
    )


def park(session: Session, callback: Callback, reference: str, at: datetime) -> None:
    """Remember what a receipt waits for; the first time counts."""
    row = {
        "callback_id": callback.id,
        "provider": callback.provider,
        "account": callback.account,
        "reference": reference[:_REFERENCE_LENGTH],
        "parked_at": at,
    }
    insert_new(session, ParkedReceipt, [row], unique=("callback_id",), returning=ParkedReceipt.callback_id)


def unpark(session: Session, callback: Callback) -> None:
    """It waits for nothing any more."""
    session.execute(delete(ParkedReceipt).where(ParkedReceipt.callback_id == callback.id))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmatched:
    """A receipt of a hand-over that nobody here knows. `state`: `waiting` for it still, or `failed`: given up."""

    callback_id: uuid.UUID
    provider: str
    account: str
    reference: str
    state: str
    parked_at: datetime


def list_unmatched(session: Session, limit: int) -> list[Unmatched]:
    """The newest first."""
    rows = session.execute(
        select(ParkedReceipt, Callback.state)
        .join(Callback, Callback.id == ParkedReceipt.callback_id)
        .where(Callback.state.in_(("waiting", "failed")))
        .order_by(ParkedReceipt.parked_at.desc(), ParkedReceipt.callback_id)
        .limit(limit)
    )
    return [
        Unmatched(
            callback_id=row.callback_id,
            provider=row.provider,
            account=row.account,
            reference=row.reference,
            state=state,
            parked_at=row.parked_at,
        )
        for row, state in rows
    ]


def count_unmatched(session: Session) -> int:
    """How many receipts speak of what nobody here knows."""
    return session.scalar(select(func.count()).select_from(ParkedReceipt)) or 0


def forget_unmatched(session: Session, before: datetime) -> int:
    """Take those off the list that came before; the raw items stay as long as every callback does. How many."""
    gone = session.execute(
        delete(ParkedReceipt).where(ParkedReceipt.parked_at < before).returning(ParkedReceipt.callback_id)
    )
    return len(gone.all())


def claim_item(session: Session, callback_id: uuid.UUID) -> Callback | None:
    """The item, locked for this transaction; None when it is done already or another worker has it."""
    statement = select(Callback).where(Callback.id == callback_id, _OPEN)
    if session.get_bind().dialect.name == "postgresql":
        statement = statement.with_for_update(skip_locked=True)
    return session.scalars(statement).one_or_none()


def open_payload(vault: Vault, callback: Callback) -> bytes:
    """The item as the provider sent it; raises VaultError."""
    return vault.open(place("callbacks", "payload", callback.id), callback.payload)


def mark_event(session: Session, callback: Callback, key: str) -> bool:
    """Whether this event of the account is heard for the first time; says so once, for good."""
    row = {
        "provider": callback.provider,
        "account": callback.account,
        "key_hash": _hash(b"event", key.encode()),
        "callback_id": callback.id,
    }
    unique = ("provider", "account", "key_hash")
    return bool(insert_new(session, CallbackKey, [row], unique=unique, returning=CallbackKey.callback_id))


def finish(callback: Callback, at: datetime, *, note: str | None = None) -> None:
    """Done, for good. `note` says why an item had no effect."""
    callback.state, callback.processed_at, callback.error = "done", at, note


def wait(callback: Callback, until: datetime, why: str) -> None:
    """Look again at `until` (wall time): a receipt may come before the reference it speaks of."""
    callback.state, callback.next_try_at, callback.error = "waiting", until, why[:80]
    callback.tries += 1


def fail(callback: Callback, at: datetime, why: str) -> None:
    """Given up; kept for a person."""
    callback.state, callback.processed_at, callback.error = "failed", at, why[:80]
    callback.tries += 1


def count_by_state(session: Session, states: Sequence[str] = ("new", "waiting", "failed")) -> dict[str, int]:
    """How many items stand in each state; for health pages."""
    rows = session.execute(
        select(Callback.state, func.count()).where(Callback.state.in_(states)).group_by(Callback.state)
    )
    return dict(rows.all())


def _hash(kind: bytes, key: bytes) -> bytes:
    return hashlib.sha256(kind + b"\0" + key).digest()[:16]
