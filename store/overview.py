"""What pages read beside the protected rows themselves: names, histories, consents, days, counts. Set-based.

The caller has loaded the protected row through `store.access` first; counts take the person's scope themselves.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign, Occurrence
from store.models.customers import Consent, Customer, PersonalDate
from store.models.handover import Attempt
from store.models.hearing import Case, Conversation, ConversationEntry, Feedback, Task
from store.models.messages import Approval, Message, MessageEvent
from store.models.organisation import Org, User
from store.sealing import Sealer
from store.sight import OVER_A_PART, case_scope, conversation_scope, queue_scope, task_scope
from store.vault import Vault
from wenhou.core.actors import Actor
from wenhou.core.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits for a person, by kind."""

    approvals: int
    replies: int
    cases: int
    tasks: int

    @property
    def total(self) -> int:
        """All of it."""
        return self.approvals + self.replies + self.cases + self.tasks


def count_waiting(session: Session, actor: Actor) -> Waiting:
    """What lies on this person's desk now."""
    return Waiting(
        approvals=_count(
            session, select(func.count()).where(Message.status == Status.PROPOSED, queue_scope(actor))
        ),
        replies=_count(
            session,
            select(func.count()).where(
                Conversation.merged_into.is_(None), Conversation.unread > 0, conversation_scope(actor)
            ),
        ),
        cases=_count(
            session,
            select(func.count()).where(Case.state.in_(("open", "answered", "waiting")), case_scope(actor)),
        ),
        tasks=_count(session, select(func.count()).where(Task.state == "open", task_scope(actor))),
    )


def count_statuses(session: Session, actor: Actor, campaign_id: uuid.UUID | None = None) -> dict[str, int]:
    """Messages of this person's desk, or of their part of the bank, by status."""
    statement = select(Message.status, func.count()).where(queue_scope(actor))
    if campaign_id is not None:
        statement = statement.where(Message.campaign_id == campaign_id)
    return {row[0]: row[1] for row in session.execute(statement.group_by(Message.status))}


def count_by_campaign(session: Session, actor: Actor) -> dict[uuid.UUID, dict[str, int]]:
    """Messages of this person's desk, or of their part of the bank, by campaign and status."""
    found: dict[uuid.UUID, dict[str, int]] = {}
    rows = session.execute(
        select(Message.campaign_id, Message.status, func.count())
        .where(queue_scope(actor), Message.campaign_id.is_not(None))
        .group_by(Message.campaign_id, Message.status)
    )
    for campaign_id, status, amount in rows:
        if campaign_id is not None:
            found.setdefault(campaign_id, {})[status] = amount
    return found


def count_stopped(
    session: Session, actor: Actor, *, since: date, campaign_id: uuid.UUID | None = None
) -> dict[str, int]:
    """Messages of this person's desk that a gate said no to, planned for `since` or later, by reason."""
    statement = select(Message.reason, func.count()).where(
        Message.status == Status.SKIPPED, Message.planned_for >= since, queue_scope(actor)
    )
    if campaign_id is not None:
        statement = statement.where(Message.campaign_id == campaign_id)
    return {row[0] or "": row[1] for row in session.execute(statement.group_by(Message.reason))}


def list_stopped(
    session: Session, actor: Actor, *, since: date, limit: int = 20
) -> list[tuple[Message, Customer]]:
    """What a gate said no to or holds on this person's desk, the nearest day first."""
    rows = session.execute(
        select(Message, Customer)
        .join(Customer, Customer.id == Message.customer_id)
        .where(
            Message.status.in_((Status.SKIPPED, Status.PROPOSED, Status.SCHEDULED)),
            (Message.status == Status.SKIPPED) | Message.hold_key.is_not(None),
            Message.planned_for >= since,
            queue_scope(actor),
        )
        .order_by(Message.planned_for, Message.id)
        .limit(limit)
    )
    return [(message, customer) for message, customer in rows]


def user_names(session: Session, ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Names of staff by id."""
    wanted = {one for one in ids if one is not None}
    return {
        row.id: row.name for row in session.execute(select(User.id, User.name).where(User.id.in_(wanted)))
    }


def org_name(session: Session, org_id: uuid.UUID | None) -> str:
    """The name of a node of the tree; empty for none."""
    return (session.scalar(select(Org.name).where(Org.id == org_id)) or "") if org_id else ""


def part_name(session: Session, actor: Actor) -> str:
    """The org that roots what this person oversees; empty for who has a desk of their own only."""
    if not actor.has(*OVER_A_PART):
        return ""
    return session.scalar(select(Org.name).where(Org.path == actor.org_path)) or ""


def customers_of(session: Session, ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, Customer]:
    """Customers of rows that were loaded through access."""
    wanted = {one for one in ids if one is not None}
    return {row.id: row for row in session.scalars(select(Customer).where(Customer.id.in_(wanted)))}


def campaigns_of(session: Session, ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, Campaign]:
    """Campaigns by id."""
    wanted = {one for one in ids if one is not None}
    return {row.id: row for row in session.scalars(select(Campaign).where(Campaign.id.in_(wanted)))}


def list_events(session: Session, message_id: uuid.UUID) -> Sequence[MessageEvent]:
    """The history of a message."""
    return session.scalars(
        select(MessageEvent).where(MessageEvent.message_id == message_id).order_by(MessageEvent.id)
    ).all()


def list_attempts(session: Session, message_id: uuid.UUID) -> Sequence[Attempt]:
    """Hand-overs of a message."""
    return session.scalars(select(Attempt).where(Attempt.message_id == message_id).order_by(Attempt.id)).all()


def last_vote(session: Session, message_id: uuid.UUID) -> tuple[str, datetime] | None:
    """(name, instant) of the last word that counts."""
    row = session.execute(
        select(User.name, Approval.at)
        .join(User, User.id == Approval.user_id)
        .where(Approval.message_id == message_id, Approval.voided_at.is_(None))
        .order_by(Approval.id.desc())
        .limit(1)
    ).first()
    return (row.name, row.at) if row else None


def list_consents(session: Session, customer_id: uuid.UUID) -> Sequence[Consent]:
    """Every act of consent or refusal, the newest first."""
    return session.scalars(
        select(Consent)
        .where(Consent.customer_id == customer_id)
        .order_by(Consent.at.desc(), Consent.id.desc())
    ).all()


def list_dates(session: Session, customer_id: uuid.UUID) -> Sequence[PersonalDate]:
    """The days of a customer's life."""
    return session.scalars(
        select(PersonalDate).where(PersonalDate.customer_id == customer_id).order_by(PersonalDate.id)
    ).all()


def list_birthdays(
    session: Session, actor: Actor, keys: Collection[tuple[str, int, int]], limit: int = 20
) -> list[tuple[Customer, PersonalDate]]:
    """Customers of this person's desk whose birthday is one of these (calendar, month, day)."""
    if not keys or actor.user_id is None:
        return []
    mine = [actor.user_id, *actor.covers]
    statement = (
        select(Customer, PersonalDate)
        .join(PersonalDate, PersonalDate.customer_id == Customer.id)
        .where(
            PersonalDate.kind == "birthday",
            PersonalDate.celebrated.is_(True),
            Customer.state == "active",
            Customer.main_advisor_id.in_(mine),
        )
    )
    rows = [
        (customer, day)
        for customer, day in session.execute(statement)
        if (day.calendar, day.month, day.day) in keys
    ]
    return rows[:limit]


def last_messages(session: Session, customer_id: uuid.UUID, limit: int = 20) -> Sequence[Message]:
    """A customer's messages, the newest planned day first."""
    return session.scalars(
        select(Message)
        .where(Message.customer_id == customer_id)
        .order_by(Message.planned_for.desc(), Message.id.desc())
        .limit(limit)
    ).all()


def find_planned(
    session: Session, customer_id: uuid.UUID, campaign_id: uuid.UUID, on: date | None
) -> Message | None:
    """The message of a campaign for a customer on a day, or the newest one."""
    statement = select(Message).where(Message.customer_id == customer_id, Message.campaign_id == campaign_id)
    if on is not None:
        statement = statement.where(Message.planned_for == on)
    return session.scalars(statement.order_by(Message.planned_for.desc(), Message.id.desc()).limit(1)).first()


def entry_words(session: Session, vault: Vault, customer_id: uuid.UUID, entry_id: uuid.UUID) -> str | None:
    """What a customer said in an entry, if it is theirs and still opens."""
    entry = session.get(ConversationEntry, entry_id)
    if entry is None or entry.customer_id != customer_id:
        return None
    return Sealer(session, vault).open(
        "conversation_entries", "text", entry.id, entry.text, entry.customer_id
    )


def list_feedback(session: Session, customer_id: uuid.UUID) -> Sequence[Feedback]:
    """A customer's ratings, the newest first."""
    return session.scalars(
        select(Feedback).where(Feedback.customer_id == customer_id).order_by(Feedback.at.desc())
    ).all()


def list_occurrences(session: Session, since: date, limit: int = 20) -> Sequence[Occurrence]:
    """Runs from a day on, the nearest first."""
    return session.scalars(
        select(Occurrence).where(Occurrence.on_day >= since).order_by(Occurrence.on_day).limit(limit)
    ).all()


def _count(session: Session, statement: Any) -> int:
    return int(session.scalar(statement) or 0)
