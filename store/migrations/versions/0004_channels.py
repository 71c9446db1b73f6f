"""Channels: how accounts do, what is known of contact points, where intake stands, SMS lines.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

from store.migrations.fourth import health, intake, lines, quality

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (health, quality, intake, lines):
        part.create()


def downgrade() -> None:
    raise NotImplementedError("revisions are not undone: restore the backup that was made before the upgrade")
