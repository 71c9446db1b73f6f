"""What platforms' limits need beyond the first revision: whose limit, which days, where it came from, and its counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import JSON


def create() -> None:
    """New columns may be empty or have a default, so that the release before goes on beside it."""
    op.add_column("quotas", sa.Column("scope", sa.String(10), nullable=False, server_default="account"))
    op.add_column("quotas", sa.Column("days", sa.SmallInteger(), nullable=True))
    op.add_column(
        "quotas", sa.Column("time_zone", sa.String(40), nullable=False, server_default="Asia/Shanghai")
    )
    op.add_column("quotas", sa.Column("purposes", JSON, nullable=True))
    op.add_column("quotas", sa.Column("confidence", sa.String(40), nullable=True))
    op.add_column("quotas", sa.Column("note", sa.Text(), nullable=True))
    op.create_table(
        "quota_uses",
        sa.Column("quota_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("reserved", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("quota_id", "on_day", name="pk_quota_uses"),
        sa.ForeignKeyConstraint(["quota_id"], ["quotas.id"], name="fk_quota_uses_quota_id"),
        sa.CheckConstraint("reserved >= 0 AND taken >= 0", name=op.f("ck_quota_uses_never_below_none")),
    )
    op.create_table(
        "quota_holds",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("quota_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "quota_id", name="pk_quota_holds"),
        sa.ForeignKeyConstraint(["quota_id"], ["quotas.id"], name="fk_quota_holds_quota_id"),
        sa.CheckConstraint("state IN ('reserved', 'taken')", name=op.f("ck_quota_holds_state_known")),
    )
