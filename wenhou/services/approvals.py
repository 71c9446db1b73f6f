"""Approving what will be sent: bound to the words the approver saw, by those who may, two of them where it matters.

Every act writes row, event, vote and audit in one transaction. Nothing is overwritten: who comes second is told.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from store import approvals as votes
from store.approvals import Standing
from store.audit import record
from store.database import Session
from store.models.messages import Message
from store.transitions import Change, change_status
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied, Refused
from wenhou.core.policy.gates import PASS
from wenhou.core.policy.trace import decode_trace
from wenhou.core.statuses import Event, Status
from wenhou.services.context import Context
from wenhou.services.deciding import check_hash, decided, load_standing, refusal_to_vote, waiting
from wenhou.services.editing import edit
from wenhou.services.relinting import refuse_what_rules_stop
from wenhou.services.wording import Edit

__all__ = [
    "REJECT_REASONS",
    "UNDO_SECONDS",
    "AllApproved",
    "AllFilter",
    "Approved",
    "Edit",
    "ManyApproved",
    "approve",
    "approve_all",
    "approve_many",
    "current_hash",
    "edit",
    "greeted_in_person",
    "reject",
    "snooze",
    "undo",
    "why_not_in_bulk",
]

UNDO_SECONDS = 10
REJECT_REASONS = ("wording", "wrong_customer", "wrong_time", "other")
_UNDO_GRACE = timedelta(seconds=2)
_CHUNK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """What an approval did. `status` stays `proposed` after the first of two; `undo_until` in business time."""

    message_id: uuid.UUID
    status: Status
    approvals: int
    level: int
    due_at: datetime
    undo_until: datetime


@dataclass(slots=True, kw_only=True)
class ManyApproved:
    """What approving several did: ids approved, and the sentence of each that was refused."""

    approved: list[uuid.UUID] = field(default_factory=list)
    refused: dict[uuid.UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllFilter:
    """Which waiting messages `approve_all` looks at: of one campaign, or all; at most `limit`."""

    campaign_id: uuid.UUID | None = None
    limit: int = 10_000


@dataclass(slots=True, kw_only=True)
class AllApproved:
    """How many were approved and why the others were left, by code."""

    approved: int = 0
    left: dict[str, int] = field(default_factory=dict)


def current_hash(context: Context, actor: Actor, message_id: uuid.UUID) -> bytes:
    """The hash of the words as they stand, for a caller that has just shown them."""
    with context.db.read() as session:
        return load_standing(session, actor, message_id, lock=False).message.content_hash or b""


def approve(
    context: Context,
    actor: Actor,
    message_id: uuid.UUID,
    content_hash: bytes,
    *,
    undo_seconds: int = UNDO_SECONDS,
) -> Approved:
    """Agree to exactly these words; with the last agreement the message is scheduled, not before the undo has passed.

    Refused: changed meanwhile, decided by somebody else, expired, own edit or same person on a two-person level.
    AccessDenied: not this person's to see or to decide.
    """
    with context.db.write() as session:
        standing = load_standing(session, actor, message_id)
        result = _grant(session, context, actor, standing, content_hash, timedelta(seconds=undo_seconds))
    context.submit("dispatch")
    return result


def approve_many(
    context: Context,
    actor: Actor,
    items: Sequence[tuple[uuid.UUID, bytes]],
    *,
    undo_seconds: int = UNDO_SECONDS,
) -> ManyApproved:
    """Agree to several, each to the words that were seen; what is refused leaves the others as they are."""
    result = ManyApproved()
    for start in range(0, len(items), _CHUNK):
        with context.db.write() as session:
            for message_id, content_hash in items[start : start + _CHUNK]:
                try:
                    standing = load_standing(session, actor, message_id)
                    _grant(session, context, actor, standing, content_hash, timedelta(seconds=undo_seconds))
                except (Refused, AccessDenied) as refusal:
                    result.refused[message_id] = str(refusal)
                else:
                    result.approved.append(message_id)
    context.submit("dispatch")
    return result


def approve_all(
    context: Context, actor: Actor, chosen: AllFilter | None = None, *, undo_seconds: int = UNDO_SECONDS
) -> AllApproved:
    """Agree to all that is plainly green: one person's level, untouched, no gate holding; the rest is counted by why."""
    wanted = chosen or AllFilter()
    with context.db.read() as session:
        found = votes.list_waiting(session, actor, campaign_id=wanted.campaign_id, limit=wanted.limit)
        left = Counter(why for message in found if (why := why_not_in_bulk(message)) is not None)
        green = [
            (message.id, message.content_hash or b"") for message in found if why_not_in_bulk(message) is None
        ]
    done = approve_many(context, actor, green, undo_seconds=undo_seconds)
    if done.refused:
        left["refused"] += len(done.refused)
    return AllApproved(approved=len(done.approved), left=dict(left))


def why_not_in_bulk(message: Message) -> str | None:
    """Why a person must look at this one by itself, as a code; None when it is green."""
    if message.level != 1:
        return "two_persons"
    if message.edited_by is not None:
        return "edited"
    if message.hold_key is not None or message.reason in ("open_case", "content_changed"):
        return message.reason or "held"
    if message.risk != "low":
        return "risk"
    if message.trace is not None:
        _, gates = decode_trace(message.trace)
        amber = [gate for gate in gates if gate.verdict != PASS and gate.gate != "window"]
        if amber:
            return amber[0].reason or amber[0].gate
    return None


def undo(context: Context, actor: Actor, message_id: uuid.UUID) -> None:
    """Take back one's own approval while nothing has left: within the undo time only."""
    now = context.clock.now()
    with context.db.write() as session:
        message = load_standing(session, actor, message_id).message
        own = [vote for vote in votes.list_votes(session, message_id) if vote.user_id == actor.user_id]
        if message.status != Status.SCHEDULED or not own:
            raise Refused(decided(session, message), code="nothing_to_undo")
        if now > own[-1].at + timedelta(seconds=UNDO_SECONDS) + _UNDO_GRACE:
            raise Refused("撤回时间已过 (the time to undo has passed)", code="undo_passed")
        moved = change_status(
            session,
            [
                Change(
                    message_id=message_id,
                    was=Status.SCHEDULED,
                    event=Event.REVISE,
                    actor=actor.label,
                    reason="undone",
                    sets={"approvals": 0},
                    requires={"released_at": None},
                )
            ],
            now,
        )
        if not moved:
            raise Refused("这条已在发送，不能撤回 (it is already leaving)", code="undo_passed")
        votes.void_votes(session, message_id, "undone", now)
        record(session, now, actor, "message.undone", "message", message_id)


def reject(context: Context, actor: Actor, message_id: uuid.UUID, reason: str) -> None:
    """Say no, with a reason code of REJECT_REASONS; the message ends as rejected."""
    if reason not in REJECT_REASONS:
        raise Refused(f"请选择退回原因 (choose one of {', '.join(REJECT_REASONS)})", code="reason")
    now = context.clock.now()
    with context.db.write() as session:
        standing = load_standing(session, actor, message_id)
        message = waiting(session, standing)
        votes.record_vote(
            session,
            message,
            actor,
            decision="rejected",
            content_hash=message.content_hash or b"",
            at=now,
            reason=reason,
        )
        _end(session, actor, message, Event.REJECT, reason, now)


def greeted_in_person(context: Context, actor: Actor, message_id: uuid.UUID) -> None:
    """The advisor called or visited instead: the machine's message ends as cancelled, already greeted."""
    now = context.clock.now()
    with context.db.write() as session:
        message = waiting(session, load_standing(session, actor, message_id))
        _end(session, actor, message, Event.CANCEL, "already_greeted", now)


def snooze(context: Context, actor: Actor, message_id: uuid.UUID, until: datetime) -> None:
    """Look at it later: it falls due at `until`, which must lie ahead and before it expires."""
    now = context.clock.now()
    with context.db.write() as session:
        message = waiting(session, load_standing(session, actor, message_id))
        if not now < until < message.expires_at:
            raise Refused("只能推迟到这条的有效期之内 (later than now, before it expires)", code="snooze")
        change = Change(
            message_id=message.id,
            was=Status.PROPOSED,
            event=Event.RESCHEDULE,
            actor=actor.label,
            reason="snoozed",
            sets={"due_at": until},
        )
        change_status(session, [change], now)
        record(session, now, actor, "message.snoozed", "message", message.id)


def _grant(
    session: Session,
    context: Context,
    actor: Actor,
    standing: Standing,
    content_hash: bytes,
    undo_time: timedelta,
) -> Approved:
    now = context.clock.now()
    message = waiting(session, standing)
    check_hash(message, content_hash)
    if now >= message.expires_at:
        raise Refused("已过有效期，不能再批准 (it has expired)", code="expired")
    _check_right(session, actor, standing)
    refuse_what_rules_stop(session, context, message)
    votes.record_vote(session, message, actor, decision="approved", content_hash=content_hash, at=now)
    given = message.approvals + 1
    is_last = given >= message.level
    due_at = max(message.due_at, now + undo_time) if is_last else message.due_at
    change = Change(
        message_id=message.id,
        was=Status.PROPOSED,
        event=Event.APPROVE if is_last else Event.ENDORSE,
        actor=actor.label,
        sets={"approvals": given, "due_at": due_at},
        requires={"content_hash": content_hash, "approvals": message.approvals},
    )
    if not change_status(session, [change], now):
        raise Refused(decided(session, message), code="decided")
    details = {"level": message.level, "given": given}
    record(session, now, actor, "message.approved", "message", message.id, details)
    return Approved(
        message_id=message.id,
        status=Status.SCHEDULED if is_last else Status.PROPOSED,
        approvals=given,
        level=message.level,
        due_at=due_at,
        undo_until=now + undo_time,
    )


def _check_right(session: Session, actor: Actor, standing: Standing) -> None:
    """Who may say the next yes. Roles give no right beyond the table: an administrator has none here."""
    message = standing.message
    refusal = refusal_to_vote(
        actor, standing, [vote.user_id for vote in votes.list_votes(session, message.id)]
    )
    if refusal is not None:
        raise Refused(refusal, code="may_not")


def _end(session: Session, actor: Actor, message: Message, event: Event, reason: str, at: datetime) -> None:
    change = Change(message_id=message.id, was=Status.PROPOSED, event=event, actor=actor.label, reason=reason)
    change_status(session, [change], at)
    record(session, at, actor, f"message.{event}", "message", message.id, {"reason": reason})
