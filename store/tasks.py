"""Advisors' to-dos: one a cause, however often the cause is reported."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.hearing import Task
from store.sealing import Sealer
from wenhou.core.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A to-do. `assignee_id` None: the pool of `org_id`. `note` is sealed."""

    kind: str
    dedupe_key: str
    due_at: datetime
    customer_id: uuid.UUID | None = None
    org_id: uuid.UUID | None = None
    assignee_id: uuid.UUID | None = None
    entry_id: uuid.UUID | None = None
    case_id: uuid.UUID | None = None
    message_id: uuid.UUID | None = None
    note: str = ""


def add_task(session: Session, sealer: Sealer, new: NewTask, at: datetime) -> uuid.UUID | None:
    """Write a to-do unless its cause made one already; its id, or None."""
    row_id = new_id()
    note = sealer.seal("tasks", "note", row_id, new.note, new.customer_id) if new.note else None
    row = {
        "id": row_id,
        "kind": new.kind,
        "dedupe_key": new.dedupe_key,
        "customer_id": new.customer_id,
        "org_id": new.org_id,
        "assignee_id": new.assignee_id,
        "entry_id": new.entry_id,
        "case_id": new.case_id,
        "message_id": new.message_id,
        "note": note,
        "due_at": new.due_at,
        "state": "open",
        "created_at": at,
    }
    written = insert_new(session, Task, [row], unique=("dedupe_key",), returning=Task.id)
    return row_id if written else None


def list_open(
    session: Session, assignees: Sequence[uuid.UUID], pools: Sequence[uuid.UUID] = (), limit: int = 500
) -> Sequence[Task]:
    """Open to-dos of these people and of these orgs' pools, most urgent first."""
    mine = Task.assignee_id.in_(assignees) | (Task.assignee_id.is_(None) & Task.org_id.in_(pools))
    return session.scalars(
        select(Task).where(Task.state == "open", mine).order_by(Task.due_at).limit(limit)
    ).all()


def close_of(session: Session, dedupe_key: str, *, outcome: str, by: uuid.UUID | None, at: datetime) -> bool:
    """Close the open to-do of a cause; whether there was one."""
    done = session.execute(
        update(Task)
        .where(Task.dedupe_key == dedupe_key, Task.state == "open")
        .values(state="done", outcome=outcome, done_by=by, done_at=at)
        .returning(Task.id)
    )
    return done.first() is not None
