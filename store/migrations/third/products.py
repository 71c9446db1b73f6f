"""What stands behind words that offer something: opinions of consumer protection, advice cards, published rates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON

_ONLY_ADDED = "review_opinions"


def create() -> None:
    """Three new tables; the release before knows nothing of them and needs nothing."""
    _opinions()
    _cards()
    _rates()


def _opinions() -> None:
    op.create_table(
        "review_opinions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("reviewer", sa.String(120), nullable=False),
        sa.Column("conclusion", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("materials", JSON, nullable=False),
        sa.Column("issuer_approval", sa.String(60), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_review_opinions"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name="fk_review_opinions_campaign_id"),
        sa.ForeignKeyConstraint(["added_by"], ["users.id"], name="fk_review_opinions_added_by"),
        sa.UniqueConstraint("campaign_id", "number", name="uq_review_opinions_campaign_id"),
        sa.CheckConstraint(
            "conclusion IN ('agree', 'agree_with_changes', 'refuse')",
            name="ck_review_opinions_conclusion_known",
        ),
        sa.CheckConstraint(
            "valid_from IS NULL OR valid_until >= valid_from", name="ck_review_opinions_days_in_order"
        ),
    )
    op.create_index("ix_review_opinions_valid_until", "review_opinions", ["valid_until"])
    if op.get_bind().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {_ONLY_ADDED}_no_{act.lower()} BEFORE {act} ON {_ONLY_ADDED} "
                f"BEGIN SELECT RAISE(ABORT, '{_ONLY_ADDED} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE TRIGGER {_ONLY_ADDED}_append_only BEFORE UPDATE OR DELETE ON {_ONLY_ADDED} "
        "FOR EACH ROW EXECUTE FUNCTION wenhou_append_only()"
    )


def _cards() -> None:
    op.create_table(
        "advice_cards",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("blocks", JSON, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("source_on", sa.Date(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("submitted_at", INSTANT, nullable=True),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.Column("retired_by", sa.Uuid(), nullable=True),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_advice_cards"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_advice_cards_product_id"),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name="fk_advice_cards_author_id"),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name="fk_advice_cards_approved_by"),
        sa.ForeignKeyConstraint(["retired_by"], ["users.id"], name="fk_advice_cards_retired_by"),
        sa.UniqueConstraint("product_id", "version", name="uq_advice_cards_product_id"),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'retired')", name="ck_advice_cards_state_known"
        ),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> author_id", name="ck_advice_cards_two_persons"
        ),
    )
    op.create_index(
        "uq_advice_cards_approved",
        "advice_cards",
        ["product_id"],
        unique=True,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )


def _rates() -> None:
    op.create_table(
        "rate_tables",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(60), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("source_url", sa.String(300), nullable=True),
        sa.Column("figures", JSON, nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.Column("approved_by", sa.Uuid(), nullable=True),
        sa.Column("approved_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_rate_tables"),
        sa.ForeignKeyConstraint(["entered_by"], ["users.id"], name="fk_rate_tables_entered_by"),
        sa.ForeignKeyConstraint(["approved_by"], ["users.id"], name="fk_rate_tables_approved_by"),
        sa.UniqueConstraint("number", name="uq_rate_tables_number"),
        sa.CheckConstraint("state IN ('proposed', 'approved')", name="ck_rate_tables_state_known"),
        sa.CheckConstraint(
            "approved_by IS NULL OR approved_by <> entered_by", name="ck_rate_tables_two_persons"
        ),
    )
    op.create_index("ix_rate_tables_effective_on", "rate_tables", ["effective_on"])
