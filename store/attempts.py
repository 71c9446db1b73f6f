"""Attempts: opened and committed before a call, closed after it; what a provider calls them; what they lead to."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.models.customers import ContactPoint, Customer
from store.models.handover import Attempt, ProviderCall, ProviderRef, ProviderTask
from store.models.messages import MessageContent
from store.vault import Vault, place
from wenhou.core.ids import new_id

_CODE_LENGTH = 80
_REFERENCE_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAttempt:
    """One hand-over about to be made."""

    id: uuid.UUID
    message_id: uuid.UUID
    number: int
    channel: str
    provider: str
    account: str
    contact_point_id: uuid.UUID
    fence: int
    call_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedAttempt:
    """How one hand-over ended. `references`: the provider's own names for it, one a part."""

    id: uuid.UUID
    provider: str
    account: str
    outcome: str
    code: str | None = None
    references: tuple[str, ...] = ()


def open_attempts(session: Session, attempts: Sequence[NewAttempt], real: datetime) -> None:
    """Write attempts as open; the caller commits before the call is made."""
    rows = [
        {
            "id": attempt.id,
            "message_id": attempt.message_id,
            "number": attempt.number,
            "channel": attempt.channel,
            "provider": attempt.provider,
            "account": attempt.account,
            "contact_point_id": attempt.contact_point_id,
            "provider_call_id": attempt.call_id,
            "fence": attempt.fence,
            "opened_at": real,
        }
        for attempt in attempts
    ]
    if rows:
        session.execute(insert(Attempt), rows)


def open_call(session: Session, *, provider: str, account: str, size: int, real: datetime) -> uuid.UUID:
    """A batch call's own row; its id is the idempotency key of the call."""
    call_id = new_id()
    session.add(ProviderCall(id=call_id, provider=provider, account=account, size=size, opened_at=real))
    return call_id


def close_calls(session: Session, ids: Collection[uuid.UUID], real: datetime) -> None:
    """Batch calls that were answered."""
    if ids:
        session.execute(
            update(ProviderCall).where(ProviderCall.id.in_(ids)).values(closed_at=real),
            execution_options={"synchronize_session": False},
        )


def close_attempts(session: Session, attempts: Sequence[ClosedAttempt], real: datetime) -> None:
    """Write how they ended, and the providers' references."""
    table = cast("Table", Attempt.__table__)
    statement = (
        update(table)
        .where(table.c.id == bindparam("b_id", type_=table.c.id.type))
        .values(
            closed_at=real,
            outcome=bindparam("b_outcome", type_=table.c.outcome.type),
            code=bindparam("b_code", type_=table.c.code.type),
        )
    )
    rows = [
        {
            "b_id": attempt.id,
            "b_outcome": attempt.outcome,
            "b_code": (attempt.code or "")[:_CODE_LENGTH] or None,
        }
        for attempt in attempts
    ]
    if rows:
        session.connection().execute(statement, rows)
    references = _tell_apart([row for attempt in attempts for row in _references(attempt)])
    if references:
        session.execute(_insert_references(session), references)


def _references(attempt: ClosedAttempt) -> list[dict[str, Any]]:
    return [
        {
            "provider": attempt.provider,
            "account": attempt.account,
            "reference": reference[:_REFERENCE_LENGTH],
            "recipient_index": 0,
            "part": part,
            "attempt_id": attempt.id,
        }
        for part, reference in enumerate(attempt.references, start=1 if len(attempt.references) > 1 else 0)
    ]


def _tell_apart(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Recipients of one call may share the provider's name for it (one BizId for all numbers): each gets an index."""
    seen: dict[tuple[str, str, str, int], int] = {}
    for row in rows:
        key = (row["provider"], row["account"], row["reference"], row["part"])
        row["recipient_index"] = seen[key] = seen.get(key, -1) + 1
    return rows


def _insert_references(session: Session) -> Any:
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    return make(ProviderRef).on_conflict_do_nothing()


def open_task(session: Session, task: ProviderTask) -> None:
    """A task that a person must confirm."""
    session.add(task)


def load_bodies(
    session: Session, wanted: Sequence[tuple[uuid.UUID, str]]
) -> dict[tuple[uuid.UUID, str], tuple[bytes, bytes]]:
    """(message, channel) → (sealed body, digest)."""
    ids = [message_id for message_id, _ in wanted]
    rows = session.execute(
        select(
            MessageContent.message_id, MessageContent.channel, MessageContent.body, MessageContent.digest
        ).where(MessageContent.message_id.in_(ids))
    )
    return {(row.message_id, row.channel): (row.body, row.digest) for row in rows}


def load_digests(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, bytes]]:
    """Message → channel → digest of every stored content."""
    found: dict[uuid.UUID, dict[str, bytes]] = {}
    for row in session.execute(
        select(MessageContent.message_id, MessageContent.channel, MessageContent.digest).where(
            MessageContent.message_id.in_(ids)
        )
    ):
        found.setdefault(row.message_id, {})[row.channel] = row.digest
    return found


def load_addresses(session: Session, vault: Vault, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The addresses of contact points in clear: for the call only, never logged."""
    rows = session.execute(select(ContactPoint.id, ContactPoint.address).where(ContactPoint.id.in_(ids)))
    return {
        row.id: vault.open(place("contact_points", "address", row.id), row.address).decode() for row in rows
    }


def load_names(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Customers' names, for a mail's To header."""
    rows = session.execute(select(Customer.id, Customer.name).where(Customer.id.in_(ids)))
    return {row.id: row.name for row in rows}


def touch_customers(session: Session, ids: Sequence[uuid.UUID], at: datetime) -> None:
    """Remember when a customer last heard from us."""
    if ids:
        session.execute(
            update(Customer).where(Customer.id.in_(ids)).values(last_contact_at=at),
            execution_options={"synchronize_session": False},
        )


def list_channels(session: Session, message_id: uuid.UUID) -> set[str]:
    """The channels on which a message was handed over."""
    return set(session.scalars(select(Attempt.channel).where(Attempt.message_id == message_id)))
