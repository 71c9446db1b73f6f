"""Service plans in the store: the promise a tier, how each customer's quarter stands, whom nobody has called yet.

A customer's row of a quarter is worked out from the ledger, set-based, five hundred customers a transaction: what
counts in the caps counts here, other systems' contacts included.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Date as SqlDate
from sqlalchemy import and_, case, func, insert, literal, or_, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.ledger import PERSONAL
from store.models.customers import Customer
from store.models.messages import ContactLedger
from store.models.steering import CustomerPlan, ServicePlan
from store.sight import customer_scope
from store.types import UTCDateTime
from wenhou.core.actors import Actor
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose

BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSpec:
    """What a tier is promised a quarter."""

    tier: str
    name: str
    contacts: int
    by_person: int
    non_sales_percent: int
    contact_kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A customer's quarter: what was promised and what was made."""

    customer_id: uuid.UUID
    customer: str
    tier: str
    advisor_id: uuid.UUID | None
    org_id: uuid.UUID | None
    promised: int
    made: int
    promised_by_person: int
    by_person: int
    promised_non_sales: int
    non_sales: int


def list_plans(session: Session) -> list[ServicePlan]:
    """The plan in force of each tier that has one, by tier."""
    newest = select(ServicePlan.tier, func.max(ServicePlan.number).label("number")).group_by(ServicePlan.tier)
    latest = newest.subquery()
    return list(
        session.scalars(
            select(ServicePlan)
            .join(latest, and_(latest.c.tier == ServicePlan.tier, latest.c.number == ServicePlan.number))
            .where(ServicePlan.is_active)
            .order_by(ServicePlan.tier)
        )
    )


def save_plans(
    session: Session, specs: Sequence[PlanSpec], *, by: uuid.UUID | None, at: datetime
) -> dict[str, str]:
    """Put these plans in the place of those in force; tier → `created`, `changed`, `unchanged` or `ended`."""
    stands = {one.tier: one for one in list_plans(session)}
    rows_of = select(ServicePlan.tier, func.max(ServicePlan.number)).group_by(ServicePlan.tier)
    numbers = {row[0]: row[1] for row in session.execute(rows_of)}
    outcomes: dict[str, str] = {}
    rows = []
    for spec in specs:
        old = stands.pop(spec.tier, None)
        if old is not None and _spec_of(old) == spec:
            outcomes[spec.tier] = "unchanged"
            continue
        outcomes[spec.tier] = "created" if old is None else "changed"
        rows.append(_row(spec, numbers.get(spec.tier, 0) + 1, is_active=True, by=by, at=at))
    for tier, old in stands.items():
        outcomes[tier] = "ended"
        rows.append(_row(_spec_of(old), numbers[tier] + 1, is_active=False, by=by, at=at))
    if rows:
        session.execute(insert(ServicePlan), rows)
    return outcomes


def promised_non_sales(plan: ServicePlan) -> int:
    """How many of a plan's contacts must not sell, rounded up."""
    return -(-plan.contacts * plan.non_sales_percent // 100)


def compute_batch(
    session: Session,
    quarter: tuple[date, date],
    plans: Sequence[ServicePlan],
    *,
    after: uuid.UUID | None,
    at: datetime,
) -> uuid.UUID | None:
    """Work out the quarter of the next customers by id; the last one's id, or None when there was none."""
    ids = _next_ids(session, plans, after)
    if not ids:
        return None
    first, last = ids[0], ids[-1]
    made = (
        select(
            ContactLedger.customer_id.label("customer_id"),
            func.count().label("made"),
            func.sum(case((ContactLedger.channel.in_(PERSONAL), 1), else_=0)).label("by_person"),
            func.sum(case((ContactLedger.purpose != Purpose.MARKETING, 1), else_=0)).label("non_sales"),
        )
        .where(
            ContactLedger.customer_id.between(first, last),
            ContactLedger.on_day.between(*quarter),
            ContactLedger.state == "committed",
        )
        .group_by(ContactLedger.customer_id)
        .subquery()
    )
    plan_ids = [one.id for one in plans]
    non_sales = {one.id: promised_non_sales(one) for one in plans}
    rows = (
        select(
            Customer.id,
            literal(quarter[0], SqlDate()),
            ServicePlan.id,
            ServicePlan.tier,
            ServicePlan.contacts,
            ServicePlan.by_person,
            case(non_sales, value=ServicePlan.id),
            func.coalesce(made.c.made, 0),
            func.coalesce(made.c.by_person, 0),
            func.coalesce(made.c.non_sales, 0),
            literal(at, UTCDateTime()),
        )
        .join(ServicePlan, and_(ServicePlan.tier == Customer.tier, ServicePlan.id.in_(plan_ids)))
        .outerjoin(made, made.c.customer_id == Customer.id)
        .where(Customer.id.between(first, last), Customer.state == "active")
    )
    _upsert(session, rows)
    return last


def list_standings(
    session: Session, actor: Actor, quarter: date, *, only_gaps: bool, limit: int
) -> list[Standing]:
    """Quarters of the customers the actor may see, the widest gap first; raises AccessDenied."""
    lacks = or_(
        CustomerPlan.made < CustomerPlan.promised,
        CustomerPlan.by_person < CustomerPlan.promised_by_person,
        CustomerPlan.non_sales < CustomerPlan.promised_non_sales,
    )
    statement = (
        select(CustomerPlan, Customer)
        .join(Customer, Customer.id == CustomerPlan.customer_id)
        .where(CustomerPlan.quarter == quarter, customer_scope(actor))
        .order_by((CustomerPlan.promised - CustomerPlan.made).desc(), Customer.external_ref)
        .limit(limit)
    )
    if only_gaps:
        statement = statement.where(lacks)
    return [
        Standing(
            customer_id=customer.id,
            customer=customer.external_ref,
            tier=plan.tier,
            advisor_id=customer.main_advisor_id,
            org_id=customer.managing_org_id,
            promised=plan.promised,
            made=plan.made,
            promised_by_person=plan.promised_by_person,
            by_person=plan.by_person,
            promised_non_sales=plan.promised_non_sales,
            non_sales=plan.non_sales,
        )
        for plan, customer in session.execute(statement)
    ]


def count_standings(session: Session, quarter: date) -> dict[str, tuple[int, int]]:
    """Tier → (customers with a plan, of them those whose plan is kept already)."""
    kept = and_(
        CustomerPlan.made >= CustomerPlan.promised,
        CustomerPlan.by_person >= CustomerPlan.promised_by_person,
        CustomerPlan.non_sales >= CustomerPlan.promised_non_sales,
    )
    rows = session.execute(
        select(CustomerPlan.tier, func.count(), func.sum(case((kept, 1), else_=0)))
        .where(CustomerPlan.quarter == quarter)
        .group_by(CustomerPlan.tier)
    )
    return {row[0]: (row[1], int(row[2] or 0)) for row in rows}


def _next_ids(session: Session, plans: Sequence[ServicePlan], after: uuid.UUID | None) -> Sequence[uuid.UUID]:
    statement = (
        select(Customer.id)
        .where(Customer.state == "active", Customer.tier.in_([one.tier for one in plans]))
        .order_by(Customer.id)
        .limit(BATCH)
    )
    if after is not None:
        statement = statement.where(Customer.id > after)
    return session.scalars(statement).all()


def _upsert(session: Session, rows: object) -> None:
    columns = [
        "customer_id",
        "quarter",
        "service_plan_id",
        "tier",
        "promised",
        "promised_by_person",
        "promised_non_sales",
        "made",
        "by_person",
        "non_sales",
        "computed_at",
    ]
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(CustomerPlan).from_select(columns, rows)  # type: ignore[arg-type]
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["customer_id", "quarter"],
            set_={name: statement.excluded[name] for name in columns[2:]},
        )
    )


def _spec_of(row: ServicePlan) -> PlanSpec:
    return PlanSpec(
        tier=row.tier,
        name=row.name,
        contacts=row.contacts,
        by_person=row.by_person,
        non_sales_percent=row.non_sales_percent,
        contact_kind=row.contact_kind,
    )


def _row(
    spec: PlanSpec, number: int, *, is_active: bool, by: uuid.UUID | None, at: datetime
) -> Mapping[str, object]:
    return {
        "id": new_id(),
        "tier": spec.tier,
        "number": number,
        "name": spec.name,
        "contacts": spec.contacts,
        "by_person": spec.by_person,
        "non_sales_percent": spec.non_sales_percent,
        "contact_kind": spec.contact_kind,
        "is_active": is_active,
        "created_by": by,
        "created_at": at,
    }
