"""Tables of the first revision: customers, keys, addresses, days, consents, restrictions, belonging."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.migrations.first.types import INSTANT, JSON


def create() -> None:
    """Create them, in the order their references need."""
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("external_ref", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("salutation", sa.String(40), nullable=True),
        sa.Column("gender", sa.String(10), nullable=False),
        sa.Column("locale", sa.String(10), nullable=False),
        sa.Column("time_zone", sa.String(40), nullable=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("tier", sa.String(40), nullable=True),
        sa.Column("assets_fen", sa.BigInteger(), nullable=True),
        sa.Column("need", sa.String(40), nullable=True),
        sa.Column("risk_appetite", sa.String(40), nullable=True),
        sa.Column("interests", JSON, nullable=True),
        sa.Column("custom", JSON, nullable=True),
        sa.Column("opening_org_id", sa.Uuid(), nullable=True),
        sa.Column("managing_org_id", sa.Uuid(), nullable=True),
        sa.Column("main_advisor_id", sa.Uuid(), nullable=True),
        sa.Column("deputy_advisor_id", sa.Uuid(), nullable=True),
        sa.Column("is_staff", sa.Boolean(), nullable=False),
        sa.Column("birth_year", sa.LargeBinary(), nullable=True),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("last_contact_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_customers"),
        sa.ForeignKeyConstraint(["opening_org_id"], ["orgs.id"], name="fk_customers_opening_org_id"),
        sa.ForeignKeyConstraint(["managing_org_id"], ["orgs.id"], name="fk_customers_managing_org_id"),
        sa.ForeignKeyConstraint(["main_advisor_id"], ["users.id"], name="fk_customers_main_advisor_id"),
        sa.ForeignKeyConstraint(["deputy_advisor_id"], ["users.id"], name="fk_customers_deputy_advisor_id"),
        sa.UniqueConstraint("external_ref", name="uq_customers_external_ref"),
        sa.CheckConstraint("gender IN ('female', 'male', 'unknown')", name=op.f("ck_customers_gender_known")),
        sa.CheckConstraint(
            "state IN ('active', 'dormant', 'closed', 'erased')", name=op.f("ck_customers_state_known")
        ),
    )
    op.create_index("ix_customers_main_advisor_id", "customers", ["main_advisor_id"])
    op.create_index("ix_customers_managing_org_id_tier", "customers", ["managing_org_id", "tier"])
    op.create_table(
        "customer_keys",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("data_key_id", sa.Integer(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.Column("shredded_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("customer_id", name="pk_customer_keys"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_keys_customer_id"),
    )
    op.create_table(
        "customer_tags",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tag", sa.String(60), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "tag", name="pk_customer_tags"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_tags_customer_id"),
    )
    op.create_index("ix_customer_tags_tag", "customer_tags", ["tag", "customer_id"])
    op.create_table(
        "care_restrictions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("purposes", JSON, nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("visibility", sa.String(12), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_care_restrictions"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_care_restrictions_customer_id"),
        sa.CheckConstraint(
            "kind IN ('deceased', 'bereavement', 'overdue', 'litigation', 'judicial_inquiry', "
            "'anti_money_laundering', 'dormant', 'wrong_person', 'minor', 'other')",
            name=op.f("ck_care_restrictions_kind_known"),
        ),
        sa.CheckConstraint(
            "visibility IN ('open', 'confidential')", name=op.f("ck_care_restrictions_visibility_known")
        ),
    )
    op.create_index("ix_care_restrictions_customer_id", "care_restrictions", ["customer_id", "until_on"])
    op.create_table(
        "contact_points",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("account", sa.String(60), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("last_four_index", sa.LargeBinary(), nullable=True),
        sa.Column("verified_at", INSTANT, nullable=True),
        sa.Column("reachable", sa.String(8), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        sa.Column("soft_failures", sa.SmallInteger(), nullable=False),
        sa.Column("retired_at", INSTANT, nullable=True),
        sa.Column("retired_reason", sa.String(40), nullable=True),
        sa.Column("last_inbound_at", INSTANT, nullable=True),
        sa.Column("retain_until", sa.Date(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contact_points"),
        sa.UniqueConstraint("channel", "account", "blind_index", name="uq_contact_points_channel"),
        sa.CheckConstraint(
            "reachable IN ('yes', 'no', 'unknown')", name=op.f("ck_contact_points_reachable_known")
        ),
    )
    op.create_index("ix_contact_points_last_four", "contact_points", ["last_four_index"])
    op.create_table(
        "customer_contacts",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(10), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "contact_point_id", name="pk_customer_contacts"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_customer_contacts_customer_id"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_points.id"], name="fk_customer_contacts_contact_point_id"
        ),
        sa.CheckConstraint(
            "relation IN ('own', 'guardian', 'family', 'company')",
            name=op.f("ck_customer_contacts_relation_known"),
        ),
    )
    op.create_index("ix_customer_contacts_contact_point_id", "customer_contacts", ["contact_point_id"])
    op.create_table(
        "personal_dates",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("calendar", sa.String(5), nullable=False),
        sa.Column("month", sa.SmallInteger(), nullable=False),
        sa.Column("day", sa.SmallInteger(), nullable=False),
        sa.Column("is_leap_month", sa.Boolean(), nullable=False),
        sa.Column("year", sa.LargeBinary(), nullable=True),
        sa.Column("celebrated", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        sa.Column("certainty", sa.String(12), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_personal_dates"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_personal_dates_customer_id"),
        sa.UniqueConstraint("customer_id", "kind", "calendar", "label", name="uq_personal_dates_customer_id"),
        sa.CheckConstraint("calendar IN ('solar', 'lunar')", name=op.f("ck_personal_dates_calendar_known")),
        sa.CheckConstraint(
            "certainty IN ('certain', 'assumed', 'questioned')",
            name=op.f("ck_personal_dates_certainty_known"),
        ),
        sa.CheckConstraint("day BETWEEN 1 AND 31", name=op.f("ck_personal_dates_day_range")),
        sa.CheckConstraint("month BETWEEN 1 AND 12", name=op.f("ck_personal_dates_month_range")),
        sa.CheckConstraint(
            "source IN ('certificate', 'customer', 'advisor', 'file')",
            name=op.f("ck_personal_dates_source_known"),
        ),
    )
    op.create_index(
        "ix_personal_dates_day",
        "personal_dates",
        ["kind", "calendar", "month", "day", "is_leap_month", "celebrated", "customer_id"],
    )
    op.create_table(
        "consents",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("act", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("wording_version", sa.String(60), nullable=True),
        sa.Column("evidence", JSON, nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consents_customer_id"),
        sa.CheckConstraint("act IN ('granted', 'withdrawn')", name=op.f("ck_consents_act_known")),
        sa.CheckConstraint(
            "purpose IN ('service', 'information', 'care', 'marketing')",
            name=op.f("ck_consents_purpose_known"),
        ),
        sa.CheckConstraint(
            "source IN ('customer', 'counter', 'file', 'staff', 'provider')",
            name=op.f("ck_consents_source_known"),
        ),
    )
    op.create_index("ix_consents_customer_id", "consents", ["customer_id", "at"])
    op.create_table(
        "consent_state",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("by_customer", sa.Boolean(), nullable=False),
        sa.Column("consent_id", sa.Uuid(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "channel", "purpose", name="pk_consent_state"),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_consent_state_customer_id"),
        sa.CheckConstraint("state IN ('granted', 'withdrawn')", name=op.f("ck_consent_state_state_known")),
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("blind_index", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("reason", sa.String(40), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_suppressions"),
        sa.UniqueConstraint("channel", "blind_index", "purpose", name="uq_suppressions_channel"),
    )
    op.create_table(
        "household_members",
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("household_id", "customer_id", name="pk_household_members"),
        sa.ForeignKeyConstraint(
            ["household_id"], ["households.id"], name="fk_household_members_household_id"
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name="fk_household_members_customer_id"),
        sa.CheckConstraint(
            "role IN ('head', 'spouse', 'parent', 'child', 'other')",
            name=op.f("ck_household_members_role_known"),
        ),
    )
    op.create_index("ix_household_members_customer_id", "household_members", ["customer_id"])
    op.create_table(
        "company_contacts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("company_id", sa.Uuid(), nullable=False),
        sa.Column("contact_point_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_company_contacts"),
        sa.ForeignKeyConstraint(["company_id"], ["companies.id"], name="fk_company_contacts_company_id"),
        sa.ForeignKeyConstraint(
            ["contact_point_id"], ["contact_points.id"], name="fk_company_contacts_contact_point_id"
        ),
        sa.UniqueConstraint("company_id", "contact_point_id", name="uq_company_contacts_company_id"),
    )
