"""How runs are steered: waves and their figures, mourning, the seed list, service plans, when the planner was up."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Key, Name, one_of


class RunWave(Base):
    """A wave of a run that may leave. Wave 0 needs no row; a row of wave k says on what figures of wave k-1, or by whom.

    `figures`: of the wave before, as judged. `released_by` empty: the limits held; else a person took it upon them.
    """

    __tablename__ = "run_waves"
    __table_args__ = (
        UniqueConstraint("occurrence_id", "wave"),
        CheckConstraint(text("wave > 0"), name="after_the_first"),
    )

    id: Mapped[Key]
    occurrence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("occurrences.id"))
    wave: Mapped[int] = mapped_column(SmallInteger)
    figures: Mapped[dict[str, Any]]
    released_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    released_at: Mapped[datetime]


class RunStop(Base):
    """A campaign that stopped itself: the run and wave, the figures over the limit, and who let it go on.

    `wave` empty: the run has none. A run resumed by a person is measured anew from `resumed_at` on.
    """

    __tablename__ = "run_stops"
    __table_args__ = (
        Index("ix_run_stops_occurrence_id", "occurrence_id", "stopped_at"),
        Index(
            "uq_run_stops_open",
            "campaign_id",
            unique=True,
            sqlite_where=text("resumed_at IS NULL"),
            postgresql_where=text("resumed_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaigns.id"))
    occurrence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("occurrences.id"))
    wave: Mapped[int | None] = mapped_column(SmallInteger)
    measure: Mapped[Code]
    figures: Mapped[dict[str, Any]]
    reason: Mapped[str]
    stopped_at: Mapped[datetime]
    resumed_at: Mapped[datetime | None]
    resumed_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))


class Mourning(Base):
    """Days on which festive, birthday and marketing words rest in a part of the bank; `org_id` empty: everywhere."""

    __tablename__ = "mournings"
    __table_args__ = (
        CheckConstraint(text("until_on >= from_on"), name="days_in_order"),
        Index("ix_mournings_until_on", "until_on"),
    )

    id: Mapped[Key]
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    from_on: Mapped[date]
    until_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    started_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime]
    ended_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]


class Seed(Base):
    """Somebody of the bank's own who reads a real run with it: a staff phone on each carrier, compliance, a branch head."""

    __tablename__ = "seeds"
    __table_args__ = (UniqueConstraint("channel", "blind_index"),)

    id: Mapped[Key]
    name: Mapped[Name]
    channel: Mapped[Code]
    address: Mapped[bytes]
    blind_index: Mapped[bytes]
    carrier: Mapped[str | None] = mapped_column(String(40))
    org_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("orgs.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    added_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]


class SeedSend(Base):
    """One sample to one seed for one run: written before the call, so that a killed process never sends it twice.

    `outcome` empty: the call is under way, or its process died; then it stays unknown and is not made again.
    `receipt`: what the line reported of it later: the point of having a phone on each carrier.
    """

    __tablename__ = "seed_sends"
    __table_args__ = (
        UniqueConstraint("occurrence_id", "seed_id"),
        one_of("outcome", ("accepted", "refused", "unknown", "no_words")),
    )

    id: Mapped[Key]
    occurrence_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("occurrences.id"))
    seed_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("seeds.id"))
    channel: Mapped[Code]
    outcome: Mapped[str | None] = mapped_column(String(10))
    code: Mapped[str | None] = mapped_column(String(80))
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(String(12))
    receipt_at: Mapped[datetime | None]


class ServicePlan(Base):
    """What a tier is promised, one edition: contacts a quarter, who makes them, and how many must not sell.

    The newest `number` of a tier counts. `by_person`: of the contacts, those a person makes; `contact_kind`: how (a call).
    """

    __tablename__ = "service_plans"
    __table_args__ = (UniqueConstraint("tier", "number"),)

    id: Mapped[Key]
    tier: Mapped[Code]
    number: Mapped[int]
    name: Mapped[Name]
    contacts: Mapped[int] = mapped_column(SmallInteger)
    by_person: Mapped[int] = mapped_column(SmallInteger)
    non_sales_percent: Mapped[int] = mapped_column(SmallInteger)
    contact_kind: Mapped[Code]
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]


class CustomerPlan(Base):
    """A customer's plan for a quarter and how it stands. `quarter` is its first day.

    `made`: contacts of any kind; `by_person`: those a person made; `non_sales`: those that did not sell.
    """

    __tablename__ = "customer_plans"
    __table_args__ = (Index("ix_customer_plans_quarter", "quarter", "tier"),)

    customer_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("customers.id"), primary_key=True)
    quarter: Mapped[date] = mapped_column(primary_key=True)
    service_plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("service_plans.id"))
    tier: Mapped[Code]
    promised: Mapped[int] = mapped_column(SmallInteger)
    promised_by_person: Mapped[int] = mapped_column(SmallInteger)
    promised_non_sales: Mapped[int] = mapped_column(SmallInteger)
    made: Mapped[int] = mapped_column(SmallInteger, default=0)
    by_person: Mapped[int] = mapped_column(SmallInteger, default=0)
    non_sales: Mapped[int] = mapped_column(SmallInteger, default=0)
    computed_at: Mapped[datetime]


class PlannerBeat(Base):
    """A stretch in which the planner was up, from its first look to its last; what lies between two was an outage."""

    __tablename__ = "planner_beats"
    __table_args__ = (Index("ix_planner_beats_seen_at", "seen_at"),)

    id: Mapped[Key]
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class QueueWarning(Base):
    """Somebody was told that work is about to expire: once a queue, day and stage. `user_id` empty: operations."""

    __tablename__ = "queue_warnings"
    __table_args__ = (UniqueConstraint("queue", "on_day", "stage"),)

    id: Mapped[Key]
    queue: Mapped[str] = mapped_column(String(80))
    on_day: Mapped[date]
    stage: Mapped[int] = mapped_column(SmallInteger)
    user_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    warned_at: Mapped[datetime]
