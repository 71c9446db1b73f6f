"""The contact ledger: which day and which address a contact counts for, once it is known for certain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.customers import Customer
from store.models.messages import ContactLedger


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerMove:
    """A message that leaves otherwise than it was planned: to this address, by this channel."""

    message_id: uuid.UUID
    contact_point_id: uuid.UUID
    channel: str


def move_ledger(session: Session, moves: Sequence[LedgerMove], on_day: date) -> None:
    """Count these contacts on the day and address of their hand-over; answers, which never count, have no row."""
    for one in moves:
        session.execute(
            update(ContactLedger)
            .where(ContactLedger.message_id == one.message_id)
            .values(on_day=on_day, contact_point_id=one.contact_point_id, channel=one.channel),
            execution_options={"synchronize_session": False},
        )


PERSONAL = ("call", "visit", "card", "gift")
"""What the ledger's `channel` says of a contact that a person made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """A contact that a person made, under the id of its to-do. `kind`: one of `PERSONAL`."""

    id: uuid.UUID
    customer_id: uuid.UUID
    purpose: str
    kind: str
    at: datetime
    on_day: date


def note_contact(session: Session, new: NewContact) -> None:
    """Count a contact that a person made: it is over, so it is committed at once. A second note of it adds nothing."""
    row = {
        "message_id": new.id,
        "customer_id": new.customer_id,
        "contact_point_id": None,
        "on_day": new.on_day,
        "purpose": new.purpose,
        "channel": new.kind,
        "state": "committed",
    }
    insert_new(session, ContactLedger, [row], unique=("message_id",), returning=ContactLedger.message_id)
    session.execute(
        update(Customer).where(Customer.id == new.customer_id).values(last_contact_at=new.at),
        execution_options={"synchronize_session": False},
    )
