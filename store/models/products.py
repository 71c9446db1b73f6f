"""What the bank sells and what a customer holds: the facts behind suitability and the scorecard."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Key, Name


class Product(Base):
    """A product: issuer, risk R1–R5, sale window, approved wording and the risk sentence it must carry."""

    __tablename__ = "products"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[Name]
    issuer: Mapped[Name]
    risk_level: Mapped[int] = mapped_column(SmallInteger)
    on_sale_from: Mapped[date | None]
    on_sale_until: Mapped[date | None]
    approved_wording: Mapped[str | None]
    risk_sentence: Mapped[str | None]
    approval_number: Mapped[str | None] = mapped_column(String(60))
    updated_at: Mapped[datetime]


class Assessment(Base):
    """A customer's risk assessment C1–C5 and until when it holds."""

    __tablename__ = "assessments"
    __table_args__ = (Index("ix_assessments_customer_id", "customer_id", "valid_until"),)

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    assessed_on: Mapped[date]
    valid_until: Mapped[date]
    source: Mapped[Code]


class Holding(Base):
    """A product in a customer's hands: opened, matures, closed. No data prints 无数据, never 0."""

    __tablename__ = "holdings"
    __table_args__ = (
        UniqueConstraint("source", "source_ref"),
        Index("ix_holdings_customer_id", "customer_id"),
        Index("ix_holdings_matures_on", "matures_on"),
    )

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    product_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[Code]
    source: Mapped[Code]
    source_ref: Mapped[str] = mapped_column(String(80))
    amount_fen: Mapped[int | None] = mapped_column(BigInteger)
    opened_on: Mapped[date | None]
    matures_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    updated_at: Mapped[datetime]


class Referral(Base):
    """Who brought whom to the bank."""

    __tablename__ = "referrals"
    __table_args__ = (UniqueConstraint("referrer_id", "referred_ref"),)

    id: Mapped[Key]
    referrer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    referred_ref: Mapped[str] = mapped_column(String(64))
    referred_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("customers.id"))
    referred_on: Mapped[date]
    source: Mapped[Code]
