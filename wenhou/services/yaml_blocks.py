"""Walking a YAML file a person wrote: every fault names file, line, column, what was expected and the nearest word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any, Final, NoReturn
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from wenhou.core.errors import InputError

_MAX_SIZE: Final = 500_000
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_TIME: Final = re.compile(r"([01]?\d|2[0-3]):[0-5]\d\Z")
_BEIJING: Final = ZoneInfo("Asia/Shanghai")
_LONGEST_SPAN: Final = timedelta(days=62)


_Fail = Callable[[str], NoReturn]


class _WordsOnly(RoundTripConstructor):
    """Days and instants stay as written: the parser's own reading of a zone loses it."""


_WordsOnly.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


def load_block(text: str, file: str) -> Block:
    """The one document of a file; InputError where it is no YAML mapping."""
    if len(text) > _MAX_SIZE:
        raise InputError("the file is larger than any calendar (500 kB)", file=file)
    yaml = YAML(typ="rt", pure=True)
    yaml.Constructor = _WordsOnly
    try:
        document = yaml.load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise InputError(
            f"no valid YAML: {error.problem}", file=file, line=place[0], column=place[1]
        ) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError("no valid YAML", file=file) from error
    if not isinstance(document, Mapping):
        raise InputError("start with `field:` lines, such as `source:` and `workdays:`", file=file, line=1)
    return Block(spec=document, file=file)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One mapping of a file. `zone`: what an instant without one means."""

    spec: Mapping[str, Any]
    file: str
    zone: ZoneInfo = _BEIJING

    def has(self, name: str) -> bool:
        """Whether the field is there and says something."""
        return self.spec.get(name) is not None

    def only(self, *words: str) -> None:
        """Refuse every other field."""
        for name in self.spec:
            if name not in words:
                self.fail(name, f"{name}: no such field; {nearest(name, words)}")

    def blocks(self, name: str) -> list[Block]:
        """The list of blocks under a field; none where it is not there."""
        items = self.items(name)
        for index, item in enumerate(items):
            if not isinstance(item, Mapping):
                self._fail_item(
                    items, index, name, f"{name}: each entry is a block of `field: value` lines, not {item!r}"
                )
        return [Block(spec=item, file=self.file, zone=self.zone) for item in items]

    def items(self, name: str) -> list[Any]:
        """The list under a field, a single word being a list of one."""
        value = self.spec.get(name)
        if value is None:
            return []
        if isinstance(value, Mapping):
            self.fail(name, f"{name}: give a list: lines that begin with `- `")
        return value if isinstance(value, list) else [value]

    def text(self, name: str, default: str | None = None) -> str:
        """A text that is not empty."""
        value = self.spec.get(name, default)
        if not isinstance(value, str) or not value.strip():
            self.fail(name, f"{name} is missing: give a text")
        return str(value).strip()

    def word(self, name: str, words: Iterable[str], default: str | None = None) -> str:
        """One of the legal words."""
        known = list(words)
        value = self.spec.get(name, default)
        if value is None:
            self.fail(name, f"{name} is missing: one of {', '.join(known)}")
        if value not in known:
            self.fail(name, f"{name}: {value!r} is not known here; {nearest(value, known)}")
        return str(value)

    def words(self, name: str, words: Iterable[str]) -> tuple[str, ...]:
        """Some of the legal words, none twice."""
        known = list(words)
        items = self.items(name)
        for index, value in enumerate(items):
            if value not in known:
                self.fail_at(
                    items, index, f"{name}: {value!r} is not known here; {nearest(value, known)}", name
                )
        return tuple(dict.fromkeys(str(value) for value in items))

    def number(self, name: str, least: int, most: int, default: int | None = None) -> int:
        """A whole number within both bounds."""
        value = self.spec.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.fail(name, f"{name} is a whole number from {least} to {most}, not {value!r}")
        return int(value)

    def truth(self, name: str, *, default: bool) -> bool:
        """True or false."""
        value = self.spec.get(name, default)
        if not isinstance(value, bool):
            self.fail(name, f"{name} is true or false, not {value!r}")
        return bool(value)

    def day(self, name: str) -> date:
        """A day such as 2027-02-06."""
        return self._day(self.spec.get(name), partial(self.fail, name), name)

    def days(self, name: str) -> list[date]:
        """Days and spans (2027-02-05..2027-02-11), in the order written."""
        items = self.items(name)
        found: list[date] = []
        for index, item in enumerate(items):
            found += self._span(item, partial(self._fail_item, items, index, name), name)
        return found

    def day_of_item(self, items: list[Any], index: int, name: str) -> date:
        """The day one item of a list is."""
        return self._day(items[index], partial(self._fail_item, items, index, name), name)

    def time(self, name: str) -> time:
        """A time of day such as 09:30."""
        value = self.spec.get(name)
        if not isinstance(value, str) or not _TIME.match(value):
            self.fail(name, f'{name} is a time in quotes like "09:30", not {value!r}')
        hours, minutes = str(value).split(":")
        return time(int(hours), int(minutes))

    def instant(self, name: str) -> datetime:
        """An instant such as 2027-02-05 18:00, in the bank's zone unless it names one (+08:00)."""
        value = self.spec.get(name)
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(name, f"{name} is an instant like 2027-02-05 18:00, not {value!r}")
        if _DAY.match(str(value)):
            self.fail(name, f"{name} needs a time as well: 2027-02-05 18:00, not {value!r}")
        return found if found.tzinfo is not None else found.replace(tzinfo=self.zone)

    def _fail_item(self, items: list[Any], index: int, name: str, sentence: str) -> NoReturn:
        self.fail_at(items, index, sentence, name)

    def fail(self, name: str | None, sentence: str) -> NoReturn:
        """Refuse, at the place of a field (or of the block where the field is missing)."""
        self.fail_at(self.spec, name, sentence)

    def fail_at(self, parent: Any, name: Any, sentence: str, field: str | None = None) -> NoReturn:
        """Refuse, at an item of a list or mapping; `field`: where to look if the list has no place of its own."""
        line = column = None
        if isinstance(parent, CommentedMap | CommentedSeq):
            position = parent.lc.data.get(name) if parent.lc.data else None
            line, column = (position[0], position[1]) if position else (parent.lc.line, parent.lc.col)
        elif field is not None and parent is not self.spec:
            self.fail(field, sentence)
        raise InputError(
            sentence,
            file=self.file,
            line=line + 1 if line is not None else None,
            column=column + 1 if column is not None else None,
        )

    def _span(self, item: Any, fail: _Fail, name: str) -> list[date]:
        first_word, dots, last_word = str(item).partition("..")
        first = self._day(first_word.strip(), fail, name)
        last = self._day(last_word.strip(), fail, name) if dots else first
        if not timedelta(0) <= last - first <= _LONGEST_SPAN:
            fail(f"{name}: {item} is no span: write the first day first, two months at most")
        return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]

    @staticmethod
    def _day(value: Any, fail: _Fail, name: str) -> date:
        text = "" if value is None else str(value)
        if not text:
            fail(f"{name} is missing: a day like 2027-02-06")
        if not _DAY.match(text):
            fail(f"{name} is a day like 2027-02-06, not {text!r}")
        try:
            return date.fromisoformat(text)
        except ValueError:
            fail(f"{name}: there is no day {text}")


def nearest(value: Any, words: Iterable[str]) -> str:
    """The nearest legal word as a question, or all of them."""
    known = [str(word) for word in words]
    near = difflib.get_close_matches(str(value), known, n=1, cutoff=0.5)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"
