"""Frozen audiences, the bank's rules for tiers and tags, and the indexes that make a live count quick."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON


def create() -> None:
    """Add them; the new columns may be empty, so that the release before goes on beside it."""
    op.create_table(
        "audience_members",
        sa.Column("campaign_version_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("campaign_version_id", "customer_id", name="pk_audience_members"),
        sa.ForeignKeyConstraint(
            ["campaign_version_id"], ["campaign_versions.id"], name="fk_audience_members_campaign_version_id"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_audience_members_customer_id"),
    )
    op.create_index("ix_audience_members_customer_id", "audience_members", ["customer_id"])
    op.create_table(
        "rule_sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("document", JSON, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rule_sheets"),
        sa.UniqueConstraint("kind", "number", name="uq_rule_sheets_kind"),
        sa.CheckConstraint("kind IN ('tiers', 'tags')", name="ck_rule_sheets_kind_known"),
    )
    for axis in ("tier", "need", "risk_appetite"):
        op.add_column("customers", sa.Column(f"computed_{axis}", sa.String(40), nullable=True))
    op.create_index(
        "ix_customers_audience",
        "customers",
        ["tier", "state", "is_staff", "managing_org_id", "main_advisor_id", "assets_fen"],
    )
    # 无管户 of a tier, and an advisor's own customers, are counted by this index alone.
    op.drop_index("ix_customers_main_advisor_id", "customers")
    op.create_index(
        "ix_customers_main_advisor_id", "customers", ["main_advisor_id", "tier", "state", "is_staff"]
    )
    op.create_index("ix_customers_assets_fen", "customers", ["assets_fen", "tier", "main_advisor_id"])
