"""The lint at planning: a wording is judged once, and for each customer only what its values change.

A wording is text with marks (`mark("salutation")`) where values will stand. `prepare` judges it once for an About.
`value_hits` answers for one rendering exactly what `lint` of the whole text would answer; it looks at the values
first: characters that no rule names are all alike (`neutral.py`), so most names have been seen before, and a
rendering is judged anew only when its values differ in something a rule can tell apart.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from templates.compliance.about import About
from templates.compliance.levels import LintHit
from templates.compliance.lint import hits_at, lint, places_in
from templates.compliance.neutral import neutral, neutral_character
from templates.compliance.rules import RuleBook, bundled_rules

_OPEN, _CLOSE = "\ue000", "\ue001"  # private-use characters: no text of a bank holds them
_MARK = re.compile(f"{_OPEN}([a-z][a-z0-9_]{{0,39}}){_CLOSE}")
_MOST_KNOWN = 20_000
_Places = tuple[tuple[int, int, int], ...]


def mark(name: str) -> str:
    """Return the mark that stands for the value `name` in a wording's text."""
    return f"{_OPEN}{name}{_CLOSE}"


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """A wording judged once. `pieces` stand before, between and after the values named by `names`.

    `static_hits` are those of the words alone, each value taken for two characters no rule names.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    about: About
    book: RuleBook
    static_hits: tuple[LintHit, ...]
    known: dict[tuple[str, ...], _Places] = field(default_factory=dict)

    def rendered(self, values: Mapping[str, str]) -> str:
        """The text with its values; KeyError for a value that is not given."""
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts += (values[name], piece)
        return "".join(parts)


def prepare(source: str, about: About, rules: RuleBook | None = None) -> Wording:
    """Judge a wording's text, with marks where values stand, once for an About.

    Raises TemplateError for a text too long to judge. Call it once a version, wording, channel and About, and keep it.
    """
    book = rules or bundled_rules()
    parts = _MARK.split(source)
    pieces, names = tuple(parts[::2]), tuple(parts[1::2])
    alone = _MARK.sub(neutral_character(about, book) * 2, source)
    return Wording(pieces, names, about, book, lint(alone, about, book))


def value_hits(wording: Wording, values: Mapping[str, str]) -> tuple[LintHit, ...]:
    """Return the hits of a wording with these values: the same as `lint` of the whole text, places included.

    `values` by name; KeyError for one that is missing. About a microsecond when values like these were seen before.
    """
    seen = tuple(_seen(values[name], wording.about, wording.book) for name in wording.names)
    places = wording.known.get(seen)
    if places is None:
        places = _judged(wording, seen)
    return hits_at(places, wording.rendered(values), wording.about, wording.book) if places else ()


def _judged(wording: Wording, seen: tuple[str, ...]) -> _Places:
    if len(wording.known) >= _MOST_KNOWN:
        wording.known.clear()
    parts = [wording.pieces[0]]
    for value, piece in zip(seen, wording.pieces[1:], strict=True):
        parts += (value, piece)
    places = places_in("".join(parts), wording.about, wording.book)
    wording.known[seen] = places
    return places


@functools.lru_cache(maxsize=65_536)
def _seen(value: str, about: About, book: RuleBook) -> str:
    """A value as rules see it: every character that none of them names is the same one."""
    return neutral(value, about, book)
