"""Editions of the operator's calendar: rows of one number came together and replace those of the number before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Number the rows; a header row a number, once."""
    op.add_column(
        "calendar_overrides", sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    op.create_index("ix_calendar_overrides_version", "calendar_overrides", ["version"])
    op.create_index(
        "uq_calendar_overrides_edition",
        "calendar_overrides",
        ["version"],
        unique=True,
        sqlite_where=sa.text("kind = 'edition'"),
        postgresql_where=sa.text("kind = 'edition'"),
    )
