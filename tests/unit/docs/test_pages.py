"""The pages in docs say what is: links lead somewhere, commands and settings exist, every reason is explained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from integrations.registry import PROVIDERS
from integrations.simulator.magic import MAGIC
from integrations.sms_http import profile
from tests.architecture.sources import ROOT, walk
from wenhou.cli.commands import COMMANDS, load
from wenhou.core.audience_fields import FIELDS
from wenhou.core.campaigns import DATE_KINDS, EVENT_KINDS
from wenhou.core.policy.sentences import GATE_NAMES
from wenhou.core.reasons import REASONS
from wenhou.core.statuses import STATUS_NAMES
from wenhou.settings import PREFIX, Settings

PAGES = sorted(path for path in walk(ROOT / "docs") if path.suffix == ".md")
TOP = [
    path for path in (ROOT / "README.md", ROOT / "README.zh-CN.md", ROOT / "CONTRIBUTING.md") if path.exists()
]
_LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s#]+)?(?:#([^)\s]+))?\)")
_COMMAND = re.compile(r"\bwenhou ([a-z][a-z-]*)(?: ([a-z]+))?([^`\n]*)")
_BY_PEOPLE = (
    "operations.md",
    "advisors.md",
    "integrators.md",
    "channels.md",
    "security.md",
    "architecture.md",
)
_SHELL = {"WENHOU_CONFIG", "WENHOU_TOKEN"}


def _say(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _anchor(heading: str) -> str:
    """As the forges make it: lower case, marks dropped, blanks to hyphens."""
    kept = re.sub(r"[^\w\s-]", "", heading.strip().lower())
    return re.sub(r"\s", "-", kept)


@pytest.mark.parametrize("document", [*PAGES, *TOP], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    broken = []
    for target, anchor in _LINK.findall(_say(document)):
        place = (document.parent / target).resolve() if target else document
        if not place.exists():
            broken.append(target)
        elif anchor and place.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", _say(place), re.MULTILINE)
            if anchor not in {_anchor(heading) for heading in headings}:
                broken.append(f"{target}#{anchor}")
    assert broken == []


@pytest.mark.parametrize("name", _BY_PEOPLE)
def test_every_command_in_a_page_exists_with_its_options(name: str) -> None:
    wrong = []
    for command, following, rest in _COMMAND.findall(_say(ROOT / "docs" / name)):
        if command not in COMMANDS:
            wrong.append(command)
            continue
        found = load(command)
        subcommands = getattr(found, "commands", {})
        if subcommands:
            if following and following not in subcommands:
                wrong.append(f"{command} {following}")
                continue
            found = subcommands.get(following, found)
        known = {option for parameter in found.params for option in parameter.opts} | {"--help"}
        wrong += [f"{command} {following} {option}" for option in _options(rest) if option not in known]
    assert wrong == []


def _options(rest: str) -> list[str]:
    return re.findall(r"(?<!\S)(--[a-z-]+)", rest)


@pytest.mark.parametrize("document", PAGES, ids=lambda path: path.name)
def test_every_setting_in_a_page_exists(document: Path) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | _SHELL
    named = set(re.findall(r"\bWENHOU_[A-Z_]+[A-Z]\b", _say(document)))
    assert sorted(one for one in named - known if not one.startswith("WENHOU_TESTS_")) == []


def test_operations_explains_every_reason_with_its_own_sentence() -> None:
    page = _say(ROOT / "docs" / "operations.md")
    assert [code for code in REASONS if f"`{code}`" not in page] == []
    assert [code for code, (chinese, _) in REASONS.items() if chinese not in page] == []


def test_operations_names_every_audience_field_event_and_date() -> None:
    page = _say(ROOT / "docs" / "operations.md")
    assert [word for word in (*FIELDS, *EVENT_KINDS, *DATE_KINDS) if f"`{word}`" not in page] == []


def test_architecture_names_every_gate_and_status() -> None:
    page = _say(ROOT / "docs" / "architecture.md")
    assert [gate for gate in GATE_NAMES if f"`{gate}`" not in page] == []
    assert [str(status) for status in STATUS_NAMES if status.value not in page] == []


def test_the_glossary_calls_statuses_as_the_screens_do() -> None:
    page = _say(ROOT / "docs" / "glossary.md")
    assert [zh for status, (zh, _) in STATUS_NAMES.items() if f"{zh} | {status.value}" not in page] == []


def test_the_index_names_every_page() -> None:
    index = _say(ROOT / "docs" / "README.md")
    pages = [page.name for page in (ROOT / "docs").glob("*.md") if page.name != "README.md"]
    assert [name for name in pages if f"({name})" not in index] == []


def test_sms_names_every_field_of_a_gateways_description() -> None:
    page = _say(ROOT / "docs" / "sms.md")
    fields = {name for model in _sections(profile.SmsHttpSettings) for name in model.model_fields} - {"kind"}
    assert len(fields) > 80
    assert sorted(name for name in fields if f"`{name}`" not in page) == []


def _sections(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A model of settings and every model that stands inside it, however wrapped."""
    found: set[type[BaseModel]] = set()
    waiting: list[object] = [model]
    while waiting:
        one = waiting.pop()
        if isinstance(one, type) and issubclass(one, BaseModel):
            if one not in found:
                found.add(one)
                waiting += [field.annotation for field in one.model_fields.values()]
        else:
            waiting += get_args(one)
    return found


def test_channels_names_every_provider_and_every_magic_recipient() -> None:
    page = _say(ROOT / "docs" / "channels.md")
    assert [name for name in PROVIDERS if f"`{name}`" not in page] == []
    rows = [f"139 0000 {row.number:04d} | {row.behaviour}@sim.example" for row in MAGIC]
    assert [row for row in rows if row not in page] == []
