"""Indexes of the second revision: live counts of an audience are answered by an index alone, among a million."""

from __future__ import annotations

from alembic import op


def create() -> None:
    """Build them; the index on org and tier gives way to one that also knows state and assets."""
    op.create_index(
        "ix_customers_segment",
        "customers",
        ["tier", "state", "need", "risk_appetite", "assets_fen", "managing_org_id"],
    )
    op.create_index(
        "ix_customers_org_segment", "customers", ["managing_org_id", "tier", "state", "assets_fen"]
    )
    op.drop_index("ix_customers_managing_org_id_tier", "customers")
