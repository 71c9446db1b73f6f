"""Business events in the store: unique by their source's id, however often they are delivered."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.campaigns import BusinessEvent
from store.models.customers import Customer
from store.models.messages import Message
from store.models.organisation import Org
from wenhou.core.statuses import Status


def insert_events(session: Session, rows: Sequence[dict[str, Any]]) -> set[uuid.UUID]:
    """Write events that are new; returns the ids written."""
    return insert_new(
        session, BusinessEvent, rows, unique=("source", "source_id"), returning=BusinessEvent.id
    )


def customer_ids(session: Session, refs: Sequence[str]) -> dict[str, uuid.UUID]:
    """The bank's numbers to ours."""
    rows = session.execute(select(Customer.external_ref, Customer.id).where(Customer.external_ref.in_(refs)))
    return {row.external_ref: row.id for row in rows}


def org_ids(session: Session) -> dict[str, uuid.UUID]:
    """Org codes to ids."""
    return {row.code: row.id for row in session.execute(select(Org.code, Org.id))}


def cancel_event(session: Session, source: str, source_id: str) -> uuid.UUID | None:
    """Mark an event as cancelled; its id, or None when there is none or it was already."""
    row = session.execute(
        update(BusinessEvent)
        .where(
            BusinessEvent.source == source,
            BusinessEvent.source_id == source_id,
            BusinessEvent.state == "active",
        )
        .values(state="cancelled")
        .returning(BusinessEvent.id)
    ).first()
    return row.id if row else None


def waiting_messages_of(session: Session, origin_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    """(message, status) of what an event or an article still has waiting."""
    rows = session.execute(
        select(Message.id, Message.status).where(
            Message.origin_id == origin_id, Message.status.in_((Status.PROPOSED, Status.SCHEDULED))
        )
    )
    return [(row.id, row.status) for row in rows]
