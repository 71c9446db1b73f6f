"""Tables of the first revision: attempts, calls, references, tasks, accounts, quotas, stops, leases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON


def create() -> None:
    """Create them, in the order their references need."""
    op.create_table(
        "attempts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("provider_call_id", sa.Uuid(), nullable=True),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("outcome", sa.String(14), nullable=True),
        sa.Column("code", sa.String(80), nullable=True),
        sa.Column("receipt", sa.String(12), nullable=True),
        sa.Column("receipt_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_attempts"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_attempts_message_id"),
        sa.CheckConstraint(
            "outcome IN ('accepted', 'task', 'transient', 'permanent', 'channel_fault', 'unknown')",
            name=op.f("ck_attempts_outcome_known"),
        ),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_attempts_message_id", "attempts", ["message_id"])
    op.create_index(
        "ix_attempts_open",
        "attempts",
        ["opened_at"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "provider_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("code", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_provider_calls"),
    )
    op.create_table(
        "provider_refs",
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("recipient_index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint(
            "provider", "account", "reference", "recipient_index", "part", name="pk_provider_refs"
        ),
    )
    op.create_table(
        "provider_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("task", sa.String(120), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=True),
        sa.Column("body_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("closes_at", INSTANT, nullable=False),
        sa.Column("next_poll_at", INSTANT, nullable=False),
        sa.Column("nudges", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_tasks"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_provider_tasks_message_id"),
        sa.ForeignKeyConstraint(["sender_id"], ["users.id"], name="fk_provider_tasks_sender_id"),
        sa.UniqueConstraint("provider", "account", "task", name="uq_provider_tasks_provider"),
        sa.CheckConstraint(
            "state IN ('open', 'confirmed', 'cancelled', 'closed', 'breached')",
            name=op.f("ck_provider_tasks_state_known"),
        ),
    )
    op.create_index(
        "ix_provider_tasks_poll",
        "provider_tasks",
        ["next_poll_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "channel_accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("paused_reason", sa.String(200), nullable=True),
        sa.Column("paused_code", sa.String(80), nullable=True),
        sa.Column("rate_per_second", sa.Float(), nullable=False),
        sa.Column("bucket_tokens", sa.Float(), nullable=False),
        sa.Column("bucket_at", INSTANT, nullable=False),
        sa.Column("last_success_at", INSTANT, nullable=True),
        sa.Column("last_error_at", INSTANT, nullable=True),
        sa.Column("errors_in_row", sa.Integer(), nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channel_accounts"),
        sa.UniqueConstraint("provider", "account", name="uq_channel_accounts_provider"),
    )
    op.create_table(
        "quotas",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("period", sa.String(40), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_quotas"),
        sa.UniqueConstraint("provider", "account", "kind", "period", "from_on", name="uq_quotas_provider"),
    )
    op.create_table(
        "provider_tokens",
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("refreshing_until", INSTANT, nullable=True),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "account", "kind", name="pk_provider_tokens"),
    )
    op.create_table(
        "provider_templates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("carrier", sa.String(30), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("approved_text", sa.Text(), nullable=True),
        sa.Column("variables", JSON, nullable=True),
        sa.Column("template_key", sa.String(80), nullable=True),
        sa.Column("checked_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_provider_templates"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_provider_templates_org_id"),
        sa.UniqueConstraint(
            "provider", "account", "kind", "code", "org_id", "carrier", name="uq_provider_templates_provider"
        ),
    )
    op.create_table(
        "subscription_grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("granted_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_subscription_grants"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_points.id"], name="fk_subscription_grants_contact_point_id"
        ),
    )
    op.create_index(
        "ix_subscription_grants_contact_point_id", "subscription_grants", ["contact_point_id", "template"]
    )
    op.create_table(
        "stops",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("value", sa.String(60), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("ordered_by", sa.Uuid(), nullable=True),
        sa.Column("ordered_at", INSTANT, nullable=False),
        sa.Column("lift_asked_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_by", sa.Uuid(), nullable=True),
        sa.Column("lifted_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_stops"),
        sa.ForeignKeyConstraint(["ordered_by"], ["users.id"], name="fk_stops_ordered_by"),
        sa.ForeignKeyConstraint(["lift_asked_by"], ["users.id"], name="fk_stops_lift_asked_by"),
        sa.ForeignKeyConstraint(["lifted_by"], ["users.id"], name="fk_stops_lifted_by"),
        sa.CheckConstraint(
            "scope IN ('all', 'purpose', 'org', 'channel', 'campaign')", name=op.f("ck_stops_scope_known")
        ),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("owner", sa.String(80), nullable=False),
        sa.Column("until", INSTANT, nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
