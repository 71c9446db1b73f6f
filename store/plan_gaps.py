"""Whom a service plan owes a contact, and the to-dos that come of it: one open at a time a customer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.customers import CareRestriction, Customer
from store.models.hearing import Case, Task
from store.models.steering import CustomerPlan
from wenhou.core.ids import new_id

KIND = "plan_contact"
_MINORS = ("under_14", "under_18")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What should have been made of a plan by now; `contact_kind`: how a person makes a contact of it."""

    plan_id: uuid.UUID
    contact_kind: str
    contacts: int
    by_person: int
    non_sales: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A customer whose quarter lacks a contact and for whom no to-do of the plan is open.

    `closed`: how many to-dos of the plan this quarter had, done or dropped. `assignee_id` None: the pool of `org_id`.
    """

    customer_id: uuid.UUID
    assignee_id: uuid.UUID | None
    org_id: uuid.UUID | None
    closed: int


def list_gaps(
    session: Session, quarter: date, expected: Expected, *, day: date, after: uuid.UUID | None
) -> list[Gap]:
    """The next customers of a plan who lack a contact by now, whom a person may call, without an open to-do of it."""
    prefix = task_prefix(quarter)
    own = and_(Task.customer_id == CustomerPlan.customer_id, Task.dedupe_key.startswith(prefix))
    restricted = exists().where(
        CareRestriction.customer_id == CustomerPlan.customer_id,
        CareRestriction.from_on <= day,
        or_(CareRestriction.until_on.is_(None), CareRestriction.until_on >= day),
    )
    complains = exists().where(
        Case.customer_id == CustomerPlan.customer_id,
        Case.kind == "complaint",
        Case.state.not_in(("solved", "closed")),
    )
    closed = select(func.count(Task.id)).where(own).correlate(CustomerPlan).scalar_subquery()
    statement = (
        select(Customer.id, Customer.main_advisor_id, Customer.managing_org_id, closed.label("closed"))
        .join(CustomerPlan, CustomerPlan.customer_id == Customer.id)
        .where(
            CustomerPlan.quarter == quarter,
            CustomerPlan.service_plan_id == expected.plan_id,
            Customer.state == "active",
            or_(Customer.life_stage.is_(None), Customer.life_stage.not_in(_MINORS)),
            or_(
                CustomerPlan.made < expected.contacts,
                CustomerPlan.by_person < expected.by_person,
                CustomerPlan.non_sales < expected.non_sales,
            ),
            ~restricted,
            ~complains,
            ~exists().where(own, Task.state == "open"),
        )
        .order_by(Customer.id)
        .limit(500)
    )
    if after is not None:
        statement = statement.where(Customer.id > after)
    return [
        Gap(
            customer_id=row.id,
            assignee_id=row.main_advisor_id,
            org_id=row.managing_org_id,
            closed=row.closed,
        )
        for row in session.execute(statement)
    ]


def open_by_day(session: Session) -> dict[tuple[uuid.UUID | None, uuid.UUID | None], dict[datetime, int]]:
    """(assignee, org of a pool) → due instant → open to-dos of service plans."""
    rows = session.execute(
        select(Task.assignee_id, Task.org_id, Task.due_at, func.count())
        .where(Task.kind == KIND, Task.state == "open")
        .group_by(Task.assignee_id, Task.org_id, Task.due_at)
    )
    found: dict[tuple[uuid.UUID | None, uuid.UUID | None], dict[datetime, int]] = {}
    for assignee, org, due_at, amount in rows:
        days = found.setdefault((assignee, None if assignee else org), {})
        days[due_at] = days.get(due_at, 0) + amount
    return found


def add_plan_tasks(
    session: Session,
    quarter: date,
    gaps: Sequence[tuple[Gap, datetime]],
    *,
    contact_kind: str,
    day: date,
    at: datetime,
) -> int:
    """One to-do each, due at its instant; whoever has one for this gap already gets none. How many were made."""
    rows = [
        {
            "id": new_id(),
            "kind": KIND,
            "dedupe_key": f"{task_prefix(quarter)}{gap.customer_id}/{gap.closed + 1}",
            "customer_id": gap.customer_id,
            "org_id": gap.org_id,
            "assignee_id": gap.assignee_id,
            "step_key": contact_kind,
            "planned_for": day,
            "due_at": due_at,
            "state": "open",
            "created_at": at,
        }
        for gap, due_at in gaps
    ]
    return len(insert_new(session, Task, rows, unique=("dedupe_key",), returning=Task.id))


def drop_met(session: Session, quarter: date, *, at: datetime) -> int:
    """Close the open to-dos of quarters before this one, and of customers whose plan is kept by now."""
    kept = exists().where(
        CustomerPlan.customer_id == Task.customer_id,
        CustomerPlan.quarter == quarter,
        CustomerPlan.made >= CustomerPlan.promised,
        CustomerPlan.by_person >= CustomerPlan.promised_by_person,
        CustomerPlan.non_sales >= CustomerPlan.promised_non_sales,
    )
    dropped = session.execute(
        update(Task)
        .where(
            Task.kind == KIND,
            Task.state == "open",
            or_(~Task.dedupe_key.startswith(task_prefix(quarter)), kept),
        )
        .values(state="dropped", outcome="plan_kept_or_over", done_at=at)
        .returning(Task.id),
        execution_options={"synchronize_session": False},
    ).all()
    return len(dropped)


def task_prefix(quarter: date) -> str:
    """How the keys of a quarter's to-dos begin."""
    return f"plan:{quarter.isoformat()}:"
