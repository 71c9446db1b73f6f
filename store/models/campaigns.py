"""What is to be said, to whom, when: campaigns and their versions, runs, articles, business events, policy, words."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Key, Name, one_of
from wenhou.core.purposes import Purpose

CAMPAIGN_STATES = ("draft", "checked", "approved", "live", "paused", "finished")
VERSION_STATES = ("draft", "checked", "approved", "live", "retired")
TEMPLATE_STATES = ("draft", "submitted", "approved", "rejected", "retired")


class Campaign(Base):
    """One occasion to write, by its key. A pause is a flag read at release and claim, never an update of messages."""

    __tablename__ = "campaigns"
    __table_args__ = (one_of("state", CAMPAIGN_STATES), one_of("purpose", Purpose))

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[Name]
    purpose: Mapped[Code]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    paused_reason: Mapped[str | None]
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    current_version_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("campaign_versions.id", name="fk_campaigns_current_version_id", use_alter=True)
    )
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CampaignVersion(Base):
    """An immutable edition of a campaign: `document` is the YAML as data, `source` its text as written.

    Only its state moves on. A draft may hold faults; a checked one has none.
    """

    __tablename__ = "campaign_versions"
    __table_args__ = (UniqueConstraint("campaign_id", "number"), one_of("state", VERSION_STATES))

    id: Mapped[Key]
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaigns.id"))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    source: Mapped[str]
    digest: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(10), default="live", server_default="live")
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    approved_by: Mapped[uuid.UUID | None]
    approved_at: Mapped[datetime | None]
    live_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class Occurrence(Base):
    """A campaign on a day: groups messages for display and counting, and remembers how far planning came."""

    __tablename__ = "occurrences"
    __table_args__ = (
        UniqueConstraint("campaign_id", "on_day"),
        one_of("state", ("planning", "planned", "cancelled")),
        Index("ix_occurrences_on_day", "on_day"),
    )

    id: Mapped[Key]
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaigns.id"))
    campaign_version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign_versions.id"))
    on_day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10), default="planning")
    audience: Mapped[int] = mapped_column(default=0)
    counts: Mapped[dict[str, Any] | None]
    cursor: Mapped[uuid.UUID | None]
    planned_through: Mapped[datetime | None]
    leader_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Article(Base):
    """Policy news or know-how with its source, reviewer and the days it is in force."""

    __tablename__ = "articles"
    __table_args__ = (one_of("state", ("draft", "approved", "withdrawn", "superseded")),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str]
    body: Mapped[str]
    topics: Mapped[list[str]]
    source: Mapped[str] = mapped_column(String(200))
    source_url: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(12), default="draft")
    effective_on: Mapped[date]
    expires_on: Mapped[date | None]
    reviewer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    reviewed_at: Mapped[datetime | None]
    supersedes_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("articles.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class BusinessEvent(Base):
    """Something that happened at the bank. Unique by its source's id, however often it is delivered.

    A correction changes the row. `revision`: the source's own count of its corrections, where it keeps one.
    """

    __tablename__ = "business_events"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        one_of("state", ("active", "cancelled", "corrected")),
        Index("ix_business_events_kind", "kind", "happened_at"),
        Index("ix_business_events_customer_id", "customer_id", "happened_at"),
    )

    id: Mapped[Key]
    source: Mapped[Code]
    source_id: Mapped[str] = mapped_column(String(100))
    kind: Mapped[Code]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    happened_at: Mapped[datetime]
    details: Mapped[dict[str, Any]]
    revision: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), default="active")
    received_at: Mapped[datetime]


class PolicyVersion(Base):
    """The bank's dated rules: windows, caps, care ratio, approval. Append-only; the newest in force counts."""

    __tablename__ = "policy_versions"
    __table_args__ = (UniqueConstraint("number"),)

    id: Mapped[Key]
    number: Mapped[int]
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    effective_from: Mapped[datetime]
    document: Mapped[dict[str, Any]]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]


class TemplateVersion(Base):
    """A template's words in one locale; `document` holds the source whole.

    `origin`: what ships with Wenhou has a row from its first use on, approved; what the bank writes goes draft →
    submitted → approved or rejected → retired. Once it is no draft its words never change: a trigger refuses it
    (`store.migrations.third.words`). `authors`: everybody who wrote on the draft, as hex ids. `effective_from`,
    `effective_until`: when it was to come into force by its approval; what was in force when, `word_editions` says.
    """

    __tablename__ = "template_versions"
    __table_args__ = (
        UniqueConstraint("template_key", "locale", "number"),
        one_of("state", TEMPLATE_STATES),
        one_of("origin", ("bundled", "bank")),
        CheckConstraint(
            text("decided_by <> created_by AND decided_by <> submitted_by"), name="decided_by_another"
        ),
        CheckConstraint(
            text(
                "origin = 'bundled' OR state <> 'approved' OR (submitted_by IS NOT NULL AND decided_by IS NOT NULL)"
            ),
            name="approved_by_somebody",
        ),
    )

    id: Mapped[Key]
    template_key: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    document: Mapped[dict[str, Any]]
    digest: Mapped[bytes]
    effective_from: Mapped[datetime | None]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(String(8), default="bundled", server_default="bundled")
    authors: Mapped[list[str] | None]
    note: Mapped[str | None]
    submitted_by: Mapped[uuid.UUID | None]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None]
    effective_until: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]


MEDIA_STATES = ("waiting", "approved", "retired")


class Media(Base):
    """An image by its digest. It goes with words once a second person agreed to it; its bytes never change.

    `uploads` is of an older release and not used; see MediaUpload.
    """

    __tablename__ = "media"
    __table_args__ = (
        one_of("state", MEDIA_STATES),
        CheckConstraint(
            text("state <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> created_by)"),
            name="approved_by_another",
        ),
        Index("uq_media_key", "key", unique=True),
    )

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    mime: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    body: Mapped[bytes]
    uploads: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    key: Mapped[str | None] = mapped_column(String(60))
    alt_zh: Mapped[str | None] = mapped_column(String(120))
    alt_en: Mapped[str | None] = mapped_column(String(120))
    width: Mapped[int | None]
    height: Mapped[int | None]
    created_by: Mapped[uuid.UUID | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(10), default="waiting", server_default="waiting")


class MediaUpload(Base):
    """An image as a provider's account holds it. `expires_at` None: for good; past it, it is given anew."""

    __tablename__ = "media_uploads"

    digest: Mapped[bytes] = mapped_column(ForeignKey("media.digest"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(30), primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    provider_media_id: Mapped[str] = mapped_column(String(300))
    uploaded_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class DataFeed(Base):
    """A file or push expected daily; what is late or suddenly small holds care and marketing (数据未到).

    `control`: `rows` when every delivery states how many rows it holds. `first_on`: the first day it is expected.
    """

    __tablename__ = "data_feeds"
    __table_args__ = (UniqueConstraint("key"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(60))
    name: Mapped[Name]
    kind: Mapped[Code]
    expected_by: Mapped[str] = mapped_column(String(5))
    smallest_share_percent: Mapped[int] = mapped_column(SmallInteger, default=50)
    holds_purposes: Mapped[list[str]]
    control: Mapped[str | None] = mapped_column(String(8))
    first_on: Mapped[date | None]
    last_arrival_at: Mapped[datetime | None]
    last_rows: Mapped[int | None]


class FeedArrival(Base):
    """One arrival of a feed, with its control totals."""

    __tablename__ = "feed_arrivals"
    __table_args__ = (UniqueConstraint("feed_id", "business_day"),)

    id: Mapped[Key]
    feed_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("data_feeds.id"))
    business_day: Mapped[date]
    rows: Mapped[int]
    control_total: Mapped[str | None] = mapped_column(String(80))
    accepted: Mapped[bool]
    problem: Mapped[str | None]
    arrived_at: Mapped[datetime]
