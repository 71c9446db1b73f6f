"""The commands that steer runs, as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    made = Shell(folder=tmp_path / "data", settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
    assert made.run("init").code == 0
    return made


def test_mourning_is_started_listed_and_ended(shell: Shell) -> None:
    days = ("--from", "2027-02-05", "--until", "2027-02-07", "--reason", "公祭")
    started = shell.run("mourning", "start", *days, "--json")
    assert started.code == 0, started.err
    assert started.json["state"] == "in_force"
    (row,) = shell.run("mourning", "list", "--json").json
    assert (row["org"], row["from_on"]) == (None, "2027-02-05")
    assert shell.run("mourning", "silenced", "--json").json == []
    assert shell.run("mourning", "end", row["id"]).code == 0
    assert shell.run("mourning", "end", row["id"]).code == 1
    assert shell.run("mourning", "start", "--org", "NOWHERE", *days).code == 2


def test_seeds_are_added_listed_masked_and_removed(shell: Shell) -> None:
    added = shell.run("seeds", "add", "138 0013 8000", "--name", "移动测试机", "--carrier", "移动", "--json")
    assert added.code == 0, added.err
    (row,) = shell.run("seeds", "list", "--json").json
    assert (row["address"], row["carrier"]) == ("138****8000", "移动")
    assert shell.run("seeds", "add", "12", "--name", "错号").code == 2
    assert shell.run("seeds", "remove", row["id"]).code == 0
    assert shell.run("seeds", "list", "--json").json == []


def test_service_plans_that_ship_are_applied_and_shown(shell: Shell, tmp_path: Path) -> None:
    applied = shell.run("service-plans", "apply", "--json")
    assert {row["tier"]: row["outcome"] for row in applied.json} == dict.fromkeys(
        ("VIP", "高净值", "普通"), "created"
    )
    assert {row["tier"] for row in shell.run("service-plans", "show", "--json").json} == {
        "VIP",
        "高净值",
        "普通",
    }
    assert shell.run("service-plans", "run", "--json").json == {"tasks": 0}
    assert shell.run("service-plans", "gaps", "--json").json == []
    broken = tmp_path / "plans.yaml"
    broken.write_text("plans:\n  - tier: VIP\n    contacts: x\n", encoding="utf-8")
    refused = shell.run("service-plans", "apply", str(broken))
    assert refused.code == 2
    assert "plans.yaml:3" in refused.err


def test_runs_lateness_and_to_dos_are_listed_where_there_are_none(shell: Shell) -> None:
    assert shell.run("runs", "list", "--json").json == []
    assert shell.run("runs", "show", "birthday").code == 2
    assert shell.run("tasks", "list", "--json").json == []
    assert shell.run("late", "--since", "2027-02-01", "--json").json["rows"] == []
    assert shell.run("late", "--since", "gestern").code == 2
