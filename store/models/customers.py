"""The customer: who they are, how to reach them, their days, what they agreed to, what stops us."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Key, Name, one_of
from wenhou.core.purposes import Purpose


class Customer(Base):
    """A person the bank serves. Tier, need and appetite are words of the bank, checked when rules are made.

    A customer without `main_advisor_id` belongs to the pool of `managing_org_id`. `life_stage`: `under_14`, `under_18`,
    `adult` or `senior`, kept by a daily job from the sealed birth year. `festivals`: the ones they chose themselves.
    `computed_…`: what the bank's rules last said; a tier that differs from it came from a file and stays.
    """

    __tablename__ = "customers"
    __table_args__ = (
        one_of("gender", ("female", "male", "unknown")),
        one_of("state", ("active", "dormant", "closed", "erased")),
        Index(
            "ix_customers_org_segment",
            "managing_org_id",
            "tier",
            "state",
            "assets_fen",
            "is_staff",
            "main_advisor_id",
        ),
        Index("ix_customers_main_advisor_id", "main_advisor_id", "tier", "state", "is_staff"),
        # A live count of an audience by the bank's tiers is answered by these three without any row.
        Index(
            "ix_customers_audience",
            "tier",
            "state",
            "is_staff",
            "managing_org_id",
            "main_advisor_id",
            "assets_fen",
        ),
        Index("ix_customers_assets_fen", "assets_fen", "tier", "main_advisor_id"),
    )

    id: Mapped[Key]
    external_ref: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Name]
    salutation: Mapped[str | None] = mapped_column(String(40))
    gender: Mapped[str] = mapped_column(String(10), default="unknown")
    locale: Mapped[str] = mapped_column(String(10), default="zh-CN")
    time_zone: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), default="active")
    tier: Mapped[Code | None] = mapped_column(String(40))
    assets_fen: Mapped[int | None] = mapped_column(BigInteger)
    need: Mapped[Code | None] = mapped_column(String(40))
    risk_appetite: Mapped[Code | None] = mapped_column(String(40))
    interests: Mapped[list[str] | None]
    custom: Mapped[dict[str, Any] | None]
    opening_org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    managing_org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    main_advisor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    deputy_advisor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    is_staff: Mapped[bool] = mapped_column(default=False)
    life_stage: Mapped[str | None] = mapped_column(String(10))
    festivals: Mapped[list[str] | None]
    computed_tier: Mapped[str | None] = mapped_column(String(40))
    computed_need: Mapped[str | None] = mapped_column(String(40))
    computed_risk_appetite: Mapped[str | None] = mapped_column(String(40))
    birth_year: Mapped[bytes | None]
    opened_on: Mapped[date | None]
    closed_on: Mapped[date | None]
    last_contact_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CustomerKey(Base):
    """A customer's random key, wrapped by a data key; shredding this row erases what it sealed."""

    __tablename__ = "customer_keys"

    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    data_key_id: Mapped[int]
    wrapped: Mapped[bytes | None]
    shredded_at: Mapped[datetime | None]


class CustomerTag(Base):
    """A word hung on a customer by a file, a rule or a person."""

    __tablename__ = "customer_tags"
    __table_args__ = (Index("ix_customer_tags_tag", "tag", "customer_id"),)

    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(String(60), primary_key=True)
    source: Mapped[str] = mapped_column(String(20), default="file")


class CareRestriction(Base):
    """Why some purposes must stop for a customer. A confidential kind shows as 按规定暂不联系 below compliance.

    `event_id`: the risk event of the bank's systems it stands on (`wenhou.core.risk`): kept in step with the events.
    """

    __tablename__ = "care_restrictions"
    __table_args__ = (
        one_of(
            "kind",
            (
                "deceased",
                "bereavement",
                "overdue",
                "litigation",
                "judicial_inquiry",
                "anti_money_laundering",
                "dormant",
                "wrong_person",
                "minor",
                "other",
            ),
        ),
        one_of("visibility", ("open", "confidential")),
        Index("ix_care_restrictions_customer_id", "customer_id", "until_on"),
    )

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[Code]
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    purposes: Mapped[list[str]]
    source: Mapped[Code]
    visibility: Mapped[str] = mapped_column(String(12), default="open")
    note: Mapped[bytes | None]
    event_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]


class ContactPoint(Base):
    """An address on a channel. A family may share one: sealed with the system key, gone with its last customer.

    `state`: how good it is (`wenhou.core.contact_quality`), why and since when; `reachable` and `retired_at` are what
    the gates ask. `soft_failures`: campaigns in a row, since `soft_since`. `suspected_on`: the first hint that it is
    none. `proved_at`: when something last arrived there or came from there.
    """

    __tablename__ = "contact_points"
    __table_args__ = (
        UniqueConstraint("channel", "account", "blind_index"),
        one_of("reachable", ("yes", "no", "unknown")),
        one_of("state", ("unverified", "good", "soft_failing", "dead", "recycled")),
        Index("ix_contact_points_last_four", "last_four_index"),
    )

    id: Mapped[Key]
    channel: Mapped[Code]
    account: Mapped[str] = mapped_column(String(60), default="")
    address: Mapped[bytes]
    blind_index: Mapped[bytes]
    last_four_index: Mapped[bytes | None]
    verified_at: Mapped[datetime | None]
    reachable: Mapped[str] = mapped_column(String(8), default="unknown")
    quality: Mapped[int] = mapped_column(SmallInteger, default=100)
    soft_failures: Mapped[int] = mapped_column(SmallInteger, default=0)
    retired_at: Mapped[datetime | None]
    retired_reason: Mapped[Code | None] = mapped_column(String(40))
    last_inbound_at: Mapped[datetime | None]
    retain_until: Mapped[date | None]
    created_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(14), default="unverified", server_default="unverified")
    state_reason: Mapped[str | None] = mapped_column(String(40))
    state_at: Mapped[datetime | None]
    soft_since: Mapped[date | None]
    suspected_on: Mapped[date | None]
    proved_at: Mapped[datetime | None]


class ContactEvidence(Base):
    """What was learnt of an address and from what: ids and codes, nobody's data. The same thing told twice is one row."""

    __tablename__ = "contact_evidence"
    __table_args__ = (UniqueConstraint("contact_point_id", "evidence", "told_by"),)

    id: Mapped[Key]
    contact_point_id: Mapped[uuid.UUID]
    evidence: Mapped[str] = mapped_column(String(14))
    told_by: Mapped[str] = mapped_column(String(40))
    cause: Mapped[str | None] = mapped_column(String(40))
    code: Mapped[str | None] = mapped_column(String(40))
    campaign_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class CustomerContact(Base):
    """Which customer uses which address, and as whom."""

    __tablename__ = "customer_contacts"
    __table_args__ = (
        one_of("relation", ("own", "guardian", "family", "company")),
        Index("ix_customer_contacts_contact_point_id", "contact_point_id"),
    )

    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    contact_point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact_points.id"), primary_key=True)
    relation: Mapped[str] = mapped_column(String(10), default="own")
    preferred: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(20), default="file")
    created_at: Mapped[datetime]


class PersonalDate(Base):
    """A day of a customer's life. The index answers "whose day is it" without touching any other row."""

    __tablename__ = "personal_dates"
    __table_args__ = (
        one_of("calendar", ("solar", "lunar")),
        one_of("source", ("certificate", "customer", "advisor", "file")),
        one_of("certainty", ("certain", "assumed", "questioned")),
        CheckConstraint(text("month BETWEEN 1 AND 12"), name="month_range"),
        CheckConstraint(text("day BETWEEN 1 AND 31"), name="day_range"),
        UniqueConstraint("customer_id", "kind", "calendar", "label"),
        Index(
            "ix_personal_dates_day",
            "kind",
            "calendar",
            "month",
            "day",
            "is_leap_month",
            "celebrated",
            "customer_id",
        ),
    )

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    kind: Mapped[Code]
    label: Mapped[str] = mapped_column(String(60), default="")
    calendar: Mapped[str] = mapped_column(String(5))
    month: Mapped[int] = mapped_column(SmallInteger)
    day: Mapped[int] = mapped_column(SmallInteger)
    is_leap_month: Mapped[bool] = mapped_column(default=False)
    year: Mapped[bytes | None]
    celebrated: Mapped[bool] = mapped_column(default=True)
    source: Mapped[str] = mapped_column(String(12), default="file")
    certainty: Mapped[str] = mapped_column(String(12), default="assumed")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Consent(Base):
    """One act of consent or refusal, with its evidence. Append-only."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("act", ("granted", "withdrawn")),
        one_of("source", ("customer", "counter", "file", "staff", "provider")),
        one_of("purpose", Purpose),
        Index("ix_consents_customer_id", "customer_id", "at"),
    )

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    channel: Mapped[Code]
    purpose: Mapped[Code]
    act: Mapped[Code]
    source: Mapped[Code]
    wording_version: Mapped[str | None] = mapped_column(String(60))
    evidence: Mapped[dict[str, Any] | None]
    actor_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class ConsentState(Base):
    """Where consent stands now, kept in the transaction of the act. `channel` may be `any`.

    `by_customer`: the customer's own word, which only the customer's own later act overrides, never a file or a click.
    """

    __tablename__ = "consent_state"
    __table_args__ = (one_of("state", ("granted", "withdrawn")),)

    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(40), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40), primary_key=True)
    state: Mapped[str] = mapped_column(String(10))
    by_customer: Mapped[bool] = mapped_column(default=False)
    consent_id: Mapped[uuid.UUID]
    at: Mapped[datetime]


class Suppression(Base):
    """An address nobody may write to, by its shadow alone: survives re-import, advisor change and erasure.

    `purpose` may be `all`.
    """

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("channel", "blind_index", "purpose"),)

    id: Mapped[Key]
    channel: Mapped[Code]
    blind_index: Mapped[bytes]
    purpose: Mapped[str] = mapped_column(String(40), default="all")
    reason: Mapped[Code]
    source: Mapped[Code]
    until: Mapped[datetime | None]
    created_at: Mapped[datetime]
