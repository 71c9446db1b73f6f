"""Whom a later step may meet: those whose earlier step left, or was given to a person; and earlier greetings of a year."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, tuple_
from sqlalchemy.orm import Session

from store.candidates import CHUNK, Candidate
from store.models.campaigns import BusinessEvent
from store.models.customers import Customer, PersonalDate
from store.models.hearing import Task
from store.models.messages import Message
from store.vault import CustomerKey, place
from wenhou.core.dedupe import anchor_of, event_key
from wenhou.core.statuses import HANDED_OVER, PENDING


def people_after_message(
    session: Session,
    run_id: uuid.UUID,
    number: int,
    *,
    audience: ColumnElement[bool],
    after: tuple[uuid.UUID, uuid.UUID] | None,
    article_id: uuid.UUID | None = None,
) -> list[Candidate]:
    """Customers whose message `number` of a run was handed over, by customer and message; unknown outcomes too.

    `article_id`: only what told of this article, where two were told on one day. Nothing follows a cancelled event.
    """
    statement = (
        select(Message.id, Message.customer_id, Message.dedupe_key, Message.origin_id, Message.due_at)
        .join(Customer, Customer.id == Message.customer_id)
        .outerjoin(BusinessEvent, BusinessEvent.id == Message.origin_id)
        .where(
            Message.occurrence_id == run_id,
            Message.step == number,
            Message.status.in_(sorted(HANDED_OVER)),
            func.coalesce(BusinessEvent.state, "active") != "cancelled",
            audience,
        )
        .order_by(Message.customer_id, Message.id)
        .limit(CHUNK)
    )
    if article_id is not None:
        statement = statement.where(Message.origin_id == article_id)
    if after is not None:
        statement = statement.where(tuple_(Message.customer_id, Message.id) > after)
    rows = session.execute(statement).all()
    found = [_after(row, row.due_at) for row in rows]
    return _with_events(session, found, {row.id: row.origin_id for row in rows})


def people_after_task(
    session: Session,
    campaign_id: uuid.UUID,
    step_key: str,
    planned_for: date,
    *,
    audience: ColumnElement[bool],
    after: tuple[uuid.UUID, uuid.UUID] | None,
) -> list[Candidate]:
    """Customers for whom a person was asked to do a step on a day, done or not, by customer and task.

    What was dropped because its event was withdrawn is not followed; a call that reached nobody is.
    """
    statement = (
        select(Task.id, Task.customer_id, Task.dedupe_key, Task.created_at)
        .join(Customer, Customer.id == Task.customer_id)
        .where(
            Task.campaign_id == campaign_id,
            Task.planned_for == planned_for,
            Task.step_key == step_key,
            or_(Task.state != "dropped", Task.outcome == "not_reached"),
            audience,
        )
        .order_by(Task.customer_id, Task.id)
        .limit(CHUNK)
    )
    if after is not None:
        statement = statement.where(tuple_(Task.customer_id, Task.id) > after)
    return _with_events_of_keys(session, [_after(row, row.created_at) for row in session.execute(statement)])


def _after(row: Any, at: datetime) -> Candidate:
    """The calendar a personal date is kept by stands in the key of the step before."""
    parts = anchor_of(row.dedupe_key).split(":")
    kept = parts[1] if len(parts) > 1 and parts[1] in ("solar", "lunar") else None
    return Candidate(
        customer_id=row.customer_id,
        calendar=kept,
        previous_id=row.id,
        previous_key=row.dedupe_key,
        previous_at=at,
    )


def _with_events(
    session: Session, found: Sequence[Candidate], origins: Mapping[uuid.UUID, uuid.UUID | None]
) -> list[Candidate]:
    """With the business event that the first step spoke of, for the words of the later one."""
    wanted = sorted({origin for origin in origins.values() if origin is not None})
    if not wanted:
        return list(found)
    events = {
        event.id: event
        for event in session.scalars(select(BusinessEvent).where(BusinessEvent.id.in_(wanted)))
    }
    nobody = uuid.UUID(int=0)
    return [_speaking_of(one, events.get(origins.get(one.previous_id or nobody) or nobody)) for one in found]


def _with_events_of_keys(session: Session, found: Sequence[Candidate]) -> list[Candidate]:
    """The same for steps that a person did: the key of their to-do names the event."""
    ids = sorted({one.customer_id for one in found if anchor_of(one.previous_key).startswith("event:")})
    if not ids:
        return list(found)
    events = {
        (event.customer_id, anchor_of(event_key(event.source, event.source_id))): event
        for event in session.scalars(select(BusinessEvent).where(BusinessEvent.customer_id.in_(ids)))
    }
    return [_speaking_of(one, events.get((one.customer_id, anchor_of(one.previous_key)))) for one in found]


def _speaking_of(one: Candidate, event: BusinessEvent | None) -> Candidate:
    if event is None:
        return one
    return replace(
        one,
        event_id=event.id,
        event_source=event.source,
        event_source_id=event.source_id,
        event_at=event.happened_at,
        event_org_id=event.org_id,
        event_details=event.details,
    )


def greetings_since(
    session: Session, ids: Sequence[uuid.UUID], prefix: str, since: date, before: date
) -> dict[uuid.UUID, list[str]]:
    """Keys that begin with `prefix` of greetings in [since, before] that left or wait, by customer."""
    rows = session.execute(
        select(Message.customer_id, Message.dedupe_key).where(
            Message.customer_id.in_(ids),
            Message.dedupe_key.startswith(prefix, autoescape=True),
            Message.planned_for.between(since, before),
            Message.status.in_(sorted({*HANDED_OVER, *PENDING})),
        )
    )
    found: dict[uuid.UUID, list[str]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row.dedupe_key)
    return found


def years_of(
    session: Session, date_ids: Sequence[uuid.UUID], keys: Mapping[uuid.UUID, CustomerKey]
) -> dict[uuid.UUID, int]:
    """The year of each personal date that has one, by the date's id; opened with the customers' keys."""
    rows = session.execute(
        select(PersonalDate.id, PersonalDate.customer_id, PersonalDate.year).where(
            PersonalDate.id.in_(date_ids), PersonalDate.year.is_not(None)
        )
    )
    return {
        row.id: int(keys[row.customer_id].open(place("personal_dates", "year", row.id), row.year))
        for row in rows
        if row.customer_id in keys
    }
