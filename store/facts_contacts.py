"""Facts from the contact ledger: what counts in caps, in the care ratio, for an address and under a customer's own limit."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.among import among
from store.models.messages import ContactLedger, Message
from wenhou.core.policy.rules import PROMOTIONAL, Policy
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING

_COUNTS = ("reserved", "committed")
_WAITS = frozenset(str(status) for status in PENDING)
_EVERY = frozenset(Purpose)


@dataclass(slots=True)
class Contact:
    """A place in the ledger. `is_firm`: handed over, just being so, or made by another system; else it only waits."""

    message_id: uuid.UUID
    on_day: date
    purpose: str
    channel: str | None
    is_firm: bool

    def counts_for(self, message_id: uuid.UUID) -> bool:
        """Of two that wait the one written first goes, so that they never stop each other both."""
        return self.message_id != message_id and (self.is_firm or self.message_id < message_id)


@dataclass(slots=True, kw_only=True)
class Contacts:
    """What was fetched, by customer, and by shared address and day."""

    by_customer: dict[uuid.UUID, list[Contact]] = field(default_factory=dict)
    by_address: dict[tuple[uuid.UUID, date], list[Contact]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Which days the ledger is read for: `back` before the first asked day, `ahead` after the last, for which purposes."""

    first: date
    last: date
    back: int
    ahead: int
    purposes: frozenset[str] = PROMOTIONAL


def reach_of(
    policy: Policy, purposes: Collection[str], first: date, last: date, *, personal_days: int = 0
) -> Reach:
    """How far the caps, the ratio (only sales ask for it) and customers' own limits look. Service alone asks nothing."""
    ratio = policy.care_ratio.days if policy.care_ratio and Purpose.MARKETING in purposes else 0
    every = bool(ratio or personal_days)
    cap = policy.longest_cap
    return Reach(
        first=first,
        last=last,
        back=max(cap, ratio, personal_days),
        ahead=max(cap, personal_days),
        purposes=_EVERY if every else PROMOTIONAL,
    )


def load_contacts(session: Session, ids: Sequence[uuid.UUID], reach: Reach) -> dict[uuid.UUID, list[Contact]]:
    """The ledger of these customers."""
    rows = session.execute(
        select(
            ContactLedger.customer_id,
            ContactLedger.message_id,
            ContactLedger.on_day,
            ContactLedger.purpose,
            ContactLedger.channel,
            Message.status,
        )
        .outerjoin(Message, Message.id == ContactLedger.message_id)
        .where(
            among(session, ContactLedger.customer_id, ids),
            ContactLedger.on_day >= reach.first - timedelta(days=reach.back),
            ContactLedger.on_day <= reach.last + timedelta(days=reach.ahead),
            ContactLedger.state.in_(_COUNTS),
            ContactLedger.purpose.in_(sorted(reach.purposes)),
        )
    )
    found: dict[uuid.UUID, list[Contact]] = {}
    for customer_id, *rest in rows:
        found.setdefault(customer_id, []).append(_contact(rest))
    return found


def load_address_contacts(
    session: Session, shared: Collection[uuid.UUID], first: date, last: date
) -> dict[tuple[uuid.UUID, date], list[Contact]]:
    """Greetings to addresses that several customers use, by address and day."""
    found: dict[tuple[uuid.UUID, date], list[Contact]] = {}
    points = sorted(shared)
    for start in range(0, len(points), 500):
        rows = session.execute(
            select(
                ContactLedger.contact_point_id,
                ContactLedger.message_id,
                ContactLedger.on_day,
                ContactLedger.purpose,
                ContactLedger.channel,
                Message.status,
            )
            .outerjoin(Message, Message.id == ContactLedger.message_id)
            .where(
                ContactLedger.contact_point_id.in_(points[start : start + 500]),
                ContactLedger.on_day.between(first, last),
                ContactLedger.state.in_(_COUNTS),
                ContactLedger.purpose == Purpose.CARE,
            )
        )
        for point, *rest in rows:
            if point is not None:
                contact = _contact(rest)
                found.setdefault((point, contact.on_day), []).append(contact)
    return found


def _contact(row: Sequence[Any]) -> Contact:
    message_id, on_day, purpose, channel, status = row
    return Contact(message_id, on_day, purpose, channel, status is None or status not in _WAITS)


def counted(
    message_id: uuid.UUID, planned_for: date, contacts: Iterable[Contact], *, reach: int
) -> dict[int, dict[str, int]]:
    """Days before the planned day → purpose → contacts, as the caps look at them; service is not among them."""
    counts: dict[int, dict[str, int]] = {}
    for contact in contacts:
        days = (planned_for - contact.on_day).days
        if abs(days) > reach or contact.purpose not in PROMOTIONAL or not contact.counts_for(message_id):
            continue
        by_purpose = counts.setdefault(days, {})
        by_purpose[contact.purpose] = by_purpose.get(contact.purpose, 0) + 1
    return counts


def before_sales(
    message_id: uuid.UUID, planned_for: date, contacts: Iterable[Contact], *, days: int
) -> tuple[int, int]:
    """(sales, other contacts) in the `days` days up to the planned one. Others count only once they were made."""
    sales = others = 0
    first = planned_for - timedelta(days=days)
    for contact in contacts:
        if not first < contact.on_day <= planned_for or not contact.counts_for(message_id):
            continue
        if contact.purpose == Purpose.MARKETING:
            sales += 1
        elif contact.is_firm:
            others += 1
    return sales, others
