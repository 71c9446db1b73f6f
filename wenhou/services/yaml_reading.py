"""Reading a YAML file a person wrote: each complaint names file, line, what was expected and the nearest legal word.

`load_documents` parses; a `YamlReader` walks what came out. Readers of one kind of document (campaigns, audiences,
tiers, tags) are built on it, so that they all complain alike.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from wenhou.core.errors import InputError

MAX_SIZE = 200_000
"""Characters of the largest file anybody could mean."""
_TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d\Z")
_DATE = re.compile(r"(?<![\w-])\d{4}-\d{2}-\d{2}(?![\w-])")
_REQUIRED: Any = object()


def load_documents(text: str, file: str) -> list[Any]:
    """Every document of a YAML file (`---` between several), with its positions; InputError where it is no YAML."""
    if len(text) > MAX_SIZE:
        raise InputError(f"the file is larger than any that is meant ({MAX_SIZE // 1000} kB)", file=file)
    yaml = YAML(typ="rt", pure=True)
    try:
        return [document for document in yaml.load_all(text) if document is not None]
    except MarkedYAMLError as error:
        mark = error.problem_mark
        raise InputError(
            f"no valid YAML: {error.problem}",
            file=file,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        ) from error
    except (YAMLError, ValueError) as error:
        line, column, day = _impossible_day(text)
        if day is not None:
            raise InputError(
                f"{day} is no day of the calendar", file=file, line=line, column=column
            ) from error
        raise InputError(f"no valid YAML: {error}", file=file) from error


def _impossible_day(text: str) -> tuple[int | None, int | None, str | None]:
    """Where the first date stands that no calendar has: YAML itself takes 2027-02-30 for a date, and names no place."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _DATE.finditer(line.partition("#")[0]):
            try:
                date.fromisoformat(found[0])
            except ValueError:
                return number, found.start() + 1, found[0]
    return None, None, None


def plain(value: Any) -> Any:
    """The document as plain dicts, lists and values, without positions: what is kept as JSON."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, str) else value


class YamlReader:
    """Knows the file for its complaints; every method either gives a checked value or raises InputError."""

    def __init__(self, file: str) -> None:
        self.file = file

    def mapping(self, value: Any, what: str, *, parent: Any, name: Any) -> Mapping[str, Any]:
        """A block of `field: value` lines."""
        if not isinstance(value, Mapping):
            self.fail(parent, name, f"{what} must be a block of `field: value` lines")
        return value

    def known(self, top: Mapping[str, Any], words: Iterable[str], prefix: str = "") -> None:
        """Refuse a field that is none of `words`; `prefix` names the block, e.g. "trigger."."""
        known = list(words)
        for name in top:
            if name not in known:
                self.fail(top, name, f"{prefix}{name}: no such field; {self.not_known(name, known)}")

    def text(self, top: Mapping[str, Any], name: str, default: str | None = None) -> str:
        """A text that says something."""
        value = top.get(name, default)
        if not isinstance(value, str) or not value.strip():
            self.fail(top, name, f"{name} is missing: give a text")
        return str(value)

    def word(
        self, top: Mapping[str, Any], name: str, words: Iterable[str], default: str | None = None
    ) -> str:
        """One of `words`."""
        value = top.get(name, default)
        known = list(words)
        if value is None:
            self.fail(top, name, f"{name} is missing: one of {', '.join(known)}")
        if value not in known:
            self.fail(top, name, f"{name}: {self.not_known(value, known)}")
        return str(value)

    def words(
        self, top: Mapping[str, Any], name: str, words: Iterable[str], default: Iterable[str] | None = None
    ) -> tuple[str, ...]:
        """A list of some of `words`, none twice, at least one."""
        value = top.get(name, default)
        known = list(words)
        if not isinstance(value, list | tuple) or not value:
            self.fail(top, name, f"{name}: give a list; known: {', '.join(known)}")
        for one in value:
            if one not in known:
                self.fail(top, name, self.not_known(one, known))
            if list(value).count(one) > 1:
                self.fail(top, name, f"{name}: {one} stands twice")
        return tuple(str(one) for one in value)

    def number(
        self, top: Mapping[str, Any], name: str, default: int = _REQUIRED, *, least: int, most: int
    ) -> int:
        """A whole number from `least` to `most`; required where no default is given."""
        value = top.get(name, default)
        if value is _REQUIRED:
            self.fail(top, name, f"{name} is missing: a whole number from {least} to {most}")
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(top, name, f"{name} is a whole number, not {value!r}")
        if name in top and not least <= value <= most:
            self.fail(top, name, f"{name} is between {least} and {most}, not {value}")
        return int(value)

    def truth(self, top: Mapping[str, Any], name: str, *, default: bool | None = None) -> bool:
        """True or false; required where no default is given."""
        value = top.get(name, default)
        if not isinstance(value, bool):
            self.fail(top, name, f"{name} is true or false, not {value!r}")
        return value

    def time(self, top: Mapping[str, Any], name: str, default: str | None = None) -> time:
        """A time of day, in quotes: unquoted, YAML takes 09:30 for a number."""
        value = top.get(name, default)
        if not isinstance(value, str) or not _TIME.match(value):
            self.fail(top, name, f'{name} is a time in quotes like "09:30", not {value!r}')
        hours, minutes = str(value).split(":")
        return time(int(hours), int(minutes))

    def date(self, top: Mapping[str, Any], name: str) -> date:
        """A date, 2027-03-01."""
        value = top.get(name)
        if isinstance(value, date) and type(value).__name__ != "datetime":
            return date(value.year, value.month, value.day)
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(top, name, f"{name} is a date like 2027-03-01, not {value!r}")

    def not_known(self, value: Any, known: Iterable[str]) -> str:
        """The half-sentence that names the nearest legal word, or all of them when none is near."""
        words = list(known)
        near = difflib.get_close_matches(str(value), words, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(words) or 'none'}"
        return f"{value!r} is not known here; {hint}"

    def fail(self, parent: Any, name: Any, sentence: str) -> NoReturn:
        """Complain where `name` (a field, or an index of a list) stands in `parent`."""
        line = column = None
        if isinstance(parent, CommentedMap | CommentedSeq):
            position = parent.lc.data.get(name) if parent.lc.data else None
            line, column = (position[0], position[1]) if position else (parent.lc.line, parent.lc.col)
        raise InputError(
            sentence,
            file=self.file,
            line=line + 1 if line is not None else None,
            column=column + 1 if column is not None else None,
        )
