"""`wenhou bench plan` on both databases at its smallest: counts, figures, and a run that stops where it was told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from store.scratch import ScratchServer
from wenhou.bench.figures import Figures
from wenhou.bench.ground import open_ground
from wenhou.bench.planning import bench_plan
from wenhou.bench.progress import Enough, Progress
from wenhou.bench.stores import Databases, Files, Stores

CUSTOMERS = 1_200


@pytest.fixture(params=["sqlite", "postgresql"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    if request.param == "sqlite":
        files = Files(tmp_path)
        yield files
        files.clear()
        return
    url, drop = request.getfixturevalue("postgres").empty()
    server = ScratchServer(url)
    kept = Databases(server, tmp_path)
    yield kept
    kept.clear()
    server.drop(f"wenhou_bench_{CUSTOMERS}")
    server.close()
    drop()


def test_a_festival_for_everybody_is_planned_and_inserted_bare_once_more(
    stores: Stores, tmp_path: Path
) -> None:
    found = bench_plan(stores, tmp_path, CUSTOMERS)

    figures = found.figures
    assert found.database == stores.name
    assert figures["customers"] == CUSTOMERS
    assert figures["festival_rows"] == CUSTOMERS - 500  # the first chunk stands in both copies
    assert figures["birthdays"] > 0
    assert 0 < figures["ratio"] < 1
    assert 0 < figures["bytes_per_message"] < 8_192
    assert figures["explain_ms"] > 0
    assert figures["three_channels_bytes"] > figures["bytes_per_message"]
    assert {"count_tier_ms", "count_org_ms", "count_assets_ms", "count_all_three_ms"} <= set(figures)


def test_the_rows_of_the_bare_insert_are_the_planners_own(tmp_path: Path) -> None:
    files = Files(tmp_path)

    bench_plan(files, tmp_path, CUSTOMERS)

    tables = ("messages", "message_contents", "message_events", "contact_ledger")
    found = []
    for copy in (1, 2):
        path = next(tmp_path.glob(f"copies-*/copy-{copy}.db"))
        with open_ground(tmp_path, database_url=f"sqlite:///{path}") as context, context.db.read() as session:
            rows = {name: session.execute(text(f"SELECT * FROM {name}")) for name in tables}  # noqa: S608
            found.append({name: set(several) for name, several in rows.items()})
    files.clear()
    assert found[0] == found[1]
    assert all(found[0].values())


def test_a_festival_stops_after_the_messages_asked_for(tmp_path: Path) -> None:
    files = Files(tmp_path)

    found: Figures = bench_plan(files, tmp_path, CUSTOMERS, 500)

    files.clear()
    assert found.figures["festival_rows"] == 500


def test_progress_leaves_out_what_was_known_and_stops_after_the_most() -> None:
    progress = Progress(most=2, known=1)

    for _ in range(3):
        progress.note("planning.before_commit")
    progress.note("planning.after_commit")
    progress.note("planning.after_commit")
    with pytest.raises(Enough):
        progress.note("planning.after_commit")

    assert len(progress.at) == 2
    assert progress.figures(1_000)["festival_rows"] == 1_000
