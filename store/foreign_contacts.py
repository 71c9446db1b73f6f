"""Contacts other systems of the bank made: one row each, and its place in the ledger that caps count."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from store.bulk import insert_rows
from store.inserts import insert_new
from store.models.customers import Customer
from store.models.messages import ContactLedger, ForeignContact, Message, MessageEvent
from wenhou.core.statuses import Event

ContactKey = tuple[str, str]
"""(source, the source's id)."""


def standing_contacts(session: Session, keys: Iterable[ContactKey]) -> dict[ContactKey, ForeignContact]:
    """The contacts that are known already."""
    wanted = set(keys)
    rows = session.scalars(
        select(ForeignContact)
        .where(ForeignContact.source_id.in_(sorted({source_id for _, source_id in wanted})))
        .execution_options(populate_existing=True)
    )
    return {(row.source, row.source_id): row for row in rows if (row.source, row.source_id) in wanted}


def insert_contacts(
    session: Session, rows: Sequence[dict[str, Any]], days: Mapping[uuid.UUID, date]
) -> set[uuid.UUID]:
    """Write contacts that are new with their ledger rows; `days`: the bank's day of each by id. The ids written."""
    written = insert_new(
        session, ForeignContact, rows, unique=("source", "source_id"), returning=ForeignContact.id
    )
    made = [row for row in rows if row["id"] in written]
    insert_rows(session, ContactLedger, [_ledger(row, days[row["id"]]) for row in made])
    for row in made:
        if row["state"] == "active":
            _move_forward(session, row["customer_id"], row["at"])
    return written


def correct_contact(session: Session, row: ForeignContact, values: Mapping[str, Any], on_day: date) -> None:
    """Make a contact what its source says now; the ledger and the customers' last contact follow."""
    was = (row.customer_id, row.at)
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    session.execute(
        update(ContactLedger)
        .where(ContactLedger.message_id == row.id)
        .values(
            customer_id=row.customer_id,
            on_day=on_day,
            purpose=row.purpose,
            channel=row.channel,
            state="committed" if row.state == "active" else "released",
        ),
        execution_options={"synchronize_session": False},
    )
    _take_back(session, *was)
    if row.state == "active":
        _move_forward(session, row.customer_id, row.at)


def contacts_of(session: Session, customer_id: uuid.UUID, *, limit: int = 50) -> Sequence[ForeignContact]:
    """What other systems did with a customer, the newest first; the caller has checked the right to see."""
    return session.scalars(
        select(ForeignContact)
        .where(ForeignContact.customer_id == customer_id, ForeignContact.state == "active")
        .order_by(ForeignContact.at.desc())
        .limit(limit)
    ).all()


def _ledger(row: Mapping[str, Any], on_day: date) -> dict[str, Any]:
    return {
        "message_id": row["id"],
        "customer_id": row["customer_id"],
        "contact_point_id": None,
        "on_day": on_day,
        "purpose": row["purpose"],
        "channel": row["channel"],
        "state": "committed" if row["state"] == "active" else "released",
    }


def _move_forward(session: Session, customer_id: uuid.UUID, at: datetime) -> None:
    """The last contact only ever moves forward by a contact."""
    session.execute(
        update(Customer)
        .where(
            Customer.id == customer_id,
            or_(Customer.last_contact_at.is_(None), Customer.last_contact_at < at),
        )
        .values(last_contact_at=at),
        execution_options={"synchronize_session": False},
    )


def _take_back(session: Session, customer_id: uuid.UUID, at: datetime) -> None:
    """Where the contact taken back was the last one, the one before it is: another system's, or our own message."""
    last = session.scalar(select(Customer.last_contact_at).where(Customer.id == customer_id))
    if last != at:
        return
    others = [
        session.scalar(
            select(func.max(ForeignContact.at)).where(
                ForeignContact.customer_id == customer_id, ForeignContact.state == "active"
            )
        ),
        session.scalar(
            select(func.max(MessageEvent.at))
            .join(Message, Message.id == MessageEvent.message_id)
            .where(Message.customer_id == customer_id, MessageEvent.event == Event.ACCEPT)
        ),
    ]
    session.execute(
        update(Customer).where(Customer.id == customer_id).values(last_contact_at=_latest(others)),
        execution_options={"synchronize_session": False},
    )


def _latest(instants: Collection[datetime | None]) -> datetime | None:
    return max((one for one in instants if one is not None), default=None)
