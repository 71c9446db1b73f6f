"""Runs of a campaign: one row a campaign and day, with the counts of each of its parts (steps, articles)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.campaigns import Occurrence
from store.models.messages import Message
from wenhou.core.ids import new_id
from wenhou.core.statuses import HANDED_OVER, PENDING, Status


def find_run(session: Session, campaign_id: uuid.UUID, on_day: date) -> uuid.UUID | None:
    """The run of a campaign on a day, if it was ever planned."""
    return session.scalar(
        select(Occurrence.id).where(Occurrence.campaign_id == campaign_id, Occurrence.on_day == on_day)
    )


def open_run(
    session: Session, *, campaign_id: uuid.UUID, version_id: uuid.UUID, on_day: date, at: datetime
) -> uuid.UUID:
    """The run of a campaign on a day, made when it is planned first; two planners at once make one."""
    row = {
        "id": new_id(),
        "campaign_id": campaign_id,
        "campaign_version_id": version_id,
        "on_day": on_day,
        "created_at": at,
        "updated_at": at,
    }
    insert_new(session, Occurrence, [row], unique=("campaign_id", "on_day"), returning=Occurrence.id)
    found = find_run(session, campaign_id, on_day)
    if found is None:  # just inserted, or there before
        msg = "a run that was just opened is not there"
        raise AssertionError(msg)
    return found


def count_going(session: Session, campaign_id: uuid.UUID, on_day: date) -> int:
    """Messages of a campaign's day that wait to leave, are leaving or left."""
    run = find_run(session, campaign_id, on_day)
    going = sorted({*PENDING, *HANDED_OVER, Status.SENDING, Status.AWAITING_TAP})
    found = select(func.count()).where(Message.occurrence_id == run, Message.status.in_(going))
    return session.scalar(found) or 0 if run is not None else 0


def record_plan(
    session: Session,
    run_id: uuid.UUID,
    part: str,
    counts: Mapping[str, Any],
    *,
    version_id: uuid.UUID,
    at: datetime,
    is_whole: bool,
) -> None:
    """Keep what planning one part of a run came to so far; the run's own counts are the sum of its parts.

    `is_whole`: everybody was met; until then the run is still being planned and no later wave may leave.
    """
    run = session.get(Occurrence, run_id, populate_existing=True)
    if run is None:
        msg = "a run is never deleted"
        raise AssertionError(msg)
    parts = dict((run.counts or {}).get("parts", {}))
    parts[part] = dict(counts)
    run.counts = {**_sum(list(parts.values())), "parts": parts}
    run.audience = run.counts["audience"]
    run.planned_through = run.updated_at = at
    run.campaign_version_id = version_id
    run.state = "planned" if is_whole else "planning"


def planned_since(session: Session, instant: datetime) -> set[tuple[uuid.UUID, date]]:
    """(campaign version, day) of every run that was planned after an instant."""
    rows = session.execute(
        select(Occurrence.campaign_version_id, Occurrence.on_day).where(Occurrence.planned_through >= instant)
    )
    return {(row.campaign_version_id, row.on_day) for row in rows}


def _sum(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    total: dict[str, Any] = {
        "audience": 0,
        "proposed": 0,
        "scheduled": 0,
        "skipped": {},
        "other": {},
        "tasks": 0,
    }
    for part in parts:
        for name in ("audience", "proposed", "scheduled", "tasks"):
            total[name] += part.get(name, 0)
        for name in ("skipped", "other"):
            for word, amount in part.get(name, {}).items():
                total[name][word] = total[name].get(word, 0) + amount
    return total
