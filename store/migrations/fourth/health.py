"""How accounts do: what was seen of them last, when they are looked at again, what staff were told."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT


def create() -> None:
    """Bring this part up from revision 0003."""
    none = sa.text("0")
    for column in (
        sa.Column("last_error_code", sa.String(80), nullable=True),
        sa.Column("unknown_in_row", sa.Integer(), nullable=False, server_default=none),
        sa.Column("looks", sa.Integer(), nullable=False, server_default=none),
        sa.Column("next_look_at", INSTANT, nullable=True),
        sa.Column("resumed_at", INSTANT, nullable=True),
        sa.Column("told_code", sa.String(80), nullable=True),
        sa.Column("told_at", INSTANT, nullable=True),
    ):
        op.add_column("channel_accounts", column)
