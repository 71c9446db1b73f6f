"""What an approver may see and decide: scope as one clause, the row under a lock, its words, its votes."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, insert, select, true, update
from sqlalchemy.orm import Session, aliased

from store.keys import customer_key
from store.message_writes import open_body, seal_body
from store.models.customers import ContactPoint, Customer, CustomerContact
from store.models.messages import Approval, Message, MessageContent
from store.models.organisation import Org, User
from store.sight import people_of, queue_scope
from store.vault import Vault
from wenhou.core.actors import Actor, Role
from wenhou.core.channels import Content
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status

_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A message to be decided on and how the actor stands to it.

    `is_own`: advisor of record, deputy, cover or pool approver. `is_above`: supervisor of its place in the tree.
    `is_compliance`: compliance of it.
    """

    message: Message
    is_own: bool
    is_above: bool
    is_compliance: bool

    @property
    def may_see(self) -> bool:
        """Whether the message exists for this person."""
        return self.is_own or self.is_above or self.is_compliance


@dataclass(frozen=True, slots=True, kw_only=True)
class Vote:
    """Somebody's word on a message that still counts."""

    user_id: uuid.UUID
    name: str
    decision: str
    at: datetime


def load_standing(
    session: Session, actor: Actor, message_id: uuid.UUID, *, lock: bool = True
) -> Standing | None:
    """The message as it is now and what the actor is to it; None when there is none. Locked for the transaction."""
    statement = select(Message).where(Message.id == message_id).execution_options(populate_existing=True)
    if lock and session.get_bind().dialect.name == "postgresql":
        statement = statement.with_for_update()
    message = session.scalar(statement)
    if message is None:
        return None
    org = session.get(Org, message.org_id) if message.org_id else None
    customer = session.get_one(Customer, message.customer_id)
    mine = set(people_of(actor))
    is_pool = message.advisor_id is None and org is not None and org.pool_approver_id in mine
    is_below = bool(actor.org_path) and org is not None and org.path.startswith(actor.org_path)
    return Standing(
        message=message,
        is_own=message.advisor_id in mine or customer.deputy_advisor_id in mine or is_pool,
        is_above=is_below and actor.has(Role.SUPERVISOR),
        is_compliance=is_below and actor.has(Role.COMPLIANCE),
    )


def list_votes(session: Session, message_id: uuid.UUID, *, voided: bool = False) -> list[Vote]:
    """Who said what; only what still counts, unless `voided`."""
    rows = session.execute(
        select(Approval.user_id, User.name, Approval.decision, Approval.at)
        .join(User, User.id == Approval.user_id)
        .where(Approval.message_id == message_id, true() if voided else Approval.voided_at.is_(None))
        .order_by(Approval.id)
    )
    return [Vote(user_id=row.user_id, name=row.name, decision=row.decision, at=row.at) for row in rows]


def record_vote(
    session: Session,
    message: Message,
    actor: Actor,
    *,
    decision: str,
    content_hash: bytes,
    at: datetime,
    reason: str | None = None,
) -> None:
    """Add a person's word, bound to what they saw."""
    session.execute(
        insert(Approval).values(
            id=new_id(),
            message_id=message.id,
            level=message.approvals + 1,
            decision=decision,
            user_id=actor.user_id,
            content_hash=content_hash,
            reason=reason,
            at=at,
        )
    )


def void_votes(session: Session, message_id: uuid.UUID, reason: str, at: datetime) -> int:
    """No approval of this message counts any longer; returns how many did."""
    voided = session.execute(
        update(Approval)
        .where(
            Approval.message_id == message_id, Approval.voided_at.is_(None), Approval.decision == "approved"
        )
        .values(voided_at=at, void_reason=reason)
        .returning(Approval.id),
        execution_options=_QUIET,
    )
    return len(voided.all())


def is_shared(session: Session, message: Message) -> bool:
    """Whether somebody else uses one of the addresses this message may go to."""
    others = aliased(CustomerContact)
    own = CustomerContact
    found = select(
        exists()
        .where(own.customer_id == message.customer_id, others.contact_point_id == own.contact_point_id)
        .where(others.customer_id != own.customer_id, ContactPoint.id == own.contact_point_id)
        .where(ContactPoint.channel.in_(message.channel_plan.split(",")))
    )
    return bool(session.scalar(found))


def load_contents(session: Session, vault: Vault, message: Message) -> dict[str, Content]:
    """The stored words of every channel of the plan, in its order; a mail without its HTML."""
    key = customer_key(session, vault, message.customer_id)
    rows = session.execute(
        select(MessageContent.channel, MessageContent.body).where(MessageContent.message_id == message.id)
    )
    bodies = {channel: open_body(key, message.id, channel, body) for channel, body in rows}
    return {channel: bodies[channel] for channel in message.channel_plan.split(",") if channel in bodies}


def load_parts(session: Session, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    """SMS parts by message and channel."""
    found: dict[uuid.UUID, dict[str, int]] = {}
    for row in session.execute(
        select(MessageContent.message_id, MessageContent.channel, MessageContent.parts).where(
            MessageContent.message_id.in_(ids)
        )
    ):
        found.setdefault(row.message_id, {})[row.channel] = row.parts
    return found


def load_channel_digests(session: Session, message: Message) -> dict[str, bytes]:
    """The digest of each channel's words, in the plan's order."""
    rows = session.execute(
        select(MessageContent.channel, MessageContent.digest).where(MessageContent.message_id == message.id)
    )
    digests = {row.channel: row.digest for row in rows}
    return {channel: digests[channel] for channel in message.channel_plan.split(",") if channel in digests}


def reseal_contents(
    session: Session,
    vault: Vault,
    message: Message,
    contents: Sequence[Content],
    *,
    digests: Mapping[str, bytes],
    parts: Mapping[str, int],
) -> None:
    """Write changed words of a message over the old ones, sealed anew."""
    key = customer_key(session, vault, message.customer_id)
    for content in contents:
        session.execute(
            update(MessageContent)
            .where(MessageContent.message_id == message.id, MessageContent.channel == content.channel)
            .values(
                body=seal_body(key, message.id, content),
                digest=digests[content.channel],
                parts=parts.get(content.channel, 1),
            ),
            execution_options=_QUIET,
        )


def list_waiting(
    session: Session, actor: Actor, *, campaign_id: uuid.UUID | None = None, limit: int = 10_000
) -> Sequence[Message]:
    """Proposed messages in the actor's scope, the nearest window first."""
    statement = select(Message).where(Message.status == Status.PROPOSED, queue_scope(actor))
    if campaign_id is not None:
        statement = statement.where(Message.campaign_id == campaign_id)
    return session.scalars(statement.order_by(Message.due_at, Message.id).limit(limit)).all()
