"""How the listeners of accounts do; where a session stands is the mailbox's own business."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT


def create() -> None:
    """Bring this part up from revision 0003."""
    op.create_table(
        "listener_states",
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("alive_at", INSTANT, nullable=True),
        sa.Column("heard_at", INSTANT, nullable=True),
        sa.Column("failed_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(80), nullable=True),
        sa.Column("told_code", sa.String(80), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_listener_states"),
    )
