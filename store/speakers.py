"""Who spoke: the address a word came from, whose it is, and what we last sent there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.handover import Attempt
from store.models.messages import Message, MessageEvent
from store.vault import Vault, place
from wenhou.core.addresses import AddressInvalid, last_four, normalise_email, normalise_phone
from wenhou.core.channels import EMAIL, SMS
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status

STRANGER_KEPT = timedelta(days=180)
"""How long the address of somebody who is no customer is kept."""
_LONGEST_ADDRESS = 320
_NOT_ACCEPTED = ("transient", "permanent", "channel_fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """Where words came from. `customers`: everybody who uses the address; `answered`: what we last sent there.

    `certain`: the one customer it must be (the only user, or the one our own reference names), else None.
    """

    point: ContactPoint
    customers: tuple[Customer, ...]
    answered: Message | None
    certain: Customer | None

    @property
    def is_shared(self) -> bool:
        """Whether several customers use the address and nothing says which of them spoke."""
        return self.certain is None and len(self.customers) > 1

    @property
    def likely(self) -> Customer | None:
        """The certain one, else whom we last wrote to there, else the first: a suggestion, no more."""
        if self.certain is not None or not self.customers:
            return self.certain
        wrote_to = self.answered.customer_id if self.answered is not None else None
        return next((one for one in self.customers if one.id == wrote_to), self.customers[0])

    @property
    def everybody(self) -> tuple[Customer, ...]:
        """Whom a word that stops or holds must reach: the certain one, or all who share the address."""
        return (self.certain,) if self.certain is not None else self.customers


def normalise(channel: str, address: str) -> str:
    """The stored form of an address; what is none (a short code, a broken mail) stays as it came, cut short."""
    try:
        if channel == SMS:
            return normalise_phone(address).e164
        if channel == EMAIL:
            return normalise_email(address)
    except AddressInvalid:
        pass
    return address.strip()[:_LONGEST_ADDRESS]


def account_of(channel: str, account: str) -> str:
    """Phones and mail addresses are the same at every provider; openids and WeCom ids belong to their account."""
    return "" if channel in {SMS, EMAIL} else account


def get_point(
    session: Session, vault: Vault, channel: str, account: str, address: str, at: datetime
) -> ContactPoint:
    """The contact point of an address, locked; made now when nobody ever used it (a stranger, with a retention date)."""
    stored = normalise(channel, address)
    belongs = account_of(channel, account)
    index = vault.blind_index(channel, belongs, stored)
    row_id = new_id()
    row = {
        "id": row_id,
        "channel": channel,
        "account": belongs,
        "address": vault.seal(place("contact_points", "address", row_id), stored.encode()),
        "blind_index": index,
        "last_four_index": vault.last_four_index(last_four(stored)) if channel == SMS else None,
        "reachable": "unknown",
        "quality": 100,
        "soft_failures": 0,
        "retain_until": (at + STRANGER_KEPT).date(),
        "created_at": at,
    }
    found = _find_point(session, channel, belongs, index)
    if found is None and belongs:
        # An imported openid may not say to which of the bank's accounts it belongs.
        found = _find_point(session, channel, "", vault.blind_index(channel, "", stored))
    if found is None:
        unique = ("channel", "account", "blind_index")
        insert_new(session, ContactPoint, [row], unique=unique, returning=ContactPoint.id)
        found = _find_point(session, channel, belongs, index)
    if found is None:
        msg = "a contact point vanished while it was being written"
        raise LookupError(msg)
    return found


def find_speaker(
    session: Session, point: ContactPoint, *, since: datetime, attempt: Attempt | None
) -> Speaker:
    """Who speaks from this address; `attempt` is the one our own reference in the reply names.

    Customers' rows are locked in id order, so that two words of one customer are taken in one after the other.
    """
    ids = set(
        session.scalars(
            select(CustomerContact.customer_id).where(CustomerContact.contact_point_id == point.id)
        )
    )
    named = session.get(Message, attempt.message_id) if attempt is not None else None
    if named is not None:
        ids.add(named.customer_id)
    customers = tuple(
        session.scalars(
            select(Customer)
            .where(Customer.id.in_(ids), Customer.state != "erased")
            .order_by(Customer.id)
            .with_for_update()
        )
    )
    certain = next((one for one in customers if named is not None and one.id == named.customer_id), None)
    if certain is None and len(customers) == 1:
        certain = customers[0]
    answered = named or _last_sent(session, point.id, [one.id for one in customers], since)
    return Speaker(point=point, customers=customers, answered=answered, certain=certain)


def mark_heard(session: Session, point: ContactPoint, at: datetime) -> None:
    """Somebody wrote from there; what that says of the address is for `wenhou.services.contact_quality`."""
    point.last_inbound_at = at
    session.flush()


def _find_point(session: Session, channel: str, account: str, index: bytes) -> ContactPoint | None:
    return session.scalars(
        select(ContactPoint)
        .where(
            ContactPoint.channel == channel,
            ContactPoint.account == account,
            ContactPoint.blind_index == index,
        )
        .with_for_update()
    ).one_or_none()


def _last_sent(
    session: Session, point_id: uuid.UUID, customer_ids: list[uuid.UUID], since: datetime
) -> Message | None:
    message = session.scalars(
        select(Message)
        .join(Attempt, Attempt.message_id == Message.id)
        .where(
            Message.customer_id.in_(customer_ids),
            func.coalesce(Attempt.contact_point_id, Message.contact_point_id) == point_id,
            Attempt.outcome.is_(None) | Attempt.outcome.not_in(_NOT_ACCEPTED),
        )
        .order_by(Attempt.id.desc())
        .limit(1)
    ).first()
    if message is None:
        return None
    left_at = session.scalar(
        select(func.max(MessageEvent.at)).where(
            MessageEvent.message_id == message.id, MessageEvent.status.in_((Status.SENDING, Status.SENT))
        )
    )
    return message if (left_at or message.updated_at) >= since else None
