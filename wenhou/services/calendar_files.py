"""The operator's calendar as a YAML file, checked, and as the entries the store keeps.

An entry is kept as it was written. What is read from the store goes through the same reader, so that a file and its
edition can never mean two things.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.errors import InputError
from wenhou.services.calendar_sections import SECTIONS, Faults, Known, read_sections
from wenhou.services.yaml_blocks import Block, load_block

_TOP: Final = ("source", *SECTIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry as stored: `kind` is its section, `on_day` the first day it names, None where it names none."""

    kind: str
    details: dict[str, Any]
    source: str
    org_code: str | None
    on_day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFile:
    """A checked file. `digest` is the same for two files that say the same."""

    calendar: DatedCalendar
    entries: tuple[Entry, ...]
    source: str
    digest: str


def read_calendar(text: str, file: str, *, zone: ZoneInfo, orgs: Collection[str]) -> CalendarFile:
    """A calendar file, refused whole with every fault found (`InputError`). `orgs`: the bank's codes."""
    loaded = load_block(text, file)
    block = Block(spec=loaded.spec, file=file, zone=zone)
    faults = Faults()
    with faults.gather():
        block.only(*_TOP)
    source = ""
    with faults.gather():
        source = block.text("source")
    calendar = read_sections(block, Known(orgs=tuple(orgs)), faults)
    faults.raise_all()
    entries = tuple(
        _entry(section, _with_zone(spec, zone), source)
        for section in SECTIONS
        for spec in block.items(section)
    )
    return CalendarFile(calendar=calendar, entries=entries, source=source, digest=_digest(source, entries))


def calendar_of_entries(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> DatedCalendar:
    """The value of stored entries; InputError would mean that somebody changed them by hand."""
    document = _document("-", entries)
    faults = Faults()
    calendar = read_sections(Block(spec=document, file="calendar_overrides"), Known(orgs=None), faults)
    faults.raise_all()
    return calendar


def write_calendar(source: str, entries: Sequence[tuple[str, Mapping[str, Any]]]) -> str:
    """The file that `read_calendar` reads to the same entries."""
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = True
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.width = 110
    stream = io.StringIO()
    yaml.dump(_document(source, entries), stream)
    return stream.getvalue()


def _document(source: str, entries: Iterable[tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    document: dict[str, Any] = {"source": source}
    for kind, details in entries:
        if kind not in SECTIONS:
            raise InputError(f"calendar_overrides: {kind!r} is no kind of entry")
        document.setdefault(kind, []).append(dict(details))
    return document


def _with_zone(spec: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    """Plain data; instants with the zone they were meant in, so that a later change of the bank's moves nothing."""
    details: dict[str, Any] = json.loads(json.dumps(spec, default=str))
    for name in ("from", "until"):
        if name in details:
            details[name] = (
                Block(spec=details, file="", zone=zone).instant(name).isoformat(timespec="minutes")
            )
    return details


def _entry(section: str, details: dict[str, Any], source: str) -> Entry:
    words = json.dumps(details)
    return Entry(
        kind=section,
        details=details,
        source=str(details.get("source", source)),
        org_code=details.get("org"),
        on_day=_first_day(words),
    )


def _first_day(words: str) -> date | None:
    found: list[date] = []
    for word in words.replace("..", '"').replace("T", '"').split('"'):
        try:
            found.append(date.fromisoformat(word))
        except ValueError:
            continue
    return min(found, default=None)


def _digest(source: str, entries: Iterable[Entry]) -> str:
    content = [source, [(entry.kind, entry.details) for entry in entries]]
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
