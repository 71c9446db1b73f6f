"""Threads and what was said in them: one thread a customer, one an address while nobody knows whose it is."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.hearing import Conversation, ConversationEntry
from store.models.messages import MessageEvent
from store.models.organisation import Org
from store.sealing import Sealer
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEntry:
    """Something said. `text` is sealed when written; `intents` hold rules and codes, never words."""

    direction: str
    channel: str
    text: str
    at: datetime
    customer_id: uuid.UUID | None = None
    contact_point_id: uuid.UUID | None = None
    is_automatic: bool = False
    intents: list[dict[str, Any]] | None = None
    answers_message_id: uuid.UUID | None = None
    message_id: uuid.UUID | None = None
    author_id: uuid.UUID | None = None
    callback_id: uuid.UUID | None = None
    id: uuid.UUID = field(default_factory=new_id)


def find_conversation(
    session: Session, *, customer_id: uuid.UUID | None, contact_point_id: uuid.UUID | None
) -> Conversation | None:
    """The thread of a customer, or the one of an address that belongs to nobody yet, or to several."""
    statement = select(Conversation).where(Conversation.merged_into.is_(None))
    if customer_id is not None:
        statement = statement.where(Conversation.customer_id == customer_id)
    else:
        statement = statement.where(
            Conversation.contact_point_id == contact_point_id, Conversation.customer_id.is_(None)
        )
    return session.scalars(statement.order_by(Conversation.id).limit(1)).first()


def open_conversation(
    session: Session,
    *,
    customer: Customer | None,
    likely: Customer | None,
    contact_point_id: uuid.UUID | None,
    at: datetime,
) -> Conversation:
    """The thread, made now when there is none: the main advisor's, or the pool's of the managing org.

    While nobody knows who spoke, the advisor of the `likely` customer gets it, and a stranger's goes to the head office.
    """
    customer_id = customer.id if customer is not None else None
    found = find_conversation(session, customer_id=customer_id, contact_point_id=contact_point_id)
    if found is not None:
        return found
    whose = customer or likely
    conversation = Conversation(
        id=new_id(),
        customer_id=customer_id,
        contact_point_id=contact_point_id if customer is None else None,
        assignee_id=whose.main_advisor_id if whose is not None else None,
        org_id=whose.managing_org_id if whose is not None else _head_office(session),
        state="open",
        unread=0,
        last_entry_at=at,
        created_at=at,
    )
    session.add(conversation)
    session.flush()
    return conversation


def add_entry(
    session: Session, sealer: Sealer, conversation: Conversation, new: NewEntry, at: datetime
) -> ConversationEntry:
    """Write what was said and move the thread to the top; a customer's own words wake a resolved one."""
    entry = ConversationEntry(
        id=new.id,
        conversation_id=conversation.id,
        customer_id=new.customer_id,
        direction=new.direction,
        channel=new.channel,
        contact_point_id=new.contact_point_id,
        text=sealer.seal("conversation_entries", "text", new.id, new.text, new.customer_id),
        sealed_for=sealer.sealed_for(new.customer_id),
        is_automatic=new.is_automatic,
        intents=new.intents,
        message_id=new.message_id,
        answers_message_id=new.answers_message_id,
        author_id=new.author_id,
        callback_id=new.callback_id,
        at=new.at,
        created_at=at,
    )
    session.add(entry)
    conversation.last_entry_at = at
    if new.direction == "in" and not new.is_automatic:
        conversation.unread += 1
        conversation.last_inbound_at = new.at
        conversation.state, conversation.snoozed_until = "open", None
    session.flush()
    return entry


def list_entries(
    session: Session, conversation: Conversation, limit: int = 2_000
) -> Sequence[ConversationEntry]:
    """What was said in a thread and in those merged into it, oldest first; the newest `limit` of it."""
    merged = select(Conversation.id).where(Conversation.merged_into == conversation.id)
    where = [
        ConversationEntry.conversation_id == conversation.id,
        ConversationEntry.conversation_id.in_(merged),
    ]
    if conversation.customer_id is not None:
        where.append(ConversationEntry.customer_id == conversation.customer_id)
    newest = session.scalars(
        select(ConversationEntry).where(or_(*where)).order_by(ConversationEntry.id.desc()).limit(limit)
    ).all()
    return sorted(newest, key=lambda entry: (entry.at, entry.id))


def list_users(session: Session, contact_point_id: uuid.UUID) -> list[tuple[uuid.UUID, str]]:
    """(customer, relation) of everybody who uses an address."""
    rows = session.execute(
        select(CustomerContact.customer_id, CustomerContact.relation)
        .where(CustomerContact.contact_point_id == contact_point_id)
        .order_by(CustomerContact.relation != "own", CustomerContact.customer_id)
    )
    return [(row.customer_id, row.relation) for row in rows]


def move_to_customer(
    session: Session, sealer: Sealer, entry: ConversationEntry, customer_id: uuid.UUID
) -> str:
    """Say whose words an entry holds: sealed anew with that customer's key; returns the text."""
    text = sealer.open("conversation_entries", "text", entry.id, entry.text, entry.customer_id) or ""
    entry.text = sealer.seal("conversation_entries", "text", entry.id, text, customer_id)
    entry.sealed_for = sealer.sealed_for(customer_id)
    entry.customer_id = customer_id
    session.flush()
    return text


def left_at(session: Session, message_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, datetime]:
    """When each of these messages left us for the first time; those that never did are absent."""
    rows = session.execute(
        select(MessageEvent.message_id, func.min(MessageEvent.at))
        .where(MessageEvent.message_id.in_(message_ids), MessageEvent.status == Status.SENDING)
        .group_by(MessageEvent.message_id)
    )
    return dict(rows.all())


def find_point(session: Session, conversation: Conversation, channel: str | None) -> ContactPoint | None:
    """Where to answer: the address last heard in the thread (on this channel), else the customer's own preferred one."""
    heard = (
        select(ContactPoint)
        .join(ConversationEntry, ConversationEntry.contact_point_id == ContactPoint.id)
        .where(
            ConversationEntry.customer_id == conversation.customer_id,
            ConversationEntry.direction == "in",
            ContactPoint.retired_at.is_(None),
        )
        .order_by(ConversationEntry.id.desc())
    )
    owned = (
        select(ContactPoint)
        .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
        .where(CustomerContact.customer_id == conversation.customer_id, ContactPoint.retired_at.is_(None))
        .order_by(CustomerContact.preferred.desc(), ContactPoint.id)
    )
    for statement in (heard, owned):
        wanted = statement if channel is None else statement.where(ContactPoint.channel == channel)
        found = session.scalars(wanted.limit(1)).first()
        if found is not None:
            return found
    return None


def _head_office(session: Session) -> uuid.UUID | None:
    return session.scalars(select(Org.id).where(Org.parent_id.is_(None)).order_by(Org.path).limit(1)).first()
