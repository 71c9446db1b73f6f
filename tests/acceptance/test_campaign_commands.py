"""Campaigns at the shell: what a broken file is told, and a life from file to end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, Shell

BROKEN = """\
key: greeting
purpose: care
trigger: {type: festival, festival: mid_autum}
steps:
  - {key: one, template: mid_autumn, channels: [sms], after: one}
colour: red
"""
SOUND = """\
# 中秋
key: greeting
purpose: care
trigger: {type: festival, festival: mid_autumn, days_before: 1}
template: mid_autumn
channels: [wechat, sms]
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(folder=tmp_path / "bank", settings={"WENHOU_NOW": EVE})


def test_validate_names_every_fault_with_its_place_and_exits_2(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text(BROKEN, encoding="utf-8")
    answer = shell.run("campaigns", "validate", str(file))
    assert answer.code == 2
    places = [line.removeprefix(f"{file}:").partition(": ")[0] for line in answer.err.splitlines()]
    assert places == ["3:27", "5:55", "6:1"]
    assert "did you mean mid_autumn?" in answer.err
    told = shell.run("campaigns", "validate", str(file), "--json")
    assert told.code == 2
    assert [(row["line"], row["column"]) for row in told.json] == [(3, 27), (5, 55), (6, 1)]
    assert all(row["file"] == str(file) and row["sentence"] for row in told.json)


def test_two_files_with_one_key_are_refused_together(shell: Shell, tmp_path: Path) -> None:
    files = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    for file in files:
        file.write_text(SOUND, encoding="utf-8")
    answer = shell.run("campaigns", "validate", *map(str, files))
    assert answer.code == 2
    assert answer.err.startswith(f"{files[1]}:2:1: two campaigns have the key greeting")


def test_a_campaign_lives_at_the_shell(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "greeting.yaml"
    file.write_text(SOUND, encoding="utf-8")
    shell.run("init")
    shell.settings["WENHOU_CAMPAIGN_APPROVAL"] = "second_person"
    (applied,) = shell.run("campaigns", "apply", str(file), "--json").json
    assert (applied["outcome"], applied["state"]) == ("created", "checked")
    refused = shell.run("campaigns", "approve", "greeting")  # the local operator wrote it
    assert refused.code == 1
    assert "nobody approves what they wrote" in refused.err
    shell.settings["WENHOU_CAMPAIGN_APPROVAL"] = "none"
    assert shell.run("campaigns", "live", "greeting").code == 0
    assert shell.run("campaigns", "show", "greeting", "--json").json["trigger"] == "中秋节前 1 天"
    assert shell.run("campaigns", "export", "greeting").out == SOUND
    file.write_text(SOUND.replace("days_before: 1", "days_before: 2"), encoding="utf-8")
    shell.run("campaigns", "apply", str(file))
    assert "+trigger:" in shell.run("campaigns", "diff", "greeting", "1", "2").out
    assert [row["number"] for row in shell.run("campaigns", "versions", "greeting", "--json").json] == [2, 1]
    assert shell.run("campaigns", "pause", "greeting", "--reason", "文案待核").code == 0
    assert shell.run("campaigns", "resume", "greeting").code == 0
    assert shell.run("campaigns", "finish", "greeting").code == 0
    (row,) = shell.run("campaigns", "list", "--json").json
    assert row["state"] == "finished"
    assert shell.run("campaigns", "resume", "greeting").code == 1
    assert shell.run("campaigns", "show", "none_such").code == 2
