"""Runs (a campaign on a day) as reports and sweeps read them: their versions, their counts."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign, CampaignVersion, Occurrence
from store.models.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A campaign's document as it was."""

    id: uuid.UUID
    campaign_key: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A campaign on a day. `state` is the campaign's own: one of its states."""

    id: uuid.UUID
    campaign_id: uuid.UUID
    version_id: uuid.UUID
    campaign: str
    name: str
    on_day: date
    campaign_state: str
    paused_reason: str | None
    run_state: str
    audience: int
    planned_through: datetime | None


def list_versions(session: Session, ids: Collection[uuid.UUID]) -> list[Version]:
    """Those of these versions that exist."""
    if not ids:
        return []
    rows = session.execute(
        select(CampaignVersion.id, Campaign.key, CampaignVersion.document)
        .join(Campaign, Campaign.id == CampaignVersion.campaign_id)
        .where(CampaignVersion.id.in_(ids))
    )
    return [Version(id=row.id, campaign_key=row.key, document=row.document) for row in rows]


def current_versions(session: Session, campaign_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Campaign → its version in force."""
    if not campaign_ids:
        return {}
    rows = session.execute(
        select(Campaign.id, Campaign.current_version_id).where(Campaign.id.in_(campaign_ids))
    )
    return {row.id: row.current_version_id for row in rows if row.current_version_id is not None}


def list_runs(
    session: Session,
    *,
    since: date,
    until: date,
    campaign: str | None = None,
    states: Sequence[str] = (),
    limit: int = 1000,
) -> list[RunRow]:
    """Runs of some days, ends included, the newest first; `states` of their campaigns, all without."""
    statement = (
        select(Occurrence, Campaign.key, Campaign.name, Campaign.state, Campaign.paused_reason)
        .join(Campaign, Campaign.id == Occurrence.campaign_id)
        .where(Occurrence.on_day.between(since, until))
    )
    if campaign is not None:
        statement = statement.where(Campaign.key == campaign)
    if states:
        statement = statement.where(Campaign.state.in_(states))
    rows = session.execute(statement.order_by(Occurrence.on_day.desc(), Campaign.key).limit(limit))
    return [
        RunRow(
            id=run.id,
            campaign_id=run.campaign_id,
            version_id=run.campaign_version_id,
            campaign=key,
            name=name,
            on_day=run.on_day,
            campaign_state=state,
            paused_reason=paused_reason,
            run_state=run.state,
            audience=run.audience,
            planned_through=run.planned_through,
        )
        for run, key, name, state, paused_reason in rows
    ]


def count_statuses(
    session: Session, run_id: uuid.UUID, *, by_wave: bool = False
) -> dict[tuple[int | None, str], int]:
    """(wave, status) → messages of a run; without `by_wave` all under None. Answered from an index alone."""
    wave = Message.wave if by_wave else None
    columns = [Message.status, func.count()] if wave is None else [wave, Message.status, func.count()]
    groups = [Message.status] if wave is None else [wave, Message.status]
    statement = select(*columns).where(Message.occurrence_id == run_id).group_by(*groups)
    if wave is None:
        return {(None, row[0]): row[1] for row in session.execute(statement)}
    statement = statement.where(Message.wave.is_not(None))
    return {(row[0], row[1]): row[2] for row in session.execute(statement)}


def find_day(session: Session, run_id: uuid.UUID) -> date | None:
    """The day of a run; None: there is no such run."""
    return session.scalar(select(Occurrence.on_day).where(Occurrence.id == run_id))
