"""On the command line too nobody can tell which confidential kind it is: two banks that differ only in it, one output."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.acceptance.commands import EVE, SAMPLE, Shell

KINDS = ("loan_overdue", "judicial_inquiry", "aml_review", "litigation")
REF = "C100001"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
ASKED = (
    ("explain", REF, "--campaign", "spring_festival", "--on", "2027-02-06"),
    ("explain", REF, "--campaign", "spring_festival", "--on", "2027-02-06", "--json"),
    ("plan", "--on", "2027-02-06", "--json"),
    ("forecast", "--days", "10", "--json"),
    ("messages", "list", "--json"),
    ("queue", "list", "--json"),
    ("tasks", "list", "--json"),
    ("customers", "show", REF, "--json"),
    ("customers", "export", REF),
)


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A bank with the sample's customers and the bundled campaigns, nothing planned."""
    shell = Shell(folder=tmp_path / "base", settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
    assert shell.run("init").code == 0
    assert shell.run("customers", "import", str(SAMPLE), "--create-orgs").code == 0
    assert shell.run("campaigns", "apply", "--bundled").code == 0
    return shell.folder


def test_every_command_says_the_same_whichever_confidential_kind_it_is(base: Path, tmp_path: Path) -> None:
    seen = []
    for kind in KINDS:
        folder = tmp_path / kind
        shutil.copytree(base, folder)
        shell = Shell(folder=folder, settings={"WENHOU_NOW": EVE, "WENHOU_FREEZE": "1"})
        events = folder / "events.csv"
        events.write_text(f"source_id,kind,customer,happened_at\n1,{kind},{REF},2027-02-04 09:00\n")
        assert shell.run("events", "import", str(events)).code == 0
        answers = [shell.run(*words) for words in ASKED]
        assert [answer.code for answer in answers] == [0] * len(ASKED), [answer.err for answer in answers]
        seen.append([_ID.sub("<id>", answer.out) for answer in answers])
    assert "care_restricted" in seen[0][1]
    for other in seen[1:]:
        assert other == seen[0]
