"""What is known of contact points: bounces, dead numbers, new owners; receipts of parts, and receipts that wait."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT

_STATES = "state IN ('unverified', 'good', 'soft_failing', 'dead', 'recycled')"
_STANDING = """
UPDATE contact_points SET
    state = CASE
        WHEN retired_reason = 'wrong_person' THEN 'recycled'
        WHEN reachable = 'no' THEN 'dead'
        WHEN soft_failures > 0 THEN 'soft_failing'
        WHEN verified_at IS NOT NULL OR reachable = 'yes' THEN 'good'
        ELSE 'unverified'
    END,
    state_reason = CASE WHEN retired_reason = 'wrong_person' THEN 'wrong_person' END,
    state_at = retired_at
WHERE retired_reason = 'wrong_person' OR reachable <> 'unknown' OR soft_failures > 0 OR verified_at IS NOT NULL
"""


def create() -> None:
    """Bring this part up from revision 0003: addresses keep the standing that their old fields show."""
    with op.batch_alter_table("contact_points") as table:
        table.add_column(sa.Column("state", sa.String(14), nullable=False, server_default="unverified"))
        table.add_column(sa.Column("state_reason", sa.String(40), nullable=True))
        table.add_column(sa.Column("state_at", INSTANT, nullable=True))
        table.add_column(sa.Column("soft_since", sa.Date(), nullable=True))
        table.add_column(sa.Column("suspected_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("proved_at", INSTANT, nullable=True))
        table.create_check_constraint(op.f("ck_contact_points_state_known"), _STATES)
    op.execute(_STANDING)
    op.create_table(
        "contact_evidence",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("evidence", sa.String(14), nullable=False),
        sa.Column("told_by", sa.String(40), nullable=False),
        sa.Column("cause", sa.String(40), nullable=True),
        sa.Column("code", sa.String(40), nullable=True),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_evidence"),
        sa.UniqueConstraint(
            "contact_point_id", "evidence", "told_by", name="uq_contact_evidence_contact_point_id"
        ),
    )
    op.add_column("provider_refs", sa.Column("receipt", sa.String(12), nullable=True))
    op.add_column("provider_refs", sa.Column("receipt_at", INSTANT, nullable=True))
    op.create_index(
        "ix_provider_refs_parts",
        "provider_refs",
        ["attempt_id"],
        sqlite_where=sa.text("part > 0"),
        postgresql_where=sa.text("part > 0"),
    )
    op.create_table(
        "parked_receipts",
        sa.Column("callback_id", sa.Uuid(), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("reference", sa.String(120), nullable=False),
        sa.Column("parked_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("callback_id", name="pk_parked_receipts"),
    )
    op.create_index("ix_parked_receipts_reference", "parked_receipts", ["provider", "account", "reference"])
    op.create_index("ix_parked_receipts_parked_at", "parked_receipts", ["parked_at"])
    op.create_index(
        "ix_messages_unknown",
        "messages",
        ["id"],
        sqlite_where=sa.text("status = 'unknown'"),
        postgresql_where=sa.text("status = 'unknown'"),
    )
