"""How far consent reaches: by managing org and main advisor, channel and purpose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from store.models.customers import ConsentState, Customer
from store.models.organisation import Org, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One org's and advisor's customers (advisor None: the branch pool) for one channel and purpose.

    `channel` and `purpose` are None in the one row of a book where nobody has said anything.
    """

    org: str | None
    advisor: str | None
    customers: int
    channel: str | None
    purpose: str | None
    granted: int
    withdrawn: int

    @property
    def silent(self) -> int:
        """Customers who never said: no consent."""
        return self.customers - self.granted - self.withdrawn


def list_coverage(session: Session, *, org_path: str = "") -> Sequence[Coverage]:
    """Customers not closed or erased, of orgs under a path ("" is the whole bank)."""
    book = (Customer.managing_org_id, Customer.main_advisor_id)
    living = Customer.state.in_(("active", "dormant"))
    counts = select(*book, func.count().label("customers")).where(living).group_by(*book).subquery()
    said = (
        select(
            *book,
            ConsentState.channel,
            ConsentState.purpose,
            func.sum(case((ConsentState.state == "granted", 1), else_=0)).label("granted"),
            func.sum(case((ConsentState.state == "withdrawn", 1), else_=0)).label("withdrawn"),
        )
        .join(Customer, Customer.id == ConsentState.customer_id)
        .where(living)
        .group_by(*book, ConsentState.channel, ConsentState.purpose)
        .subquery()
    )
    query = (
        select(
            Org.name,
            User.name,
            counts.c.customers,
            said.c.channel,
            said.c.purpose,
            said.c.granted,
            said.c.withdrawn,
        )
        .select_from(counts)
        .outerjoin(
            said,
            said.c.managing_org_id.is_not_distinct_from(counts.c.managing_org_id)
            & said.c.main_advisor_id.is_not_distinct_from(counts.c.main_advisor_id),
        )
        .outerjoin(Org, Org.id == counts.c.managing_org_id)
        .outerjoin(User, User.id == counts.c.main_advisor_id)
        .order_by(Org.path, User.name, said.c.channel, said.c.purpose)
    )
    if org_path:
        query = query.where(Org.path.startswith(org_path, autoescape=True))
    return [
        Coverage(
            org=org,
            advisor=advisor,
            customers=customers,
            channel=channel,
            purpose=purpose,
            granted=int(granted or 0),
            withdrawn=int(withdrawn or 0),
        )
        for org, advisor, customers, channel, purpose, granted, withdrawn in session.execute(query)
    ]
