"""Columns of the second revision that planning needs: life stages, chosen festivals, waves, tasks of a step."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import JSON


def create() -> None:
    """Add them; all may be empty, so that the release before goes on beside it."""
    op.add_column("customers", sa.Column("life_stage", sa.String(10), nullable=True))
    op.add_column("customers", sa.Column("festivals", JSON, nullable=True))
    op.add_column("messages", sa.Column("wave", sa.SmallInteger(), nullable=True))
    op.add_column("tasks", sa.Column("campaign_id", sa.Uuid(), nullable=True))
    op.add_column("tasks", sa.Column("step_key", sa.String(60), nullable=True))
    op.add_column("tasks", sa.Column("planned_for", sa.Date(), nullable=True))
    op.create_index(
        "ix_tasks_campaign_id",
        "tasks",
        ["campaign_id", "planned_for"],
        sqlite_where=sa.text("campaign_id IS NOT NULL"),
        postgresql_where=sa.text("campaign_id IS NOT NULL"),
    )
