"""`wenhou quotas` and `wenhou policy` as a person at a shell uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, ROOT, Shell

EXAMPLES = ROOT / "docs" / "examples"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    found = Shell(folder=tmp_path / "bank", settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
    assert found.run("init").code == 0
    return found


def test_limits_are_entered_listed_and_refused_where_they_overlap(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("quotas", "list", "--json").json == []
    entered = shell.run("quotas", "apply", str(EXAMPLES / "quotas.yaml"), "--json")
    assert (entered.code, entered.json["created"]) == (0, 4)
    listed = shell.run("quotas", "list", "--json").json
    assert {row["scope"] for row in listed} == {"account", "customer"}
    assert "group_send" in shell.run("quotas", "list").out

    row = "{provider: wecom, kind: group_send, scope: customer, period: month, amount: 4, from: 2027-01-01"
    file = tmp_path / "more.yaml"
    file.write_text(f"quotas:\n  - {row}, source: s, confidence: reported}}\n", encoding="utf-8")
    refused = shell.run("quotas", "apply", str(file))
    assert refused.code == 2
    assert f"{file}:2: wecom * group_send (month) overlaps" in refused.err


def test_the_policy_is_applied_and_shown(shell: Shell) -> None:
    assert shell.run("policy", "apply", str(EXAMPLES / "policy.yaml")).code == 0
    shown = shell.run("policy", "show").out
    assert "3 other contacts in 90 days before each sales one" in shown
    assert "10:00-21:00 in Asia/Urumqi" in shown
    assert shell.run("policy", "show", "--json").json["number"] == 1
