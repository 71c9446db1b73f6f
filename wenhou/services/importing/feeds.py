"""One source of one field, bound to a file: a row's cells to a value. What it has read before it answers from memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from wenhou.services.importing import cells
from wenhou.services.importing.fields import BY_KEY
from wenhou.services.importing.mapping import Mapping, Source

BLANK: Final = object()
"""What a blank cell says: nothing."""
_REMEMBERED: Final = 2048
"""Texts kept a feed: tiers, tags and days repeat, numbers and names soon fill it and do no harm."""

CellReader = Callable[[list[str], int], str]
"""(cells of the row, the row's number) → text."""


class Feed:
    """Reads one field. `column` is what people are told: the file's heading, else our own."""

    __slots__ = ("_clearable", "_memory", "_parse", "_source", "cell", "column", "key")

    def __init__(self, key: str, source: Source, columns: dict[str, int], mapping: Mapping) -> None:
        known = BY_KEY.get(key)
        self.key = key
        self.column = source.column or (known.headings[0] if known is not None else key)
        self.cell = _cell_of(key, source, columns, mapping)
        self._source = source
        self._parse = known.parse if known is not None else cells.text(200)
        if source.age_in_year is not None:
            self._parse = cells.birth_year_in(source.age_in_year)
        self._clearable = known is None or known.clearable
        self._memory: dict[str, Any] = {}

    def read(self, row: list[str], number: int, today: date) -> Any:
        """The value, None where the cell clears, `BLANK` where it says nothing; raises CellError."""
        text = self.cell(row, number)
        if text in self._memory:
            return self._memory[text]
        value = self._understand(text.strip(), today)
        if len(self._memory) < _REMEMBERED:
            self._memory[text] = value
        return value

    def _understand(self, text: str, today: date) -> Any:
        text = self._translate(text)
        if not text:
            return BLANK
        if text != cells.CLEAR:
            return self._parse(text, today)
        if not self._clearable:
            raise cells.CellError(
                "此列不能用 \\N 清空；留空表示不变", "this field cannot be cleared; leave it blank to keep it"
            )
        return None

    def _translate(self, text: str) -> str:
        """By the mapping's value map, where it has one."""
        source = self._source
        if source.values is None or text == cells.CLEAR:
            return text
        mapped = source.values.get(text)
        if mapped is not None:
            return mapped
        if source.otherwise == "refuse" and text:
            legal = "、".join(source.values)
            raise cells.CellError(f"应为：{legal}", f"must be one of: {legal}")
        return "" if source.otherwise == "blank" else text


def _cell_of(key: str, source: Source, columns: dict[str, int], mapping: Mapping) -> CellReader:
    if source.column is not None:
        index = columns[source.column]
        return lambda row, _number: row[index]
    if source.constant is not None:
        constant = source.constant
        return lambda _row, _number: constant
    if source.template is not None:
        template = source.template
        return lambda _row, number: template.format(row=number)
    maker, seed = source.maker, mapping.seed or 0
    if maker is None:
        msg = "a source has an origin"
        raise AssertionError(msg)
    return lambda _row, number: maker(seed, key, number)
