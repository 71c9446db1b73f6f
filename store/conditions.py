"""What a later step waits for: whether it happened since the step before, set-based, and never guessed (DESIGN §7).

A fact the message's channel cannot tell is `unknown`: a WeCom chat's reads, replies to a line without a return path.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.campaigns import BusinessEvent
from store.models.hearing import ConversationEntry, Feedback, Task
from store.models.messages import Message
from wenhou.core.campaigns import StepCondition
from wenhou.core.channels import Capabilities
from wenhou.core.statuses import Status

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"
_ARRIVED = frozenset({Status.DELIVERED, Status.READ})
_LEFT = frozenset({Status.SENT, Status.DELIVERED, Status.READ, Status.UNDELIVERED, Status.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One step of one customer. `before`: messages or tasks of earlier steps by the step's key; `since`: their start."""

    id: uuid.UUID
    customer_id: uuid.UUID
    conditions: tuple[StepCondition, ...]
    before: Mapping[str, uuid.UUID]
    previous: str
    since: datetime


@dataclass(slots=True, kw_only=True)
class _Happened:
    messages: dict[uuid.UUID, tuple[str, str | None]] = field(default_factory=dict)
    replies: dict[uuid.UUID, list[datetime]] = field(default_factory=dict)
    scores: dict[uuid.UUID, int] = field(default_factory=dict)
    done: set[uuid.UUID] = field(default_factory=set)
    events: dict[uuid.UUID, list[tuple[str, datetime]]] = field(default_factory=dict)


def load_conditions(
    session: Session, asked: Sequence[Asked], capabilities: Mapping[str, Capabilities]
) -> dict[uuid.UUID, str]:
    """`met`, or `not_met:replied`, `unknown:read` with the fact it fails on, for each, by its id.

    All conditions of a step must hold; what did not happen weighs more than what nobody knows.
    """
    waiting = [one for one in asked if one.conditions]
    answers = {one.id: MET for one in asked if not one.conditions}
    for start in range(0, len(waiting), 500):
        chunk = waiting[start : start + 500]
        happened = _load(session, chunk)
        for one in chunk:
            answers[one.id] = _together(
                [
                    (_answer(condition, one, happened, capabilities), condition.fact)
                    for condition in one.conditions
                ]
            )
    return answers


def _together(answers: Sequence[tuple[str, str]]) -> str:
    for worst in (NOT_MET, UNKNOWN):
        fact = next((fact for answer, fact in answers if answer == worst), None)
        if fact is not None:
            return f"{worst}:{fact}"
    return MET


def _load(session: Session, asked: Sequence[Asked]) -> _Happened:
    found = _Happened()
    facts = {condition.fact for one in asked for condition in one.conditions}
    before = sorted({row for one in asked for row in one.before.values()})
    customers = sorted({one.customer_id for one in asked})
    for row in session.execute(
        select(Message.id, Message.status, Message.channel).where(Message.id.in_(before))
    ):
        found.messages[row.id] = (row.status, row.channel)
    if "replied" in facts:
        _load_replies(session, asked, customers, found)
    if "rated" in facts:
        rows = session.execute(
            select(Feedback.message_id, Feedback.score).where(
                Feedback.customer_id.in_(customers), Feedback.message_id.in_(before)
            )
        )
        found.scores = {row.message_id: row.score for row in rows if row.message_id is not None}
    if "done" in facts:
        found.done = set(session.scalars(select(Task.id).where(Task.id.in_(before), Task.state == "done")))
    if "event" in facts:
        since = min(one.since for one in asked)
        for event in session.execute(
            select(BusinessEvent.customer_id, BusinessEvent.kind, BusinessEvent.happened_at).where(
                BusinessEvent.customer_id.in_(customers),
                BusinessEvent.happened_at >= since,
                BusinessEvent.state == "active",
            )
        ):
            found.events.setdefault(event.customer_id, []).append((event.kind, event.happened_at))
    return found


def _load_replies(
    session: Session, asked: Sequence[Asked], customers: Sequence[uuid.UUID], found: _Happened
) -> None:
    """Customers' own words only: an automatic reply or a bounce is nobody's answer."""
    since = min(one.since for one in asked)
    rows = session.execute(
        select(ConversationEntry.customer_id, ConversationEntry.at).where(
            ConversationEntry.customer_id.in_(customers),
            ConversationEntry.direction == "in",
            ConversationEntry.is_automatic.is_(False),
            ConversationEntry.at >= since,
        )
    )
    for row in rows:
        if row.customer_id is not None:
            found.replies.setdefault(row.customer_id, []).append(row.at)


def _answer(
    condition: StepCondition, one: Asked, happened: _Happened, capabilities: Mapping[str, Capabilities]
) -> str:
    truth = _truth(condition, one, happened, capabilities)
    if truth is None:
        return UNKNOWN
    return MET if truth is condition.holds else NOT_MET


def _truth(
    condition: StepCondition, one: Asked, happened: _Happened, capabilities: Mapping[str, Capabilities]
) -> bool | None:
    if condition.fact == "event":
        seen = happened.events.get(one.customer_id, ())
        return any(kind == condition.event and at >= one.since for kind, at in seen)
    of = one.before.get(condition.of or one.previous)
    if condition.fact == "done":
        return of in happened.done if of is not None else None
    if of is None or of not in happened.messages:
        return None
    status, channel = happened.messages[of]
    able = capabilities.get(channel or "")
    if condition.fact == "rated":
        return _rated(condition, happened.scores.get(of), able, status)
    if condition.fact == "replied":
        heard = any(at >= one.since for at in happened.replies.get(one.customer_id, ()))
        return True if heard else _unless(able is not None and able.hears_replies and status in _LEFT)
    return _arrived(condition.fact, status, able)


def _arrived(fact: str, status: str, able: Capabilities | None) -> bool | None:
    is_known = able is not None and status != Status.UNKNOWN
    if fact == "delivered":
        return (
            True if status in _ARRIVED else _unless(is_known and able is not None and able.reports_delivery)
        )
    return True if status == Status.READ else _unless(is_known and able is not None and able.reports_reads)


def _rated(
    condition: StepCondition, score: int | None, able: Capabilities | None, status: str
) -> bool | None:
    if score is None:
        return _unless(able is not None and able.hears_replies and status in _LEFT)
    return score <= condition.at_most if condition.at_most is not None else True


def _unless(can_tell: bool) -> bool | None:  # noqa: FBT001 - one question, asked in one place
    """It did not happen, as far as the channel could have told; else nobody knows."""
    return False if can_tell else None
