"""Words: templates of the bank's own, voices, rules of compliance, filed texts, products to speak of, cards.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from store.migrations.third import filing, lint, media, products, voices, words

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (words, media, products, voices, lint, filing):
        part.create()


def downgrade() -> None:
    raise NotImplementedError("revisions are not undone: restore the backup that was made before the upgrade")
