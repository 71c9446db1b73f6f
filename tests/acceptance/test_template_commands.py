"""Templates at the shell: a text from file to force and back, by two people, and what a broken one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, SAMPLE, Shell
from tests.integration.words.desk import document
from wenhou.services.words_in_force import shipped

CAMPAIGN = """\
key: greeting
name: {zh-CN: 问好, en: Greeting}
purpose: care
trigger: {type: festival, festival: spring_festival}
template: hello_town
channels: [sms]
approval: none
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    shell = Shell(folder=tmp_path / "bank", settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
    assert shell.run("init").code == 0
    for login, name, role in (
        ("wuyun", "吴云", "operations"),
        ("heqing", "何清", "compliance"),
        ("fangyuan", "方圆", "compliance"),
    ):
        assert shell.run("users", "add", login, "--name", name, "--role", role).code == 0
    return shell


def _file(folder: Path, words: str, *, name: str = "zh-CN.yaml", **more: str) -> str:
    path = folder / name
    path.write_text(document(words, **more), encoding="utf-8")
    return str(path)


def _published(shell: Shell, folder: Path, words: str, **more: str) -> int:
    file = _file(folder, words, **more)
    key = more.get("key", "birthday")
    (kept,) = shell.run("templates", "apply", file, "--as", "wuyun", "--json").json
    assert shell.run("templates", "submit", key, "--as", "wuyun").code == 0
    assert shell.run("templates", "approve", key, "--as", "heqing").code == 0
    return int(kept["version"])


def test_a_template_lives_at_the_shell(shell: Shell, tmp_path: Path) -> None:
    ships = shipped().get("birthday").version
    file = _file(tmp_path, "愿您今天开心。")
    (valid,) = shell.run("templates", "validate", file, "--store", "--json").json
    assert (valid["valid"], valid["sms_parts"]) == (True, 1)
    (kept,) = shell.run("templates", "apply", file, "--as", "wuyun", "--json").json
    assert (kept["version"], kept["outcome"], kept["state"]) == (101, "created", "draft")
    assert shell.run("templates", "submit", "birthday", "--as", "wuyun").code == 0
    own = shell.run("templates", "approve", "birthday", "--as", "wuyun")
    assert own.code == 1
    assert "only compliance" in own.err
    agreed = shell.run(
        "templates", "approve", "birthday", "--as", "heqing", "--from", "2027-02-06", "--json"
    ).json
    assert (agreed["state"], agreed["in_force"]) == ("approved", ships)
    assert agreed["effective_from"] == "2027-02-06 00:00:00+08:00"
    shell.settings["WENHOU_NOW"] = "2027-02-06T00:00:01+08:00"
    (line,) = [row for row in shell.run("templates", "list", "--json").json if row["origin"] == "bank"]
    assert (line["key"], line["locale"], line["number"]) == ("birthday", "zh-CN", 101)
    second = _published(shell, tmp_path, "愿您天天开心。")
    told = shell.run("templates", "diff", "birthday", "101", str(second)).out
    assert "a · sms · text" in told
    assert "[-今-]{+天+}天开心" in told
    back = shell.run(
        "templates",
        "rollback",
        "birthday",
        "--to",
        "101",
        "--reason",
        "反响不好",
        "--as",
        "fangyuan",
        "--json",
    )
    assert back.json["in_force"] == 101
    assert shell.run("templates", "export", "birthday").out == document("愿您今天开心。")
    versions = shell.run("templates", "versions", "birthday", "--locale", "zh-CN", "--json").json
    states = [(row["number"], row["state"]) for row in versions]
    assert states[:2] == [(102, "approved"), (101, "approved")]
    shown = shell.run("templates", "show", "birthday", "--json").json
    assert [one["decision"] for one in shown["decisions"]] == ["rolled_back", "approved", "approved"]
    assert shell.run("templates", "retire", "birthday", "--reason", "季节已过", "--as", "heqing").code == 0
    assert shell.run("templates", "show", "birthday", "--json").json["version"] == ships
    assert shell.run("templates", "retire", "birthday", "--reason", "再来", "--as", "heqing").code == 1


def test_a_rejected_draft_says_why(shell: Shell, tmp_path: Path) -> None:
    shell.run("templates", "apply", _file(tmp_path, "愿您今天开心。"), "--as", "wuyun")
    shell.run("templates", "submit", "birthday", "--as", "wuyun", "--note", "请看")
    no = shell.run("templates", "reject", "birthday", "--reason", "太平淡", "--as", "heqing", "--json")
    assert (no.code, no.json["state"]) == (0, "rejected")
    (first, *_) = shell.run("templates", "versions", "birthday", "--json").json
    assert (first["reason"], first["note"], first["decided_by"]) == ("太平淡", "请看", "何清")


def test_broken_files_exit_2_with_their_places(shell: Shell, tmp_path: Path) -> None:
    file = _file(tmp_path, "祝您生日快乐。{{ nobody }}")
    for command in (("validate", file), ("apply", file, "--as", "wuyun")):
        told = shell.run("templates", *command)
        assert told.code == 2
        assert told.err.removeprefix("wenhou: ").startswith(f"{file}:10:")
    (fault,) = shell.run("templates", "validate", file, "--json").json
    assert (fault["line"], fault["valid"]) == (10, False)
    assert shell.run("templates", "validate", str(tmp_path / "none.yaml")).code == 2
    assert shell.run("templates", "show", "nothing").code == 2
    assert shell.run("templates", "approve", "birthday", "--from", "soon", "--as", "heqing").code == 2


def test_a_campaign_may_use_the_banks_own_template_and_its_readers_are_listed(
    shell: Shell, tmp_path: Path
) -> None:
    version = _published(shell, tmp_path, "新春安康。", key="hello_town")
    campaign = tmp_path / "greeting.yaml"
    campaign.write_text(CAMPAIGN, encoding="utf-8")
    assert shell.run("campaigns", "apply", str(campaign)).code == 0
    assert shell.run("customers", "import", str(SAMPLE), "--create-orgs").code == 0
    assert shell.run("plan", "--on", "2027-02-06").code == 0
    waiting = shell.run("templates", "readers", "hello_town", "--waiting", "--json").json
    assert waiting
    assert {(row["number"], row["variant"]) for row in waiting} == {(version, "a")}
    shown = shell.run("messages", "show", waiting[0]["message_id"], "--json").json
    assert (shown["template"], shown["template_version"], shown["variant"]) == ("hello_town", version, "a")
    assert shell.run("templates", "readers", "hello_town", "--json").json == []  # nothing left yet
    refused = shell.run("templates", "retire", "hello_town", "--reason", "不用了", "--as", "heqing")
    assert refused.code == 2
    assert "greeting" in refused.err
