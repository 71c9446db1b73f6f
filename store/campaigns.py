"""Campaigns, their versions and their runs in the store."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store.models.campaigns import Article, Campaign, CampaignVersion
from store.models.hearing import Task
from store.models.messages import Message
from store.models.products import Product
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status

NOT_YET_LIVE = ("draft", "checked", "approved")
"""States, of a campaign and of its versions, before anything of it was ever planned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCampaign:
    """A campaign with the version in force."""

    id: uuid.UUID
    version_id: uuid.UUID
    number: int
    key: str
    name: str
    purpose: str
    state: str
    document: dict[str, Any]
    source: str
    live_since: datetime | None = None


def list_campaigns(session: Session, *, states: tuple[str, ...] = ()) -> list[LiveCampaign]:
    """Campaigns with the version in force, by key; of one that never was live, the version written last."""
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
            purpose=campaign.purpose,
            state=campaign.state,
            document=version.document,
            source=version.source,
            live_since=version.live_at,
        )
        for campaign, version in session.execute(statement)
    ]


def find_campaign(session: Session, key: str) -> Campaign | None:
    """A campaign by its key."""
    return session.scalar(select(Campaign).where(Campaign.key == key))


def add_campaign(session: Session, *, key: str, name: str, purpose: str, at: datetime) -> Campaign:
    """A campaign without any version: a draft."""
    campaign = Campaign(
        id=new_id(), key=key, name=name, purpose=purpose, state="draft", created_at=at, updated_at=at
    )
    session.add(campaign)
    session.flush()
    return campaign


def newest_version(session: Session, campaign_id: uuid.UUID) -> CampaignVersion | None:
    """The version that was written last, in force or not."""
    return session.scalar(
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign_id)
        .order_by(CampaignVersion.number.desc())
        .limit(1)
    )


def list_versions(session: Session, campaign_id: uuid.UUID) -> Sequence[CampaignVersion]:
    """Every version, the newest first."""
    return session.scalars(
        select(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign_id)
        .order_by(CampaignVersion.number.desc())
    ).all()


def newest_states(session: Session) -> dict[uuid.UUID, tuple[int, str]]:
    """Campaign → number and state of the version written last."""
    last = (
        select(CampaignVersion.campaign_id, func.max(CampaignVersion.number).label("number"))
        .group_by(CampaignVersion.campaign_id)
        .subquery()
    )
    rows = session.execute(
        select(CampaignVersion.campaign_id, CampaignVersion.number, CampaignVersion.state).join(
            last,
            (last.c.campaign_id == CampaignVersion.campaign_id) & (last.c.number == CampaignVersion.number),
        )
    )
    return {row.campaign_id: (row.number, row.state) for row in rows}


def add_version(
    session: Session,
    campaign: Campaign,
    *,
    document: Mapping[str, Any],
    source: str,
    digest: bytes,
    state: str,
    by: uuid.UUID | None,
    at: datetime,
) -> CampaignVersion:
    """A new version. Those that were written before and never went live are retired by it."""
    newest = newest_version(session, campaign.id)
    session.execute(
        update(CampaignVersion)
        .where(CampaignVersion.campaign_id == campaign.id, CampaignVersion.state.in_(NOT_YET_LIVE))
        .values(state="retired", ended_at=at)
    )
    version = CampaignVersion(
        id=new_id(),
        campaign_id=campaign.id,
        number=newest.number + 1 if newest else 1,
        document=dict(document),
        source=source,
        digest=digest,
        state=state,
        created_by=by,
        created_at=at,
        checked_at=at if state == "checked" else None,
    )
    session.add(version)
    session.flush()
    if campaign.state in NOT_YET_LIVE:
        campaign.current_version_id, campaign.state = version.id, state
    campaign.updated_at = at
    return version


def put_into_force(session: Session, campaign: Campaign, version: CampaignVersion, at: datetime) -> None:
    """This version counts from now on; the one before is retired. A paused campaign stays paused."""
    session.execute(
        update(CampaignVersion)
        .where(
            CampaignVersion.campaign_id == campaign.id,
            CampaignVersion.state == "live",
            CampaignVersion.id != version.id,
        )
        .values(state="retired", ended_at=at)
    )
    version.state, version.live_at = "live", at
    campaign.current_version_id, campaign.updated_at = version.id, at
    if campaign.state != "paused":
        campaign.state = "live"


def waiting_messages(
    session: Session, campaign_id: uuid.UUID, *, most: int
) -> Sequence[tuple[uuid.UUID, str]]:
    """(message, status) of what a campaign still has waiting and nobody is about to hand over."""
    rows = session.execute(
        select(Message.id, Message.status)
        .where(
            Message.campaign_id == campaign_id,
            Message.status.in_((Status.PROPOSED, Status.SCHEDULED)),
            Message.claim_until.is_(None),
        )
        .limit(most)
    )
    return [(row.id, row.status) for row in rows]


def drop_tasks(session: Session, campaign_id: uuid.UUID, *, outcome: str, at: datetime) -> int:
    """Drop the open to-dos of a campaign's steps; how many."""
    dropped = session.execute(
        update(Task)
        .where(Task.campaign_id == campaign_id, Task.state == "open")
        .values(state="dropped", outcome=outcome, done_at=at)
        .returning(Task.id)
    )
    return len(dropped.all())


def product_codes(session: Session) -> frozenset[str]:
    """Every product there is, by its code."""
    return frozenset(session.scalars(select(Product.code)))


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
