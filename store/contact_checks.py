"""Which addresses were verified, by whom nobody needs to know here: the audit does."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.hearing import Task

_WRONG = "wrong_person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unverified:
    """A dormant customer nobody was asked about."""

    customer_id: uuid.UUID
    org_id: uuid.UUID | None
    advisor_id: uuid.UUID | None


def verify_own(session: Session, customer_id: uuid.UUID, channel: str, at: datetime) -> Sequence[uuid.UUID]:
    """Mark the customer's own addresses on a channel as verified; one retired as somebody else's comes back."""
    own = _own(customer_id)
    session.execute(
        update(ContactPoint)
        .where(
            ContactPoint.id.in_(own), ContactPoint.channel == channel, ContactPoint.retired_reason == _WRONG
        )
        .values(retired_at=None, retired_reason=None),
        execution_options={"synchronize_session": False},
    )
    return (
        session.execute(
            update(ContactPoint)
            .where(
                ContactPoint.id.in_(own), ContactPoint.channel == channel, ContactPoint.retired_at.is_(None)
            )
            .values(verified_at=at)
            .returning(ContactPoint.id),
            execution_options={"synchronize_session": False},
        )
        .scalars()
        .all()
    )


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


def retire_own(session: Session, customer_id: uuid.UUID, channel: str, reason: str, at: datetime) -> None:
    """Use the customer's addresses on a channel no more until somebody verifies one."""
    session.execute(
        update(ContactPoint)
        .where(
            ContactPoint.id.in_(_own(customer_id)),
            ContactPoint.channel == channel,
            ContactPoint.retired_at.is_(None),
        )
        .values(retired_at=at, retired_reason=reason, verified_at=None),
        execution_options={"synchronize_session": False},
    )


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


def _own(customer_id: uuid.UUID) -> Select[uuid.UUID]:
    return select(CustomerContact.contact_point_id).where(
        CustomerContact.customer_id == customer_id, CustomerContact.relation == "own"
    )
