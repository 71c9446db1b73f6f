"""Rows to drafts: which column feeds which field, and one row's values or everything that is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from wenhou.core.errors import InputError
from wenhou.services.importing import cells
from wenhou.services.importing.feeds import BLANK, Feed
from wenhou.services.importing.fields import ALWAYS_IGNORED, BY_KEY, LINE_HEADING, find_field, nearest_heading
from wenhou.services.importing.mapping import Mapping, Source
from wenhou.services.importing.result import Finding, Refusal
from wenhou.services.importing.tables import Row, Table

_MANY: Final = frozenset({"tags", "interests"})


@dataclass(slots=True, kw_only=True)
class Draft:
    """What one row says. A field that is absent leaves what stands; None clears it."""

    line: int
    number: int
    cells: list[str]
    reader: RowReader
    ref: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    custom: dict[str, str | None] = field(default_factory=dict)

    def finding(self, key: str, zh: str, en: str) -> Finding:
        """A finding about one field, by the file's own column and text."""
        column, value = self.reader.shown(key, self.cells, self.number)
        return Finding(line=self.line, column=column, value=value, zh=zh, en=en)


class RowReader:
    """Reads rows of one table under one mapping; raises InputError when the columns do not fit together."""

    def __init__(self, table: Table, mapping: Mapping, today: date) -> None:
        self._today = today
        self._width = len(table.headings)
        self._is_csv = table.kind == "csv"
        columns = _columns_of(table)
        self._line_at = columns.get(LINE_HEADING)
        used = _check_mapped(table, columns, mapping)
        feeds = {key: list(sources) for key, sources in mapping.fields.items()}
        for heading in columns:
            if heading in used or heading in mapping.ignore or heading in ALWAYS_IGNORED:
                continue
            key = _field_of(heading, table)
            if key in feeds:
                raise InputError(
                    f"two columns would fill {key}; map one and list {heading!r} under `ignore:`",
                    file=table.path.name,
                    line=table.heading_line,
                    column=heading,
                )
            feeds[key] = [Source(column=heading)]
        if "external_ref" not in feeds:
            raise InputError(
                "no column holds the customer number (客户号); map one, or generate it with a template",
                file=table.path.name,
                line=table.heading_line,
            )
        self.fields = frozenset(feeds)
        self._feeds = [Feed(key, source, columns, mapping) for key, all_ in feeds.items() for source in all_]
        self._ref_column = next(feed.column for feed in self._feeds if feed.key == "external_ref")
        self._custom = [Feed(key, source, columns, mapping) for key, source in mapping.custom.items()]

    def read(self, row: Row) -> Draft | Refusal:
        """A draft, or the refusal that names everything wrong with the row."""
        misshapen = self._check_width(row)
        if misshapen is not None:
            return Refusal(line=row.line, findings=(misshapen,), cells=tuple(row.cells))
        draft = Draft(line=row.line, number=self._number_of(row), cells=row.cells, reader=self)
        findings = [
            *self._take(self._feeds, draft, draft.values),
            *self._take(self._custom, draft, draft.custom),
        ]
        ref = draft.values.pop("external_ref", None)
        if ref is None and not any(finding.column == self._ref_column for finding in findings):
            findings.append(draft.finding("external_ref", "缺少客户号", "the customer number is missing"))
        if findings:
            return Refusal(line=row.line, findings=tuple(findings), cells=tuple(row.cells))
        draft.ref = ref
        return draft

    def shown(self, key: str, row: list[str], number: int) -> tuple[str, str]:
        """The column and the text a field was read from; of several, the first that says something."""
        feeds = [feed for feed in self._feeds if feed.key == key]
        for feed in feeds:
            text = feed.cell(row, number).strip()
            if text:
                return feed.column, text
        return (feeds[0].column if feeds else BY_KEY[key].headings[0]), ""

    def _take(self, feeds: list[Feed], draft: Draft, into: dict[str, Any]) -> list[Finding]:
        """Read each feed into the draft; answers what is wrong."""
        wrong: list[Finding] = []
        row, number, today = draft.cells, draft.number, self._today
        for feed in feeds:
            try:
                value = feed.read(row, number, today)
            except cells.CellError as error:
                text = feed.cell(row, number).strip()
                wrong.append(
                    Finding(line=draft.line, column=feed.column, value=text, zh=error.zh, en=error.en)
                )
                continue
            if value is BLANK:
                continue
            if feed.key in _MANY and value is not None and into.get(feed.key):
                value = list(dict.fromkeys([*into[feed.key], *value]))
            into[feed.key] = value
        return wrong

    def _check_width(self, row: Row) -> Finding | None:
        extra = len(row.cells) - self._width
        if extra > 0 and not any(cell.strip() for cell in row.cells[self._width :]):
            extra = 0
        if extra < 0 and not self._is_csv:
            row.cells.extend([""] * -extra)
            extra = 0
        if extra == 0:
            return None
        count = len(row.cells)
        return Finding(
            line=row.line,
            column="",
            value=str(count),
            zh=f"这一行有 {count} 列，表头有 {self._width} 列；含分隔符的内容请加引号",
            en=f"this row has {count} cells and the heading {self._width}; quote cells that hold the separator",
        )

    def _number_of(self, row: Row) -> int:
        """The row's number in the file it first came from: a mended rejected row keeps its generated values."""
        if self._line_at is not None and row.cells[self._line_at].strip().isdecimal():
            return int(row.cells[self._line_at]) - 1
        return row.line - 1


def _columns_of(table: Table) -> dict[str, int]:
    columns: dict[str, int] = {}
    for index, heading in enumerate(table.headings):
        if not heading:
            continue
        if heading in columns:
            raise InputError(
                "this heading stands twice", file=table.path.name, line=table.heading_line, column=heading
            )
        columns[heading] = index
    return columns


def _check_mapped(table: Table, columns: dict[str, int], mapping: Mapping) -> set[str]:
    """The columns the mapping uses; one the file does not have is an error of the mapping."""
    used: set[str] = set()
    sources = [source for sources in mapping.fields.values() for source in sources]
    for source in (*sources, *mapping.custom.values()):
        if source.column is None:
            continue
        if source.column not in columns:
            near = nearest_heading(source.column, columns)
            hint = f"; did you mean {near!r}?" if near else f"; it has {', '.join(columns)}"
            raise InputError(
                f"{table.path.name} has no column {source.column!r}{hint}",
                file=mapping.name,
                line=source.line,
            )
        used.add(source.column)
    return used


def _field_of(heading: str, table: Table) -> str:
    key = find_field(heading)
    if key is not None:
        return key
    near = nearest_heading(heading)
    advice = f"did you mean {near!r}? " if near else ""
    raise InputError(
        f"unknown column {heading!r}; {advice}Rename it, or list it under `ignore:` or `custom:` of a mapping (--map)",
        file=table.path.name,
        line=table.heading_line,
    )
