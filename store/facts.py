"""The facts that decisions are made from, fetched set-based: the same for planning thousands and explaining one.

About ten statements for up to 500 messages, whatever their number.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from store.models.customers import (
    CareRestriction,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    Suppression,
)
from store.models.hearing import Case, Conversation
from store.models.messages import ContactLedger, Message
from wenhou.core.policy.facts import Facts, Restriction, Route
from wenhou.core.policy.rules import Policy
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Status

_COUNTS = ("reserved", "committed")
_PROMOTIONAL = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One message to be judged, not necessarily in the store yet.

    `statutory`, `asks` (a rating), `refers`, `product` (its code): what kind of words these are. `held_out`: in the
    campaign's holdout. `condition`: what the step waits for, as `met`, `not_met` or `unknown`. `wave`: the hold key
    of a wave that may not leave yet. `is_campaign_full`: the campaign's own limit of the day is reached. `greeted`: the
    key of a birthday greeting of this birth year by the other calendar.
    """

    message_id: uuid.UUID
    customer_id: uuid.UUID
    purpose: Purpose
    origin: str
    channels: tuple[str, ...]
    planned_for: date
    planned_at: datetime
    expires_at: datetime
    in_audience: bool = True
    rival: str | None = None
    problems: tuple[str, ...] = ()
    lint: tuple[str, ...] = ()
    names_product: bool = False
    only_contact: uuid.UUID | None = None
    campaign_id: uuid.UUID | None = None
    statutory: bool = False
    asks: bool = False
    refers: bool = False
    product: str | None = None
    held_out: bool = False
    condition: str = "met"
    wave: str | None = None
    is_campaign_full: bool = False
    greeted: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Point:
    id: uuid.UUID
    channel: str
    usable: bool
    blind_index: bytes
    preferred: bool
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contact:
    """A place in the ledger. `is_firm`: handed over, or just being so; else it only waits."""

    message_id: uuid.UUID
    on_day: date
    purpose: str
    is_firm: bool

    def counts_for(self, question: Question) -> bool:
        """Of two that wait the one written first goes, so that they never stop each other both."""
        if self.message_id == question.message_id:
            return False
        return self.is_firm or self.message_id < question.message_id


@dataclass(slots=True, kw_only=True)
class _Gathered:
    """What was fetched for all questions together."""

    customers: dict[uuid.UUID, tuple[str, str | None]] = field(default_factory=dict)
    restrictions: dict[uuid.UUID, list[CareRestriction]] = field(default_factory=dict)
    consents: dict[tuple[uuid.UUID, str, str], str] = field(default_factory=dict)
    points: dict[uuid.UUID, list[_Point]] = field(default_factory=dict)
    shared_by: dict[uuid.UUID, int] = field(default_factory=dict)
    suppressed: dict[tuple[str, bytes], set[str]] = field(default_factory=dict)
    cases: dict[uuid.UUID, uuid.UUID] = field(default_factory=dict)
    contacts: dict[uuid.UUID, list[_Contact]] = field(default_factory=dict)
    addresses: dict[tuple[uuid.UUID, date], list[_Contact]] = field(default_factory=dict)


def load_facts(
    session: Session,
    questions: Sequence[Question],
    *,
    policy: Policy,
    zone: ZoneInfo,
    now: datetime,
    platform: Mapping[str, frozenset[str]],
) -> dict[uuid.UUID, Facts]:
    """Facts by message id. `platform`: what each channel's account may carry; a channel without one is not reachable.

    `zone` is the bank's, for customers whose own is unknown or no zone at all (fail closed).
    """
    gathered = _gather(session, questions, policy=policy, zone=zone, now=now)
    return {question.message_id: _facts(question, gathered, zone, platform) for question in questions}


def _gather(
    session: Session, questions: Sequence[Question], *, policy: Policy, zone: ZoneInfo, now: datetime
) -> _Gathered:
    found = _Gathered()
    if not questions:
        return found
    ids = sorted({question.customer_id for question in questions})
    channels = sorted({channel for question in questions for channel in question.channels})
    first = min(question.planned_for for question in questions)
    last = max(question.planned_for for question in questions)
    for start in range(0, len(ids), 500):
        chunk = ids[start : start + 500]
        _load_customers(session, chunk, found, now.astimezone(zone).date())
        _load_points(session, chunk, channels, found)
        _load_contacts(
            session, chunk, found, first - timedelta(days=policy.longest_cap), last, policy.longest_cap
        )
    _load_addresses(session, found, first, last)
    _load_suppressions(session, found, now)
    return found


def _load_customers(session: Session, ids: Sequence[uuid.UUID], found: _Gathered, today: date) -> None:
    for row in session.execute(
        select(Customer.id, Customer.state, Customer.time_zone).where(Customer.id.in_(ids))
    ):
        found.customers[row.id] = (row.state, row.time_zone)
    in_force = (
        CareRestriction.customer_id.in_(ids),
        CareRestriction.from_on <= today,
        or_(CareRestriction.until_on.is_(None), CareRestriction.until_on >= today),
    )
    for restriction in session.scalars(select(CareRestriction).where(*in_force)):
        found.restrictions.setdefault(restriction.customer_id, []).append(restriction)
    for consent in session.execute(
        select(
            ConsentState.customer_id, ConsentState.channel, ConsentState.purpose, ConsentState.state
        ).where(ConsentState.customer_id.in_(ids))
    ):
        found.consents[(consent.customer_id, consent.channel, consent.purpose)] = consent.state
    _load_cases(session, ids, found)


def _load_cases(session: Session, ids: Sequence[uuid.UUID], found: _Gathered) -> None:
    """Open complaints: a customer's own, and those from a shared address of which nobody knows yet who spoke."""
    is_open = (Case.kind == "complaint", Case.state.not_in(("closed", "solved")))
    whose = CustomerContact.customer_id
    unclaimed = (
        select(whose, Case.id)
        .join(Conversation, Conversation.id == Case.conversation_id)
        .join(CustomerContact, CustomerContact.contact_point_id == Conversation.contact_point_id)
        .where(Case.customer_id.is_(None), *is_open, whose.in_(ids))
    )
    own = select(Case.customer_id, Case.id).where(Case.customer_id.in_(ids), *is_open)
    for statement in (unclaimed, own):
        for customer_id, case_id in session.execute(statement):
            if customer_id is not None:
                found.cases[customer_id] = case_id


def _load_points(
    session: Session, ids: Sequence[uuid.UUID], channels: Sequence[str], found: _Gathered
) -> None:
    rows = session.execute(
        select(
            CustomerContact.customer_id,
            CustomerContact.preferred,
            CustomerContact.relation,
            ContactPoint.id,
            ContactPoint.channel,
            ContactPoint.reachable,
            ContactPoint.retired_at,
            ContactPoint.blind_index,
        )
        .join(ContactPoint, ContactPoint.id == CustomerContact.contact_point_id)
        .where(CustomerContact.customer_id.in_(ids), ContactPoint.channel.in_(channels))
        .order_by(CustomerContact.preferred.desc(), ContactPoint.id)
    ).all()
    for row in rows:
        point = _Point(
            id=row.id,
            channel=row.channel,
            usable=row.reachable != "no" and row.retired_at is None,
            blind_index=row.blind_index,
            preferred=row.preferred,
            relation=row.relation,
        )
        found.points.setdefault(row.customer_id, []).append(point)
    points = sorted({row.id for row in rows})
    for start in range(0, len(points), 500):
        counts = session.execute(
            select(CustomerContact.contact_point_id, func.count())
            .where(CustomerContact.contact_point_id.in_(points[start : start + 500]))
            .group_by(CustomerContact.contact_point_id)
        )
        found.shared_by.update({row[0]: row[1] for row in counts})


def _load_contacts(
    session: Session, ids: Sequence[uuid.UUID], found: _Gathered, first: date, last: date, ahead: int
) -> None:
    rows = session.execute(
        select(
            ContactLedger.message_id,
            ContactLedger.customer_id,
            ContactLedger.on_day,
            ContactLedger.purpose,
            Message.status,
        )
        .outerjoin(Message, Message.id == ContactLedger.message_id)
        .where(
            ContactLedger.customer_id.in_(ids),
            ContactLedger.on_day >= first,
            ContactLedger.on_day <= last + timedelta(days=ahead),
            ContactLedger.state.in_(_COUNTS),
            ContactLedger.purpose.in_(_PROMOTIONAL),
        )
    )
    for row in rows:
        found.contacts.setdefault(row.customer_id, []).append(_contact(row))


def _load_addresses(session: Session, found: _Gathered, first: date, last: date) -> None:
    shared = sorted(point for point, amount in found.shared_by.items() if amount > 1)
    for start in range(0, len(shared), 500):
        rows = session.execute(
            select(
                ContactLedger.contact_point_id,
                ContactLedger.on_day,
                ContactLedger.message_id,
                ContactLedger.purpose,
                Message.status,
            )
            .outerjoin(Message, Message.id == ContactLedger.message_id)
            .where(
                ContactLedger.contact_point_id.in_(shared[start : start + 500]),
                ContactLedger.on_day.between(first, last),
                ContactLedger.state.in_(_COUNTS),
                ContactLedger.purpose == Purpose.CARE,
            )
        )
        for row in rows:
            if row.contact_point_id is not None:
                found.addresses.setdefault((row.contact_point_id, row.on_day), []).append(_contact(row))


def _contact(row: Any) -> _Contact:
    return _Contact(
        message_id=row.message_id,
        on_day=row.on_day,
        purpose=row.purpose,
        is_firm=row.status is None or Status(row.status) not in PENDING,
    )


def _load_suppressions(session: Session, found: _Gathered, now: datetime) -> None:
    indexes = sorted({point.blind_index for points in found.points.values() for point in points})
    in_force = or_(Suppression.until.is_(None), Suppression.until > now)
    for start in range(0, len(indexes), 500):
        rows = session.execute(
            select(Suppression.channel, Suppression.blind_index, Suppression.purpose).where(
                and_(Suppression.blind_index.in_(indexes[start : start + 500]), in_force)
            )
        )
        for row in rows:
            found.suppressed.setdefault((row.channel, row.blind_index), set()).add(row.purpose)


def _facts(
    question: Question, found: _Gathered, bank_zone: ZoneInfo, platform: Mapping[str, frozenset[str]]
) -> Facts:
    state, zone = found.customers.get(question.customer_id, ("erased", None))
    return Facts(
        purpose=question.purpose,
        origin=question.origin,
        customer_state=state,
        zone=_zone(zone, bank_zone),
        routes=tuple(_route(question, channel, found, platform) for channel in question.channels),
        planned_at=question.planned_at,
        expires_at=question.expires_at,
        restrictions=tuple(
            Restriction(purposes=frozenset(item.purposes), confidential=item.visibility == "confidential")
            for item in found.restrictions.get(question.customer_id, ())
        ),
        in_audience=question.in_audience,
        open_case=found.cases.get(question.customer_id),
        rival=question.rival,
        contacts=_counted(question, found.contacts.get(question.customer_id, ())),
        problems=question.problems,
        lint=question.lint,
        names_product=question.names_product,
        held_out=question.held_out,
        condition=question.condition,
        statutory=question.statutory,
        asks=question.asks,
        refers=question.refers,
        wave=question.wave,
        is_campaign_full=question.is_campaign_full,
        greeted=question.greeted,
    )


def _route(
    question: Question, channel: str, found: _Gathered, platform: Mapping[str, frozenset[str]]
) -> Route:
    points = [point for point in found.points.get(question.customer_id, ()) if point.channel == channel]
    if question.only_contact is not None:
        points = [point for point in points if point.id == question.only_contact]
    consent = _consent(found, question.customer_id, channel, question.purpose)
    if not points:
        return Route(channel=channel, consent=consent, platform_purposes=platform.get(channel, frozenset()))
    point = next((candidate for candidate in points if candidate.usable), points[0])
    stopped = found.suppressed.get((channel, point.blind_index), set())
    others = [
        contact
        for contact in found.addresses.get((point.id, question.planned_for), ())
        if contact.counts_for(question)
    ]
    return Route(
        channel=channel,
        contact_point_id=point.id,
        reachable=point.usable and channel in platform,
        consent=consent,
        suppressed=bool(stopped & {"all", question.purpose}),
        shared_by=found.shared_by.get(point.id, 1),
        address_today=len(others),
        platform_purposes=platform.get(channel, frozenset()),
    )


def _consent(found: _Gathered, customer_id: uuid.UUID, channel: str, purpose: str) -> str | None:
    """The channel's own word, or the word for any channel; a refusal for any channel stops each of them."""
    general = found.consents.get((customer_id, "any", purpose))
    if general == "withdrawn":
        return general
    return found.consents.get((customer_id, channel, purpose), general)


def _counted(question: Question, contacts: Iterable[_Contact]) -> dict[int, dict[str, int]]:
    counts: dict[int, dict[str, int]] = {}
    for contact in contacts:
        if not contact.counts_for(question):
            continue
        by_purpose = counts.setdefault((question.planned_for - contact.on_day).days, {})
        by_purpose[contact.purpose] = by_purpose.get(contact.purpose, 0) + 1
    return counts


def _zone(name: str | None, bank_zone: ZoneInfo) -> ZoneInfo:
    if name is None:
        return bank_zone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return bank_zone
