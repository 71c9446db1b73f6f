"""Campaigns, their versions and their runs in the store."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.campaigns import Article, Campaign, CampaignVersion, Occurrence
from wenhou.core.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCampaign:
    """A campaign with the version in force."""

    id: uuid.UUID
    version_id: uuid.UUID
    number: int
    key: str
    name: str
    state: str
    document: dict[str, Any]
    source: str


def list_campaigns(session: Session, *, states: tuple[str, ...] = ()) -> list[LiveCampaign]:
    """Campaigns with their current version, by key."""
    statement = (
        select(Campaign, CampaignVersion)
        .join(CampaignVersion, CampaignVersion.id == Campaign.current_version_id)
        .order_by(Campaign.key)
    )
    if states:
        statement = statement.where(Campaign.state.in_(states))
    return [
        LiveCampaign(
            id=campaign.id,
            version_id=version.id,
            number=version.number,
            key=campaign.key,
            name=campaign.name,
            state=campaign.state,
            document=version.document,
            source=version.source,
        )
        for campaign, version in session.execute(statement)
    ]


def find_campaign(session: Session, key: str) -> Campaign | None:
    """A campaign by its key."""
    return session.scalar(select(Campaign).where(Campaign.key == key))


def add_version(
    session: Session,
    campaign: Campaign,
    *,
    document: Mapping[str, Any],
    source: str,
    digest: bytes,
    by: uuid.UUID | None,
    at: datetime,
) -> CampaignVersion | None:
    """A new version unless the newest one is the same; None when nothing changed."""
    newest = session.scalar(
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign.id)
        .order_by(CampaignVersion.number.desc())
        .limit(1)
    )
    if newest is not None and newest.digest == digest:
        return None
    version = CampaignVersion(
        id=new_id(),
        campaign_id=campaign.id,
        number=newest.number + 1 if newest else 1,
        document=dict(document),
        source=source,
        digest=digest,
        created_by=by,
        created_at=at,
    )
    session.add(version)
    session.flush()
    campaign.current_version_id = version.id
    campaign.updated_at = at
    return version


def get_occurrence(
    session: Session, *, campaign_id: uuid.UUID, version_id: uuid.UUID, on_day: date, at: datetime
) -> Occurrence:
    """The run of a campaign on a day, made when it is planned first; two planners at once make one."""
    which = select(Occurrence).where(Occurrence.campaign_id == campaign_id, Occurrence.on_day == on_day)
    found = session.scalar(which)
    if found is not None:
        return found
    row = {
        "id": new_id(),
        "campaign_id": campaign_id,
        "campaign_version_id": version_id,
        "on_day": on_day,
        "created_at": at,
        "updated_at": at,
    }
    insert_new(session, Occurrence, [row], unique=("campaign_id", "on_day"), returning=Occurrence.id)
    return session.scalars(which).one()


def planned_since(session: Session, instant: datetime) -> set[tuple[uuid.UUID, date]]:
    """(campaign version, day) of every run that was planned after an instant."""
    rows = session.execute(
        select(Occurrence.campaign_version_id, Occurrence.on_day).where(Occurrence.planned_through >= instant)
    )
    return {(row.campaign_version_id, row.on_day) for row in rows}


def articles_in_force(session: Session, day: date) -> list[Article]:
    """Approved articles that are in force on a day."""
    return list(
        session.scalars(
            select(Article)
            .where(
                Article.state == "approved",
                Article.effective_on <= day,
                func.coalesce(Article.expires_on, day) >= day,
            )
            .order_by(Article.effective_on, Article.key)
        )
    )
