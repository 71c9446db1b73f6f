"""Which addresses were verified, by whom nobody needs to know here: the audit does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session

from store.contact_quality import own_points
from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.hearing import Task
from wenhou.core.contact_quality import NOT_THEIRS


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """A dormant customer nobody was asked about."""

    customer_id: uuid.UUID
    org_id: uuid.UUID | None
    advisor_id: uuid.UUID | None


def verify_own(
    session: Session, customer_id: uuid.UUID, channel: str, at: datetime
) -> Sequence[ContactPoint]:
    """Mark the customer's own addresses on a channel as verified; those that were retired as somebody else's too."""
    points = [
        point
        for point in own_points(session, customer_id, channel)
        if point.retired_at is None or point.retired_reason in NOT_THEIRS
    ]
    for point in points:
        point.verified_at = at
    session.flush()
    return points


def verify_point(session: Session, contact_point_id: uuid.UUID, at: datetime) -> bool:
    """Mark an address as verified the first time; whether it was not so before."""
    found = session.execute(
        update(ContactPoint)
        .where(ContactPoint.id == contact_point_id, ContactPoint.verified_at.is_(None))
        .values(verified_at=at)
        .returning(ContactPoint.id),
        execution_options={"synchronize_session": False},
    )
    return found.first() is not None


def close_questions(
    session: Session, customer_id: uuid.UUID, kind: str, *, by: uuid.UUID | None, at: datetime
) -> None:
    """Close the open to-dos that asked for just this."""
    session.execute(
        update(Task)
        .where(Task.customer_id == customer_id, Task.kind == kind, Task.state == "open")
        .values(state="done", outcome="right", done_by=by, done_at=at),
        execution_options={"synchronize_session": False},
    )


def dormant_unasked(session: Session, kind: str, *, limit: int) -> list[Unverified]:
    """Dormant customers with an unverified number about whom no to-do of the kind was ever made."""
    asked = exists().where(Task.customer_id == Customer.id, Task.kind == kind)
    number = exists().where(
        CustomerContact.customer_id == Customer.id,
        CustomerContact.contact_point_id == ContactPoint.id,
        ContactPoint.channel == "sms",
        ContactPoint.verified_at.is_(None),
        ContactPoint.retired_at.is_(None),
    )
    rows = session.execute(
        select(Customer.id, Customer.managing_org_id, Customer.main_advisor_id)
        .where(Customer.state == "dormant", number, ~asked)
        .order_by(Customer.id)
        .limit(limit)
    )
    return [Unverified(customer_id=row[0], org_id=row[1], advisor_id=row[2]) for row in rows]
