"""An index of the second revision: the live count of a branch is answered by an index alone, among a million."""

from __future__ import annotations

from alembic import op


def create() -> None:
    """The index on org and tier gives way to one that also knows state and assets."""
    op.create_index(
        "ix_customers_org_segment",
        "customers",
        ["managing_org_id", "tier", "state", "assets_fen", "is_staff", "main_advisor_id"],
    )
    op.drop_index("ix_customers_managing_org_id_tier", "customers")
