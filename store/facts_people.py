"""Facts about people: state, restrictions, consents, complaints, addresses, suppressions. Fetched for hundreds at a time."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.orm import Session

from store.among import among
from store.models.customers import (
    CareRestriction,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    Suppression,
)
from store.models.hearing import Case, Conversation
from store.models.organisation import Org
from wenhou.core.policy.facts import Restriction

_OVER = ("closed", "solved")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A restriction and the days it is in force."""

    rule: Restriction
    from_on: date
    until_on: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return self.from_on <= day and (self.until_on is None or day <= self.until_on)


@dataclass(slots=True)
class Point:
    """An address of a customer, as good as it is known."""

    id: uuid.UUID
    channel: str
    usable: bool
    blind_index: bytes
    relation: str
    verified: bool
    shared_by: int = 1


@dataclass(frozen=True, slots=True)
class Who:
    """A customer's own columns."""

    state: str
    time_zone: str | None
    tier: str | None
    life_stage: str | None
    has_advisor: bool
    org_id: uuid.UUID | None


NOBODY = Who("erased", None, None, None, False, None)
"""Who is not in the store: nothing may go to them."""


@dataclass(slots=True, kw_only=True)
class People:
    """What was fetched. `resumes`: when other than service words may go again after the last complaint."""

    who: dict[uuid.UUID, Who] = field(default_factory=dict)
    restrictions: dict[uuid.UUID, list[Span]] = field(default_factory=dict)
    consents: dict[tuple[uuid.UUID, str, str], str] = field(default_factory=dict)
    points: dict[uuid.UUID, list[Point]] = field(default_factory=dict)
    shared: set[uuid.UUID] = field(default_factory=set)
    suppressed: dict[tuple[str, bytes], set[str]] = field(default_factory=dict)
    cases: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    resumes: dict[uuid.UUID, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which people and what of them. `first`, `last`: the days that are asked about."""

    ids: Sequence[uuid.UUID]
    channels: Collection[str]
    purposes: Collection[str]
    first: date
    last: date
    now: datetime
    rest: timedelta


def load_people_facts(session: Session, wanted: Wanted) -> People:
    """Seven statements, whatever the number of people (up to 500)."""
    found = People()
    _load_who(session, wanted, found)
    _load_restrictions(session, wanted, found)
    _load_consents(session, wanted, found)
    _load_cases(session, wanted, found)
    _load_points(session, wanted, found)
    _load_suppressions(session, wanted, found)
    return found


def org_paths(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The paths of these orgs."""
    rows = session.execute(select(Org.id, Org.path).where(among(session, Org.id, sorted(ids))))
    return {row.id: row.path for row in rows}


def _load_who(session: Session, wanted: Wanted, found: People) -> None:
    rows = session.execute(
        select(
            Customer.id,
            Customer.state,
            Customer.time_zone,
            Customer.tier,
            Customer.life_stage,
            Customer.main_advisor_id,
            Customer.managing_org_id,
        ).where(among(session, Customer.id, wanted.ids))
    )
    for identifier, state, zone, tier, stage, advisor, org in rows:
        found.who[identifier] = Who(state, zone, tier, stage, advisor is not None, org)


def _load_restrictions(session: Session, wanted: Wanted, found: People) -> None:
    rows = session.execute(
        select(
            CareRestriction.customer_id,
            CareRestriction.purposes,
            CareRestriction.visibility,
            CareRestriction.from_on,
            CareRestriction.until_on,
        ).where(
            among(session, CareRestriction.customer_id, wanted.ids),
            CareRestriction.from_on <= wanted.last,
            or_(CareRestriction.until_on.is_(None), CareRestriction.until_on >= wanted.first),
        )
    )
    for customer_id, purposes, visibility, from_on, until_on in rows:
        rule = Restriction(purposes=frozenset(purposes), confidential=visibility == "confidential")
        span = Span(rule=rule, from_on=from_on, until_on=until_on)
        found.restrictions.setdefault(customer_id, []).append(span)


def _load_consents(session: Session, wanted: Wanted, found: People) -> None:
    rows = session.execute(
        select(
            ConsentState.customer_id, ConsentState.channel, ConsentState.purpose, ConsentState.state
        ).where(
            among(session, ConsentState.customer_id, wanted.ids),
            ConsentState.purpose.in_(sorted(wanted.purposes)),
            ConsentState.channel.in_(sorted({"any", *wanted.channels})),
        )
    )
    for customer_id, channel, purpose, state in rows:
        found.consents[customer_id, channel, purpose] = state


def _load_cases(session: Session, wanted: Wanted, found: People) -> None:
    """Complaints, open or just closed: a customer's own, and those from a shared address of which nobody knows who spoke."""
    ended = func.coalesce(Case.closed_at, Case.solved_at)
    is_open = Case.state.not_in(_OVER)
    counts: list[ColumnElement[bool]] = [
        Case.kind == "complaint",
        or_(is_open, ended > wanted.now - wanted.rest),
    ]
    whose = CustomerContact.customer_id
    state = case((is_open, 1), else_=0)
    unclaimed = (
        select(whose, Case.id, state, ended)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .join(CustomerContact, CustomerContact.contact_point_id == Conversation.contact_point_id)
        .where(Case.customer_id.is_(None), *counts, among(session, whose, wanted.ids))
    )
    own = select(Case.customer_id, Case.id, state, ended).where(
        among(session, Case.customer_id, wanted.ids), *counts
    )
    for statement in (unclaimed, own):
        for customer_id, case_id, goes_on, closed_at in session.execute(statement):
            if customer_id is None:
                continue
            if goes_on:
                found.cases[customer_id] = case_id
            elif closed_at is not None:
                until = closed_at + wanted.rest
                found.resumes[customer_id] = max(until, found.resumes.get(customer_id, until))


def _load_points(session: Session, wanted: Wanted, found: People) -> None:
    if not wanted.channels:
        return
    rows = session.execute(
        select(
            CustomerContact.customer_id,
            CustomerContact.relation,
            ContactPoint.id,
            ContactPoint.channel,
            ContactPoint.reachable,
            ContactPoint.retired_at,
            ContactPoint.blind_index,
            ContactPoint.verified_at,
        )
        .join(ContactPoint, ContactPoint.id == CustomerContact.contact_point_id)
        .where(
            among(session, CustomerContact.customer_id, wanted.ids),
            ContactPoint.channel.in_(sorted(wanted.channels)),
        )
        .order_by(CustomerContact.preferred.desc(), ContactPoint.id)
    )
    by_id: dict[uuid.UUID, list[Point]] = {}
    for customer_id, relation, identifier, channel, reachable, retired_at, shadow, verified_at in rows:
        usable = reachable != "no" and retired_at is None
        point = Point(identifier, channel, usable, shadow, relation, verified_at is not None)
        found.points.setdefault(customer_id, []).append(point)
        by_id.setdefault(identifier, []).append(point)
    for identifier, amount in _sharing(session, sorted(by_id)):
        found.shared.add(identifier)
        for point in by_id[identifier]:
            point.shared_by = amount


def _sharing(session: Session, points: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, int]]:
    """Addresses that more than one customer uses, and how many do."""
    found: list[tuple[uuid.UUID, int]] = []
    for start in range(0, len(points), 500):
        rows = session.execute(
            select(CustomerContact.contact_point_id, func.count())
            .where(among(session, CustomerContact.contact_point_id, points[start : start + 500]))
            .group_by(CustomerContact.contact_point_id)
            .having(func.count() > 1)
        )
        found += [(row[0], row[1]) for row in rows]
    return found


def _load_suppressions(session: Session, wanted: Wanted, found: People) -> None:
    indexes = sorted({point.blind_index for points in found.points.values() for point in points})
    in_force = or_(Suppression.until.is_(None), Suppression.until > wanted.now)
    for start in range(0, len(indexes), 500):
        rows: Any = session.execute(
            select(Suppression.channel, Suppression.blind_index, Suppression.purpose).where(
                and_(Suppression.blind_index.in_(indexes[start : start + 500]), in_force)
            )
        )
        for channel, shadow, purpose in rows:
            found.suppressed.setdefault((channel, shadow), set()).add(purpose)


def consent_of(
    consents: Mapping[tuple[uuid.UUID, str, str], str], customer_id: uuid.UUID, channel: str, purpose: str
) -> str | None:
    """The channel's own word, or the word for any channel; a refusal for any channel stops each of them."""
    general = consents.get((customer_id, "any", purpose))
    if general == "withdrawn":
        return general
    return consents.get((customer_id, channel, purpose), general)
