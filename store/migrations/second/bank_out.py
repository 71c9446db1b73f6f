"""Tables that steer runs: waves, stops of their own, mourning, seeds, service plans, the planner's own life."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON


def create() -> None:
    """All new; the index on waves covers only messages that have one."""
    for part in (_waves, _stops, _mourning, _seeds, _plans, _planner, _warnings):
        part()


def _foreign(column: str, table: str, key: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=key)


def _waves() -> None:
    op.create_table(
        "run_waves",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("released_by", sa.Uuid(), nullable=True),
        sa.Column("released_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_run_waves"),
        sa.UniqueConstraint("occurrence_id", "wave", name="uq_run_waves_occurrence_id"),
        sa.CheckConstraint("wave > 0", name=op.f("ck_run_waves_after_the_first")),
        _foreign("occurrence_id", "occurrences", "fk_run_waves_occurrence_id"),
        _foreign("released_by", "users", "fk_run_waves_released_by"),
    )
    op.create_index(
        "ix_messages_wave",
        "messages",
        ["occurrence_id", "wave", "status"],
        sqlite_where=sa.text("wave IS NOT NULL"),
        postgresql_where=sa.text("wave IS NOT NULL"),
    )


def _stops() -> None:
    op.create_table(
        "run_stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("wave", sa.SmallInteger(), nullable=True),
        sa.Column("measure", sa.String(40), nullable=False),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("stopped_at", INSTANT, nullable=False),
        sa.Column("resumed_at", INSTANT, nullable=True),
        sa.Column("resumed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_run_stops"),
        _foreign("campaign_id", "campaigns", "fk_run_stops_campaign_id"),
        _foreign("occurrence_id", "occurrences", "fk_run_stops_occurrence_id"),
        _foreign("resumed_by", "users", "fk_run_stops_resumed_by"),
    )
    op.create_index("ix_run_stops_occurrence_id", "run_stops", ["occurrence_id", "stopped_at"])
    op.create_index(
        "uq_run_stops_open",
        "run_stops",
        ["campaign_id"],
        unique=True,
        sqlite_where=sa.text("resumed_at IS NULL"),
        postgresql_where=sa.text("resumed_at IS NULL"),
    )


def _mourning() -> None:
    op.create_table(
        "mournings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_mournings"),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_mournings_days_in_order")),
        _foreign("org_id", "orgs", "fk_mournings_org_id"),
        _foreign("started_by", "users", "fk_mournings_started_by"),
        _foreign("ended_by", "users", "fk_mournings_ended_by"),
    )
    op.create_index("ix_mournings_until_on", "mournings", ["until_on"])


def _seeds() -> None:
    op.create_table(
        "seeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("carrier", sa.String(40), nullable=True),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_seeds"),
        sa.UniqueConstraint("channel", "blind_index", name="uq_seeds_channel"),
        _foreign("org_id", "orgs", "fk_seeds_org_id"),
        _foreign("added_by", "users", "fk_seeds_added_by"),
    )
    op.create_table(
        "seed_sends",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("occurrence_id", sa.Uuid(), nullable=False),
        sa.Column("seed_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=True),
        sa.Column("code", sa.String(80), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("receipt", sa.String(12), nullable=True),
        sa.Column("receipt_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_seed_sends"),
        sa.UniqueConstraint("occurrence_id", "seed_id", name="uq_seed_sends_occurrence_id"),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'refused', 'unknown', 'no_words')",
            name=op.f("ck_seed_sends_outcome_known"),
        ),
        _foreign("occurrence_id", "occurrences", "fk_seed_sends_occurrence_id"),
        _foreign("seed_id", "seeds", "fk_seed_sends_seed_id"),
    )


def _plans() -> None:
    op.create_table(
        "service_plans",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("contacts", sa.SmallInteger(), nullable=False),
        sa.Column("by_person", sa.SmallInteger(), nullable=False),
        sa.Column("non_sales_percent", sa.SmallInteger(), nullable=False),
        sa.Column("contact_kind", sa.String(40), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_plans"),
        sa.UniqueConstraint("tier", "number", name="uq_service_plans_tier"),
    )
    op.create_table(
        "customer_plans",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Date(), nullable=False),
        sa.Column("service_plan_id", sa.Uuid(), nullable=False),
        sa.Column("tier", sa.String(40), nullable=False),
        sa.Column("promised", sa.SmallInteger(), nullable=False),
        sa.Column("promised_by_person", sa.SmallInteger(), nullable=False),
        sa.Column("promised_non_sales", sa.SmallInteger(), nullable=False),
        sa.Column("made", sa.SmallInteger(), nullable=False),
        sa.Column("by_person", sa.SmallInteger(), nullable=False),
        sa.Column("non_sales", sa.SmallInteger(), nullable=False),
        sa.Column("computed_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "quarter", name="pk_customer_plans"),
        _foreign("customer_id", "customers", "fk_customer_plans_customer_id"),
        _foreign("service_plan_id", "service_plans", "fk_customer_plans_service_plan_id"),
    )
    op.create_index("ix_customer_plans_quarter", "customer_plans", ["quarter", "tier"])


def _planner() -> None:
    op.create_table(
        "planner_beats",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_planner_beats"),
    )
    op.create_index("ix_planner_beats_seen_at", "planner_beats", ["seen_at"])


def _warnings() -> None:
    op.create_table(
        "queue_warnings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("queue", sa.String(80), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("stage", sa.SmallInteger(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("warned_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_queue_warnings"),
        sa.UniqueConstraint("queue", "on_day", "stage", name="uq_queue_warnings_queue"),
        _foreign("user_id", "users", "fk_queue_warnings_user_id"),
    )
