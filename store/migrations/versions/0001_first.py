"""Every table of the customer store, partitioned by month on PostgreSQL, records append-only on both.

Revision ID: 0001
Revises:
"""

from __future__ import annotations

from alembic import op

from store.migrations.first import (
    append_only,
    campaigns,
    customers,
    handover,
    hearing,
    later,
    messages,
    organisation,
    partitions,
    products,
    records,
)

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (organisation, customers, products, campaigns, messages, handover, hearing, records, later):
        part.create()
    if op.get_bind().dialect.name == "postgresql":
        partitions.create_defaults()
    append_only.create()


def downgrade() -> None:
    raise NotImplementedError("the first revision is not undone: drop the database instead")
