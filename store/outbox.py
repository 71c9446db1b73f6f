"""The outbox: releasing what is due, claiming it for a worker, and giving back what a dead worker held (DESIGN §11).

Instants named `now` are business time (what is due), `real` is wall time (leases). Claims are fenced: every claim
raises `claim_fence`, and every later write names the fence it was made under.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, true, update
from sqlalchemy.orm import Session

from store.models.handover import Attempt
from store.models.messages import Message
from store.stops import Stops
from store.transitions import Change, change_status
from wenhou.core.statuses import Event, Status

CLAIM_SIZE = 200
_QUIET = {"synchronize_session": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A message in a worker's hands until its lease ends."""

    id: uuid.UUID
    customer_id: uuid.UUID
    channel: str
    channel_plan: tuple[str, ...]
    purpose: str
    origin: str
    fence: int
    tries: int
    planned_for: date
    not_before: datetime
    expires_at: datetime
    content_hash: bytes | None
    campaign_id: uuid.UUID | None
    contact_point_id: uuid.UUID | None
    org_id: uuid.UUID | None
    advisor_id: uuid.UUID | None
    campaign_version_id: uuid.UUID | None = None
    occurrence_id: uuid.UUID | None = None
    step: int = 1
    wave: int | None = None
    dedupe_key: str = ""
    origin_id: uuid.UUID | None = None


def release_due(
    session: Session, *, now: datetime, real: datetime, room: Mapping[str, int], stops: Stops
) -> int:
    """Release due messages, most urgent purpose first, at most `room` by channel; returns how many.

    `room`: two seconds of the route's rate less what is released and not handed over yet, so that a million greetings
    never stand before a complaint's answer.
    """
    released = 0
    for channel, space in room.items():
        if space <= 0 or stops.everything or channel in stops.channels:
            continue
        ids = list(
            session.scalars(
                select(Message.id)
                .where(
                    *_due(now), Message.channel == channel, Message.released_at.is_(None), *_running(stops)
                )
                .order_by(Message.urgency, Message.due_at)
                .limit(space)
            )
        )
        for start in range(0, len(ids), 500):
            session.execute(
                update(Message)
                .where(Message.id.in_(ids[start : start + 500]), Message.status == Status.SCHEDULED)
                .values(released_at=real),
                execution_options=_QUIET,
            )
        released += len(ids)
    return released


def waiting_by_channel(session: Session) -> dict[str, int]:
    """Released and not yet handed over, by channel."""
    rows = session.execute(
        select(Message.channel, func.count())
        .where(Message.status == Status.SCHEDULED, Message.released_at.is_not(None))
        .group_by(Message.channel)
    )
    return {channel or "": amount for channel, amount in rows}


def withdraw_released(session: Session, *, now: datetime, stops: Stops, channels: Sequence[str]) -> int:
    """Take back what was released and may not leave now: stopped, paused, held, or its account paused.

    Left released it would fill its route's room, and nothing else could be released. `channels`: the open ones.
    """
    held: list[ColumnElement[bool]] = [
        not_(and_(*_due(now), Message.channel.in_(channels), *_running(stops)))
    ]
    if stops.everything:
        held.append(true())
    taken = session.execute(
        update(Message)
        .where(
            Message.status == Status.SCHEDULED,
            Message.released_at.is_not(None),
            Message.claim_until.is_(None),
            or_(*held),
        )
        .values(released_at=None)
        .returning(Message.id),
        execution_options=_QUIET,
    ).all()
    return len(taken)


def claim_released(
    session: Session,
    *,
    owner: str,
    real: datetime,
    now: datetime,
    lease: timedelta,
    stops: Stops,
    channels: Sequence[str],
    limit: int = CLAIM_SIZE,
) -> list[Claimed]:
    """Take up to `limit` released messages for `owner`; the status stays `scheduled`."""
    if stops.everything or not channels:
        return []
    chosen = (
        select(Message.id)
        .where(
            *_due(now),
            Message.channel.in_(channels),
            Message.released_at.is_not(None),
            or_(Message.claim_until.is_(None), Message.claim_until < real),
            *_running(stops),
        )
        .order_by(Message.urgency, Message.released_at)
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        chosen = chosen.with_for_update(skip_locked=True)
    ids = list(session.scalars(chosen))
    if not ids:
        return []
    rows = session.execute(
        update(Message)
        .where(Message.id.in_(ids))
        .values(claim_owner=owner, claim_until=real + lease, claim_fence=Message.claim_fence + 1)
        .returning(*_CLAIMED),
        execution_options=_QUIET,
    ).all()
    order = {identifier: index for index, identifier in enumerate(ids)}
    return sorted((_claimed(row) for row in rows), key=lambda item: order[item.id])


_CLAIMED = (
    Message.id,
    Message.customer_id,
    Message.channel,
    Message.channel_plan,
    Message.purpose,
    Message.origin,
    Message.claim_fence,
    Message.tries,
    Message.planned_for,
    Message.not_before,
    Message.expires_at,
    Message.content_hash,
    Message.campaign_id,
    Message.contact_point_id,
    Message.org_id,
    Message.advisor_id,
    Message.campaign_version_id,
    Message.occurrence_id,
    Message.step,
    Message.wave,
    Message.dedupe_key,
    Message.origin_id,
)


def _claimed(row: Any) -> Claimed:
    return Claimed(
        id=row.id,
        customer_id=row.customer_id,
        channel=row.channel,
        channel_plan=tuple(row.channel_plan.split(",")),
        purpose=row.purpose,
        origin=row.origin,
        fence=row.claim_fence,
        tries=row.tries,
        planned_for=row.planned_for,
        not_before=row.not_before,
        expires_at=row.expires_at,
        content_hash=row.content_hash,
        campaign_id=row.campaign_id,
        contact_point_id=row.contact_point_id,
        org_id=row.org_id,
        advisor_id=row.advisor_id,
        campaign_version_id=row.campaign_version_id,
        occurrence_id=row.occurrence_id,
        step=row.step,
        wave=row.wave,
        dedupe_key=row.dedupe_key,
        origin_id=row.origin_id,
    )


def renew_claims(session: Session, *, owner: str, ids: Sequence[uuid.UUID], until: datetime) -> None:
    """Lengthen the lease of what is still being worked on."""
    for start in range(0, len(ids), 500):
        mine = select(Message.id).where(
            Message.id.in_(ids[start : start + 500]), Message.claim_owner == owner
        )
        if session.get_bind().dialect.name == "postgresql":
            mine = mine.with_for_update(
                skip_locked=True
            )  # what is locked is being recorded: it needs no lease
        session.execute(
            update(Message)
            .where(Message.id.in_(list(session.scalars(mine))), Message.claim_owner == owner)
            .values(claim_until=until),
            execution_options=_QUIET,
        )


def give_back(session: Session, *, ids: Sequence[tuple[uuid.UUID, int]]) -> None:
    """Return claimed messages that were not worked on; nothing happened to them."""
    for message_id, fence in ids:
        session.execute(
            update(Message)
            .where(Message.id == message_id, Message.claim_fence == fence, Message.status == Status.SCHEDULED)
            .values(claim_owner=None, claim_until=None, released_at=None),
            execution_options=_QUIET,
        )


def recover_claims(session: Session, *, real: datetime, at: datetime, limit: int = 500) -> tuple[int, int]:
    """Undo what dead workers left: (returned to schedule, made unknown).

    A claim without an open attempt simply returns. An open attempt whose lease ended is `unknown`: the call may have
    happened, and nobody may guess (ADR 0005).
    """
    returned = session.execute(
        update(Message)
        .where(Message.status == Status.SCHEDULED, Message.claim_until < real)
        .values(claim_owner=None, claim_until=None, released_at=None)
        .returning(Message.id),
        execution_options=_QUIET,
    ).all()
    ended = (
        select(Message.id, Message.claim_fence)
        .where(Message.status == Status.SENDING, Message.claim_until < real)
        .limit(limit)
    )
    if session.get_bind().dialect.name == "postgresql":
        ended = ended.with_for_update(skip_locked=True)  # locked: its owner lives and is recording it
    lost = session.execute(ended).all()
    for message_id, fence in lost:
        attempt_id = session.scalar(
            select(Attempt.id).where(
                Attempt.message_id == message_id, Attempt.fence == fence, Attempt.closed_at.is_(None)
            )
        )
        change = Change(
            message_id=message_id,
            was=Status.SENDING,
            event=Event.LOSE,
            actor="system",
            reason="interrupted",
            attempt_id=attempt_id,
            fence=fence,
        )
        if change_status(session, [change], at) and attempt_id is not None:
            session.execute(
                update(Attempt)
                .where(Attempt.id == attempt_id)
                .values(closed_at=real, outcome="unknown", code="interrupted"),
                execution_options=_QUIET,
            )
    return len(returned), len(lost)


def expire_passed(session: Session, *, now: datetime, limit: int = 500) -> int:
    """What nobody approved or nothing could carry in time has expired; an unapproved birthday is never sent late."""
    rows = session.execute(
        select(Message.id, Message.status)
        .where(
            Message.status.in_((Status.PROPOSED, Status.SCHEDULED, Status.AWAITING_TAP)),
            Message.expires_at <= now,
            Message.claim_until.is_(None),
        )
        .limit(limit)
    ).all()
    reasons = {
        Status.PROPOSED: "not_approved",
        Status.SCHEDULED: "too_late",
        Status.AWAITING_TAP: "tap_missed",
    }
    changes = [
        Change(
            message_id=row.id,
            was=Status(row.status),
            event=Event.EXPIRE,
            actor="system",
            reason=reasons[Status(row.status)],
            requires={"claim_until": None},
        )
        for row in rows
    ]
    return len(change_status(session, changes, now))


def next_due(session: Session, *, channels: Sequence[str], stops: Stops) -> datetime | None:
    """When the next message falls due that may leave; holds by an event, pauses and stops left out."""
    if stops.everything:
        return None
    return session.scalar(
        select(func.min(Message.due_at)).where(
            Message.status == Status.SCHEDULED,
            Message.hold_key.is_(None),
            Message.channel.in_(channels),
            *_running(stops),
        )
    )


def _due(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (Message.status == Status.SCHEDULED, Message.due_at <= now, Message.hold_key.is_(None))


def _running(stops: Stops) -> list[ColumnElement[bool]]:
    """Not paused, not stopped: asked at release and claim, never written into rows."""
    conditions: list[ColumnElement[bool]] = []
    if stops.purposes:
        conditions.append(Message.purpose.not_in(stops.purposes))
    if stops.channels:
        conditions.append(Message.channel.not_in(stops.channels))
    if stops.campaigns:
        conditions.append(or_(Message.campaign_id.is_(None), Message.campaign_id.not_in(stops.campaigns)))
    if stops.orgs:
        conditions.append(or_(Message.org_id.is_(None), Message.org_id.not_in(stops.orgs)))
    return conditions
