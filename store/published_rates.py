"""Published rates in the store: editions by number; of those approved the newest that has taken effect counts."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.models.messages import Message
from store.models.offers import RateTable
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status

_KEY_LENGTH = 160


def find_table(session: Session, number: str) -> RateTable | None:
    """An edition by its number."""
    return session.scalar(select(RateTable).where(RateTable.number == number))


def list_tables(session: Session) -> Sequence[RateTable]:
    """Every edition, the newest in force first."""
    return session.scalars(
        select(RateTable).order_by(RateTable.effective_on.desc(), RateTable.entered_at.desc())
    ).all()


def table_in_force(session: Session, day: date) -> RateTable | None:
    """The approved edition that counts on a day; of two for one day the one approved later."""
    return session.scalars(
        select(RateTable)
        .where(RateTable.state == "approved", RateTable.effective_on <= day)
        .order_by(RateTable.effective_on.desc(), RateTable.approved_at.desc())
        .limit(1)
    ).first()


def newest_approved(session: Session) -> RateTable | None:
    """The edition that was approved last."""
    return session.scalars(
        select(RateTable)
        .where(RateTable.state == "approved")
        .order_by(RateTable.approved_at.desc(), RateTable.id.desc())
        .limit(1)
    ).first()


def add_table(session: Session, columns: dict[str, Any], *, by: uuid.UUID, at: datetime) -> RateTable:
    """Write a proposed edition; `columns` by name."""
    row = RateTable(id=new_id(), state="proposed", entered_by=by, entered_at=at, **columns)
    session.add(row)
    session.flush()
    return row


def waiting_since(
    session: Session, campaign_ids: Sequence[uuid.UUID], from_day: date, before: datetime, *, most: int
) -> list[tuple[uuid.UUID, str]]:
    """(message, status) of what waits of these campaigns for a day or later and was written before an instant."""
    found = session.execute(
        select(Message.id, Message.status)
        .where(
            Message.campaign_id.in_(campaign_ids),
            Message.status.in_((Status.PROPOSED, Status.SCHEDULED)),
            Message.planned_for >= from_day,
            Message.created_at < before,
        )
        .limit(most)
    )
    return [(row.id, row.status) for row in found]


def free_keys(session: Session, message_ids: Collection[uuid.UUID]) -> None:
    """Let what was withdrawn be planned anew: its dedupe key becomes one of its own."""
    for row in session.execute(
        select(Message.id, Message.dedupe_key).where(Message.id.in_(list(message_ids)))
    ).all():
        kept = f"{row.dedupe_key[: _KEY_LENGTH - 33]}~{row.id.hex}"
        session.execute(
            update(Message).where(Message.id == row.id).values(dedupe_key=kept),
            execution_options={"synchronize_session": False},
        )
