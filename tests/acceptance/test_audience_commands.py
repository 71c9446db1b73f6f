"""Audiences, tiers and tags on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, SAMPLE, Shell


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    found = Shell(folder=tmp_path / "bank", settings={"WENHOU_NOW": EVE})
    assert found.run("init").code == 0
    assert found.run("customers", "import", str(SAMPLE), "--create-orgs").code == 0
    return found


def _file(tmp_path: Path, text: str) -> str:
    path = tmp_path / "rule.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_rule_is_said_counted_and_listed(shell: Shell, tmp_path: Path) -> None:
    rule = _file(tmp_path, "all:\n  - {field: tier, is: [VIP, 高净值]}\n  - {field: is_staff, is: false}\n")
    found = shell.run("audience", "count", rule, "--json").json
    assert found["sentence"] == "VIP或高净值客户，且非本行员工"
    assert (
        found["count"]
        == found["with_advisor"] + found["without_advisor"]
        == sum(found["by_tier"].values())
        > 0
    )
    assert set(found["by_tier"]) <= {"VIP", "高净值"}
    assert set(found["by_channel"]) == {"wechat", "wecom", "sms", "email", "none"}
    rows = shell.run("audience", "list", rule, "--limit", "3", "--json").json
    assert len(rows) == 3
    assert all(row["name"].endswith("*") for row in rows)


def test_a_campaigns_audience_is_counted_and_its_planned_run_shows_drift(shell: Shell) -> None:
    shell.run("campaigns", "apply", "--bundled")
    assert shell.run("audience", "drift", "spring_festival", "--json").json == []
    planned = shell.run("plan", "--on", "2027-02-05", "--campaign", "spring_festival", "--json").json
    rows = shell.run("audience", "drift", "spring_festival", "--json").json
    assert [(row["kind"], row["on"], row["joined"], row["left"]) for row in rows] == [
        ("run", "2027-02-05", 0, 0)
    ]
    count = shell.run("audience", "count", "--campaign", "spring_festival", "--json").json["count"]
    assert rows[0]["frozen"] == planned["occurrences"][0]["audience"] == count


def test_an_unknown_tier_is_refused_with_the_nearest_of_the_bank(shell: Shell, tmp_path: Path) -> None:
    wrong = shell.run("audience", "count", _file(tmp_path, "field: tier\nis: 高净质\n"))
    assert wrong.code == 2
    assert "rule.yaml:2" in wrong.err
    assert "did you mean 高净值?" in wrong.err


def test_neither_file_nor_campaign_is_wrong_usage(shell: Shell) -> None:
    assert shell.run("audience", "count").code == 2


def test_tiers_and_tags_are_taken_shown_and_worked_out(shell: Shell, tmp_path: Path) -> None:
    assert {row["edition"] for row in shell.run("tiers", "show", "--json").json} == {0}
    counts = shell.run("tiers", "apply", "--bundled", "--json").json
    assert {row["kind"] for row in counts} == {"tier", "need", "risk_appetite"}
    shown = shell.run("tiers", "show", "--json").json
    assert (shown[0]["edition"], shown[0]["rule"]) == (1, "资产不少于600万元")
    again = shell.run("tiers", "recompute", "--json").json
    assert sum(row["customers"] for row in again) == 0
    tags = _file(tmp_path, "tags:\n  - {tag: 普通客户, when: {field: tier, is: 普通}}\n")
    assert shell.run("tags", "apply", tags, "--json").json[0]["added"] > 0
    assert shell.run("tags", "show", "--json").json[0]["rule"] == "普通客户"
