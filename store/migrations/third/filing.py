"""Filed texts: which wording each carries, when it was decided, and one row of it for the whole bank at most."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

_WHOLE_BANK = sa.text("org_id IS NULL")


def create() -> None:
    """Bring this part up from revision 0002."""
    op.add_column("provider_templates", sa.Column("wording", sa.String(12), nullable=True))
    op.add_column(
        "provider_templates",
        sa.Column("locale", sa.String(10), nullable=False, server_default="zh-CN"),
    )
    for name in ("submitted_on", "decided_on", "withdrawn_on"):
        op.add_column("provider_templates", sa.Column(name, sa.Date(), nullable=True))
    op.add_column("provider_templates", sa.Column("reason", sa.Text(), nullable=True))
    # The key of the table takes two rows without an org for different ones: to SQL, no org is never the same as no org.
    op.create_index(
        "uq_provider_templates_bank",
        "provider_templates",
        ["provider", "account", "kind", "code", "carrier"],
        unique=True,
        sqlite_where=_WHOLE_BANK,
        postgresql_where=_WHOLE_BANK,
    )
