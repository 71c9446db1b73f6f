"""What the documents say about commands is what the commands are."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from wenhou.cli.app import app
from wenhou.cli.commands import COMMANDS, load
from wenhou.cli.reference import render

ROOT = Path(__file__).resolve().parents[3]
DOCUMENTS = ("README.md", "README.zh-CN.md", "docs/administrators.md")


def test_the_command_page_is_what_the_commands_say() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    assert page == render(), "run `python -m wenhou.cli.reference > docs/commands.md`"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_says_the_same_sentence_as_the_command(name: str) -> None:
    first = str(load(name).help).strip().split("\n\n", maxsplit=1)[0]
    assert " ".join(first.split()) == COMMANDS[name].sentence


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_a_document_shows_exists_with_its_options(document: str) -> None:
    shown = re.findall(r"^wenhou .+$", (ROOT / document).read_text(encoding="utf-8"), flags=re.MULTILINE)
    for line in shown:
        words = shlex.split(line, comments=True)[1:]
        command = load(words.pop(0))
        while getattr(command, "commands", None):
            command = command.commands[words.pop(0)]
        known = {word for parameter in command.params for word in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= known, line


def test_help_names_every_command_without_loading_one() -> None:
    answer = CliRunner().invoke(app, ["--help"], env={"COLUMNS": "200"})
    assert answer.exit_code == 0
    for name in COMMANDS:
        assert name in answer.output
