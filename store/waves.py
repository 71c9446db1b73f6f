"""Waves of a run in the store: what came of one, which may leave, letting the next one go; stops a campaign gave itself.

Wave 0 is never held. A message of a later wave waits under `wave_hold_key` until a `run_waves` row says it may leave;
that row is written first and holds are cleared after it in small transactions, so a process killed between two lines
leaves nothing worse than holds that the next look clears.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, exists, func, insert, select, update
from sqlalchemy.orm import Session, aliased

from store.inserts import insert_new
from store.models.customers import Consent
from store.models.hearing import Case
from store.models.messages import Message, MessageEvent
from store.models.steering import RunStop, RunWave
from wenhou.core.ids import new_id, new_ids
from wenhou.core.statuses import HANDED_OVER, PENDING, Event, Status

_OPEN = (*PENDING, Status.SENDING, Status.AWAITING_TAP)
_LEFT = tuple(HANDED_OVER)
_ENDS_OF_CALLS = (Event.ACCEPT, Event.LOSE, Event.FAIL, Event.DELIVER)
"""Events that say when a hand-over was over; a receipt may overtake its own call's answer."""
_OWN_WORD = ("customer", "provider")
"""Sources of a withdrawal that is the customer's own word; a file or a counter's list says nothing of this run."""
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What came of a wave, or of a run so far, in people.

    `planned`: messages that were not skipped. `open`: not handed over or given up yet. `tried`: calls that ended, the
    denominator of failures (`failed` never accepted, `undelivered` accepted and not delivered); `handed_over`: accepted
    or of unknown outcome, the denominator of `opted_out` (own word, since the first hand-over) and `complained`.
    """

    planned: int = 0
    open: int = 0
    handed_over: int = 0
    failed: int = 0
    undelivered: int = 0
    unknown: int = 0
    opted_out: int = 0
    complained: int = 0
    first_at: datetime | None = None
    last_at: datetime | None = None

    @property
    def tried(self) -> int:
        """Calls that ended."""
        return self.handed_over + self.failed

    @property
    def settled(self) -> float:
        """The share of the planned ones that is decided, 0 to 1; of nobody, all."""
        return 1.0 if self.planned == 0 else 1 - self.open / self.planned

    def as_json(self) -> dict[str, Any]:
        """As kept beside a decision and printed."""
        return {
            "planned": self.planned,
            "open": self.open,
            "tried": self.tried,
            "handed_over": self.handed_over,
            "failed": self.failed,
            "undelivered": self.undelivered,
            "unknown": self.unknown,
            "opted_out": self.opted_out,
            "complained": self.complained,
            "first_at": self.first_at.isoformat() if self.first_at else None,
            "last_at": self.last_at.isoformat() if self.last_at else None,
        }


def wave_hold_key(occurrence_id: uuid.UUID, wave: int) -> str:
    """What a message of a wave that may not leave yet waits for."""
    return f"wave:{occurrence_id}:{wave}"


def waves_out(session: Session, occurrence_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """The highest wave of each run that may leave: 0 until the first was judged."""
    rows = session.execute(
        select(RunWave.occurrence_id, func.max(RunWave.wave))
        .where(RunWave.occurrence_id.in_(occurrence_ids))
        .group_by(RunWave.occurrence_id)
    )
    found = {row[0]: row[1] for row in rows}
    return {one: found.get(one, 0) for one in occurrence_ids}


def open_wave(
    session: Session,
    occurrence_id: uuid.UUID,
    wave: int,
    figures: Mapping[str, Any],
    *,
    at: datetime,
    by: uuid.UUID | None = None,
) -> bool:
    """Let a wave leave, once, and only after the wave before it: False when it may already, or its turn has not come."""
    if waves_out(session, [occurrence_id])[occurrence_id] != wave - 1:
        return False
    row = {
        "id": new_id(),
        "occurrence_id": occurrence_id,
        "wave": wave,
        "figures": dict(figures),
        "released_by": by,
        "released_at": at,
    }
    return bool(insert_new(session, RunWave, [row], unique=("occurrence_id", "wave"), returning=RunWave.id))


def clear_holds(session: Session, occurrence_id: uuid.UUID, wave: int, *, at: datetime) -> int:
    """Free up to 500 messages of a wave that may leave; the gates decide anew at hand-over. 0: none is left."""
    if waves_out(session, [occurrence_id])[occurrence_id] < wave:
        return 0
    # Unordered: ordering would sort what is left of a big wave for every five hundred.
    chosen = (
        select(Message.id)
        .where(Message.hold_key == wave_hold_key(occurrence_id, wave), Message.status.in_(PENDING))
        .limit(_BATCH)
    )
    freed = session.execute(
        update(Message)
        .where(Message.id.in_(chosen), Message.status.in_(PENDING))
        .values(
            hold_key=None,
            reason=None,
            due_at=case((Message.due_at < at, at), else_=Message.due_at),
            claim_fence=Message.claim_fence + 1,
            updated_at=at,
        )
        .returning(Message.id, Message.status),
        execution_options={"synchronize_session": False},
    ).all()
    if freed:
        events = [
            {
                "id": event_id,
                "message_id": row.id,
                "event": Event.RESCHEDULE,
                "status": row.status,
                "reason": None,
                "actor": "system",
                "attempt_id": None,
                "at": at,
            }
            for event_id, row in zip(new_ids(len(freed)), freed, strict=True)
        ]
        session.execute(insert(MessageEvent), events)
    return len(freed)


def is_held(session: Session, occurrence_id: uuid.UUID, wave: int) -> bool:
    """Whether a message still waits for that wave."""
    key = wave_hold_key(occurrence_id, wave)
    return bool(session.scalar(select(exists().where(Message.hold_key == key, Message.status.in_(PENDING)))))


def first_due(session: Session, occurrence_id: uuid.UUID) -> datetime | None:
    """When the earliest message of a run that still waits would leave."""
    return session.scalar(
        select(func.min(Message.not_before)).where(
            Message.occurrence_id == occurrence_id, Message.status.in_(PENDING)
        )
    )


def read_figures(
    session: Session, occurrence_id: uuid.UUID, *, wave: int | None = None, since: datetime | None = None
) -> Figures:
    """What came of a wave, or of the whole run; `since`: only of what was handed over from then on."""
    which: list[ColumnElement[bool]] = [Message.occurrence_id == occurrence_id]
    if wave is not None:
        which.append(Message.wave == wave)
    if since is not None:
        ended = aliased(MessageEvent)
        which.append(
            exists().where(ended.message_id == Message.id, ended.event.in_(_ENDS_OF_CALLS), ended.at >= since)
        )
    counts = {
        row[0]: row[1]
        for row in session.execute(
            select(Message.status, func.count()).where(*which).group_by(Message.status)
        )
    }
    handed_over = sum(counts.get(status, 0) for status in _LEFT)
    failed = counts.get(Status.FAILED, 0)
    first_at, last_at = _times(session, which) if handed_over + failed else (None, None)
    heard_from = since or first_at
    return Figures(
        planned=sum(amount for status, amount in counts.items() if status != Status.SKIPPED),
        open=sum(counts.get(status, 0) for status in _OPEN),
        handed_over=handed_over,
        failed=failed,
        undelivered=counts.get(Status.UNDELIVERED, 0),
        unknown=counts.get(Status.UNKNOWN, 0),
        opted_out=_opted_out(session, which, heard_from) if heard_from and handed_over else 0,
        complained=_complained(session, which, heard_from) if heard_from and handed_over else 0,
        first_at=first_at,
        last_at=last_at,
    )


def _times(session: Session, which: list[ColumnElement[bool]]) -> tuple[datetime | None, datetime | None]:
    row = session.execute(
        select(func.min(MessageEvent.at), func.max(MessageEvent.at))
        .join(Message, Message.id == MessageEvent.message_id)
        .where(*which, Message.status.in_((*_LEFT, Status.FAILED)), MessageEvent.event.in_(_ENDS_OF_CALLS))
    ).one()
    return row[0], row[1]


def _opted_out(session: Session, which: list[ColumnElement[bool]], since: datetime) -> int:
    """Recipients who withdrew since: whoever did before their own hand-over was never handed anything."""
    return (
        session.scalar(
            select(func.count(Message.customer_id.distinct()))
            .join(Consent, Consent.customer_id == Message.customer_id)
            .where(
                *which,
                Message.status.in_(_LEFT),
                Consent.act == "withdrawn",
                Consent.source.in_(_OWN_WORD),
                Consent.at >= since,
            )
        )
        or 0
    )


def _complained(session: Session, which: list[ColumnElement[bool]], since: datetime) -> int:
    return (
        session.scalar(
            select(func.count(Message.customer_id.distinct()))
            .join(Case, Case.customer_id == Message.customer_id)
            .where(*which, Message.status.in_(_LEFT), Case.kind == "complaint", Case.opened_at >= since)
        )
        or 0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStop:
    """A campaign that is about to stop itself: which limit, on which figures, in one sentence."""

    campaign_id: uuid.UUID
    occurrence_id: uuid.UUID
    wave: int | None
    measure: str
    figures: Mapping[str, Any]
    reason: str


def add_stop(session: Session, new: NewStop, at: datetime) -> uuid.UUID:
    """Write down that a campaign stopped itself; the caller pauses it in the same transaction."""
    row = RunStop(
        id=new_id(),
        campaign_id=new.campaign_id,
        occurrence_id=new.occurrence_id,
        wave=new.wave,
        measure=new.measure,
        figures=dict(new.figures),
        reason=new.reason,
        stopped_at=at,
    )
    session.add(row)
    session.flush()
    return row.id


def close_stops(session: Session, campaign_id: uuid.UUID, *, by: uuid.UUID | None, at: datetime) -> int:
    """A person let the campaign go on: its runs are measured anew from now. How many stops that ended."""
    closed = session.execute(
        update(RunStop)
        .where(RunStop.campaign_id == campaign_id, RunStop.resumed_at.is_(None))
        .values(resumed_at=at, resumed_by=by)
        .returning(RunStop.id),
        execution_options={"synchronize_session": False},
    ).all()
    return len(closed)


def list_stops(session: Session, occurrence_id: uuid.UUID) -> list[RunStop]:
    """When a run stopped itself, the newest first."""
    return list(
        session.scalars(
            select(RunStop)
            .where(RunStop.occurrence_id == occurrence_id)
            .order_by(RunStop.stopped_at.desc(), RunStop.id.desc())
        )
    )


def list_waves(session: Session, occurrence_id: uuid.UUID) -> list[RunWave]:
    """The waves after the first that may leave, in order."""
    return list(
        session.scalars(select(RunWave).where(RunWave.occurrence_id == occurrence_id).order_by(RunWave.wave))
    )
