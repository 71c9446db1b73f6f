"""`wenhou media` as a person at a shell uses it: what is shown, and the exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, Shell
from tests.unit.core import pictures

WORDS = ("--alt-zh", "一枝桂花，一轮圆月", "--alt-en", "Osmanthus under a full moon")


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    found = Shell(folder=tmp_path / "bank", settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
    assert found.run("init").code == 0
    return found


def test_a_card_is_added_listed_shown_and_exported(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("media", "list", "--json").json == []
    file, out = tmp_path / "mid_autumn.png", tmp_path / "out.png"
    file.write_bytes(pictures.png())

    added = shell.run("media", "add", str(file), *WORDS, "--json")
    again = shell.run("media", "add", str(file), *WORDS, "--json")

    assert (added.code, added.json["outcome"], added.json["state"]) == (0, "created", "waiting")
    assert (again.code, again.json["outcome"]) == (0, "unchanged")
    assert "wenhou media approve mid_autumn" in added.err
    assert [row["key"] for row in shell.run("media", "list", "--json").json] == ["mid_autumn"]
    shown = shell.run("media", "show", added.json["digest"], "--json").json
    assert (shown["width"], shown["uploads"]) == (128, [])
    assert shell.run("media", "export", "mid_autumn", str(out)).code == 0
    assert out.read_bytes() == pictures.png()
    assert shell.run("media", "export", "mid_autumn", str(out)).code == 2


def test_who_added_a_card_does_not_approve_it(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "moon.jpg"
    file.write_bytes(pictures.jpeg())
    assert shell.run("media", "add", str(file), *WORDS).code == 0

    refused = shell.run("media", "approve", "moon")

    assert refused.code == 1
    assert shell.run("media", "show", "moon", "--json").json["state"] == "waiting"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"<svg/>", "SVG"),
        (pictures.png() + b"PK", "after the picture's end"),
        (pictures.jpeg_with_place(), "GPS"),
        (pictures.gif(pictures=2), "stands still"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 300_000, "at most 200,000"),
    ],
)
def test_a_file_that_is_no_card_is_named_with_its_reason(
    shell: Shell, tmp_path: Path, body: bytes, says: str
) -> None:
    file = tmp_path / "odd.png"
    file.write_bytes(body)

    refused = shell.run("media", "add", str(file), *WORDS)

    assert refused.code == 2
    assert str(file) in refused.err
    assert says in refused.err
    assert shell.run("media", "list", "--json").json == []


def test_words_and_file_must_be_there(shell: Shell, tmp_path: Path) -> None:
    assert shell.run("media", "add", str(tmp_path / "none.png"), *WORDS).code == 2
    assert shell.run("media", "show", "none").code == 2
    file = tmp_path / "moon.png"
    file.write_bytes(pictures.png())
    assert shell.run("media", "add", str(file), "--alt-zh", "月亮").code == 2
