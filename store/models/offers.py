"""What stands behind words that offer something: opinions of consumer protection, advice cards, published rates."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Key, Name, one_of


class ReviewOpinion(Base):
    """消保审查意见: what the bank's consumer protection said of a campaign's words, once and for good.

    Only ever added: a renewal or a change of mind is a further row. `materials`: what was read, as documents of
    `wenhou.core.opinions.Material`. `valid_from` empty: from its entry on; both days are days of the bank's zone.
    """

    __tablename__ = "review_opinions"
    __table_args__ = (
        UniqueConstraint("campaign_id", "number"),
        one_of("conclusion", ("agree", "agree_with_changes", "refuse")),
        CheckConstraint(text("valid_from IS NULL OR valid_until >= valid_from"), name="days_in_order"),
        Index("ix_review_opinions_valid_until", "valid_until"),
    )

    id: Mapped[Key]
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaigns.id"))
    number: Mapped[str] = mapped_column(String(60))
    reviewer: Mapped[Name]
    conclusion: Mapped[Code]
    valid_from: Mapped[date | None]
    valid_until: Mapped[date]
    materials: Mapped[list[Any]]
    issuer_approval: Mapped[str | None] = mapped_column(String(60))
    note: Mapped[str | None]
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    added_at: Mapped[datetime]


class AdviceCard(Base):
    """产品建议卡, one version: what speaks for a product, what against, whom it suits and whom not.

    `blocks`: locale → the four texts. A version that was submitted never changes; at most one of a product is approved.
    """

    __tablename__ = "advice_cards"
    __table_args__ = (
        UniqueConstraint("product_id", "version"),
        one_of("state", ("draft", "submitted", "approved", "retired")),
        CheckConstraint(text("approved_by IS NULL OR approved_by <> author_id"), name="two_persons"),
        Index(
            "uq_advice_cards_approved",
            "product_id",
            unique=True,
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
    )

    id: Mapped[Key]
    product_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("products.id"))
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="draft")
    blocks: Mapped[dict[str, Any]]
    source: Mapped[str] = mapped_column(String(200))
    source_on: Mapped[date]
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    retired_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]


class RateTable(Base):
    """One edition of the rates the bank has published, as its announcement says them.

    `figures`: `{key, product, term, rate}` with the rate in percent as text. An approved edition never changes; the one
    with the newest `effective_on` that has come counts.
    """

    __tablename__ = "rate_tables"
    __table_args__ = (
        UniqueConstraint("number"),
        one_of("state", ("proposed", "approved")),
        CheckConstraint(text("approved_by IS NULL OR approved_by <> entered_by"), name="two_persons"),
        Index("ix_rate_tables_effective_on", "effective_on"),
    )

    id: Mapped[Key]
    number: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    published_on: Mapped[date]
    effective_on: Mapped[date]
    source: Mapped[str] = mapped_column(String(200))
    source_url: Mapped[str | None] = mapped_column(String(300))
    figures: Mapped[list[Any]]
    entered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime]
    approved_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
