"""Business events in the store: unique by their source's id, however often they are delivered."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.campaigns import BusinessEvent
from store.models.customers import Customer
from store.models.hearing import Task
from store.models.messages import Message
from store.models.organisation import Org
from wenhou.core.statuses import Status

EventKey = tuple[str, str]
"""(source, the source's id)."""
_KEY_LENGTH = 160
_NEVER_LEFT = (Status.CANCELLED, Status.SKIPPED, Status.EXPIRED)


def insert_events(session: Session, rows: Sequence[dict[str, Any]]) -> set[uuid.UUID]:
    """Write events that are new; returns the ids written."""
    return insert_new(
        session, BusinessEvent, rows, unique=("source", "source_id"), returning=BusinessEvent.id
    )


def standing_events(session: Session, keys: Iterable[EventKey]) -> dict[EventKey, BusinessEvent]:
    """The events that are known already."""
    wanted = set(keys)
    rows = session.scalars(
        select(BusinessEvent)
        .where(BusinessEvent.source_id.in_(sorted({source_id for _, source_id in wanted})))
        .execution_options(populate_existing=True)
    )
    return {(row.source, row.source_id): row for row in rows if (row.source, row.source_id) in wanted}


def events_by_id(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, BusinessEvent]:
    """Events by their ids; one small query, none where there are no ids."""
    if not ids:
        return {}
    found = session.scalars(select(BusinessEvent).where(BusinessEvent.id.in_(sorted(ids))))
    return {row.id: row for row in found}


def customer_ids(session: Session, refs: Sequence[str]) -> dict[str, uuid.UUID]:
    """The bank's numbers to ours."""
    rows = session.execute(select(Customer.external_ref, Customer.id).where(Customer.external_ref.in_(refs)))
    return {row.external_ref: row.id for row in rows}


def org_ids(session: Session) -> dict[str, uuid.UUID]:
    """Org codes to ids."""
    return {row.code: row.id for row in session.execute(select(Org.code, Org.id))}


def waiting_messages_of(session: Session, origin_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    """(message, status) of what an event or an article still has waiting."""
    rows = session.execute(
        select(Message.id, Message.status).where(
            Message.origin_id == origin_id, Message.status.in_((Status.PROPOSED, Status.SCHEDULED))
        )
    )
    return [(row.id, row.status) for row in rows]


def drop_tasks_of(session: Session, customer_id: uuid.UUID, key: str, *, outcome: str, at: datetime) -> int:
    """Drop the open to-dos that an event's campaign steps made; `key` is the event's part of their dedupe key."""
    dropped = session.execute(
        update(Task)
        .where(
            Task.customer_id == customer_id,
            Task.state == "open",
            Task.dedupe_key.contains(f"|{key}/", autoescape=True),
        )
        .values(state="dropped", outcome=outcome, done_at=at, dedupe_key=_freed(Task.dedupe_key, at))
        .returning(Task.id),
        execution_options={"synchronize_session": False},
    )
    return len(dropped.all())


def free_keys(session: Session, origin_id: uuid.UUID, reasons: Collection[str]) -> int:
    """Let a corrected event be planned anew: what never left gives its dedupe key back, what left keeps it.

    A message a person rejected or the bank stopped for another reason than `reasons` keeps its key too: a correction
    overrides nobody.
    """
    rows = session.execute(
        select(Message.id, Message.dedupe_key, Message.status, Message.reason).where(
            Message.origin_id == origin_id, Message.status.in_(_NEVER_LEFT)
        )
    ).all()
    for row in rows:
        if row.status == Status.CANCELLED and row.reason not in reasons:
            continue
        kept = f"{row.dedupe_key[: _KEY_LENGTH - 33]}~{row.id.hex}"
        session.execute(
            update(Message).where(Message.id == row.id).values(dedupe_key=kept),
            execution_options={"synchronize_session": False},
        )
    return len(rows)


def _freed(column: Any, at: datetime) -> Any:
    """A dedupe key out of the way of the next one: its to-do will never be done."""
    return column + f"~{int(at.timestamp())}"
