"""Handing over: attempts, batch calls, providers' references and tasks, accounts and their limits."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Float,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import BY_ID_MONTH, Base, Code, Key, Name, one_of

OUTCOMES = ("accepted", "task", "transient", "permanent", "channel_fault", "unknown")


class Attempt(Base):
    """One hand-over of one message: opened and committed before the call, closed after it. Receipts attach here."""

    __tablename__ = "attempts"
    __table_args__ = (
        one_of("outcome", OUTCOMES),
        Index("ix_attempts_message_id", "message_id"),
        Index(
            "ix_attempts_open",
            "opened_at",
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        BY_ID_MONTH,
    )

    id: Mapped[Key]
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"))
    number: Mapped[int] = mapped_column(SmallInteger)
    channel: Mapped[str] = mapped_column(String(16))
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    contact_point_id: Mapped[uuid.UUID | None]
    provider_call_id: Mapped[uuid.UUID | None]
    fence: Mapped[int] = mapped_column(BigInteger)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(14))
    code: Mapped[str | None] = mapped_column(String(80))
    receipt: Mapped[str | None] = mapped_column(String(12))
    receipt_at: Mapped[datetime | None]


class ProviderCall(Base):
    """One call that carried a batch; its id is the idempotency key where the provider takes one."""

    __tablename__ = "provider_calls"

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    code: Mapped[str | None] = mapped_column(String(80))


class ProviderRef(Base):
    """What the provider calls a hand-over, leading back to its attempt. Never partitioned, unique for good.

    `recipient_index`: tells recipients apart where one name stands for a whole batch. `part`: 0, or from 1 where a
    long text's parts have names of their own; `receipt`: what was said of this one.
    """

    __tablename__ = "provider_refs"
    __table_args__ = (
        Index(
            "ix_provider_refs_parts",
            "attempt_id",
            sqlite_where=text("part > 0"),
            postgresql_where=text("part > 0"),
        ),
    )

    provider: Mapped[str] = mapped_column(String(30), primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    reference: Mapped[str] = mapped_column(String(120), primary_key=True)
    recipient_index: Mapped[int] = mapped_column(Integer, primary_key=True, default=0, autoincrement=False)
    part: Mapped[int] = mapped_column(SmallInteger, primary_key=True, default=0, autoincrement=False)
    attempt_id: Mapped[uuid.UUID]
    receipt: Mapped[str | None] = mapped_column(String(12))
    receipt_at: Mapped[datetime | None]


class ParkedReceipt(Base):
    """A receipt that came before the answer of its own call was written: what it waits for. Gone when it is applied."""

    __tablename__ = "parked_receipts"
    __table_args__ = (
        Index("ix_parked_receipts_reference", "provider", "account", "reference"),
        Index("ix_parked_receipts_parked_at", "parked_at"),
    )

    callback_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    reference: Mapped[str] = mapped_column(String(120))
    parked_at: Mapped[datetime]


class ProviderTask(Base):
    """A task that a person must confirm (WeCom group send): its state, when it closes, when to look again."""

    __tablename__ = "provider_tasks"
    __table_args__ = (
        UniqueConstraint("provider", "account", "task"),
        one_of("state", ("open", "confirmed", "cancelled", "closed", "breached")),
        Index(
            "ix_provider_tasks_poll",
            "next_poll_at",
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    task: Mapped[str] = mapped_column(String(120))
    attempt_id: Mapped[uuid.UUID]
    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"))
    sender_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    body_hash: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(10), default="open")
    closes_at: Mapped[datetime]
    next_poll_at: Mapped[datetime]
    nudges: Mapped[int] = mapped_column(SmallInteger, default=0)
    created_at: Mapped[datetime]


class ChannelAccount(Base):
    """A provider's account: paused or not and why, and its token bucket, shared by every worker.

    `paused_code`: the reason's code, `paused_reason`: the provider's. `errors_in_row`, `unknown_in_row`: hand-overs since
    the last one that was taken. `looks`: how often it was looked at since it paused, `next_look_at`: when next (wall time).
    `resumed_at`: since when its rate grows again; None: it has all of it. `told_code`, `told_at`: what staff were told
    last of its pause, "" for that it is over.
    """

    __tablename__ = "channel_accounts"
    __table_args__ = (UniqueConstraint("provider", "account"),)

    id: Mapped[Key]
    channel: Mapped[Code]
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    paused_at: Mapped[datetime | None]
    paused_reason: Mapped[str | None] = mapped_column(String(200))
    paused_code: Mapped[str | None] = mapped_column(String(80))
    rate_per_second: Mapped[float] = mapped_column(Float)
    bucket_tokens: Mapped[float] = mapped_column(Float, default=0)
    bucket_at: Mapped[datetime]
    last_success_at: Mapped[datetime | None]
    last_error_at: Mapped[datetime | None]
    errors_in_row: Mapped[int] = mapped_column(default=0)
    last_error_code: Mapped[str | None] = mapped_column(String(80))
    unknown_in_row: Mapped[int] = mapped_column(default=0, server_default="0")
    looks: Mapped[int] = mapped_column(default=0, server_default="0")
    next_look_at: Mapped[datetime | None]
    resumed_at: Mapped[datetime | None]
    told_code: Mapped[str | None] = mapped_column(String(80))
    told_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Quota(Base):
    """A platform's limit for a provider's account (`*`: each of them), dated.

    `scope`: `account`, counted in `quota_uses`, or `customer`, counted for each from the contact ledger. `period`:
    `day`, `month`, `total`, or `rolling` over `days` days, in the platform's `time_zone`. `purposes` empty: all.
    `confidence`: how sure the figure is. `used` is of the first release and no longer written.
    """

    __tablename__ = "quotas"
    __table_args__ = (UniqueConstraint("provider", "account", "kind", "period", "from_on"),)

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    kind: Mapped[Code]
    scope: Mapped[str] = mapped_column(String(10), default="account", server_default="account")
    period: Mapped[Code]
    days: Mapped[int | None] = mapped_column(SmallInteger)
    time_zone: Mapped[str] = mapped_column(
        String(40), default="Asia/Shanghai", server_default="Asia/Shanghai"
    )
    purposes: Mapped[list[str] | None]
    amount: Mapped[int]
    used: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    source: Mapped[str | None]
    confidence: Mapped[Code | None] = mapped_column(String(40))
    note: Mapped[str | None]


class QuotaUse(Base):
    """How much of an account's limit is gone on a day of the platform (of a month: its first; of a total: its first).

    `reserved`: for messages that are planned; `taken`: handed over.
    """

    __tablename__ = "quota_uses"
    __table_args__ = (CheckConstraint(text("reserved >= 0 AND taken >= 0"), name="never_below_none"),)

    quota_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quotas.id"), primary_key=True)
    on_day: Mapped[date] = mapped_column(primary_key=True)
    reserved: Mapped[int] = mapped_column(default=0)
    taken: Mapped[int] = mapped_column(default=0)


class QuotaHold(Base):
    """One message's place under a limit: it goes with the message when that dies, and the counter with it."""

    __tablename__ = "quota_holds"
    __table_args__ = (one_of("state", ("reserved", "taken")),)

    message_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    quota_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("quotas.id"), primary_key=True)
    on_day: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))


class ProviderToken(Base):
    """A platform's access token shared by all processes, sealed; refreshed by one of them at a time."""

    __tablename__ = "provider_tokens"

    provider: Mapped[str] = mapped_column(String(30), primary_key=True)
    account: Mapped[str] = mapped_column(String(60), primary_key=True)
    kind: Mapped[str] = mapped_column(String(30), primary_key=True)
    token: Mapped[bytes | None]
    expires_at: Mapped[datetime | None]
    refreshing_until: Mapped[datetime | None]
    generation: Mapped[int] = mapped_column(default=0)


class ProviderTemplate(Base):
    """A template or signature filed with a provider: its state per org and carrier.

    No org: the whole bank. `carrier` empty: every one. `variables`: each variable's `{from, max}`: what fills it, as it
    would stand in a template's braces, and its longest value. `wording`: the wording of the template that it carries.
    """

    __tablename__ = "provider_templates"
    __table_args__ = (
        UniqueConstraint("provider", "account", "kind", "code", "org_id", "carrier"),
        Index(
            "uq_provider_templates_bank",
            "provider",
            "account",
            "kind",
            "code",
            "carrier",
            unique=True,
            sqlite_where=text("org_id IS NULL"),
            postgresql_where=text("org_id IS NULL"),
        ),
    )

    id: Mapped[Key]
    provider: Mapped[str] = mapped_column(String(30))
    account: Mapped[str] = mapped_column(String(60))
    kind: Mapped[Code]
    code: Mapped[str] = mapped_column(String(80))
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    carrier: Mapped[str] = mapped_column(String(30), default="")
    state: Mapped[Code]
    approved_text: Mapped[str | None]
    variables: Mapped[dict[str, Any] | None]
    template_key: Mapped[str | None] = mapped_column(String(80))
    checked_at: Mapped[datetime | None]
    wording: Mapped[str | None] = mapped_column(String(12))
    locale: Mapped[str] = mapped_column(String(10), default="zh-CN", server_default="zh-CN")
    submitted_on: Mapped[date | None]
    decided_on: Mapped[date | None]
    withdrawn_on: Mapped[date | None]
    reason: Mapped[str | None]


class SubscriptionGrant(Base):
    """A WeChat grant to send one or many subscription notifications."""

    __tablename__ = "subscription_grants"
    __table_args__ = (Index("ix_subscription_grants_contact_point_id", "contact_point_id", "template"),)

    id: Mapped[Key]
    contact_point_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contact_points.id"))
    template: Mapped[str] = mapped_column(String(80))
    kind: Mapped[Code]
    granted_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    message_id: Mapped[uuid.UUID | None]


class Stop(Base):
    """An order to stop, read at release, at the claim and just before each call. Lifting it takes a second person."""

    __tablename__ = "stops"
    __table_args__ = (one_of("scope", ("all", "purpose", "org", "channel", "campaign")),)

    id: Mapped[Key]
    scope: Mapped[str] = mapped_column(String(10))
    value: Mapped[str] = mapped_column(String(60), default="")
    reason: Mapped[str | None]
    ordered_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    ordered_at: Mapped[datetime]
    lift_asked_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    lifted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    lifted_at: Mapped[datetime | None]


class Lease(Base):
    """Who owns a long-lived thing (a carrier line, the planner's lead) until when, in wall time."""

    __tablename__ = "leases"

    name: Mapped[Name] = mapped_column(String(120), primary_key=True)
    owner: Mapped[str] = mapped_column(String(80))
    until: Mapped[datetime]
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
