"""What has not left yet, when a customer's word or a case changes whether it may."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.hearing import Case
from store.models.messages import Message
from store.transitions import Change, change_status
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Event, Status

_CASE = "case:"


def skip_pending(
    session: Session,
    customer_ids: Collection[uuid.UUID],
    purposes: Collection[Purpose],
    *,
    reason: str,
    actor: str,
    at: datetime,
    contact_point_id: uuid.UUID | None = None,
) -> int:
    """Skip what waits for these purposes (bound for one address, where given); returns how many.

    Also what a worker has claimed: its START no longer finds the message scheduled. What is `sending` has left.
    """
    waiting = _pending(session, customer_ids, purposes, contact_point_id)
    changes = [
        Change(message_id=one.id, was=Status(one.status), event=Event.SKIP, actor=actor, reason=reason)
        for one in waiting
    ]
    return len(change_status(session, changes, at))


def hold_pending(
    session: Session,
    customer_ids: Collection[uuid.UUID],
    purposes: Collection[Purpose],
    *,
    hold_key: str,
    actor: str,
    at: datetime,
) -> int:
    """Hold what waits until `release_held` of the same key; returns how many. What another event holds stays its."""
    changes = [
        Change(
            message_id=one.id,
            was=Status(one.status),
            event=Event.RESCHEDULE,
            actor=actor,
            reason="open_case",
            sets={"hold_key": hold_key},
        )
        for one in _pending(session, customer_ids, purposes, None)
        if one.hold_key is None
    ]
    return len(change_status(session, changes, at))


def release_held(
    session: Session, hold_key: str, *, actor: str, at: datetime, but: Collection[uuid.UUID] = ()
) -> int:
    """Let go what an event held, except for the customers in `but`; the gates decide anew at hand-over."""
    held = session.scalars(select(Message).where(Message.hold_key == hold_key, Message.status.in_(PENDING)))
    changes = [
        Change(
            message_id=one.id,
            was=Status(one.status),
            event=Event.RESCHEDULE,
            actor=actor,
            sets={"hold_key": None, "due_at": max(one.due_at, at)},
        )
        for one in held
        if one.customer_id not in but
    ]
    return len(change_status(session, changes, at))


def sweep_held(session: Session, at: datetime) -> int:
    """Let go what is held by a case that is over: a gate may have read it as open while it was being closed."""
    held = session.scalars(
        select(Message.hold_key)
        .where(Message.hold_key.startswith(_CASE), Message.status.in_(PENDING))
        .distinct()
    )
    cases = {uuid.UUID(key.removeprefix(_CASE)): key for key in held if key is not None}
    if not cases:
        return 0
    going_on = select(Case.id).where(Case.id.in_(cases), Case.state.not_in(("closed", "solved")))
    over = set(cases) - set(session.scalars(going_on))
    return sum(release_held(session, cases[case_id], actor="system", at=at) for case_id in over)


def _pending(
    session: Session,
    customer_ids: Collection[uuid.UUID],
    purposes: Collection[Purpose],
    contact_point_id: uuid.UUID | None,
) -> Sequence[Message]:
    statement = select(Message).where(
        Message.customer_id.in_(customer_ids), Message.purpose.in_(purposes), Message.status.in_(PENDING)
    )
    if contact_point_id is not None:
        statement = statement.where(Message.contact_point_id == contact_point_id)
    return session.scalars(statement.execution_options(populate_existing=True)).all()
