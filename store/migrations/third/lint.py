"""The bank's own compliance rules in editions, and what running one again over standing words found."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT


def create() -> None:
    """Two new tables; the release before knows nothing of them and needs nothing."""
    op.create_table(
        "lint_editions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", INSTANT, nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decision_reason", sa.String(200), nullable=True),
        sa.Column("rerun_cursor", sa.Uuid(), nullable=True),
        sa.Column("rerun_done_at", INSTANT, nullable=True),
        sa.Column("judged", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lint_editions"),
        sa.UniqueConstraint("number", name="uq_lint_editions_number"),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name="fk_lint_editions_submitted_by"),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name="fk_lint_editions_decided_by"),
        sa.CheckConstraint(
            "state IN ('submitted', 'approved', 'rejected')", name="ck_lint_editions_state_known"
        ),
        sa.CheckConstraint(
            "decided_by IS NULL OR decided_by <> submitted_by", name="ck_lint_editions_decided_by_another"
        ),
    )
    op.create_table(
        "lint_findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("edition_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(140), nullable=False),
        sa.Column("rule", sa.String(40), nullable=False),
        sa.Column("level", sa.String(8), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("has_voided", sa.Boolean(), nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_lint_findings"),
        sa.UniqueConstraint("edition_id", "kind", "subject", "rule", name="uq_lint_findings_edition_id"),
        sa.ForeignKeyConstraint(["edition_id"], ["lint_editions.id"], name="fk_lint_findings_edition_id"),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name="fk_lint_findings_owner_id"),
        sa.CheckConstraint("kind IN ('template', 'article', 'message')", name="ck_lint_findings_kind_known"),
    )
    op.create_index("ix_lint_findings_owner_id", "lint_findings", ["owner_id"])
