"""Among 50,000 customers each question of a million is answered by its index, on both databases. No times are tested."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Session
from store.measuring import count_of, explain_due, page_of, plan_of
from store.scratch import ScratchServer
from wenhou.bench.ground import START, open_ground
from wenhou.bench.questions import RULES, keys_of
from wenhou.bench.stores import Databases, Files, Stores
from wenhou.core.audience import AllOf, Condition
from wenhou.core.ids import first_id_at

CUSTOMERS = 50_000
_ACTIVE = AllOf(parts=(Condition(field="state", operator="is", values=("active",)),))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    folder = tmp_path_factory.mktemp("many")
    if request.param == "sqlite":
        yield from _reading(Files(folder), folder)
        return
    url, drop = request.getfixturevalue("postgres").empty()
    server = ScratchServer(url)
    yield from _reading(Databases(server, folder), folder)
    server.drop(f"wenhou_bench_{CUSTOMERS}")
    server.close()
    drop()


def _reading(stores: Stores, folder: Path) -> Iterator[Session]:
    name = stores.prepared(CUSTOMERS, done=lambda _: None)
    with open_ground(folder, database_url=stores.url_of(name)) as context, context.db.read() as session:
        yield session
    stores.clear()


def _walks_everything(plan: list[str]) -> bool:
    """A scan of customers or of their dates that no index answers."""
    whole = re.compile(
        r"^SCAN (customers|personal_dates)(?!.*COVERING)|Seq Scan on (customers|personal_dates)"
    )
    return any(whole.search(line) for line in plan)


def test_who_is_due_is_looked_up_in_the_index_of_days(session: Session) -> None:
    plan = explain_due(session, "birthday", keys_of(START.date()))

    assert any("ix_personal_dates_day" in line for line in plan), plan
    assert not _walks_everything(plan), plan


def test_everybody_is_walked_through_by_id_without_a_sort(session: Session) -> None:
    after = first_id_at(START)

    plan = plan_of(session, page_of(_ACTIVE, START, after, 500))

    assert any("sqlite_autoindex_customers_1 (id>?)" in line or "pk_customers" in line for line in plan), plan
    assert not any("TEMP B-TREE" in line or "Sort" in line for line in plan), plan
    assert not _walks_everything(plan), plan


@pytest.mark.parametrize("name", RULES)
def test_an_audience_is_counted_by_an_index(session: Session, name: str) -> None:
    plan = plan_of(session, count_of(RULES[name], START))

    assert any("ix_customers_" in line for line in plan), plan
    assert not _walks_everything(plan), plan
