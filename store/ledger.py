"""The contact ledger: which day and which address a contact counts for, once it is known for certain."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import update
from sqlalchemy.orm import Session

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
