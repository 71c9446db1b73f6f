"""What comes from the bank's other systems: contacts made elsewhere, the feeds' controls, restrictions of events."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT


def create() -> None:
    """Add them; every new column may be empty, so that the release before goes on beside it."""
    op.create_table(
        "foreign_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(100), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(16), nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_foreign_contacts"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_foreign_contacts_customer_id"),
        sa.UniqueConstraint("source", "source_id", name="uq_foreign_contacts_source"),
        sa.CheckConstraint("state IN ('active', 'cancelled')", name="ck_foreign_contacts_state_known"),
        sa.CheckConstraint(
            "purpose IN ('service', 'information', 'care', 'marketing')",
            name="ck_foreign_contacts_purpose_known",
        ),
    )
    op.create_index("ix_foreign_contacts_customer_id", "foreign_contacts", ["customer_id", "at"])
    op.add_column("care_restrictions", sa.Column("event_id", sa.Uuid(), nullable=True))
    op.add_column("business_events", sa.Column("revision", sa.Integer(), nullable=True))
    op.add_column("data_feeds", sa.Column("control", sa.String(8), nullable=True))
    op.add_column("data_feeds", sa.Column("first_on", sa.Date(), nullable=True))
