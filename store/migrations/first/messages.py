"""Tables of the first revision: messages, contents, events, approvals, the contact ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT


def create() -> None:
    """Create them, in the order their references need."""
    op.create_table(
        "messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("dedupe_key", sa.String(160), nullable=False),
        sa.Column("origin", sa.String(12), nullable=False),
        sa.Column("origin_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("campaign_version_id", sa.Uuid(), nullable=True),
        sa.Column("occurrence_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("urgency", sa.SmallInteger(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=True),
        sa.Column("channel_plan", sa.String(80), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("approvals", sa.SmallInteger(), nullable=False),
        sa.Column("risk", sa.String(8), nullable=False),
        sa.Column("asks", sa.String(8), nullable=True),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("advisor_id", sa.Uuid(), nullable=True),
        sa.Column("edited_by", sa.Uuid(), nullable=True),
        sa.Column("planned_for", sa.Date(), nullable=False),
        sa.Column("not_before", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("hold_key", sa.String(80), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=True),
        sa.Column("template_version_id", sa.Uuid(), nullable=True),
        sa.Column("variant", sa.String(12), nullable=True),
        sa.Column("released_at", INSTANT, nullable=True),
        sa.Column("claim_owner", sa.String(60), nullable=True),
        sa.Column("claim_until", INSTANT, nullable=True),
        sa.Column("claim_fence", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("trace", sa.LargeBinary(), nullable=True),
        sa.Column("linked_to", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_messages_customer_id"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_messages_campaign_id"),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"], ["campaign_versions.id"], name="fk_messages_campaign_version_id"
        ),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrences.id"], name="fk_messages_occurrence_id"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_messages_org_id"),
        sa.ForeignKeyConstraint(["advisor_id"], ["users.id"], name="fk_messages_advisor_id"),
        sa.UniqueConstraint("customer_id", "dedupe_key", name="uq_messages_customer_id"),
        sa.CheckConstraint("level BETWEEN 0 AND 2", name=op.f("ck_messages_level_range")),
        sa.CheckConstraint(
            "origin IN ('campaign', 'reply', 'case_note', 'confirmation', 'welcome')",
            name=op.f("ck_messages_origin_known"),
        ),
        sa.CheckConstraint(
            "purpose IN ('service', 'information', 'care', 'marketing')",
            name=op.f("ck_messages_purpose_known"),
        ),
        sa.CheckConstraint(
            "status IN ('proposed', 'scheduled', 'sending', 'awaiting_tap', 'sent', 'delivered', "
            "'read', 'undelivered', 'failed', 'unknown', 'skipped', 'rejected', 'cancelled', "
            "'expired')",
            name=op.f("ck_messages_status_known"),
        ),
        sa.CheckConstraint(
            "(origin = 'campaign') = (campaign_version_id IS NOT NULL)",
            name=op.f("ck_messages_version_iff_campaign"),
        ),
    )
    op.create_index(
        "ix_messages_due",
        "messages",
        ["channel", "urgency", "due_at"],
        sqlite_where=sa.text("status = 'scheduled' AND released_at IS NULL"),
        postgresql_where=sa.text("status = 'scheduled' AND released_at IS NULL"),
    )
    op.create_index(
        "ix_messages_expiry",
        "messages",
        ["expires_at"],
        sqlite_where=sa.text("status IN ('proposed', 'scheduled', 'awaiting_tap', 'skipped')"),
        postgresql_where=sa.text("status IN ('proposed', 'scheduled', 'awaiting_tap', 'skipped')"),
    )
    op.create_index(
        "ix_messages_hold",
        "messages",
        ["hold_key"],
        sqlite_where=sa.text("hold_key IS NOT NULL"),
        postgresql_where=sa.text("hold_key IS NOT NULL"),
    )
    op.create_index("ix_messages_occurrence_id", "messages", ["occurrence_id", "status"])
    op.create_index(
        "ix_messages_open_claims",
        "messages",
        ["claim_until"],
        sqlite_where=sa.text("claim_until IS NOT NULL"),
        postgresql_where=sa.text("claim_until IS NOT NULL"),
    )
    op.create_index(
        "ix_messages_queue",
        "messages",
        ["advisor_id", "due_at"],
        sqlite_where=sa.text("status = 'proposed'"),
        postgresql_where=sa.text("status = 'proposed'"),
    )
    op.create_index(
        "ix_messages_released",
        "messages",
        ["urgency", "released_at"],
        sqlite_where=sa.text("status = 'scheduled' AND released_at IS NOT NULL"),
        postgresql_where=sa.text("status = 'scheduled' AND released_at IS NOT NULL"),
    )
    op.create_table(
        "message_contents",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("skeleton", sa.String(60), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("parts", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "channel", name="pk_message_contents"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_message_contents_message_id"),
        postgresql_partition_by="RANGE (message_id)",
    )
    op.create_table(
        "message_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(20), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("actor", sa.String(60), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_message_events"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_message_events_message_id"),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index("ix_message_events_message_id", "message_events", ["message_id"])
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("decision", sa.String(10), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(40), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("voided_at", INSTANT, nullable=True),
        sa.Column("void_reason", sa.String(40), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_approvals_message_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_approvals_user_id"),
        sa.CheckConstraint("decision IN ('approved', 'rejected')", name=op.f("ck_approvals_decision_known")),
    )
    op.create_index("ix_approvals_message_id", "approvals", ["message_id"])
    op.create_index("ix_approvals_user_id", "approvals", ["user_id", "at"])
    op.create_table(
        "contact_ledger",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("channel", sa.String(16), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_contact_ledger"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_contact_ledger_customer_id"),
        sa.CheckConstraint(
            "state IN ('reserved', 'committed', 'released')", name=op.f("ck_contact_ledger_state_known")
        ),
    )
    op.create_index("ix_contact_ledger_contact_point_id", "contact_ledger", ["contact_point_id", "on_day"])
    op.create_index("ix_contact_ledger_customer_id", "contact_ledger", ["customer_id", "on_day"])
