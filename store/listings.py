"""What the shell lists of messages: references, states and times of any customer, never names, addresses or words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign
from store.models.customers import Customer
from store.models.handover import Attempt
from store.models.messages import Message, MessageEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One message by its facts."""

    id: uuid.UUID
    customer: str
    campaign: str | None
    origin: str
    planned_for: date
    purpose: str
    channel: str | None
    status: str
    reason: str | None
    level: int
    approvals: int
    due_at: datetime
    trace: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which messages; None: any. `limit` 0: all."""

    status: str | None = None
    campaign: str | None = None
    customer: str | None = None
    message_id: uuid.UUID | None = None
    limit: int = 0


def list_message_lines(session: Session, wanted: Wanted) -> Iterator[MessageLine]:
    """Messages by due time, one at a time: a million of them do not fill the memory."""
    statement = (
        select(Message, Customer.external_ref, Campaign.key)
        .join(Customer, Customer.id == Message.customer_id)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .order_by(Message.due_at, Message.id)
    )
    if wanted.status is not None:
        statement = statement.where(Message.status == wanted.status)
    if wanted.campaign is not None:
        statement = statement.where(Campaign.key == wanted.campaign)
    if wanted.customer is not None:
        statement = statement.where(Customer.external_ref == wanted.customer)
    if wanted.message_id is not None:
        statement = statement.where(Message.id == wanted.message_id)
    if wanted.limit:
        statement = statement.limit(wanted.limit)
    for message, reference, campaign in session.execute(statement.execution_options(yield_per=500)):
        yield _line(message, reference, campaign)


def count_by_status(session: Session) -> dict[str, int]:
    """How many messages stand in each status."""
    rows = session.execute(select(Message.status, func.count()).group_by(Message.status))
    return {row[0]: row[1] for row in rows}


def list_message_events(session: Session, message_id: uuid.UUID) -> list[MessageEvent]:
    """Everything that happened to a message, in order."""
    statement = select(MessageEvent).where(MessageEvent.message_id == message_id).order_by(MessageEvent.id)
    return list(session.scalars(statement))


def list_attempts(session: Session, message_id: uuid.UUID) -> list[Attempt]:
    """Its hand-overs, in order."""
    statement = select(Attempt).where(Attempt.message_id == message_id).order_by(Attempt.id)
    return list(session.scalars(statement))


def _line(message: Message, reference: str, campaign: str | None) -> MessageLine:
    return MessageLine(
        id=message.id,
        customer=reference,
        campaign=campaign,
        origin=message.origin,
        planned_for=message.planned_for,
        purpose=message.purpose,
        channel=message.channel,
        status=message.status,
        reason=message.reason,
        level=message.level,
        approvals=message.approvals,
        due_at=message.due_at,
        trace=message.trace,
    )
