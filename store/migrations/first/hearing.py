"""Tables of the first revision: callbacks, conversations, feedback, cases, tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON


def create() -> None:
    """Create them, in the order their references need."""
    op.create_table(
        "callbacks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("tries", sa.SmallInteger(), nullable=False),
        sa.Column("next_try_at", INSTANT, nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("processed_at", INSTANT, nullable=True),
        sa.Column("error", sa.String(80), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_callbacks"),
        sa.CheckConstraint(
            "state IN ('new', 'done', 'waiting', 'failed')", name=op.f("ck_callbacks_state_known")
        ),
        postgresql_partition_by="RANGE (id)",
    )
    op.create_index(
        "ix_callbacks_open",
        "callbacks",
        ["next_try_at"],
        sqlite_where=sa.text("state IN ('new', 'waiting')"),
        postgresql_where=sa.text("state IN ('new', 'waiting')"),
    )
    op.create_table(
        "callback_keys",
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("callback_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("provider", "account", "key_hash", name="pk_callback_keys"),
    )
    op.create_table(
        "conversations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("last_inbound_at", INSTANT, nullable=True),
        sa.Column("last_entry_at", INSTANT, nullable=False),
        sa.Column("snoozed_until", INSTANT, nullable=True),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_conversations_customer_id"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_points.id"], name="fk_conversations_contact_point_id"
        ),
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], name="fk_conversations_assignee_id"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_conversations_org_id"),
        sa.ForeignKeyConstraint(["merged_into"], ["conversations.id"], name="fk_conversations_merged_into"),
        sa.CheckConstraint(
            "state IN ('open', 'snoozed', 'resolved')", name=op.f("ck_conversations_state_known")
        ),
    )
    op.create_index(
        "ix_conversations_assignee_id", "conversations", ["assignee_id", "state", "last_inbound_at"]
    )
    op.create_index("ix_conversations_contact_point_id", "conversations", ["contact_point_id"])
    op.create_index("ix_conversations_customer_id", "conversations", ["customer_id"])
    op.create_table(
        "conversation_entries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_for", sa.String(8), nullable=False),
        sa.Column("is_automatic", sa.Boolean(), nullable=False),
        sa.Column("intents", JSON, nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("answers_message_id", sa.Uuid(), nullable=True),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("callback_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversation_entries"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name="fk_conversation_entries_conversation_id"
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name="fk_conversation_entries_customer_id"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_conversation_entries_author_id"),
        sa.CheckConstraint(
            "direction IN ('in', 'out', 'note')", name=op.f("ck_conversation_entries_direction_known")
        ),
        sa.CheckConstraint(
            "sealed_for IN ('customer', 'system')", name=op.f("ck_conversation_entries_sealed_for_known")
        ),
    )
    op.create_index(
        "ix_conversation_entries_conversation_id", "conversation_entries", ["conversation_id", "id"]
    )
    op.create_index("ix_conversation_entries_customer_id", "conversation_entries", ["customer_id", "id"])
    op.create_table(
        "feedback",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("business_event_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("advisor_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(4), nullable=False),
        sa.Column("score", sa.SmallInteger(), nullable=False),
        sa.Column("comment", sa.LargeBinary(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feedback"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_feedback_customer_id"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_feedback_message_id"),
        sa.ForeignKeyConstraint(
            ["business_event_id"], ["business_events.id"], name="fk_feedback_business_event_id"
        ),
        sa.ForeignKeyConstraint(["advisor_id"], ["users.id"], name="fk_feedback_advisor_id"),
        sa.UniqueConstraint("message_id", "kind", name="uq_feedback_message_id"),
        sa.CheckConstraint("kind IN ('csat', 'nps')", name=op.f("ck_feedback_kind_known")),
    )
    op.create_index("ix_feedback_customer_id", "feedback", ["customer_id", "at"])
    op.create_table(
        "cases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(24), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("conversation_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("category", sa.String(40), nullable=True),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("origin_entry_id", sa.Uuid(), nullable=True),
        sa.Column("origin_message_id", sa.Uuid(), nullable=True),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("about_user_id", sa.Uuid(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("first_answer_due_at", INSTANT, nullable=False),
        sa.Column("solution_due_at", INSTANT, nullable=False),
        sa.Column("regulator_due_on", sa.Date(), nullable=False),
        sa.Column("first_answered_at", INSTANT, nullable=True),
        sa.Column("solved_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("resolution", sa.LargeBinary(), nullable=True),
        sa.Column("compensation_fen", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_cases_customer_id"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name="fk_cases_conversation_id"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_cases_org_id"),
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], name="fk_cases_assignee_id"),
        sa.ForeignKeyConstraint(["about_user_id"], ["users.id"], name="fk_cases_about_user_id"),
        sa.UniqueConstraint("number", name="uq_cases_number"),
        sa.CheckConstraint("kind IN ('complaint', 'question', 'service')", name=op.f("ck_cases_kind_known")),
        sa.CheckConstraint(
            "severity IN ('low', 'normal', 'high', 'critical')", name=op.f("ck_cases_severity_known")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'waiting', 'solved', 'closed')", name=op.f("ck_cases_state_known")
        ),
    )
    op.create_index("ix_cases_assignee_id", "cases", ["assignee_id", "state", "first_answer_due_at"])
    op.create_index("ix_cases_customer_id", "cases", ["customer_id", "state"])
    op.create_table(
        "case_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("visibility", sa.String(8), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_case_events"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_events_case_id"),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_case_events_actor_id"),
        sa.CheckConstraint(
            "visibility IN ('public', 'internal')", name=op.f("ck_case_events_visibility_known")
        ),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case_id", "id"])
    op.create_table(
        "tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("dedupe_key", sa.String(160), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("assignee_id", sa.Uuid(), nullable=True),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("done_by", sa.Uuid(), nullable=True),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tasks"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_tasks_customer_id"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_tasks_org_id"),
        sa.ForeignKeyConstraint(["assignee_id"], ["users.id"], name="fk_tasks_assignee_id"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_tasks_case_id"),
        sa.ForeignKeyConstraint(["done_by"], ["users.id"], name="fk_tasks_done_by"),
        sa.UniqueConstraint("dedupe_key", name="uq_tasks_dedupe_key"),
        sa.CheckConstraint("state IN ('open', 'done', 'dropped')", name=op.f("ck_tasks_state_known")),
    )
    op.create_index(
        "ix_tasks_assignee_id",
        "tasks",
        ["assignee_id", "due_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index("ix_tasks_customer_id", "tasks", ["customer_id"])
