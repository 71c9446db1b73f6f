"""Receipts: found their attempt, kept there by rank; what all attempts of a message say together."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.handover import Attempt, ProviderRef, ProviderTask
from store.models.messages import Message
from store.vault import Vault
from wenhou.core.statuses import Receipt, best_receipt


def find_attempt(
    session: Session,
    vault: Vault,
    *,
    provider: str,
    account: str,
    reference: str | None,
    provider_message_id: str | None,
) -> Attempt | None:
    """The attempt a receipt speaks of, by our reference or the provider's id; only of this provider's account."""
    attempt_id = vault.attempt_of(reference) if reference else None
    if attempt_id is None and provider_message_id:
        attempt_id = session.scalars(
            select(ProviderRef.attempt_id)
            .where(
                ProviderRef.provider == provider,
                ProviderRef.account == account,
                ProviderRef.reference == provider_message_id,
            )
            .order_by(ProviderRef.recipient_index, ProviderRef.part)
            .limit(1)
        ).first()
    if attempt_id is None:
        return None
    attempt = session.get(Attempt, attempt_id)
    if attempt is None or (attempt.provider, attempt.account) != (provider, account):
        return None
    return attempt


def lock_message(session: Session, message_id: uuid.UUID) -> Message:
    """The message as it stands now, kept from changing until this transaction ends."""
    return session.get_one(Message, message_id, populate_existing=True, with_for_update=True)


def attach(session: Session, attempt: Attempt, receipt: Receipt, at: datetime, *, bounces_late: bool) -> bool:
    """Keep the better receipt on the attempt; whether this one changed it. The message must be locked first."""
    session.refresh(attempt)
    current = Receipt(attempt.receipt) if attempt.receipt else None
    best = best_receipt(current, receipt, bounces_late=bounces_late)
    if best is current:
        return False
    attempt.receipt, attempt.receipt_at = best, at
    session.flush()
    return True


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
