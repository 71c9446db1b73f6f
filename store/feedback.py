"""Ratings, one a question asked, and what a death in the family stops."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.campaigns import BusinessEvent
from store.models.customers import CareRestriction
from store.models.hearing import Feedback
from store.models.messages import Message
from store.sealing import Sealer
from wenhou.core.ids import new_id


def record_rating(
    session: Session,
    sealer: Sealer,
    message: Message,
    *,
    kind: str,
    score: int,
    comment: str,
    entry_id: uuid.UUID | None,
    at: datetime,
) -> uuid.UUID | None:
    """Write the rating a message asked for, tied to message, business event and advisor; None: it was given before."""
    row_id = new_id()
    event_id = message.origin_id
    row = {
        "id": row_id,
        "customer_id": message.customer_id,
        "message_id": message.id,
        "business_event_id": event_id if event_id and session.get(BusinessEvent, event_id) else None,
        "entry_id": entry_id,
        "advisor_id": message.advisor_id,
        "kind": kind,
        "score": score,
        "comment": sealer.seal("feedback", "comment", row_id, comment, message.customer_id)
        if comment
        else None,
        "at": at,
    }
    unique = ("message_id", "kind")
    return row_id if insert_new(session, Feedback, [row], unique=unique, returning=Feedback.id) else None


def is_rated(session: Session, message_id: uuid.UUID) -> bool:
    """Whether what a message asked was answered."""
    return (
        session.scalars(select(Feedback.id).where(Feedback.message_id == message_id).limit(1)).first()
        is not None
    )


def restrict_care(
    session: Session,
    customer_id: uuid.UUID,
    kind: str,
    purposes: Sequence[str],
    *,
    today: date,
    days: int,
    at: datetime,
) -> bool:
    """Stop some purposes for a while on a customer's word, unless one of the kind holds already."""
    holds = session.scalars(
        select(CareRestriction.id).where(
            CareRestriction.customer_id == customer_id,
            CareRestriction.kind == kind,
            CareRestriction.until_on.is_(None) | (CareRestriction.until_on >= today),
        )
    ).first()
    if holds is not None:
        return False
    session.execute(
        insert(CareRestriction).values(
            id=new_id(),
            customer_id=customer_id,
            kind=kind,
            from_on=today,
            until_on=today + timedelta(days=days),
            purposes=list(purposes),
            source="reply",
            visibility="open",
            created_at=at,
        )
    )
    return True
