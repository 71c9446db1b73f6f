"""Tables of the first revision: products, assessments, holdings, referrals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT


def create() -> None:
    """Create them, in the order their references need."""
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("issuer", sa.String(120), nullable=False),
        sa.Column("risk_level", sa.SmallInteger(), nullable=False),
        sa.Column("on_sale_from", sa.Date(), nullable=True),
        sa.Column("on_sale_until", sa.Date(), nullable=True),
        sa.Column("approved_wording", sa.Text(), nullable=True),
        sa.Column("risk_sentence", sa.Text(), nullable=True),
        sa.Column("approval_number", sa.String(60), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
        sa.UniqueConstraint("code", name="uq_products_code"),
    )
    op.create_table(
        "assessments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("assessed_on", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_assessments"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_assessments_customer_id"),
    )
    op.create_index("ix_assessments_customer_id", "assessments", ["customer_id", "valid_until"])
    op.create_table(
        "holdings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("source_ref", sa.String(80), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("matures_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_holdings"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_holdings_customer_id"),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name="fk_holdings_product_id"),
        sa.UniqueConstraint("source", "source_ref", name="uq_holdings_source"),
    )
    op.create_index("ix_holdings_customer_id", "holdings", ["customer_id"])
    op.create_index("ix_holdings_matures_on", "holdings", ["matures_on"])
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referrer_id", sa.Uuid(), nullable=False),
        sa.Column("referred_ref", sa.String(64), nullable=False),
        sa.Column("referred_id", sa.Uuid(), nullable=True),
        sa.Column("referred_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_referrals"),
        sa.ForeignKeyConstraint(["referrer_id"], ["customers.id"], name="fk_referrals_referrer_id"),
        sa.ForeignKeyConstraint(["referred_id"], ["customers.id"], name="fk_referrals_referred_id"),
        sa.UniqueConstraint("referrer_id", "referred_ref", name="uq_referrals_referrer_id"),
    )
