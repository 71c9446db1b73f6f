"""When the planner was up, and what of a run left in time, late or not at all."""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session

from store.approvals import void_votes
from store.models.campaigns import Campaign, Occurrence
from store.models.messages import Approval, Message, MessageEvent
from store.models.steering import PlannerBeat
from store.transitions import Change, change_status
from wenhou.core.ids import new_id
from wenhou.core.statuses import HANDED_OVER, PENDING, Event, Status

STILL = timedelta(minutes=10)
"""The planner looks each minute; a longer silence was an outage."""
FURTHEST = timedelta(days=31)
"""How far back missed days are planned and reported by themselves."""
_LEFT = (Event.ACCEPT, Event.LOSE, Event.AWAIT_TAP, Event.DELIVER)
_OPEN = (*PENDING, Status.SENDING, Status.AWAITING_TAP)
ASKED = "asked_again"
TOO_LATE = ("too_late", "no_slot")
"""Reasons of what its window or deadline left behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """A stretch without a look of the planner. `until` None: it goes on."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run and when it was planned first."""

    id: uuid.UUID
    campaign_id: uuid.UUID
    version_id: uuid.UUID
    campaign: str
    on_day: date
    planned_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCounts:
    """Messages of one step of a run. Skipped by a gate other than lateness: not due, not counted.

    `sent_late`: left after their own window. `too_late`: never left because it was over; `not_approved` because nobody
    agreed in time. `asked_again`: wait for somebody's word after their window. `waiting`: may still leave. `other`:
    failed, rejected, cancelled.
    """

    sent_in_time: int = 0
    sent_late: int = 0
    too_late: int = 0
    not_approved: int = 0
    asked_again: int = 0
    waiting: int = 0
    other: int = 0

    @property
    def due(self) -> int:
        """All of them."""
        return (
            self.sent_in_time
            + self.sent_late
            + self.too_late
            + self.not_approved
            + self.asked_again
            + self.waiting
            + self.other
        )

    @property
    def missed(self) -> int:
        """Those that did not leave in their window and will not."""
        return self.sent_late + self.too_late + self.asked_again


def note_planner_beat(session: Session, at: datetime) -> None:
    """Say that the planner has just looked at everything: call it after a whole look, so that a killed one is repeated."""
    last = _last_beat(session)
    if last is not None and last.seen_at <= at <= last.seen_at + STILL:
        last.seen_at = at
        return
    if last is None or at > last.seen_at:
        session.add(PlannerBeat(id=new_id(), began_at=at, seen_at=at))
        session.flush()


def plan_from(session: Session, now: datetime, zone: ZoneInfo) -> date:
    """The first day to plan: today, or the day the planner was last seen when it was down since, 31 days at most."""
    today = now.astimezone(zone).date()
    last = _last_beat(session)
    if last is None or last.seen_at > now:
        return today
    return min(today, max(last.seen_at, now - FURTHEST).astimezone(zone).date())


def list_outages(session: Session, since: datetime, now: datetime) -> list[Outage]:
    """Silences of the planner that reach into [since, now]. Before its first look ever there was nothing to miss."""
    beats = session.execute(
        select(PlannerBeat.began_at, PlannerBeat.seen_at).order_by(PlannerBeat.began_at)
    ).all()
    found = [
        Outage(since=before.seen_at, until=after.began_at)
        for before, after in itertools.pairwise(beats)
        if after.began_at > since and after.began_at - before.seen_at > STILL
    ]
    if beats and now - beats[-1].seen_at > STILL:
        found.append(Outage(since=beats[-1].seen_at, until=None))
    return found


def was_seen(session: Session, since: datetime, until: datetime) -> bool:
    """Whether the planner looked at all in a stretch."""
    return bool(
        session.scalar(select(exists().where(PlannerBeat.began_at <= until, PlannerBeat.seen_at >= since)))
    )


def list_planned(session: Session, first: date, last: date) -> list[PlannedRun]:
    """Runs of some days, ends included."""
    rows = session.execute(
        select(Occurrence, Campaign.key)
        .join(Campaign, Campaign.id == Occurrence.campaign_id)
        .where(Occurrence.on_day.between(first, last))
        .order_by(Occurrence.on_day, Campaign.key)
    )
    return [
        PlannedRun(
            id=run.id,
            campaign_id=run.campaign_id,
            version_id=run.campaign_version_id,
            campaign=key,
            on_day=run.on_day,
            planned_at=run.created_at,
        )
        for run, key in rows
    ]


def count_late(session: Session, run_id: uuid.UUID, step: int, *, in_time_until: datetime) -> LateCounts:
    """What became of one step's messages of a run, measured against the end of their own window."""
    left_in_time = exists().where(
        MessageEvent.message_id == Message.id,
        MessageEvent.event.in_(_LEFT),
        MessageEvent.at <= in_time_until,
    )
    asked = exists().where(MessageEvent.message_id == Message.id, MessageEvent.reason == ASKED)
    word = case(
        (and_(Message.status.in_(tuple(HANDED_OVER)), left_in_time), "sent_in_time"),
        (Message.status.in_(tuple(HANDED_OVER)), "sent_late"),
        (
            and_(
                Message.status.in_((Status.SKIPPED, Status.EXPIRED)),
                Message.reason.in_(TOO_LATE),
            ),
            "too_late",
        ),
        (and_(Message.status == Status.EXPIRED, Message.reason == "not_approved"), "not_approved"),
        (
            and_(Message.status == Status.PROPOSED, or_(asked, Message.created_at > in_time_until)),
            "asked_again",
        ),
        (Message.status.in_(_OPEN), "waiting"),
        (Message.status == Status.SKIPPED, "skipped"),
        else_="other",
    )
    counts: Counter[str] = Counter()
    rows = session.execute(
        select(word, func.count()).where(Message.occurrence_id == run_id, Message.step == step).group_by(word)
    )
    for name, amount in rows:
        counts[name] += amount
    return LateCounts(
        sent_in_time=counts["sent_in_time"],
        sent_late=counts["sent_late"],
        too_late=counts["too_late"],
        not_approved=counts["not_approved"],
        asked_again=counts["asked_again"],
        waiting=counts["waiting"],
        other=counts["other"],
    )


def steps_of(session: Session, run_id: uuid.UUID) -> Sequence[int]:
    """The numbers of the steps of which a run has messages."""
    return session.scalars(
        select(Message.step).where(Message.occurrence_id == run_id).distinct().order_by(Message.step)
    ).all()


def _last_beat(session: Session) -> PlannerBeat | None:
    return session.scalars(select(PlannerBeat).order_by(PlannerBeat.seen_at.desc()).limit(1)).first()


def was_seen_before(session: Session, instant: datetime) -> bool:
    """Whether the planner had ever looked before an instant: an installation that was not there missed nothing."""
    return bool(session.scalar(select(exists().where(PlannerBeat.began_at < instant))))


def list_approved(
    session: Session, campaign_id: uuid.UUID, on_day: date, step: int, at: datetime
) -> list[tuple[uuid.UUID, int]]:
    """(message, fence) of a step's messages of a day that are agreed to, in nobody's hands and not expired."""
    rows = session.execute(
        select(Message.id, Message.claim_fence).where(
            Message.campaign_id == campaign_id,
            Message.planned_for == on_day,
            Message.step == step,
            Message.status == Status.SCHEDULED,
            Message.released_at.is_(None),
            Message.claim_until.is_(None),
            Message.expires_at > at,
        )
    )
    return [(row.id, row.claim_fence) for row in rows]


def send_back_to_ask(
    session: Session, asked: Sequence[tuple[uuid.UUID, int, datetime]], at: datetime
) -> set[uuid.UUID]:
    """(message, fence, end of its window): what nobody agreed to after its window waits for a person's word again.

    An earlier approval was for the day itself: it is void. Returns the ids that may
    not leave now: those sent back, and those somebody else changed meanwhile.
    """
    ends = {message_id: ends_at for message_id, _, ends_at in asked}
    votes = session.execute(
        select(Approval.message_id, Approval.at).where(
            Approval.message_id.in_(ends), Approval.decision == "approved", Approval.voided_at.is_(None)
        )
    )
    agreed = {row.message_id for row in votes if row.at >= ends[row.message_id]}
    changes = [
        Change(
            message_id=message_id,
            was=Status.SCHEDULED,
            event=Event.REVISE,
            actor="system",
            reason=ASKED,
            fence=fence,
            sets={"approvals": 0, "level": case((Message.level < 1, 1), else_=Message.level)},
        )
        for message_id, fence, _ in asked
        if message_id not in agreed
    ]
    moved = change_status(session, changes, at)
    for message_id in sorted(moved):
        void_votes(session, message_id, ASKED, at)
    return moved | (set(ends) - agreed - moved)
