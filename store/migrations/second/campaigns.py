"""The life of a campaign's version: drafted, checked, approved by a second person, live, retired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT

_STATES = "'draft', 'checked', 'approved', 'live', 'retired'"


def create() -> None:
    """What stood before was live as soon as it was applied; only the version in force still is."""
    # A CHECK beside the new column: both databases take it, and SQLite need not copy the table, which campaigns refer to.
    op.execute(
        "ALTER TABLE campaign_versions ADD COLUMN state VARCHAR(10) DEFAULT 'live' NOT NULL "
        f"CONSTRAINT ck_campaign_versions_state_known CHECK (state IN ({_STATES}))"
    )
    for name in ("checked_at", "approved_at", "live_at", "ended_at"):
        op.add_column("campaign_versions", sa.Column(name, INSTANT, nullable=True))
    op.add_column("campaign_versions", sa.Column("approved_by", sa.Uuid(), nullable=True))
    op.execute(
        "UPDATE campaign_versions SET state = 'retired' WHERE id NOT IN "
        "(SELECT current_version_id FROM campaigns WHERE current_version_id IS NOT NULL)"
    )
    op.execute("UPDATE campaign_versions SET live_at = created_at")
