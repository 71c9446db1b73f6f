"""The funnel of a run from its rows, in one statement: each customer once, where they came furthest."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from store.models.campaigns import Occurrence
from store.models.customers import Customer
from store.models.hearing import Task
from store.models.messages import Message
from store.sight import customer_scope
from wenhou.core.actors import Actor
from wenhou.core.funnel import BOX_OF, BOXES, HELD, STOPPED
from wenhou.core.statuses import PENDING, Status

_RANKS = {box: rank for rank, box in enumerate(reversed(BOXES))}
"""The smallest is the furthest: who was planned in one step of a run is in that box."""


def count_boxes(session: Session, run: Occurrence, actor: Actor) -> Iterator[tuple[str, bool, int]]:
    """(box, has an advisor, customers) of a run, as far as the actor sees the customers."""
    said = select(
        Message.customer_id.label("customer_id"),
        _rank().label("rank"),
        case((Message.advisor_id.is_not(None), 1), else_=0).label("has_advisor"),
    ).where(Message.occurrence_id == run.id)
    given = select(
        Task.customer_id,
        literal(_RANKS["task"]),
        case((Task.assignee_id.is_not(None), 1), else_=0),
    ).where(
        Task.campaign_id == run.campaign_id,
        Task.planned_for == run.on_day,
        Task.step_key.is_not(None),
        Task.customer_id.is_not(None),
    )
    rows = union_all(said, given).subquery()
    each = (
        select(
            func.min(rows.c.rank).label("rank"),
            func.max(rows.c.has_advisor).label("has_advisor"),
        )
        .join(Customer, Customer.id == rows.c.customer_id)
        .where(customer_scope(actor))
        .group_by(rows.c.customer_id)
        .subquery()
    )
    names = {rank: box for box, rank in _RANKS.items()}
    counted = select(each.c.rank, each.c.has_advisor, func.count()).group_by(each.c.rank, each.c.has_advisor)
    for rank, has_advisor, amount in session.execute(counted):
        yield names[rank], bool(has_advisor), amount


def find_occurrence(session: Session, run_id: uuid.UUID) -> Occurrence | None:
    """A run's row."""
    return session.get(Occurrence, run_id)


def _rank() -> ColumnElement[Any]:
    stopped = Message.status.in_(sorted(STOPPED))
    held = and_(Message.status.in_(sorted(PENDING)), Message.reason.in_(HELD))
    reasons: dict[str, list[str]] = {}
    for reason, box in BOX_OF.items():
        reasons.setdefault(box, []).append(reason)
    return case(
        *(
            (and_(or_(stopped, held), Message.reason.in_(sorted(words))), _RANKS[box])
            for box, words in reasons.items()
        ),
        (Message.status == Status.SKIPPED, _RANKS["other"]),
        else_=_RANKS["planned"],
    )
