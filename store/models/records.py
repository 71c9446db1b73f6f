"""Records of the installation itself: keys, imports, notices, idempotency, roll-ups, audit and its seals."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import BY_ID_MONTH, Base, Code, Key, one_of


class DataKeyRow(Base):
    """A data key, wrapped by the key service; one current key a purpose, retired ones stay to open old values."""

    __tablename__ = "data_keys"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    purpose: Mapped[str] = mapped_column(String(12))
    wrapped: Mapped[bytes]
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class Import(Base):
    """One run of an import and what it did."""

    __tablename__ = "imports"

    id: Mapped[Key]
    kind: Mapped[Code]
    file_name: Mapped[str] = mapped_column(String(255))
    file_digest: Mapped[bytes]
    mapping: Mapped[str | None]
    rows: Mapped[int]
    created: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    refused: Mapped[int]
    warnings: Mapped[int] = mapped_column(default=0)
    started_by: Mapped[uuid.UUID | None]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class StaffNotice(Base):
    """Words to staff (cards, canaries, tests, alerts): never messages, never counted."""

    __tablename__ = "staff_notices"

    id: Mapped[Key]
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"), index=True)
    kind: Mapped[Code]
    body: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class ApiIdempotency(Base):
    """The answer given to an idempotency key of the API."""

    __tablename__ = "api_idempotency"

    token_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    request_hash: Mapped[bytes]
    status: Mapped[int]
    answer: Mapped[bytes]
    created_at: Mapped[datetime]


class DailyRollup(Base):
    """Counts by day, campaign, channel, org and status: what result pages read."""

    __tablename__ = "daily_rollups"

    on_day: Mapped[date] = mapped_column(primary_key=True)
    campaign_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    org_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    measure: Mapped[str] = mapped_column(String(40), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)


class AuditRow(Base):
    """Who did what to what, without personal data. Inserted unchained, never changed; sealed by the leader."""

    __tablename__ = "audit_log"
    __table_args__ = (
        one_of("actor_kind", ("user", "system", "customer", "provider")),
        Index("ix_audit_log_subject", "subject_kind", "subject_id"),
        BY_ID_MONTH,
    )

    id: Mapped[Key]
    at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[uuid.UUID | None]
    act: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[uuid.UUID | None]
    details: Mapped[dict[str, Any] | None]


class AuditSeal(Base):
    """One link of the audit chain, in id order: digest over the row and the digest before it."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=False
    )
    audit_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    digest: Mapped[bytes]
    sealed_at: Mapped[datetime]
