"""What only the demo asks of the store: whole rows of made-up customers. Nothing of this is reachable in production."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.customers import CareRestriction, ConsentState, ContactPoint, Customer, CustomerContact
from store.models.messages import Message
from store.models.organisation import User
from store.vault import Vault, place
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import HANDED_OVER, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCustomer:
    """A made-up customer with open addresses. `advisor`: employee number. `agrees`: to care on some channel."""

    id: uuid.UUID
    reference: str
    name: str
    advisor: str | None
    agrees: bool
    waiting: int
    addresses: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """A message that left, where it went, and what it asks."""

    channel: str
    address: str
    asks: str | None


def list_demo_customers(session: Session, vault: Vault) -> list[DemoCustomer]:
    """Everybody by number, addresses open."""
    addresses = _addresses(session, vault)
    agreeing = set(
        session.scalars(
            select(ConsentState.customer_id).where(
                ConsentState.purpose == Purpose.CARE, ConsentState.state == "granted"
            )
        )
    )
    counts = session.execute(
        select(Message.customer_id, func.count())
        .where(Message.status == Status.PROPOSED)
        .group_by(Message.customer_id)
    )
    waiting: dict[uuid.UUID, int] = {row[0]: row[1] for row in counts}
    rows = session.execute(
        select(Customer, User.employee_no)
        .outerjoin(User, User.id == Customer.main_advisor_id)
        .order_by(Customer.external_ref)
    )
    return [
        DemoCustomer(
            id=customer.id,
            reference=customer.external_ref,
            name=customer.name,
            advisor=advisor,
            agrees=customer.id in agreeing,
            waiting=waiting.get(customer.id, 0),
            addresses=addresses.get(customer.id, {}),
        )
        for customer, advisor in rows
    ]


def add_restriction(session: Session, customer_id: uuid.UUID, *, kind: str, on: date, at: datetime) -> None:
    """As the core banking feed will bring it: everything but service stops."""
    session.add(
        CareRestriction(
            customer_id=customer_id,
            kind=kind,
            from_on=on,
            purposes=[Purpose.CARE.value, Purpose.INFORMATION.value, Purpose.MARKETING.value],
            source="core_banking",
            created_at=at,
        )
    )


def list_sent_lines(session: Session, vault: Vault) -> list[SentLine]:
    """What left to an address of one customer alone and can be answered, oldest first."""
    alone = (
        select(CustomerContact.contact_point_id)
        .group_by(CustomerContact.contact_point_id)
        .having(func.count() == 1)
    )
    rows = session.execute(
        select(Message.asks, ContactPoint)
        .join(ContactPoint, ContactPoint.id == Message.contact_point_id)
        .where(
            Message.status.in_([status.value for status in HANDED_OVER]),
            Message.contact_point_id.in_(alone),
        )
        .order_by(Message.id)
    )
    return [SentLine(channel=point.channel, address=_open(vault, point), asks=asks) for asks, point in rows]


def _addresses(session: Session, vault: Vault) -> dict[uuid.UUID, dict[str, str]]:
    found: dict[uuid.UUID, dict[str, str]] = {}
    rows = session.execute(
        select(CustomerContact.customer_id, ContactPoint).join(
            ContactPoint, ContactPoint.id == CustomerContact.contact_point_id
        )
    )
    for customer_id, point in rows:
        found.setdefault(customer_id, {})[point.channel] = _open(vault, point)
    return found


def _open(vault: Vault, point: ContactPoint) -> str:
    return vault.open(place("contact_points", "address", point.id), point.address).decode()
