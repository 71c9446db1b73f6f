"""Voices of advisors: a new table, nothing that stood before is touched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON

_OPEN = sa.text("state IN ('draft', 'submitted')")
_IN_FORCE = sa.text("state = 'approved'")


def create() -> None:
    """Bring this part up from revision 0002."""
    op.create_table(
        "advisor_voices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("advisor_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("sign_off", sa.String(40), nullable=False),
        sa.Column("tone", sa.String(10), nullable=False),
        sa.Column("phrases", JSON, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("in_force_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_advisor_voices"),
        sa.UniqueConstraint("advisor_id", "number", name="uq_advisor_voices_advisor_id"),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'returned', 'replaced', 'withdrawn')",
            name=op.f("ck_advisor_voices_state_known"),
        ),
        sa.CheckConstraint(
            "tone IN ('', 'plain', 'warm', 'formal')", name=op.f("ck_advisor_voices_tone_known")
        ),
        sa.CheckConstraint("decided_by <> advisor_id", name=op.f("ck_advisor_voices_decided_by_another")),
        sa.ForeignKeyConstraint(["advisor_id"], ["users.id"], name="fk_advisor_voices_advisor_id"),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name="fk_advisor_voices_decided_by"),
    )
    for name, which in (("open", _OPEN), ("in_force", _IN_FORCE)):
        op.create_index(
            f"uq_advisor_voices_{name}",
            "advisor_voices",
            ["advisor_id"],
            unique=True,
            sqlite_where=which,
            postgresql_where=which,
        )
