"""Opinions of consumer protection in the store: only ever added, read in the order of their entry."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign, CampaignVersion, TemplateVersion
from store.models.messages import Message
from store.models.offers import ReviewOpinion
from store.models.products import Product
from wenhou.core.ids import new_id


def add_opinion(
    session: Session, campaign_id: uuid.UUID, values: dict[str, Any], *, by: uuid.UUID | None, at: datetime
) -> ReviewOpinion:
    """Write an opinion; `values`: columns by name."""
    row = ReviewOpinion(id=new_id(), campaign_id=campaign_id, added_by=by, added_at=at, **values)
    session.add(row)
    session.flush()
    return row


def find_opinion(session: Session, campaign_id: uuid.UUID, number: str) -> ReviewOpinion | None:
    """An opinion of a campaign by its number."""
    return session.scalar(
        select(ReviewOpinion).where(ReviewOpinion.campaign_id == campaign_id, ReviewOpinion.number == number)
    )


def opinions_of(
    session: Session, campaign_ids: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[ReviewOpinion]]:
    """Each campaign's opinions in the order of their entry."""
    found: dict[uuid.UUID, list[ReviewOpinion]] = {one: [] for one in campaign_ids}
    if not found:
        return found
    rows = session.scalars(
        select(ReviewOpinion)
        .where(ReviewOpinion.campaign_id.in_(sorted(found)))
        .order_by(ReviewOpinion.added_at, ReviewOpinion.id)
    )
    for row in rows:
        found[row.campaign_id].append(row)
    return found


def list_opinions(
    session: Session, *, campaign: str | None = None, until: date | None = None
) -> Sequence[tuple[ReviewOpinion, str]]:
    """(opinion, key of its campaign): those of one campaign, or that expire up to a day; the first to expire first."""
    statement = (
        select(ReviewOpinion, Campaign.key)
        .join(Campaign, Campaign.id == ReviewOpinion.campaign_id)
        .order_by(ReviewOpinion.valid_until, Campaign.key, ReviewOpinion.added_at)
    )
    if campaign is not None:
        statement = statement.where(Campaign.key == campaign)
    if until is not None:
        statement = statement.where(ReviewOpinion.valid_until <= until)
    return [(row, key) for row, key in session.execute(statement)]


def find_product(session: Session, code: str) -> Product | None:
    """A product by its code."""
    return session.scalar(select(Product).where(Product.code == code))


def owners_of(session: Session, version_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID | None]:
    """Campaign version → who wrote it: a campaign's owner is who wrote the version in force."""
    rows = session.execute(
        select(CampaignVersion.id, CampaignVersion.created_by).where(
            CampaignVersion.id.in_(sorted(version_ids))
        )
    )
    return {row.id: row.created_by for row in rows}


def words_of_messages(
    session: Session, message_ids: Iterable[uuid.UUID]
) -> dict[uuid.UUID, tuple[str, str, int, bytes]]:
    """Message → (template key, locale, number, digest) of the words it was made from; left out where not known."""
    rows = session.execute(
        select(
            Message.id,
            TemplateVersion.template_key,
            TemplateVersion.locale,
            TemplateVersion.number,
            TemplateVersion.digest,
        )
        .join(TemplateVersion, TemplateVersion.id == Message.template_version_id)
        .where(Message.id.in_(sorted(message_ids)))
    )
    return {row.id: (row.template_key, row.locale, row.number, row.digest) for row in rows}


def list_products(session: Session) -> Sequence[Product]:
    """The bank's list of products, by code."""
    return session.scalars(select(Product).order_by(Product.code)).all()
