"""What stands about customers, set-based: for imports that compare, and for showing or handing out one whole person."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.bulk import chunks
from store.consent_writes import Standing as ConsentStanding
from store.consent_writes import StateKey, load_states
from store.keys import customer_keys
from store.models.customers import ContactPoint, Customer, CustomerContact, CustomerTag, PersonalDate
from store.models.organisation import Household, HouseholdMember, Org, User
from store.vault import CustomerKey, Vault
from wenhou.core.contact_quality import State

PointKey = tuple[str, str, bytes]
"""(channel, account, blind index)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A customer's use of an address."""

    customer_id: uuid.UUID
    contact_point_id: uuid.UUID
    key: PointKey
    relation: str
    preferred: bool
    source: str
    retired_reason: str | None = None
    is_dead: bool = False


@dataclass(slots=True, kw_only=True)
class Point:
    """An address as stored; `users` counts the customers who use it."""

    id: uuid.UUID
    retired_reason: str | None = None
    is_dead: bool = False
    users: set[uuid.UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDate:
    """A personal date as stored, its year still sealed."""

    id: uuid.UUID
    month: int
    day: int
    is_leap_month: bool
    year: bytes | None
    celebrated: bool
    source: str
    certainty: str


@dataclass(slots=True, kw_only=True)
class Known:
    """Everything an import compares with, of the customers of one chunk."""

    customers: dict[str, Mapping[str, Any]]
    tags: dict[uuid.UUID, dict[str, str]] = field(default_factory=dict)
    links: dict[uuid.UUID, list[Link]] = field(default_factory=dict)
    dates: dict[tuple[uuid.UUID, str, str], KnownDate] = field(default_factory=dict)
    households: dict[uuid.UUID, tuple[uuid.UUID, str, str]] = field(default_factory=dict)
    consents: dict[StateKey, ConsentStanding] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What stands about the customers, addresses and households that one chunk of a file names."""

    known: Known
    points: dict[PointKey, Point]
    households: dict[str, uuid.UUID]
    keys: dict[uuid.UUID, CustomerKey]


def load_standing(
    session: Session, vault: Vault, refs: Sequence[str], points: Iterable[PointKey], households: Iterable[str]
) -> Standing:
    """Everything a chunk is compared with, in a dozen queries whatever its size."""
    known = load_known(session, refs)
    return Standing(
        known=known,
        points=load_points(session, known, points),
        households=find_households(session, households),
        keys=customer_keys(session, vault, [row["id"] for row in known.customers.values()]),
    )


def find_customers(session: Session, refs: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The customers with these numbers of the bank, each as a mapping of its columns."""
    found: dict[str, Mapping[str, Any]] = {}
    for run in chunks(refs):
        rows = session.execute(select(Customer.__table__).where(Customer.external_ref.in_(run))).mappings()
        found.update({row["external_ref"]: row for row in rows})
    return found


def load_known(session: Session, refs: Sequence[str]) -> Known:
    """What stands about the customers with these numbers."""
    customers = find_customers(session, refs)
    ids = [row["id"] for row in customers.values()]
    known = Known(customers=customers)
    for run in chunks(ids):
        _load_tags(session, run, known)
        _load_links(session, run, known)
        _load_dates(session, run, known)
        _load_households(session, run, known)
    known.consents = load_states(session, ids)
    return known


def _load_tags(session: Session, ids: Sequence[uuid.UUID], known: Known) -> None:
    rows = session.execute(
        select(CustomerTag.customer_id, CustomerTag.tag, CustomerTag.source).where(
            CustomerTag.customer_id.in_(ids)
        )
    )
    for customer_id, tag, source in rows:
        known.tags.setdefault(customer_id, {})[tag] = source


def _load_links(session: Session, ids: Sequence[uuid.UUID], known: Known) -> None:
    rows = session.execute(
        select(
            CustomerContact.customer_id,
            CustomerContact.contact_point_id,
            CustomerContact.relation,
            CustomerContact.preferred,
            CustomerContact.source,
            ContactPoint.channel,
            ContactPoint.account,
            ContactPoint.blind_index,
            ContactPoint.retired_reason,
            ContactPoint.state,
        )
        .join(ContactPoint, ContactPoint.id == CustomerContact.contact_point_id)
        .where(CustomerContact.customer_id.in_(ids))
    )
    for customer_id, point_id, relation, preferred, source, *key, retired, state in rows:
        channel, account, index = key
        known.links.setdefault(customer_id, []).append(
            Link(
                customer_id=customer_id,
                contact_point_id=point_id,
                key=(channel, account, index),
                relation=relation,
                preferred=preferred,
                source=source,
                retired_reason=retired,
                is_dead=state == State.DEAD,
            )
        )


def _load_dates(session: Session, ids: Sequence[uuid.UUID], known: Known) -> None:
    day = PersonalDate
    rows = session.execute(
        select(
            day.customer_id,
            day.kind,
            day.calendar,
            day.id,
            day.month,
            day.day,
            day.is_leap_month,
            day.year,
            day.celebrated,
            day.source,
            day.certainty,
        ).where(day.customer_id.in_(ids), day.label == "")
    )
    for (
        customer_id,
        kind,
        calendar,
        date_id,
        month,
        number,
        leap,
        year,
        celebrated,
        source,
        certainty,
    ) in rows:
        known.dates[customer_id, kind, calendar] = KnownDate(
            id=date_id,
            month=month,
            day=number,
            is_leap_month=leap,
            year=year,
            celebrated=celebrated,
            source=source,
            certainty=certainty,
        )


def _load_households(session: Session, ids: Sequence[uuid.UUID], known: Known) -> None:
    rows = session.execute(
        select(HouseholdMember.customer_id, Household.id, Household.name, HouseholdMember.role)
        .join(Household, Household.id == HouseholdMember.household_id)
        .where(HouseholdMember.customer_id.in_(ids))
    )
    for customer_id, household_id, name, role in rows:
        known.households[customer_id] = (household_id, name or "", role)


def load_points(session: Session, known: Known, keys: Iterable[PointKey]) -> dict[PointKey, Point]:
    """The stored addresses with these shadows, and who uses each.

    Addresses that customers of the chunk already hold are known from their links; of those only the shared are asked.
    """
    found: dict[PointKey, Point] = {}
    for links in known.links.values():
        for link in links:
            point = found.setdefault(
                link.key,
                Point(id=link.contact_point_id, retired_reason=link.retired_reason, is_dead=link.is_dead),
            )
            point.users.add(link.customer_id)
    _add_users(session, list(found.values()), shared_only=True)
    fresh = _find_points(session, [key for key in keys if key not in found])
    _add_users(session, list(fresh.values()), shared_only=False)
    return found | fresh


def _find_points(session: Session, keys: Sequence[PointKey]) -> dict[PointKey, Point]:
    found: dict[PointKey, Point] = {}
    point = ContactPoint
    by_account: dict[tuple[str, str], list[bytes]] = {}
    for channel, account, index in keys:
        by_account.setdefault((channel, account), []).append(index)
    for (channel, account), indexes in by_account.items():
        for run in chunks(indexes):
            rows = session.execute(
                select(point.blind_index, point.id, point.retired_reason, point.state).where(
                    point.channel == channel, point.account == account, point.blind_index.in_(run)
                )
            )
            for index, point_id, reason, state in rows:
                found[channel, account, index] = Point(
                    id=point_id, retired_reason=reason, is_dead=state == State.DEAD
                )
    return found


def _add_users(session: Session, points: Sequence[Point], *, shared_only: bool) -> None:
    by_id = {point.id: point for point in points}
    link = CustomerContact
    for ids in chunks(list(by_id)):
        query = select(link.contact_point_id, link.customer_id)
        if shared_only:
            shared = (
                select(link.contact_point_id)
                .where(link.contact_point_id.in_(ids))
                .group_by(link.contact_point_id)
                .having(func.count() > 1)
            )
            query = query.where(link.contact_point_id.in_(shared))
        else:
            query = query.where(link.contact_point_id.in_(ids))
        for point_id, customer_id in session.execute(query):
            by_id[point_id].users.add(customer_id)


def find_households(session: Session, names: Iterable[str]) -> dict[str, uuid.UUID]:
    """Households by the number the bank gives them."""
    found: dict[str, uuid.UUID] = {}
    for run in chunks(list(names)):
        rows = session.execute(select(Household.name, Household.id).where(Household.name.in_(run)))
        found.update({name: household_id for name, household_id in rows if name is not None})
    return found


def list_orgs(session: Session) -> list[tuple[uuid.UUID, str, str, str]]:
    """Every node of the bank's tree: id, code, name, path; shortest path first."""
    rows = session.execute(select(Org.id, Org.code, Org.name, Org.path).order_by(func.length(Org.path)))
    return [(row.id, row.code, row.name, row.path) for row in rows]


def list_staff(session: Session) -> list[tuple[uuid.UUID, str, str | None, bool]]:
    """Everybody who may look after customers: id, login, employee number, active."""
    rows = session.execute(select(User.id, User.login, User.employee_no, User.is_active))
    return [(row.id, row.login, row.employee_no, row.is_active) for row in rows]


def list_refs_in_scope(session: Session, org_ids: Iterable[uuid.UUID] | None) -> list[str]:
    """Numbers of customers not yet closed or erased, of these managing orgs (None: of all)."""
    query = select(Customer.external_ref).where(Customer.state.in_(("active", "dormant")))
    if org_ids is not None:
        query = query.where(Customer.managing_org_id.in_(list(org_ids)))
    return list(session.scalars(query.order_by(Customer.external_ref)))


def list_changed_since(session: Session, instant: datetime) -> list[uuid.UUID]:
    """Customers that were written at or after an instant."""
    return list(session.scalars(select(Customer.id).where(Customer.updated_at >= instant)))
