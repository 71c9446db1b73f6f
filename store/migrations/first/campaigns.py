"""Tables of the first revision: campaigns and versions, runs, articles, business events, policy, words, feeds."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON


def create() -> None:
    """Create them, in the order their references need."""
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("paused_reason", sa.Text(), nullable=True),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("current_version_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_campaigns_org_id"),
        sa.ForeignKeyConstraint(
            ["current_version_id"],
            ["campaign_versions.id"],
            name="fk_campaigns_current_version_id",
            use_alter=True,
        ),
        sa.UniqueConstraint("key", name="uq_campaigns_key"),
        sa.CheckConstraint(
            "purpose IN ('service', 'information', 'care', 'marketing')",
            name=op.f("ck_campaigns_purpose_known"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'checked', 'approved', 'live', 'paused', 'finished')",
            name=op.f("ck_campaigns_state_known"),
        ),
    )
    op.create_table(
        "campaign_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_campaign_versions"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_campaign_versions_campaign_id"),
        sa.UniqueConstraint("campaign_id", "number", name="uq_campaign_versions_campaign_id"),
    )
    op.create_table(
        "occurrences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_version_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("audience", sa.Integer(), nullable=False),
        sa.Column("counts", JSON, nullable=True),
        sa.Column("cursor", sa.Uuid(), nullable=True),
        sa.Column("planned_through", INSTANT, nullable=True),
        sa.Column("leader_epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_occurrences"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_occurrences_campaign_id"),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"], ["campaign_versions.id"], name="fk_occurrences_campaign_version_id"
        ),
        sa.UniqueConstraint("campaign_id", "on_day", name="uq_occurrences_campaign_id"),
        sa.CheckConstraint(
            "state IN ('planning', 'planned', 'cancelled')", name=op.f("ck_occurrences_state_known")
        ),
    )
    op.create_index("ix_occurrences_on_day", "occurrences", ["on_day"])
    op.create_table(
        "articles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("source_url", sa.Text(), nullable=True),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", INSTANT, nullable=True),
        sa.Column("supersedes_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["users.id"], name="fk_articles_reviewer_id"),
        sa.ForeignKeyConstraint(["supersedes_id"], ["articles.id"], name="fk_articles_supersedes_id"),
        sa.UniqueConstraint("key", name="uq_articles_key"),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'withdrawn', 'superseded')", name=op.f("ck_articles_state_known")
        ),
    )
    op.create_table(
        "business_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_business_events"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_business_events_customer_id"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_business_events_org_id"),
        sa.UniqueConstraint("source", "source_id", name="uq_business_events_source"),
        sa.CheckConstraint(
            "state IN ('active', 'cancelled', 'corrected')", name=op.f("ck_business_events_state_known")
        ),
    )
    op.create_index("ix_business_events_customer_id", "business_events", ["customer_id", "happened_at"])
    op.create_index("ix_business_events_kind", "business_events", ["kind", "happened_at"])
    op.create_table(
        "policy_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.Uuid(), nullable=True),
        sa.Column("effective_from", INSTANT, nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_policy_versions"),
        sa.ForeignKeyConstraint(["org_id"], ["orgs.id"], name="fk_policy_versions_org_id"),
        sa.UniqueConstraint("number", name="uq_policy_versions_number"),
    )
    op.create_table(
        "template_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("template_key", sa.String(80), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("effective_from", INSTANT, nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_template_versions"),
        sa.UniqueConstraint("template_key", "locale", "number", name="uq_template_versions_template_key"),
        sa.CheckConstraint(
            "state IN ('draft', 'approved', 'retired')", name=op.f("ck_template_versions_state_known")
        ),
    )
    op.create_table(
        "media",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("mime", sa.String(60), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("uploads", JSON, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_media"),
    )
    op.create_table(
        "data_feeds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(60), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("expected_by", sa.String(5), nullable=False),
        sa.Column("smallest_share_percent", sa.SmallInteger(), nullable=False),
        sa.Column("holds_purposes", JSON, nullable=False),
        sa.Column("last_arrival_at", INSTANT, nullable=True),
        sa.Column("last_rows", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_feeds"),
        sa.UniqueConstraint("key", name="uq_data_feeds_key"),
    )
    op.create_table(
        "feed_arrivals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("feed_id", sa.Uuid(), nullable=False),
        sa.Column("business_day", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("control_total", sa.String(80), nullable=True),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("arrived_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_feed_arrivals"),
        sa.ForeignKeyConstraint(["feed_id"], ["data_feeds.id"], name="fk_feed_arrivals_feed_id"),
        sa.UniqueConstraint("feed_id", "business_day", name="uq_feed_arrivals_feed_id"),
    )
