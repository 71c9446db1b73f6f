"""The one place where a message's status changes: row, event and ledger in the caller's transaction."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.orm import Session

from store.models.messages import ContactLedger, Message, MessageEvent
from store.quotas import give_back
from wenhou.core.errors import InvalidTransition
from wenhou.core.ids import new_id
from wenhou.core.statuses import HANDED_OVER, Event, Status, after

_KEEPS_PLACE = frozenset({Status.PROPOSED, Status.SCHEDULED, Status.SENDING, Status.AWAITING_TAP})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One move of one message.

    `sets`: further columns written with it. `fence`: when given, the move happens only if the claim is still ours.
    `requires`: column values that must still hold (a hash, a status read earlier).
    """

    message_id: uuid.UUID
    was: Status
    event: Event
    actor: str
    reason: str | None = None
    attempt_id: uuid.UUID | None = None
    fence: int | None = None
    sets: dict[str, Any] = field(default_factory=dict)
    requires: dict[str, Any] = field(default_factory=dict)


def change_status(session: Session, changes: Sequence[Change], at: datetime) -> set[uuid.UUID]:
    """Make every move that is still legal in the database; returns the ids that moved.

    A message that is no longer as the caller saw it (status, fence, `requires`) does not move and gets no event: the
    caller compares the returned ids. A pair unknown to the transition table raises InvalidTransition before anything
    is written.
    """
    targets = [after(change.was, change.event) for change in changes]
    moved: set[uuid.UUID] = set()
    events: list[dict[str, Any]] = []
    for change, status in zip(changes, targets, strict=True):
        if not _move(session, change, status, at):
            continue
        moved.add(change.message_id)
        events.append(_event(change, status, at))
        _settle_ledger(session, change.message_id, status)
    if events:
        session.execute(insert(MessageEvent), events)
        _give_back_quotas(session, events)
    return moved


def change_many(session: Session, changes: Sequence[Change], at: datetime) -> set[uuid.UUID]:
    """As `change_status`, for the hot path: one executemany per shape of change, then one look at what moved.

    Every change must carry a `fence`; changes with `requires` are not taken here.
    """
    groups: dict[tuple[Any, ...], list[tuple[Change, Status]]] = {}
    for change in changes:
        status = after(change.was, change.event)
        if change.fence is None or change.requires:
            msg = "change_many takes fenced changes without further requirements"
            raise InvalidTransition(msg)
        groups.setdefault((change.was, status, *sorted(change.sets)), []).append((change, status))
    before = _fences(session, [change.message_id for change in changes])
    held = {
        change.message_id for change in changes if before.get(change.message_id) == (change.was, change.fence)
    }
    for (was, status, *columns), members in groups.items():
        rows = [_row(change, at) for change, _ in members if change.message_id in held]
        if rows:
            session.connection().execute(_update(was, status, [str(column) for column in columns]), rows)
    events = [
        _event(change, after(change.was, change.event), at) for change in changes if change.message_id in held
    ]
    if events:
        session.execute(insert(MessageEvent), events)
        _settle_many(session, [(event["message_id"], Status(event["status"])) for event in events])
        _give_back_quotas(session, events)
    return held


def statuses_of(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Status]:
    """Where these messages stand now, locked until the transaction ends."""
    return {message_id: Status(status) for message_id, (status, _) in _fences(session, ids).items()}


def _move(session: Session, change: Change, status: Status, at: datetime) -> bool:
    statement = update(Message).where(Message.id == change.message_id, Message.status == change.was)
    values = {"status": status, "reason": change.reason, "updated_at": at, **_released(status), **change.sets}
    if change.fence is not None:
        statement = statement.where(Message.claim_fence == change.fence)
    else:
        # A worker that claimed it before knows an older message (its day, its words): its fence no longer holds.
        values["claim_fence"] = Message.claim_fence + 1
    for column, value in change.requires.items():
        statement = statement.where(getattr(Message, column) == value)
    result = session.execute(
        statement.values(values).returning(Message.id), execution_options={"synchronize_session": False}
    )
    return result.first() is not None


def _released(status: Status) -> dict[str, Any]:
    """A message that is not (or no longer) in a worker's hands holds no claim."""
    if status is Status.SENDING:
        return {}
    return {"claim_owner": None, "claim_until": None, "released_at": None}


def _event(change: Change, status: Status, at: datetime) -> dict[str, Any]:
    return {
        "id": new_id(),
        "message_id": change.message_id,
        "event": change.event,
        "status": status,
        "reason": change.reason,
        "actor": change.actor,
        "attempt_id": change.attempt_id,
        "at": at,
    }


def _settle_ledger(session: Session, message_id: uuid.UUID, status: Status) -> None:
    state = _ledger_state(status)
    session.execute(
        update(ContactLedger)
        .where(ContactLedger.message_id == message_id, ContactLedger.state != state)
        .values(state=state),
        execution_options={"synchronize_session": False},
    )


def _ledger_state(status: Status) -> str:
    if status in HANDED_OVER:
        return "committed"
    return "reserved" if status in _KEEPS_PLACE else "released"


def _settle_many(session: Session, statuses: Sequence[tuple[uuid.UUID, Status]]) -> None:
    states: dict[str, list[uuid.UUID]] = {}
    for message_id, status in statuses:
        state = _ledger_state(status)
        states.setdefault(state, []).append(message_id)
    for state, ids in states.items():
        session.execute(
            update(ContactLedger)
            .where(ContactLedger.message_id.in_(ids), ContactLedger.state != state)
            .values(state=state),
            execution_options={"synchronize_session": False},
        )


def _give_back_quotas(session: Session, events: Sequence[dict[str, Any]]) -> None:
    """A message that died leaves its place under its platform's limits to another."""
    dead = [one["message_id"] for one in events if _ledger_state(Status(one["status"])) == "released"]
    if dead:
        give_back(session, dead)


def _fences(session: Session, ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, tuple[str, int]]:
    statement = (
        select(Message.id, Message.status, Message.claim_fence)
        .where(Message.id.in_(ids))
        .order_by(Message.id)
    )
    if session.get_bind().dialect.name == "postgresql":
        statement = statement.with_for_update()
    return {row.id: (row.status, row.claim_fence) for row in session.execute(statement)}


def _row(change: Change, at: datetime) -> dict[str, Any]:
    sets = {f"b_{column}": value for column, value in change.sets.items()}
    return {"b_id": change.message_id, "b_reason": change.reason, "b_at": at, **sets}


def _update(was: str, status: Status, columns: Sequence[str]) -> Any:
    table = cast("Table", Message.__table__)
    values: dict[str, Any] = {
        "status": status,
        "reason": bindparam("b_reason"),
        "updated_at": bindparam("b_at"),
    }
    values |= _released(status)
    values |= {column: bindparam(f"b_{column}", type_=table.c[column].type) for column in columns}
    values["reason"] = bindparam("b_reason", type_=table.c.reason.type)
    values["updated_at"] = bindparam("b_at", type_=table.c.updated_at.type)
    return (
        update(table)
        .where(table.c.id == bindparam("b_id", type_=table.c.id.type), table.c.status == was)
        .values(values)
    )
