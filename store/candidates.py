"""Who is due: index look-ups that yield customers in id order, a chunk at a time."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, or_, select, tuple_, update
from sqlalchemy.orm import Session

from store.models.campaigns import BusinessEvent, TemplateVersion
from store.models.customers import ConsentState, Customer, PersonalDate
from store.models.messages import Message
from store.models.organisation import Org, User
from store.voices import changed_since
from wenhou.core.statuses import Status

CHUNK = 500
Audience = ColumnElement[bool]
"""A condition on customers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One customer an occasion speaks to.

    `calendar`, `month`, `day`: of the date that is met; `event`: what happened. `previous_id`, `previous_key`,
    `previous_at`: the message or task of the step before, for a later step.
    """

    customer_id: uuid.UUID
    in_audience: bool = True
    calendar: str | None = None
    month: int | None = None
    day: int | None = None
    is_leap_month: bool = False
    date_id: uuid.UUID | None = None
    date_source: str | None = None
    date_certainty: str | None = None
    event_id: uuid.UUID | None = None
    event_source: str | None = None
    event_source_id: str | None = None
    event_at: datetime | None = None
    event_org_id: uuid.UUID | None = None
    event_details: Mapping[str, Any] | None = None
    previous_id: uuid.UUID | None = None
    previous_key: str = ""
    previous_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What words need to know of a customer."""

    id: uuid.UUID
    external_ref: str
    name: str
    salutation: str | None
    gender: str
    locale: str
    org_id: uuid.UUID | None
    advisor_id: uuid.UUID | None
    tier: str | None = None
    life_stage: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A message that is there already for an occasion.

    `stale`: it waits in nobody's hands, no person has edited it, and the customer, their advisor or the advisor's voice
    changed since.
    `changed`: it was skipped, and the customer's data or consent changed since it was last looked at.
    `untouched`: it waits in nobody's hands and no person has edited it. `words_digest`: of the template it was made from.
    """

    id: uuid.UUID
    customer_id: uuid.UUID
    dedupe_key: str
    status: str
    reason: str | None
    expires_at: datetime
    content_hash: bytes | None
    stale: bool
    campaign_id: uuid.UUID | None = None
    changed: bool = False
    template_version_id: uuid.UUID | None = None
    variant: str | None = None
    untouched: bool = False
    words_digest: bytes | None = None


def people_of_day(
    session: Session,
    *,
    kind: str,
    keys: Sequence[tuple[str, int, int, bool]],
    audience: ColumnElement[bool],
    after: tuple[uuid.UUID, uuid.UUID] | None,
) -> list[Candidate]:
    """Customers whose day it is, by (calendar, month, day, leap): the index answers. People outside get no row.

    `after`: (customer, date) of the last one; a customer may keep two dates on one day.
    """
    if not keys:
        return []
    statement = (
        select(
            PersonalDate.customer_id,
            PersonalDate.calendar,
            PersonalDate.month,
            PersonalDate.day,
            PersonalDate.is_leap_month,
            PersonalDate.id,
            PersonalDate.source,
            PersonalDate.certainty,
        )
        .join(Customer, Customer.id == PersonalDate.customer_id)
        .where(due_dates(kind, keys), audience)
        .order_by(PersonalDate.customer_id, PersonalDate.id)
        .limit(CHUNK)
    )
    if after is not None:
        statement = statement.where(tuple_(PersonalDate.customer_id, PersonalDate.id) > after)
    return [
        Candidate(
            customer_id=row.customer_id,
            calendar=row.calendar,
            month=row.month,
            day=row.day,
            is_leap_month=row.is_leap_month,
            date_id=row.id,
            date_source=row.source,
            date_certainty=row.certainty,
        )
        for row in session.execute(statement)
    ]


def due_dates(kind: str, keys: Sequence[tuple[str, int, int, bool]]) -> ColumnElement[bool]:
    """The condition on personal dates: one index range a key."""
    return or_(
        *(
            and_(
                PersonalDate.kind == kind,
                PersonalDate.calendar == calendar,
                PersonalDate.month == month,
                PersonalDate.day == day,
                PersonalDate.is_leap_month == leap,
                PersonalDate.celebrated.is_(True),
            )
            for calendar, month, day, leap in keys
        )
    )


def everybody(session: Session, *, audience: ColumnElement[bool], after: uuid.UUID | None) -> list[Candidate]:
    """Customers of an audience."""
    statement = select(Customer.id).where(audience).order_by(Customer.id).limit(CHUNK)
    if after is not None:
        statement = statement.where(Customer.id > after)
    return [Candidate(customer_id=customer_id) for customer_id in session.scalars(statement)]


def members_of(session: Session, audience: Audience, ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these customers who are in an audience."""
    return set(session.scalars(select(Customer.id).where(Customer.id.in_(ids), audience)))


def which_hold(session: Session, customer_id: uuid.UUID, audiences: Sequence[Audience]) -> list[bool]:
    """Which of these conditions a customer meets, in one statement."""
    if not audiences:
        return []
    marks = [case((one, 1), else_=0) for one in audiences]
    row = session.execute(select(*marks).where(Customer.id == customer_id)).one()
    return [bool(mark) for mark in row]


def only_of(audience: Audience, customer_id: uuid.UUID) -> Audience:
    """The audience as far as it is this one customer."""
    return and_(Customer.id == customer_id, audience)


def people_of_events(
    session: Session,
    *,
    kind: str,
    since: datetime,
    before: datetime,
    audience: ColumnElement[bool],
    after: tuple[uuid.UUID, uuid.UUID] | None,
    as_received: bool = False,
) -> list[Candidate]:
    """Customers to whom something happened in [since, before), by customer and event.

    `as_received`: those we heard of then, for words that leave at once.
    """
    when = BusinessEvent.received_at if as_received else BusinessEvent.happened_at
    statement = (
        select(BusinessEvent)
        .join(Customer, Customer.id == BusinessEvent.customer_id)
        .where(
            BusinessEvent.kind == kind,
            BusinessEvent.state == "active",
            when >= since,
            when < before,
            audience,
        )
        .order_by(BusinessEvent.customer_id, BusinessEvent.id)
        .limit(CHUNK)
    )
    if after is not None:
        statement = statement.where(tuple_(BusinessEvent.customer_id, BusinessEvent.id) > after)
    return [
        Candidate(
            customer_id=event.customer_id,
            event_id=event.id,
            event_source=event.source,
            event_source_id=event.source_id,
            event_at=event.happened_at,
            event_org_id=event.org_id,
            event_details=event.details,
        )
        for event in session.scalars(statement)
    ]


def load_people(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Person]:
    """The people behind ids."""
    rows = session.execute(
        select(
            Customer.id,
            Customer.external_ref,
            Customer.name,
            Customer.salutation,
            Customer.gender,
            Customer.locale,
            Customer.managing_org_id,
            Customer.main_advisor_id,
            Customer.tier,
            Customer.life_stage,
        ).where(Customer.id.in_(ids))
    )
    return {
        row.id: Person(
            id=row.id,
            external_ref=row.external_ref,
            name=row.name,
            salutation=row.salutation,
            gender=row.gender,
            locale=row.locale,
            org_id=row.managing_org_id,
            advisor_id=row.main_advisor_id,
            tier=row.tier,
            life_stage=row.life_stage,
        )
        for row in rows
    }


def load_advisors(
    session: Session, *, of: uuid.UUID | None = None
) -> dict[uuid.UUID, tuple[str, str | None]]:
    """Every user's name and phone: a few hundred rows, read once a run; or that of one customer's advisor.

    Who is known by number only (an import made them) is left out: the bank signs, not "A1001".
    """
    statement = select(User.id, User.name, User.phone, User.employee_no)
    if of is not None:
        own = select(Customer.main_advisor_id).where(Customer.id == of)
        statement = statement.where(User.id == own.scalar_subquery())
    rows = session.execute(statement)
    return {row.id: (row.name, row.phone) for row in rows if row.name != row.employee_no}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrgWords:
    """What words and rules need of an org. `path` like `/HQ/WH/WH01/`."""

    name: str
    phone: str | None
    signature: str | None
    path: str


def load_orgs(session: Session, *, of: uuid.UUID | None = None) -> dict[uuid.UUID, OrgWords]:
    """Every org: a few hundred rows, read once a run; or those one customer has to do with."""
    statement = select(Org.id, Org.name, Org.phone, Org.sms_signature, Org.path)
    if of is not None:
        own = select(Customer.managing_org_id).where(Customer.id == of).scalar_subquery()
        events = select(BusinessEvent.org_id).where(
            BusinessEvent.customer_id == of, BusinessEvent.org_id.is_not(None)
        )
        statement = statement.where(or_(Org.id == own, Org.id.in_(events)))
    rows = session.execute(statement)
    return {
        row.id: OrgWords(name=row.name, phone=row.phone, signature=row.sms_signature, path=row.path)
        for row in rows
    }


def standing_messages(
    session: Session, pairs: Sequence[tuple[uuid.UUID, str]]
) -> dict[tuple[uuid.UUID, str], Standing]:
    """Messages that exist already for (customer, dedupe key)."""
    ids = sorted({customer_id for customer_id, _ in pairs})
    keys = sorted({key for _, key in pairs})
    if not ids:
        return {}
    rows = session.execute(
        select(
            Message.id,
            Message.customer_id,
            Message.dedupe_key,
            Message.status,
            Message.reason,
            Message.expires_at,
            Message.content_hash,
            Message.campaign_id,
            Message.template_version_id,
            Message.variant,
            _is_stale().label("stale"),
            _has_changed().label("changed"),
            _is_untouched().label("untouched"),
            TemplateVersion.digest.label("words_digest"),
        )
        .join(Customer, Customer.id == Message.customer_id)
        .outerjoin(TemplateVersion, TemplateVersion.id == Message.template_version_id)
        .where(Message.customer_id.in_(ids), Message.dedupe_key.in_(keys))
    )
    return {(row.customer_id, row.dedupe_key): Standing(**row._asdict()) for row in rows}


def _is_untouched() -> ColumnElement[bool]:
    return and_(
        Message.status.in_((Status.PROPOSED, Status.SCHEDULED)),
        Message.edited_by.is_(None),
        Message.released_at.is_(None),
        Message.claim_until.is_(None),
    )


def _is_stale() -> ColumnElement[bool]:
    return and_(
        _is_untouched(),
        or_(
            Customer.updated_at > Message.updated_at,
            Message.advisor_id.is_distinct_from(Customer.main_advisor_id),
            changed_since(Customer.main_advisor_id, Message.updated_at),
        ),
    )


def _has_changed() -> ColumnElement[bool]:
    agreed_since = exists().where(
        ConsentState.customer_id == Message.customer_id, ConsentState.at > Message.updated_at
    )
    return and_(Message.status == Status.SKIPPED, or_(Customer.updated_at > Message.updated_at, agreed_since))


def touch_messages(session: Session, ids: Sequence[uuid.UUID], at: datetime) -> None:
    """Remember that these were looked at and still say what they should; they wait with today's advisor."""
    if ids:
        whose = select(Customer.main_advisor_id).where(Customer.id == Message.customer_id).scalar_subquery()
        where = select(Customer.managing_org_id).where(Customer.id == Message.customer_id).scalar_subquery()
        session.execute(
            update(Message).where(Message.id.in_(ids)).values(updated_at=at, advisor_id=whose, org_id=where),
            execution_options={"synchronize_session": False},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """Another campaign message of a customer's day."""

    id: uuid.UUID
    campaign_id: uuid.UUID | None
    status: str
    dedupe_key: str
    purpose: str


def messages_of_day(
    session: Session, ids: Sequence[uuid.UUID], on_day: date, purposes: Sequence[str]
) -> dict[uuid.UUID, list[Rival]]:
    """Pending and handed-over promotional campaign messages of these customers on a day, for priority."""
    rows = session.execute(
        select(
            Message.customer_id,
            Message.id,
            Message.campaign_id,
            Message.status,
            Message.dedupe_key,
            Message.purpose,
        ).where(
            Message.customer_id.in_(ids),
            Message.planned_for == on_day,
            Message.purpose.in_(purposes),
            Message.origin == "campaign",
            Message.status.in_(
                ("proposed", "scheduled", "sending", "awaiting_tap", "sent", "delivered", "read", "unknown")
            ),
        )
    )
    found: dict[uuid.UUID, list[Rival]] = {}
    for row in rows:
        rival = Rival(
            id=row.id,
            campaign_id=row.campaign_id,
            status=row.status,
            dedupe_key=row.dedupe_key,
            purpose=row.purpose,
        )
        found.setdefault(row.customer_id, []).append(rival)
    return found
