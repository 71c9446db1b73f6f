"""One customer as staff see them: masked addresses, consents with evidence, days of both calendars, what happened."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from store import access, overview
from store.database import Session
from store.foreign_contacts import contacts_of
from store.models.customers import Customer
from store.models.messages import Message
from wenhou.core.actors import Actor
from wenhou.core.addresses import mask_email, mask_phone
from wenhou.core.calendars.personal import DateKey, celebrated_on
from wenhou.core.channels import EMAIL, SMS
from wenhou.core.statuses import Status
from wenhou.services import queue_items
from wenhou.services.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How to reach the customer, masked."""

    channel: str
    masked: str
    relation: str
    reachable: str
    is_retired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day of their life: as they keep it, and when it falls next."""

    kind: str
    words: str
    words_en: str
    next_on: date | None
    source: str
    certainty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAct:
    """One act with its evidence."""

    channel: str
    purpose: str
    act: str
    source: str
    at: datetime
    wording: str
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One line of the timeline. `foreign`: a contact another system of the bank made; `title` is that system then."""

    at: date
    kind: str
    title: str
    channel: str
    status: Status | None
    reason: str | None
    message_id: uuid.UUID | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """One customer whole. `restrictions`: kinds, None for a confidential one."""

    id: uuid.UUID
    ref: str
    name: str
    gender: str
    tier: str
    need: str
    appetite: str
    interests: tuple[str, ...]
    org: str
    advisor: str
    deputy: str
    state: str
    opened_on: date | None
    contacts: tuple[Contact, ...]
    days: tuple[Day, ...]
    consents: tuple[ConsentAct, ...]
    restrictions: tuple[str | None, ...]
    moments: tuple[Moment, ...]
    ratings: tuple[tuple[str, int, datetime], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerLine:
    """One customer in a list."""

    ref: str
    name: str
    tier: str
    advisor: str
    last_contact_at: datetime | None


def list_lines(context: Context, actor: Actor, search: str = "", *, limit: int = 50) -> list[CustomerLine]:
    """Customers in sight: by the beginning of the name, the bank's number, or a phone's last four digits."""
    wanted = search.strip()
    with context.db.read() as session:
        found: Sequence[Customer]
        if wanted.isdigit() and len(wanted) == 4:
            found = access.list_by_last_four(session, context.vault, actor, wanted)
        else:
            one = access.find_customer(session, actor, wanted) if wanted else None
            found = [one] if one else access.list_customers(session, actor, name=wanted or None, limit=limit)
        names = overview.user_names(session, [customer.main_advisor_id for customer in found])
        return [
            CustomerLine(
                ref=customer.external_ref,
                name=customer.name,
                tier=customer.tier or "",
                advisor=names.get(customer.main_advisor_id, "") if customer.main_advisor_id else "",
                last_contact_at=customer.last_contact_at,
            )
            for customer in found
        ]


def read_portrait(context: Context, actor: Actor, ref: str) -> Portrait:
    """A customer by the bank's number; AccessDenied out of sight."""
    today = context.clock.now().astimezone(context.bank.zone).date()
    with context.db.read() as session:
        customer = access.get_customer(session, actor, ref)
        names = overview.user_names(session, [customer.main_advisor_id, customer.deputy_advisor_id])
        restrictions = access.list_restrictions(session, actor, customer.id, today)
        return Portrait(
            id=customer.id,
            ref=customer.external_ref,
            name=customer.name,
            gender=customer.gender,
            tier=customer.tier or "",
            need=customer.need or "",
            appetite=customer.risk_appetite or "",
            interests=tuple(customer.interests or ()),
            org=overview.org_name(session, customer.managing_org_id),
            advisor=names.get(customer.main_advisor_id, "") if customer.main_advisor_id else "",
            deputy=names.get(customer.deputy_advisor_id, "") if customer.deputy_advisor_id else "",
            state=customer.state,
            opened_on=customer.opened_on,
            contacts=tuple(_contacts(session, context, actor, customer.id)),
            days=tuple(_days(session, customer.id, today)),
            consents=tuple(_consents(session, customer.id)),
            restrictions=tuple(one.kind for one in restrictions),
            moments=tuple(
                sorted(
                    [
                        *_moments(session, access.list_messages(session, actor, customer_id=customer.id)),
                        *_made_elsewhere(session, context, customer.id),
                    ],
                    key=lambda one: one.at,
                    reverse=True,
                )
            ),
            ratings=tuple(
                (one.kind, one.score, one.at) for one in overview.list_feedback(session, customer.id)
            ),
        )


def _contacts(session: Session, context: Context, actor: Actor, customer_id: uuid.UUID) -> list[Contact]:
    return [
        Contact(
            channel=one.channel,
            masked=_masked(one.channel, one.address),
            relation=one.relation,
            reachable=one.reachable,
            is_retired=one.retired,
        )
        for one in access.list_addresses(session, context.vault, actor, customer_id)
    ]


def _masked(channel: str, address: str) -> str:
    if channel == SMS:
        return mask_phone(address)
    if channel == EMAIL:
        return mask_email(address)
    return f"{address[:3]}***{address[-2:]}"


def _days(session: Session, customer_id: uuid.UUID, today: date) -> list[Day]:
    found = []
    for row in overview.list_dates(session, customer_id):
        key = DateKey(calendar=row.calendar, month=row.month, day=row.day, is_leap_month=row.is_leap_month)
        coming = [day for year in (today.year, today.year + 1) for day in celebrated_on(key, year)]
        words, words_en = queue_items.birthday_words(row)
        found.append(
            Day(
                kind=row.kind,
                words=words,
                words_en=words_en,
                next_on=min((day for day in coming if day >= today), default=None),
                source=row.source,
                certainty=row.certainty,
            )
        )
    return found


def _consents(session: Session, customer_id: uuid.UUID) -> list[ConsentAct]:
    return [
        ConsentAct(
            channel=one.channel,
            purpose=one.purpose,
            act=one.act,
            source=one.source,
            at=one.at,
            wording=one.wording_version or "",
            evidence=_evidence(one.evidence),
        )
        for one in overview.list_consents(session, customer_id)
    ]


def _evidence(evidence: dict[str, object] | None) -> str:
    """The proof in short: a counter serial, the reply it was said in; ids cut to what people can compare."""
    shown = [f"{key}={str(value)[:12]}" for key, value in (evidence or {}).items() if key != "rule"]
    return " · ".join(shown)


def _moments(session: Session, messages: Sequence[Message]) -> list[Moment]:
    campaigns = overview.campaigns_of(session, [one.campaign_id for one in messages])
    return [
        Moment(
            at=one.planned_for,
            kind=one.origin,
            title=campaigns[one.campaign_id].name if one.campaign_id in campaigns else one.origin,
            channel=one.channel or "",
            status=Status(one.status),
            reason=one.reason,
            message_id=one.id,
        )
        for one in messages
    ]


def _made_elsewhere(session: Session, context: Context, customer_id: uuid.UUID) -> list[Moment]:
    """What the bank's other systems did: the card centre's call stands beside our own words."""
    return [
        Moment(
            at=one.at.astimezone(context.bank.zone).date(),
            kind="foreign",
            title=one.source,
            channel=one.channel,
            status=None,
            reason=None,
            message_id=None,
        )
        for one in contacts_of(session, customer_id)
    ]
