"""One row a planned message, what it says, what happened to it, who approved it, what it counts against."""

from __future__ import annotations

import uuid
from datetime import date, datetime

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

from store.models.base import BY_ID_MONTH, Base, Key, one_of
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status

ORIGINS = ("campaign", "reply", "case_note", "confirmation", "welcome")


class Message(Base):
    """One message to one customer for one occasion (DESIGN §5): unique (customer, dedupe_key), never partitioned.

    `channel` is where it goes now, `channel_plan` the comma-separated order. `level`: how many approvals it needs.
    `content_hash` binds all channels of the plan. The claim: owner, lease in wall time, fencing number. `trace`: the
    gates' verdicts at planning and at hand-over, coded (`wenhou.core.policy.trace`). `wave`: which wave of its run it
    leaves in, from 0; empty where there are none.
    """

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("customer_id", "dedupe_key"),
        one_of("status", Status),
        one_of("origin", ORIGINS),
        one_of("purpose", Purpose),
        CheckConstraint(
            text("(origin = 'campaign') = (campaign_version_id IS NOT NULL)"), name="version_iff_campaign"
        ),
        CheckConstraint(text("level BETWEEN 0 AND 2"), name="level_range"),
        Index(
            "ix_messages_due",
            "channel",
            "urgency",
            "due_at",
            sqlite_where=text("status = 'scheduled' AND released_at IS NULL"),
            postgresql_where=text("status = 'scheduled' AND released_at IS NULL"),
        ),
        Index(
            "ix_messages_released",
            "urgency",
            "released_at",
            sqlite_where=text("status = 'scheduled' AND released_at IS NOT NULL"),
            postgresql_where=text("status = 'scheduled' AND released_at IS NOT NULL"),
        ),
        Index(
            "ix_messages_open_claims",
            "claim_until",
            sqlite_where=text("claim_until IS NOT NULL"),
            postgresql_where=text("claim_until IS NOT NULL"),
        ),
        Index(
            "ix_messages_queue",
            "advisor_id",
            "due_at",
            sqlite_where=text("status = 'proposed'"),
            postgresql_where=text("status = 'proposed'"),
        ),
        Index(
            "ix_messages_expiry",
            "expires_at",
            sqlite_where=text("status IN ('proposed', 'scheduled', 'awaiting_tap', 'skipped')"),
            postgresql_where=text("status IN ('proposed', 'scheduled', 'awaiting_tap', 'skipped')"),
        ),
        Index(
            "ix_messages_hold",
            "hold_key",
            sqlite_where=text("hold_key IS NOT NULL"),
            postgresql_where=text("hold_key IS NOT NULL"),
        ),
        Index(
            "ix_messages_unknown",
            "id",
            sqlite_where=text("status = 'unknown'"),
            postgresql_where=text("status = 'unknown'"),
        ),
        Index("ix_messages_occurrence_id", "occurrence_id", "status"),
        Index(
            "ix_messages_template_version_id",
            "template_version_id",
            "planned_for",
            sqlite_where=text("template_version_id IS NOT NULL"),
            postgresql_where=text("template_version_id IS NOT NULL"),
        ),
        Index(
            "ix_messages_wave",
            "occurrence_id",
            "wave",
            "status",
            sqlite_where=text("wave IS NOT NULL"),
            postgresql_where=text("wave IS NOT NULL"),
        ),
    )

    id: Mapped[Key]
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    dedupe_key: Mapped[str] = mapped_column(String(160))
    origin: Mapped[str] = mapped_column(String(12))
    origin_id: Mapped[uuid.UUID | None]
    campaign_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("campaigns.id"))
    campaign_version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("campaign_versions.id"))
    occurrence_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("occurrences.id"))
    step: Mapped[int] = mapped_column(SmallInteger, default=1)
    wave: Mapped[int | None] = mapped_column(SmallInteger)
    purpose: Mapped[str] = mapped_column(String(12))
    urgency: Mapped[int] = mapped_column(SmallInteger)
    channel: Mapped[str | None] = mapped_column(String(16))
    channel_plan: Mapped[str] = mapped_column(String(80))
    contact_point_id: Mapped[uuid.UUID | None]
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    level: Mapped[int] = mapped_column(SmallInteger)
    approvals: Mapped[int] = mapped_column(SmallInteger, default=0)
    risk: Mapped[str] = mapped_column(String(8), default="low")
    asks: Mapped[str | None] = mapped_column(String(8))
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    advisor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    edited_by: Mapped[uuid.UUID | None]
    planned_for: Mapped[date]
    not_before: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    hold_key: Mapped[str | None] = mapped_column(String(80))
    content_hash: Mapped[bytes | None]
    template_version_id: Mapped[uuid.UUID | None]
    variant: Mapped[str | None] = mapped_column(String(12))
    released_at: Mapped[datetime | None]
    claim_owner: Mapped[str | None] = mapped_column(String(60))
    claim_until: Mapped[datetime | None]
    claim_fence: Mapped[int] = mapped_column(BigInteger, default=0)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0)
    trace: Mapped[bytes | None]
    linked_to: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class MessageContent(Base):
    """What one channel of the plan would say, sealed with the customer's key; mail as skeleton + parameters."""

    __tablename__ = "message_contents"
    __table_args__ = ({"postgresql_partition_by": "RANGE (message_id)"},)

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    body: Mapped[bytes]
    skeleton: Mapped[str | None] = mapped_column(String(60))
    digest: Mapped[bytes]
    parts: Mapped[int] = mapped_column(SmallInteger, default=1)


class MessageEvent(Base):
    """A change of status with its cause and actor, written in the transaction of the change. Append-only."""

    __tablename__ = "message_events"
    __table_args__ = (Index("ix_message_events_message_id", "message_id"), BY_ID_MONTH)

    id: Mapped[Key]
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"))
    event: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str | None] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(60))
    attempt_id: Mapped[uuid.UUID | None]
    at: Mapped[datetime]


class Approval(Base):
    """A person's word on a message, bound to the hash of what they saw. A change voids it, never deletes it."""

    __tablename__ = "approvals"
    __table_args__ = (
        one_of("decision", ("approved", "rejected")),
        Index("ix_approvals_message_id", "message_id"),
        Index("ix_approvals_user_id", "user_id", "at"),
    )

    id: Mapped[Key]
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"))
    level: Mapped[int] = mapped_column(SmallInteger)
    decision: Mapped[str] = mapped_column(String(10))
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    content_hash: Mapped[bytes]
    reason: Mapped[str | None] = mapped_column(String(40))
    at: Mapped[datetime]
    voided_at: Mapped[datetime | None]
    void_reason: Mapped[str | None] = mapped_column(String(40))


class ContactLedger(Base):
    """One contact counted against caps, per customer and per address. `unknown` stays committed."""

    __tablename__ = "contact_ledger"
    __table_args__ = (
        one_of("state", ("reserved", "committed", "released")),
        Index("ix_contact_ledger_customer_id", "customer_id", "on_day"),
        Index("ix_contact_ledger_contact_point_id", "contact_point_id", "on_day"),
    )

    message_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    contact_point_id: Mapped[uuid.UUID | None]
    on_day: Mapped[date]
    purpose: Mapped[str] = mapped_column(String(12))
    channel: Mapped[str | None] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))


class ForeignContact(Base):
    """A contact another system of the bank made (card centre, app push, call centre): counts in caps like our own.

    Its id is the `message_id` of its row in the ledger. Unique by its source's id.
    """

    __tablename__ = "foreign_contacts"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        one_of("state", ("active", "cancelled")),
        one_of("purpose", Purpose),
        Index("ix_foreign_contacts_customer_id", "customer_id", "at"),
    )

    id: Mapped[Key]
    source: Mapped[str] = mapped_column(String(40))
    source_id: Mapped[str] = mapped_column(String(100))
    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"))
    channel: Mapped[str] = mapped_column(String(16))
    purpose: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(10), default="active")
    received_at: Mapped[datetime]
