"""The one module that loads protected rows for a person: who may see which customer, message, thread, case, to-do.

The table of roles is docs/access.md, its conditions `store.sight`. A row out of sight and a row that does not exist
look the same: `find_…` gives None, `get_…` raises AccessDenied with one sentence. Lists are paged by key: pass the
cursor of the last row on to get the next page. Looking at what is confidential is audited by the calling service.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from store.keys import customer_keys
from store.message_writes import open_body
from store.models.campaigns import Campaign
from store.models.customers import CareRestriction, ContactPoint, Customer, CustomerContact
from store.models.hearing import Case, Conversation, Task
from store.models.messages import Message, MessageContent
from store.sight import (
    case_scope,
    conversation_scope,
    customer_scope,
    message_scope,
    queue_scope,
    task_scope,
)
from store.vault import Vault, place
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import Content
from wenhou.core.errors import AccessDenied
from wenhou.core.statuses import Status

PAGE = 50
_Row = TypeVar("_Row")
Cursor = tuple[datetime, uuid.UUID]
"""Where a page ended: the sorted instant of its last row, and the id."""


def find_customer(session: Session, actor: Actor, ref: str | uuid.UUID) -> Customer | None:
    """A customer by the bank's number or our id, when the actor may see them."""
    key = Customer.id == ref if isinstance(ref, uuid.UUID) else Customer.external_ref == ref
    return session.scalars(select(Customer).where(key, customer_scope(actor))).one_or_none()


def get_customer(session: Session, actor: Actor, ref: str | uuid.UUID) -> Customer:
    """As `find_customer`; raises AccessDenied."""
    return _seen(find_customer(session, actor, ref), f"there is no customer {ref}")


def list_customers(
    session: Session,
    actor: Actor,
    *,
    name: str | None = None,
    tier: str | None = None,
    after: tuple[str, uuid.UUID] | None = None,
    limit: int = PAGE,
) -> Sequence[Customer]:
    """Customers by name; `name` is the beginning of it, `after` the (name, id) of the last row seen."""
    statement = select(Customer).where(customer_scope(actor))
    if name:
        statement = statement.where(Customer.name.startswith(name, autoescape=True))
    if tier:
        statement = statement.where(Customer.tier == tier)
    if after is not None:
        statement = statement.where(tuple_(Customer.name, Customer.id) > after)
    return session.scalars(statement.order_by(Customer.name, Customer.id).limit(limit)).all()


def list_by_last_four(session: Session, vault: Vault, actor: Actor, four: str) -> Sequence[Customer]:
    """Customers within the actor's sight whose phone number ends in these four digits."""
    points = select(ContactPoint.id).where(ContactPoint.last_four_index == vault.last_four_index(four))
    owners = select(CustomerContact.customer_id).where(CustomerContact.contact_point_id.in_(points))
    statement = select(Customer).where(Customer.id.in_(owners), customer_scope(actor))
    return session.scalars(statement.order_by(Customer.name, Customer.id).limit(PAGE)).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One way to reach a customer, in clear: mask it before anybody reads it."""

    contact_point_id: uuid.UUID
    channel: str
    account: str
    address: str
    relation: str
    preferred: bool
    reachable: str
    retired: bool


def list_addresses(session: Session, vault: Vault, actor: Actor, customer_id: uuid.UUID) -> list[Address]:
    """A customer's addresses; raises AccessDenied."""
    get_customer(session, actor, customer_id)
    rows = session.execute(
        select(ContactPoint, CustomerContact)
        .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
        .where(CustomerContact.customer_id == customer_id)
        .order_by(CustomerContact.preferred.desc(), ContactPoint.channel, ContactPoint.id)
    )
    return [
        Address(
            contact_point_id=point.id,
            channel=point.channel,
            account=point.account,
            address=vault.open(place("contact_points", "address", point.id), point.address).decode(),
            relation=link.relation,
            preferred=link.preferred,
            reachable=point.reachable,
            retired=point.retired_at is not None,
        )
        for point, link in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Why a customer is left alone, as far as the actor may know.

    Of a confidential one everybody below compliance learns that it is there and nothing else, so that its kind
    cannot be told from its days, source or purposes either.
    """

    kind: str | None
    from_on: date | None = None
    until_on: date | None = None
    purposes: tuple[str, ...] = ()
    source: str | None = None
    confidential: bool = False


def list_restrictions(session: Session, actor: Actor, customer_id: uuid.UUID, on: date) -> list[Restriction]:
    """Restrictions in force on a day; raises AccessDenied. A compliance person's look is audited by the service."""
    get_customer(session, actor, customer_id)
    rows = session.scalars(
        select(CareRestriction)
        .where(
            CareRestriction.customer_id == customer_id,
            CareRestriction.from_on <= on,
            CareRestriction.until_on.is_(None) | (CareRestriction.until_on >= on),
        )
        .order_by(CareRestriction.id)
    )
    if actor.kind == "system" or actor.has(Role.COMPLIANCE):
        return [_shown(row, knows=True) for row in rows]
    # Several confidential ones look like one, after the open ones: their number and order would tell of them too.
    shown = [_shown(row, knows=False) for row in rows]
    known = [one for one in shown if one.kind is not None]
    return [*known, *[one for one in shown if one.kind is None][:1]]


def find_message(session: Session, actor: Actor, message_id: uuid.UUID) -> Message | None:
    """A message, when the actor may see it."""
    return session.scalars(
        select(Message).where(Message.id == message_id, message_scope(actor))
    ).one_or_none()


def get_message(session: Session, actor: Actor, message_id: uuid.UUID) -> Message:
    """As `find_message`; raises AccessDenied."""
    return _seen(find_message(session, actor, message_id), f"there is no message {message_id}")


def list_queue(
    session: Session,
    actor: Actor,
    *,
    campaign: str | None = None,
    approvals: int | None = None,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> list[tuple[Message, Customer]]:
    """What waits for approval, the earliest due first. `approvals`: how many it already has."""
    statement = (
        select(Message, Customer)
        .join(Customer, Customer.id == Message.customer_id)
        .where(Message.status == Status.PROPOSED, queue_scope(actor))
    )
    if campaign is not None:
        wanted = select(Campaign.id).where(Campaign.key == campaign)
        statement = statement.where(Message.campaign_id.in_(wanted))
    if approvals is not None:
        statement = statement.where(Message.approvals == approvals)
    if after is not None:
        statement = statement.where(tuple_(Message.due_at, Message.id) > after)
    rows = session.execute(statement.order_by(Message.due_at, Message.id).limit(limit))
    return [(message, customer) for message, customer in rows]


def list_messages(
    session: Session,
    actor: Actor,
    *,
    status: str | None = None,
    customer_id: uuid.UUID | None = None,
    before: uuid.UUID | None = None,
    limit: int = PAGE,
) -> Sequence[Message]:
    """Messages in sight, the newest first; `before` is the id of the last row seen."""
    statement = select(Message).where(message_scope(actor))
    if status is not None:
        statement = statement.where(Message.status == status)
    if customer_id is not None:
        statement = statement.where(Message.customer_id == customer_id)
    if before is not None:
        statement = statement.where(Message.id < before)
    return session.scalars(statement.order_by(Message.id.desc()).limit(limit)).all()


def open_contents(session: Session, vault: Vault, message_id: uuid.UUID) -> list[Content]:
    """What a message would say on each channel of its plan, in the plan's order; get the message first.

    `html` is None for a mail built on a skeleton: the words' package makes it anew. Empty once a customer is erased.
    """
    message = session.get_one(Message, message_id)
    return open_many_contents(session, vault, [message])[message_id]


def open_many_contents(
    session: Session, vault: Vault, messages: Iterable[Message]
) -> dict[uuid.UUID, list[Content]]:
    """As `open_contents`, for a page of messages the caller was allowed to load; an erased customer's are empty."""
    known = {message.id: message for message in messages}
    keys = customer_keys(session, vault, {message.customer_id for message in known.values()})
    opened: dict[uuid.UUID, list[Content]] = {identifier: [] for identifier in known}
    for row in session.scalars(select(MessageContent).where(MessageContent.message_id.in_(known))):
        key = keys.get(known[row.message_id].customer_id)
        if key is not None:
            opened[row.message_id].append(open_body(key, row.message_id, row.channel, row.body))
    for identifier, contents in opened.items():
        plan = known[identifier].channel_plan.split(",")
        contents.sort(
            key=lambda content: plan.index(content.channel) if content.channel in plan else len(plan)
        )
    return opened


def find_conversation(session: Session, actor: Actor, conversation_id: uuid.UUID) -> Conversation | None:
    """A thread, when the actor may see it."""
    return session.scalars(
        select(Conversation).where(Conversation.id == conversation_id, conversation_scope(actor))
    ).one_or_none()


def get_conversation(session: Session, actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """As `find_conversation`; raises AccessDenied."""
    found = find_conversation(session, actor, conversation_id)
    return _seen(found, f"there is no conversation {conversation_id}")


def list_conversations(
    session: Session,
    actor: Actor,
    *,
    state: str | None = "open",
    before: Cursor | None = None,
    limit: int = PAGE,
) -> Sequence[Conversation]:
    """Threads, the last spoken in first, without merged ones; `before`: (last_entry_at, id) of the last row."""
    statement = select(Conversation).where(Conversation.merged_into.is_(None), conversation_scope(actor))
    if state is not None:
        statement = statement.where(Conversation.state == state)
    if before is not None:
        statement = statement.where(tuple_(Conversation.last_entry_at, Conversation.id) < before)
    order = (Conversation.last_entry_at.desc(), Conversation.id.desc())
    return session.scalars(statement.order_by(*order).limit(limit)).all()


def find_case(session: Session, actor: Actor, ref: str | uuid.UUID) -> Case | None:
    """A case by its number or id, when the actor may see it."""
    key = Case.id == ref if isinstance(ref, uuid.UUID) else Case.number == ref
    return session.scalars(select(Case).where(key, case_scope(actor))).one_or_none()


def get_case(session: Session, actor: Actor, ref: str | uuid.UUID) -> Case:
    """As `find_case`; raises AccessDenied."""
    return _seen(find_case(session, actor, ref), f"there is no case {ref}")


def list_cases(
    session: Session,
    actor: Actor,
    *,
    states: Sequence[str] = ("open", "answered", "waiting"),
    customer_id: uuid.UUID | None = None,
    after: Cursor | None = None,
    limit: int = PAGE,
) -> Sequence[Case]:
    """Cases, the earliest promised answer first; `after` is (first_answer_due_at, id) of the last row seen."""
    statement = select(Case).where(Case.state.in_(states), case_scope(actor))
    if customer_id is not None:
        statement = statement.where(Case.customer_id == customer_id)
    if after is not None:
        statement = statement.where(tuple_(Case.first_answer_due_at, Case.id) > after)
    return session.scalars(statement.order_by(Case.first_answer_due_at, Case.id).limit(limit)).all()


def get_task(session: Session, actor: Actor, task_id: uuid.UUID) -> Task:
    """A to-do; raises AccessDenied."""
    found = session.scalars(select(Task).where(Task.id == task_id, task_scope(actor))).one_or_none()
    return _seen(found, f"there is no task {task_id}")


def list_tasks(
    session: Session, actor: Actor, *, state: str = "open", after: Cursor | None = None, limit: int = PAGE
) -> Sequence[Task]:
    """To-dos, the most urgent first; `after` is (due_at, id) of the last row seen."""
    statement = select(Task).where(Task.state == state, task_scope(actor))
    if after is not None:
        statement = statement.where(tuple_(Task.due_at, Task.id) > after)
    return session.scalars(statement.order_by(Task.due_at, Task.id).limit(limit)).all()


def _shown(row: CareRestriction, *, knows: bool) -> Restriction:
    hidden = row.visibility == "confidential"
    if hidden and not knows:
        return Restriction(kind=None, confidential=True)
    return Restriction(
        kind=row.kind,
        from_on=row.from_on,
        until_on=row.until_on,
        purposes=tuple(row.purposes),
        source=row.source,
        confidential=hidden,
    )


def _seen(row: _Row | None, sentence: str) -> _Row:
    if row is None:
        raise AccessDenied(sentence)
    return row
