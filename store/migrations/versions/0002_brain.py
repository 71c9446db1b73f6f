"""Who, when and whether: what planning, policy and campaigns remember beyond the first walk.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

from store.migrations.second import audience, bank_in, bank_out, campaigns, days, planning, policy, speed

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (planning, days, bank_in, bank_out, speed, audience, policy, campaigns):
        part.create()


def downgrade() -> None:
    raise NotImplementedError("revisions are not undone: restore the backup that was made before the upgrade")
