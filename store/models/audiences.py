"""Who a campaign's approved audience was, and the bank's standing rules: for tiers, for tags."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Key, one_of


class AudienceMember(Base):
    """A customer in the audience of a campaign's version as it was approved. Never changed: a new version freezes anew."""

    __tablename__ = "audience_members"
    __table_args__ = (Index("ix_audience_members_customer_id", "customer_id"),)

    campaign_version_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("campaign_versions.id"), primary_key=True
    )
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)


class RuleSheet(Base):
    """An edition of the bank's rules for tiers or tags: `document` as data, `source` as applied. The newest counts."""

    __tablename__ = "rule_sheets"
    __table_args__ = (one_of("kind", ("tiers", "tags")), UniqueConstraint("kind", "number"))

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(8))
    number: Mapped[int]
    document: Mapped[dict[str, Any]]
    source: Mapped[str]
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
