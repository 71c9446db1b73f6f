"""Asking the advisor by which calendar a customer's birthday is kept, and what the answer moves."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.customers import Customer, PersonalDate
from store.models.hearing import Task
from store.models.messages import Message
from store.transitions import Change, change_status
from wenhou.core.ids import new_id
from wenhou.core.statuses import PENDING, Event, Status

KIND = "ask_calendar"
_BIRTHDAY = "birthday"


def ask(session: Session, dues: dict[uuid.UUID, datetime], at: datetime) -> int:
    """Ask each customer's advisor, else the pool of their branch, once for good; how many were asked now."""
    rows: list[dict[str, Any]] = [
        {
            "id": new_id(),
            "kind": KIND,
            "dedupe_key": f"{KIND}:{row.id}",
            "customer_id": row.id,
            "org_id": row.managing_org_id,
            "assignee_id": row.main_advisor_id,
            "due_at": dues[row.id],
            "state": "open",
            "created_at": at,
        }
        for row in session.execute(
            select(Customer.id, Customer.managing_org_id, Customer.main_advisor_id).where(
                Customer.id.in_(list(dues))
            )
        )
    ]
    return len(insert_new(session, Task, rows, unique=("dedupe_key",), returning=Task.id))


def birthdays_of(session: Session, customer_id: uuid.UUID) -> dict[str, PersonalDate]:
    """The customer's own birthday by calendar."""
    rows: Sequence[PersonalDate] = session.scalars(
        select(PersonalDate).where(
            PersonalDate.customer_id == customer_id,
            PersonalDate.kind == _BIRTHDAY,
            PersonalDate.label == "",
        )
    ).all()
    return {row.calendar: row for row in rows}


def withdraw_greetings(
    session: Session, customer_id: uuid.UUID, calendar: str, *, actor: str, at: datetime
) -> int:
    """Cancel what waits, and drop the to-dos, for the birthday in the calendar that turned out wrong; how many words."""
    key = f"|{_BIRTHDAY}:{calendar}:"
    rows = session.execute(
        select(Message.id, Message.status).where(
            Message.customer_id == customer_id,
            Message.status.in_(PENDING),
            Message.dedupe_key.contains(key, autoescape=True),
        )
    )
    changes = [
        Change(
            message_id=row.id,
            was=Status(row.status),
            event=Event.CANCEL,
            actor=actor,
            reason="calendar_changed",
        )
        for row in rows
    ]
    session.execute(
        update(Task)
        .where(
            Task.customer_id == customer_id,
            Task.state == "open",
            Task.dedupe_key.contains(key, autoescape=True),
        )
        .values(state="dropped", outcome="calendar_changed", done_at=at),
        execution_options={"synchronize_session": False},
    )
    return len(change_status(session, changes, at))
