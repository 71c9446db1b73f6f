"""Messages whose outcome nobody knows: which are past their account's deadline, and how they stand by campaign."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, case, func, select, text
from sqlalchemy.orm import Session, aliased

from store.models.campaigns import Campaign
from store.models.handover import Attempt
from store.models.messages import Message
from store.models.organisation import Org
from wenhou.core.actors import Actor

CLOSED = "closed_unknown"
"""The reason of an unknown message nobody waits for any more."""
_UNKNOWN = text("messages.status = 'unknown'")
"""Spelt out, because SQLite uses a partial index only for the very words of its condition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An unknown message that still waits for a receipt. `left_at` (wall time): when its newest call began."""

    id: uuid.UUID
    attempt_id: uuid.UUID
    provider: str
    account: str
    left_at: datetime


def list_waiting(session: Session, after: uuid.UUID | None, limit: int) -> list[Waiting]:
    """Unknown messages that are not closed, a page in the order of their ids."""
    newer = aliased(Attempt)
    newest = (
        select(newer.id)
        .where(newer.message_id == Message.id)
        .order_by(newer.id.desc())
        .limit(1)
        .correlate(Message)
        .scalar_subquery()
    )
    statement = (
        select(Message.id, Attempt.id, Attempt.provider, Attempt.account, Attempt.opened_at)
        .join(Attempt, and_(Attempt.message_id == Message.id, Attempt.id == newest))
        .where(_UNKNOWN, Message.reason.is_distinct_from(CLOSED))
        .order_by(Message.id)
        .limit(limit)
    )
    if after is not None:
        statement = statement.where(Message.id > after)
    return [
        Waiting(id=row[0], attempt_id=row[1], provider=row[2], account=row[3], left_at=row[4])
        for row in session.execute(statement)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The unknown messages of a campaign (None: answers and confirmations). `closed` of them wait for nothing."""

    campaign: str | None
    waiting: int
    closed: int


def count_by_campaign(session: Session, actor: Actor) -> list[Group]:
    """How many a campaign, in the actor's part of the bank."""
    closed = func.sum(case((Message.reason == CLOSED, 1), else_=0))
    statement = (
        select(Campaign.key, func.count(), closed)
        .select_from(Message)
        .outerjoin(Campaign, Campaign.id == Message.campaign_id)
        .where(_UNKNOWN)
        .group_by(Campaign.key)
        .order_by(Campaign.key)
    )
    if not actor.sees_all:
        orgs = select(Org.id).where(Org.path.startswith(actor.org_path, autoescape=True))
        statement = statement.where(Message.org_id.in_(orgs))
    return [
        Group(campaign=key, waiting=total - (done or 0), closed=done or 0)
        for key, total, done in session.execute(statement)
    ]
