"""Receipts: found their attempt, kept there by rank; what all attempts of a message say together."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from store.models.customers import ContactPoint
from store.models.handover import Attempt, ProviderRef, ProviderTask
from store.models.messages import Message, MessageEvent
from store.vault import Vault
from wenhou.core.actors import PROVIDER
from wenhou.core.ids import new_id
from wenhou.core.receipts import Told, better, join_parts
from wenhou.core.statuses import Receipt

REFERENCE_LENGTH = 120
_PARTS_TOLD = 1_000_000
"""The recipient index of parts that only receipts told us of: far from those that an answer named."""
_IS_PART = text("provider_refs.part > 0")
"""Spelt out, because SQLite uses a partial index only for the very words of its condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a receipt names: an attempt, and the part of it that has this name, where parts have names of their own."""

    attempt: Attempt
    part: ProviderRef | None = None


def find_named(
    session: Session,
    vault: Vault,
    *,
    provider: str,
    account: str,
    reference: str | None,
    provider_message_id: str | None,
    address: str | None = None,
) -> Named | None:
    """What a receipt speaks of, by our reference or the provider's id; only of this provider's account.

    `address` (its stored form) tells the recipients apart where the provider names a whole batch by one id.
    """
    attempt_id = vault.attempt_of(reference) if reference else None
    rows = _refs(session, provider, account, provider_message_id) if provider_message_id else []
    if attempt_id is None and len({row.attempt_id for row in rows}) > 1:
        attempt_id = _recipient(session, vault, {row.attempt_id for row in rows}, address)
        if attempt_id is None:
            return None  # one of many, and nobody says which: kept, never guessed
    if attempt_id is None and rows:
        attempt_id = rows[0].attempt_id
    attempt = session.get(Attempt, attempt_id) if attempt_id is not None else None
    if attempt is None or (attempt.provider, attempt.account) != (provider, account):
        return None
    part = next((row for row in rows if row.attempt_id == attempt.id and row.part > 0), None)
    return Named(attempt=attempt, part=part)


def find_attempt(
    session: Session,
    vault: Vault,
    *,
    provider: str,
    account: str,
    reference: str | None,
    provider_message_id: str | None,
) -> Attempt | None:
    """As `find_named`, where parts and recipients are of no interest."""
    found = find_named(
        session,
        vault,
        provider=provider,
        account=account,
        reference=reference,
        provider_message_id=provider_message_id,
    )
    return found.attempt if found else None


def _refs(session: Session, provider: str, account: str, reference: str) -> Sequence[ProviderRef]:
    return session.scalars(
        select(ProviderRef)
        .where(
            ProviderRef.provider == provider,
            ProviderRef.account == account,
            ProviderRef.reference == reference[:REFERENCE_LENGTH],
        )
        .order_by(ProviderRef.recipient_index, ProviderRef.part)
    ).all()


def _recipient(
    session: Session, vault: Vault, attempts: set[uuid.UUID], address: str | None
) -> uuid.UUID | None:
    if not address:
        return None
    rows = session.execute(
        select(Attempt.id, ContactPoint)
        .join(ContactPoint, ContactPoint.id == Attempt.contact_point_id)
        .where(Attempt.id.in_(attempts))
        .order_by(Attempt.id)
    )
    for attempt_id, point in rows:
        if point.blind_index == vault.blind_index(point.channel, point.account, address):
            found: uuid.UUID = attempt_id
            return found
    return None


def name_part(session: Session, attempt: Attempt, reference: str, part: int) -> ProviderRef:
    """The row of one part of a text whose parts are reported by number under one name; made now where there is none."""
    key = {
        "provider": attempt.provider,
        "account": attempt.account,
        "reference": reference[:REFERENCE_LENGTH],
        "recipient_index": _PARTS_TOLD,
        "part": part,
    }
    row = session.get(ProviderRef, tuple(key.values()), populate_existing=True)
    if row is None:
        row = ProviderRef(**key, attempt_id=attempt.id)
        session.add(row)
        session.flush()
    return row


def attach_part(
    session: Session, attempt: Attempt, row: ProviderRef, new: Told, *, parts: int
) -> tuple[Told | None, bool]:
    """Keep a part's receipt; what all parts say together by now (None: nothing yet), and whether it contradicts.

    Delivered once every part is; undelivered as soon as one is; read when any is. `parts`: how many there are, where
    the provider tells. The message must be locked first.
    """
    session.refresh(row)
    merged, conflicts = better(_told(row.receipt, row.receipt_at), new, bounces_late=False)
    if merged is not None:
        row.receipt, row.receipt_at = merged.receipt, merged.at
        session.flush()
    rows = session.execute(
        select(ProviderRef.receipt, ProviderRef.receipt_at).where(
            ProviderRef.attempt_id == attempt.id, _IS_PART
        )
    ).all()
    said = [_told(receipt, at) for receipt, at in rows]
    known = [one for one in said if one is not None]
    joined = join_parts([one.receipt for one in known], parts=max(parts, len(said)))
    if joined is None:
        return None, conflicts
    return Told(receipt=joined, at=max(one.at for one in known)), conflicts


def lock_message(session: Session, message_id: uuid.UUID) -> Message:
    """The message as it stands now, kept from changing until this transaction ends."""
    return session.get_one(Message, message_id, populate_existing=True, with_for_update=True)


def attach(session: Session, attempt: Attempt, new: Told, *, bounces_late: bool) -> tuple[bool, bool]:
    """Keep the better receipt on the attempt; (whether this one changed it, whether it contradicts the one before).

    The message must be locked first.
    """
    session.refresh(attempt)
    merged, conflicts = better(_told(attempt.receipt, attempt.receipt_at), new, bounces_late=bounces_late)
    if merged is None:
        return False, conflicts
    attempt.receipt, attempt.receipt_at = merged.receipt, merged.at
    session.flush()
    return True, conflicts


def note_conflict(session: Session, message: Message, attempt: Attempt, at: datetime) -> None:
    """A provider says both that it arrived and that it did not: kept in the message's events, whichever stands."""
    session.execute(
        insert(MessageEvent).values(
            id=new_id(),
            message_id=message.id,
            event="receipt_conflict",
            status=message.status,
            reason=None,
            actor=PROVIDER.label,
            attempt_id=attempt.id,
            at=at,
        )
    )


def _told(receipt: str | None, at: datetime | None) -> Told | None:
    return Told(receipt=Receipt(receipt), at=at) if receipt and at else None


def heard_of(session: Session, message_id: uuid.UUID) -> list[Receipt]:
    """What the attempts of a message say together: bad news of any but the newest attempt is history."""
    rows = session.execute(
        select(Attempt.receipt).where(Attempt.message_id == message_id).order_by(Attempt.id.desc())
    )
    heard: list[Receipt] = []
    for position, (receipt,) in enumerate(rows):
        if receipt and (position == 0 or Receipt(receipt) in {Receipt.DELIVERED, Receipt.READ}):
            heard.append(Receipt(receipt))
    return heard


def find_task(session: Session, provider: str, account: str, task: str) -> ProviderTask | None:
    """The task a provider made for a person to confirm."""
    return session.scalars(
        select(ProviderTask).where(
            ProviderTask.provider == provider, ProviderTask.account == account, ProviderTask.task == task
        )
    ).one_or_none()
