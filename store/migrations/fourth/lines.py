"""SMS lines: the extension codes by which a reply finds the message it answers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT


def create() -> None:
    """Bring this part up from revision 0003."""
    op.create_table(
        "sms_extensions",
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("extension", sa.String(12), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint(
            "provider", "account", "contact_point_id", "extension", name="pk_sms_extensions"
        ),
    )
