"""A live count walks an index, never the customers' rows: what keeps it quick among a million."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.dialects import sqlite

from store.audiences import compile_rule
from store.database import Database
from store.models.customers import Customer
from tests.integration.audience.people import NOW, ZONE
from wenhou.core.audience import EVERYBODY, AllOf, Condition, Rule

TIER = Condition(field="tier", operator="is", values=("VIP", "高净值"))
ACTIVE = Condition(field="state", operator="is", values=("active",))
NO_STAFF = Condition(field="is_staff", operator="is", truth=False)
ORG = Condition(field="org", operator="is", values=("WH",))
RICH = Condition(field="assets_yuan", operator="at_least", number=1_000_000)
POOLED = Condition(field="has_advisor", operator="is", truth=False)
MINE = Condition(field="advisor", operator="is", values=("liwei",))


def _plan(database: Database, rule: Rule) -> str:
    counted = select(Customer.tier, func.count(), func.count(Customer.main_advisor_id))
    statement = counted.where(compile_rule(rule, NOW, ZONE, counting=True)).group_by(Customer.tier)
    written = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with database.read() as session:
        rows = session.execute(text(f"EXPLAIN QUERY PLAN {written}".replace(":", "\\:")))
        return "; ".join(row.detail for row in rows)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "rule",
    [
        EVERYBODY,
        TIER,
        ORG,
        RICH,
        POOLED,
        AllOf(parts=(ACTIVE, NO_STAFF, TIER)),
        AllOf(parts=(ORG, ACTIVE, RICH)),
    ],
)
def test_counts_by_tier_org_assets_and_pool_read_an_index_alone(database: Database, rule: Rule) -> None:
    assert "customers USING COVERING INDEX" in _plan(database, rule)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_advisors_customers_are_found_by_index(database: Database) -> None:
    assert "INDEX ix_customers_main_advisor_id" in _plan(database, MINE)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("rule", "index"),
    [
        (Condition(field="tag", operator="is", values=("医护",)), "ix_customer_tags_tag"),
        (
            Condition(field="matures", operator="within_days", number=30, of=("deposit",)),
            "ix_holdings_matures_on",
        ),
        (
            Condition(field="personal_date", operator="within_days", number=14, of=("birthday",)),
            "ix_personal_dates_day",
        ),
        (
            Condition(field="event", operator="within_days", number=30, of=("branch_visit",)),
            "ix_business_events_kind",
        ),
    ],
)
def test_what_other_tables_tell_is_looked_up_there_first(database: Database, rule: Rule, index: str) -> None:
    plan = _plan(database, rule)
    assert index in plan
    assert "SCAN customers" not in plan
