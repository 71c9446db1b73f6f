"""What stands already for days to come, as a forecast reads it: streamed, never held whole."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.customers import Customer
from store.models.hearing import Task
from store.models.messages import Message
from store.models.organisation import User
from store.sight import customer_scope
from wenhou.core.actors import Actor
from wenhou.core.statuses import PENDING

_AT_ONCE = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A message or task of the store. `step` is the number of a message's step; `step_key` of a task's."""

    id: uuid.UUID
    ref: str
    campaign_id: uuid.UUID
    step: int
    step_key: str | None
    on_day: date
    due_at: datetime
    channel: str | None
    status: str
    reason: str | None
    advisor_id: uuid.UUID | None


def visible_ids(session: Session, actor: Actor, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these customers whom the actor may see."""
    if actor.sees_all:
        return set(ids)
    return set(session.scalars(select(Customer.id).where(Customer.id.in_(ids), customer_scope(actor))))


def messages_between(session: Session, actor: Actor, first: date, last: date) -> Iterator[Standing]:
    """Campaigns' messages of these days, ends included, of customers in sight."""
    statement = (
        select(
            Message.id,
            Customer.external_ref,
            Message.campaign_id,
            Message.step,
            Message.planned_for,
            Message.due_at,
            Message.channel,
            Message.status,
            Message.reason,
            Message.advisor_id,
        )
        .join(Customer, Customer.id == Message.customer_id)
        .where(
            Message.planned_for.between(first, last),
            Message.campaign_id.is_not(None),
            customer_scope(actor),
        )
    )
    for row in session.execute(statement, execution_options={"yield_per": _AT_ONCE}):
        yield Standing(
            id=row.id,
            ref=row.external_ref,
            campaign_id=row.campaign_id,
            step=row.step,
            step_key=None,
            on_day=row.planned_for,
            due_at=row.due_at,
            channel=row.channel,
            status=row.status,
            reason=row.reason,
            advisor_id=row.advisor_id,
        )


def tasks_between(session: Session, actor: Actor, first: date, last: date) -> Iterator[Standing]:
    """Campaigns' steps that were given to people for these days."""
    statement = (
        select(Task, Customer.external_ref)
        .join(Customer, Customer.id == Task.customer_id)
        .where(
            Task.planned_for.between(first, last),
            Task.campaign_id.is_not(None),
            Task.step_key.is_not(None),
            customer_scope(actor),
        )
    )
    for task, ref in session.execute(statement, execution_options={"yield_per": _AT_ONCE}):
        if task.campaign_id is None or task.planned_for is None:
            continue
        yield Standing(
            id=task.id,
            ref=ref,
            campaign_id=task.campaign_id,
            step=0,
            step_key=task.step_key,
            on_day=task.planned_for,
            due_at=task.due_at,
            channel=None,
            status="task",
            reason=None,
            advisor_id=task.assignee_id,
        )


def waiting_before(
    session: Session, actor: Actor, first: date, since: date
) -> list[tuple[uuid.UUID, int, date, int]]:
    """(campaign, step, day, messages) that wait since days in [since, first): later steps may follow them."""
    rows = session.execute(
        select(Message.campaign_id, Message.step, Message.planned_for, func.count())
        .join(Customer, Customer.id == Message.customer_id)
        .where(
            Message.planned_for >= since,
            Message.planned_for < first,
            Message.status.in_(sorted(PENDING)),
            Message.campaign_id.is_not(None),
            customer_scope(actor),
        )
        .group_by(Message.campaign_id, Message.step, Message.planned_for)
    )
    return [(campaign, step, day, amount) for campaign, step, day, amount in rows if campaign is not None]


def logins(session: Session) -> dict[uuid.UUID, str]:
    """Everybody's login by id."""
    return {row.id: row.login for row in session.execute(select(User.id, User.login))}
