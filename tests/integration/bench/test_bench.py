"""Every benchmark at its smallest: its figures are there and its counts are right."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from wenhou.bench.figures import Figures
from wenhou.bench.ground import open_ground
from wenhou.bench.handing import bench_dispatch
from wenhou.bench.importing import bench_import
from wenhou.bench.population import add_people, phone_of, ref_of
from wenhou.bench.report import render
from wenhou.bench.stores import Files

AT = datetime(2027, 1, 1, tzinfo=UTC)


def test_every_row_of_the_import_is_created_once_and_unchanged_the_second_time() -> None:
    found = bench_import(120).figures

    assert (found["created"], found["unchanged"], found["refused"]) == (120, 120, 0)
    assert found["rows_per_s"] > 0


def test_the_prepared_store_is_kept_and_an_unfinished_one_is_not_taken_for_it(tmp_path: Path) -> None:
    made: list[int] = []
    (tmp_path / "part-50.db").write_bytes(b"left by an interrupted run")
    files = Files(tmp_path)

    first = files.prepared(50, done=made.append)
    second = files.prepared(50, done=made.append)

    assert first == second == str(tmp_path / "bank-50.db")
    assert made == [50]
    assert files.largest() == 50
    assert not list(tmp_path.glob("part-*"))


def test_dispatch_hands_everything_over_and_names_its_limit() -> None:
    found = bench_dispatch(40, calls_in_flight=4).figures

    assert found["sent"] == 40
    assert found["limit_per_s"] > 0
    assert found["ratio"] == pytest.approx(found["messages_per_s"] / found["limit_per_s"], abs=0.001)


def test_the_made_up_people_are_the_same_every_time(tmp_path: Path) -> None:
    with open_ground(tmp_path, synchronous="OFF") as context:
        add_people(context.db, context.vault, 3, at=AT)

    assert ref_of(7) == "P-0000007"
    assert phone_of(7) == "+8618600000007"


def test_the_page_names_machine_commit_seed_and_every_figure() -> None:
    found = [Figures(name="dispatch", figures={"messages_per_s": 12.5}, machine="m", says=("SEARCH x",))]

    page = render(found, AT, is_busy=False)

    for words in ("Machine: ", "commit ", "seed 2027", "2027-01-01", "`messages_per_s` | 12.5", "SEARCH x"):
        assert words in page


def test_two_databases_stand_beside_each_other_and_each_says_its_plan() -> None:
    found = [
        Figures(name="plan", figures={"ratio": value}, machine="m", says=(f"SEARCH {name}",), database=name)
        for name, value in (("sqlite", 0.2), ("postgresql", 0.25))
    ]

    page = render(found, AT, is_busy=True)

    assert page.count("## Planning") == 1
    assert "| figure | sqlite | postgresql | meaning |" in page
    assert "| `ratio` | 0.2 | 0.25 |" in page
    assert "SEARCH sqlite" in page
    assert "SEARCH postgresql" in page
