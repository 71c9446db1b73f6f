"""Advisors' to-dos: one a cause, however often the cause is reported."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.customers import Customer
from store.models.hearing import ConversationEntry, Task
from store.sealing import Sealer
from store.vault import CustomerKey, place
from wenhou.core.ids import new_id

ANSWERED = ("read_reply", "answer_question", "tell_progress")
"""Kinds that an answer in the thread settles."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTask:
    """A campaign's step that a person does. `note` is what to do, sealed with the customer's key."""

    id: uuid.UUID
    kind: str
    dedupe_key: str
    customer_id: uuid.UUID
    org_id: uuid.UUID | None
    assignee_id: uuid.UUID | None
    campaign_id: uuid.UUID
    step_key: str
    planned_for: date
    due_at: datetime
    note: str


def standing_tasks(session: Session, row_keys: Sequence[str]) -> set[str]:
    """Keys of these of which there is a task already."""
    return set(session.scalars(select(Task.dedupe_key).where(Task.dedupe_key.in_(row_keys))))


def insert_step_tasks(
    session: Session, tasks: Sequence[StepTask], keys: Mapping[uuid.UUID, CustomerKey], at: datetime
) -> int:
    """Write those whose key is new; how many."""
    rows = [
        {
            "id": one.id,
            "kind": one.kind,
            "dedupe_key": one.dedupe_key,
            "customer_id": one.customer_id,
            "org_id": one.org_id,
            "assignee_id": one.assignee_id,
            "campaign_id": one.campaign_id,
            "step_key": one.step_key,
            "planned_for": one.planned_for,
            "note": keys[one.customer_id].seal(place("tasks", "note", one.id), one.note.encode())
            if one.customer_id in keys
            else None,
            "due_at": one.due_at,
            "state": "open",
            "created_at": at,
        }
        for one in tasks
    ]
    return len(insert_new(session, Task, rows, unique=("dedupe_key",), returning=Task.id))


def close_of(session: Session, dedupe_key: str, *, outcome: str, by: uuid.UUID | None, at: datetime) -> bool:
    """Close the open to-do of a cause; whether there was one."""
    done = session.execute(
        update(Task)
        .where(Task.dedupe_key == dedupe_key, Task.state == "open")
        .values(state="done", outcome=outcome, done_by=by, done_at=at)
        .returning(Task.id)
    )
    return done.first() is not None


def close_answered(
    session: Session, conversation_id: uuid.UUID, *, by: uuid.UUID | None, at: datetime
) -> None:
    """Close the to-dos that an answer settles: those that asked for one about what was said in this thread."""
    said = select(ConversationEntry.id).where(ConversationEntry.conversation_id == conversation_id)
    session.execute(
        update(Task)
        .where(Task.entry_id.in_(said), Task.kind.in_(ANSWERED), Task.state == "open")
        .values(state="done", outcome="answered", done_by=by, done_at=at),
        execution_options={"synchronize_session": False},
    )


def hand_to(session: Session, entry_id: uuid.UUID, customer: Customer) -> None:
    """The to-dos of an entry become those of the customer who turned out to have spoken."""
    session.execute(
        update(Task)
        .where(Task.entry_id == entry_id, Task.state == "open")
        .values(
            customer_id=customer.id, org_id=customer.managing_org_id, assignee_id=customer.main_advisor_id
        ),
        execution_options={"synchronize_session": False},
    )
