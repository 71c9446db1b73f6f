"""Care restrictions that stand on risk events: read whole for a customer, written where they differ."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from store.models.campaigns import BusinessEvent
from store.models.customers import CareRestriction, Customer
from wenhou.core.ids import new_id
from wenhou.core.risk import RISK_KINDS, Restriction, RiskEvent

_ABOUT = ("about", "loan", "account")
"""Details of an event that say which loan or account it is about; the first one given counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """What writing changed for one customer: restrictions that began or changed, those that ended.

    `withdrawn`: kinds of those whose event was cancelled or turned out to be another customer's.
    """

    begun: tuple[uuid.UUID, ...] = ()
    ended: tuple[uuid.UUID, ...] = ()
    withdrawn: frozenset[str] = frozenset()


def risk_events_of(session: Session, customer_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[RiskEvent]]:
    """Every risk event in force of these customers."""
    found: dict[uuid.UUID, list[RiskEvent]] = {customer_id: [] for customer_id in customer_ids}
    rows = session.scalars(
        select(BusinessEvent)
        .where(
            BusinessEvent.customer_id.in_(customer_ids),
            BusinessEvent.kind.in_(RISK_KINDS),
            BusinessEvent.state == "active",
        )
        .execution_options(populate_existing=True)
    )
    for row in rows:
        about = next((str(row.details[name]) for name in _ABOUT if row.details.get(name)), None)
        found[row.customer_id].append(
            RiskEvent(id=row.id, kind=row.kind, happened_at=row.happened_at, about=about)
        )
    return found


def write_restrictions(
    session: Session, wanted: Mapping[uuid.UUID, Sequence[Restriction]], *, at: datetime
) -> dict[uuid.UUID, Shift]:
    """Make the restrictions on events of these customers what `wanted` says; nothing is ever deleted.

    One whose event was cancelled, or turned out to be another customer's, is left as never in force.
    """
    stands: dict[uuid.UUID, dict[uuid.UUID, CareRestriction]] = {}
    for row in session.scalars(
        select(CareRestriction)
        .where(CareRestriction.customer_id.in_(list(wanted)), CareRestriction.event_id.is_not(None))
        .execution_options(populate_existing=True)
    ):
        if row.event_id is not None:
            stands.setdefault(row.customer_id, {})[row.event_id] = row
    return {
        customer_id: _write(session, customer_id, stands.get(customer_id, {}), restrictions, at)
        for customer_id, restrictions in wanted.items()
    }


def set_dormancy(session: Session, customer_ids: Sequence[uuid.UUID], *, is_dormant: bool) -> None:
    """Move active customers to dormant or back; the closed and the erased stay what they are."""
    was, becomes = ("active", "dormant") if is_dormant else ("dormant", "active")
    session.execute(
        update(Customer).where(Customer.id.in_(customer_ids), Customer.state == was).values(state=becomes),
        execution_options={"synchronize_session": False},
    )


def touch_customers(session: Session, customer_ids: Sequence[uuid.UUID], at: datetime) -> None:
    """What waits for them is looked at anew by the planner."""
    session.execute(
        update(Customer).where(Customer.id.in_(customer_ids)).values(updated_at=at),
        execution_options={"synchronize_session": False},
    )


def _write(
    session: Session,
    customer_id: uuid.UUID,
    stands: Mapping[uuid.UUID, CareRestriction],
    wanted: Sequence[Restriction],
    at: datetime,
) -> Shift:
    begun: list[uuid.UUID] = []
    ended: list[uuid.UUID] = []
    withdrawn: set[str] = set()
    for one in wanted:
        values = {
            "kind": one.kind,
            "from_on": one.from_on,
            "until_on": one.until_on,
            "purposes": list(one.purposes),
            "visibility": "confidential" if one.is_confidential else "open",
        }
        row = stands.get(one.event_id)
        if row is None:
            row_id = new_id()
            session.execute(
                insert(CareRestriction).values(
                    id=row_id,
                    customer_id=customer_id,
                    event_id=one.event_id,
                    source="bank_event",
                    created_at=at,
                    **values,
                )
            )
            begun.append(row_id)
        elif any(getattr(row, name) != value for name, value in values.items()):
            (ended if one.until_on is not None and row.until_on is None else begun).append(row.id)
            _set(session, row, values)
    kept = {one.event_id for one in wanted}
    for event_id, row in stands.items():
        never = row.from_on.fromordinal(row.from_on.toordinal() - 1)
        if event_id not in kept and row.until_on != never:
            ended.append(row.id)
            withdrawn.add(row.kind)
            _set(session, row, {"until_on": never})
    return Shift(begun=tuple(begun), ended=tuple(ended), withdrawn=frozenset(withdrawn))


def _set(session: Session, row: CareRestriction, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
