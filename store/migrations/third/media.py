"""Cards: what an image is called, what it says, who agreed to it; and which provider holds it under which id."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT

_COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
    ("key", sa.String(60)),
    ("alt_zh", sa.String(120)),
    ("alt_en", sa.String(120)),
    ("width", sa.Integer()),
    ("height", sa.Integer()),
    ("created_by", sa.Uuid()),
    ("decided_by", sa.Uuid()),
    ("decided_at", INSTANT),
)
_STATES = "state IN ('waiting', 'approved', 'retired')"
_TWO = "state <> 'approved' OR (decided_by IS NOT NULL AND decided_by <> created_by)"


def create() -> None:
    """Bring this part up from revision 0002."""
    for name, kind in _COLUMNS:
        op.add_column("media", sa.Column(name, kind, nullable=True))
    if op.get_bind().dialect.name == "sqlite":
        # SQLite adds a CHECK only with a column; the last one may speak of those before it.
        op.execute(
            "ALTER TABLE media ADD COLUMN state VARCHAR(10) DEFAULT 'waiting' NOT NULL "
            f"CONSTRAINT ck_media_state_known CHECK ({_STATES}) "
            f"CONSTRAINT ck_media_approved_by_another CHECK ({_TWO})"
        )
    else:
        op.add_column("media", sa.Column("state", sa.String(10), nullable=False, server_default="waiting"))
        op.create_check_constraint(op.f("ck_media_state_known"), "media", _STATES)
        op.create_check_constraint(op.f("ck_media_approved_by_another"), "media", _TWO)
    op.create_index("uq_media_key", "media", ["key"], unique=True)
    op.create_table(
        "media_uploads",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("provider", sa.String(30), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("provider_media_id", sa.String(300), nullable=False),
        sa.Column("uploaded_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("digest", "provider", "account", name="pk_media_uploads"),
        sa.ForeignKeyConstraint(["digest"], ["media.digest"], name="fk_media_uploads_digest"),
    )
