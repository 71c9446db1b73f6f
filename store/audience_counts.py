"""How many an audience has, of which tier, with and without an advisor, by which channel; and who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from store.models.customers import ContactPoint, Customer, CustomerContact
from wenhou.core.channels import CHANNELS

Members = ColumnElement[bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """An audience in figures. `by_tier`: None for customers whose tier is not known."""

    total: int
    with_advisor: int
    by_tier: dict[str | None, int] = field(default_factory=dict)

    @property
    def without_advisor(self) -> int:
        """无管户: those of the branch pools."""
        return self.total - self.with_advisor


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One member."""

    ref: str
    name: str
    tier: str | None
    has_advisor: bool
    last_contact_at: datetime | None


def count_members(session: Session, members: Members) -> Count:
    """One pass in the order of an index; for rules on tier, org, assets and advisor no row is read."""
    rows = session.execute(
        select(Customer.tier, func.count(), func.count(Customer.main_advisor_id))
        .where(members)
        .group_by(Customer.tier)
    ).all()
    return Count(
        total=sum(row[1] for row in rows),
        with_advisor=sum(row[2] for row in rows),
        by_tier={row[0]: row[1] for row in rows},
    )


def count_reachable(session: Session, members: Members) -> dict[str, int]:
    """Members with an address on each channel that is not known to be dead; `none`: with no address at all.

    Looks at every member's addresses: seconds for a million.
    """
    usable = and_(ContactPoint.reachable != "no", ContactPoint.retired_at.is_(None))
    rows = session.execute(
        select(ContactPoint.channel, func.count(CustomerContact.customer_id.distinct()))
        .select_from(CustomerContact)
        .join(ContactPoint, ContactPoint.id == CustomerContact.contact_point_id)
        .join(Customer, Customer.id == CustomerContact.customer_id)
        .where(usable, members)
        .group_by(ContactPoint.channel)
    )
    counts = dict.fromkeys(CHANNELS, 0) | {row[0]: row[1] for row in rows}
    reached = (
        exists()
        .where(
            CustomerContact.customer_id == Customer.id,
            ContactPoint.id == CustomerContact.contact_point_id,
            usable,
        )
        .correlate(Customer)
    )
    nowhere = session.scalar(select(func.count()).select_from(Customer).where(members, ~reached))
    return counts | {"none": nowhere or 0}


def list_members(session: Session, members: Members, *, limit: int) -> Sequence[Line]:
    """Members by their number."""
    rows = session.execute(
        select(
            Customer.external_ref,
            Customer.name,
            Customer.tier,
            Customer.main_advisor_id,
            Customer.last_contact_at,
        )
        .where(members)
        .order_by(Customer.external_ref)
        .limit(limit)
    )
    return [
        Line(
            ref=row.external_ref,
            name=row.name,
            tier=row.tier,
            has_advisor=row.main_advisor_id is not None,
            last_contact_at=row.last_contact_at,
        )
        for row in rows
    ]
