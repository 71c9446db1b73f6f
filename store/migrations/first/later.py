"""References between tables that point at each other, added once both stand (SQLite: in the table)."""

from __future__ import annotations

from alembic import op


def create() -> None:
    """Add them on databases that can alter a table."""
    if op.get_bind().dialect.name == "sqlite":
        return
    op.create_foreign_key("fk_orgs_pool_approver_id", "orgs", "users", ["pool_approver_id"], ["id"])
    op.create_foreign_key("fk_teams_supervisor_id", "teams", "users", ["supervisor_id"], ["id"])
    op.create_foreign_key(
        "fk_campaigns_current_version_id", "campaigns", "campaign_versions", ["current_version_id"], ["id"]
    )
