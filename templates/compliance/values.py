"""The lint at planning: a wording is judged once, and for each customer only what its values change.

A wording is text with marks (`mark("salutation")`) where values will stand. `prepare` judges it once for an About.
`value_hits` answers for one rendering exactly what `lint` of the whole text would answer; it looks at the values
first: characters that no rule names are all alike (`neutral.py`), so most names have been seen before, and a
rendering is judged anew only when its values differ in something a rule can tell apart.

Names in different sentences are looked at one by one: no pattern reaches past a sentence, so a customer's name and an
advisor's that break nothing alone break nothing together. Of some hundred names each that is some hundred looks a
wording instead of ten thousand. `_alone` says when this holds; where it does not, the whole is judged.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from templates.compliance.about import About
from templates.compliance.checks.registry import check_characters
from templates.compliance.levels import LintHit
from templates.compliance.lint import MAX_HIDDEN, find_places, hits_at, lint
from templates.compliance.neutral import Table, neutral_character, table_for
from templates.compliance.patterns import characters_of
from templates.compliance.rules import RuleBook, bundled_rules

_OPEN, _CLOSE = "\ue000", "\ue001"  # private-use characters: no text of a bank holds them
_MARK = re.compile(f"{_OPEN}([a-z][a-z0-9_]{{0,39}}){_CLOSE}")
_MOST_KNOWN = 20_000
_CALM = re.compile(
    r"[\u4e00-\u9fffA-Za-z]+"
)  # no mark that ends a sentence, no digit, nothing that folds away
_STOP = re.compile(r"[。！？!?｡\n\r\u2028\u2029]")
OFTEN = 64  # renderings of a wording judged whole before looking at its names one by one pays
_APART = MAX_HIDDEN + 1  # letters: a word torn apart by marks is no longer than that
_Places = tuple[tuple[int, int, int], ...]


def mark(name: str) -> str:
    """Return the mark that stands for the value `name` in a wording's text."""
    return f"{_OPEN}{name}{_CLOSE}"


@dataclass(frozen=True, slots=True, eq=False)
class Wording:
    """A wording judged once. `pieces` stand before, between and after the values named by `names`.

    `static_hits` are those of the words alone, each value taken for two characters no rule names. `groups`: the values
    by number, together where they stand in one sentence. `known`, `harmless`: what was judged before. `often`: how many
    renderings are judged whole before the names are looked at one by one.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...]
    about: About
    book: RuleBook
    static_hits: tuple[LintHit, ...]
    table: Table
    often: int
    groups: tuple[tuple[int, ...], ...] = ()
    known: dict[tuple[str, ...], _Places] = field(default_factory=dict)
    harmless: dict[tuple[object, ...], bool] = field(default_factory=dict)

    def rendered(self, values: Mapping[str, str]) -> str:
        """The text with its values; KeyError for a value that is not given."""
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts += (values[name], piece)
        return "".join(parts)


def prepare(source: str, about: About, rules: RuleBook | None = None, *, often: int = OFTEN) -> Wording:
    """Judge a wording's text, with marks where values stand, once for an About.

    Raises TemplateError for a text too long to judge. Call it once a version, wording, channel and About, and keep it.
    """
    book = rules or bundled_rules()
    parts = _MARK.split(source)
    pieces, names = tuple(parts[::2]), tuple(parts[1::2])
    alone = _MARK.sub(neutral_character(about, book) * 2, source)
    return Wording(
        pieces, names, about, book, lint(alone, about, book), table_for(about, book), often, _groups(pieces)
    )


def value_hits(wording: Wording, values: Mapping[str, str]) -> tuple[LintHit, ...]:
    """Return the hits of a wording with these values: the same as `lint` of the whole text, places included.

    `values` by name; KeyError for one that is missing. About a microsecond when values like these were seen before.
    """
    seen = tuple(values[name].translate(wording.table) for name in wording.names)
    places = wording.known.get(seen)
    if places is None:
        is_met_often = len(wording.known) >= wording.often
        places = () if is_met_often and _alone(wording, seen) else _judged(wording, seen)
    return hits_at(places, wording.rendered(values), wording.about, wording.book) if places else ()


def _judged(wording: Wording, seen: tuple[str, ...]) -> _Places:
    if len(wording.known) >= _MOST_KNOWN:
        wording.known.clear()
    parts = [wording.pieces[0]]
    for value, piece in zip(seen, wording.pieces[1:], strict=True):
        parts += (value, piece)
    places = find_places("".join(parts), wording.about, wording.book)
    wording.known[seen] = places
    return places


def _groups(pieces: tuple[str, ...]) -> tuple[tuple[int, ...], ...]:
    """Values by number, in one group where no sentence ends between them or too few letters stand there."""
    groups: list[list[int]] = []
    for number in range(len(pieces) - 1):
        between = pieces[number]
        letters = sum(char.isalnum() for char in between)
        if number and (letters < _APART or _STOP.search(between) is None):
            groups[-1].append(number)
        else:
            groups.append([number])
    return tuple(map(tuple, groups))


def _alone(wording: Wording, seen: tuple[str, ...]) -> bool:
    """Whether the values break nothing, as far as looking at each group by itself can tell; False: judge the whole.

    It can tell when the words alone break nothing, all values are plain names, and at most one group holds a character
    that some check names: a check looks at the whole text, patterns do not.
    """
    if len(wording.groups) < 2 or wording.static_hits or not all(map(_CALM.fullmatch, seen)):
        return False
    named = _named_by_checks(wording.about, wording.book)
    loaded = sum(any(not named.isdisjoint(seen[one]) for one in group) for group in wording.groups)
    return loaded <= 1 and all(_is_harmless(wording, group, seen) for group in wording.groups)


def _is_harmless(wording: Wording, group: tuple[int, ...], seen: tuple[str, ...]) -> bool:
    """Whether a group's values break nothing when all others are names that no rule knows, each as long as it is."""
    blank = wording.table.neutral
    shown = tuple(one if number in group else blank * len(one) for number, one in enumerate(seen))
    key = (group, *(one if number in group else len(one) for number, one in enumerate(seen)))
    known = wording.harmless.get(key)
    if known is None:
        if len(wording.harmless) >= _MOST_KNOWN:
            wording.harmless.clear()
        known = wording.harmless[key] = not _judged(wording, shown)
    return known


@functools.lru_cache(maxsize=64)
def _named_by_checks(about: About, book: RuleBook) -> frozenset[str]:
    """Characters that checks and patterns over the text as it stands name: these look past a sentence's end."""
    rules = book.chosen(about).rules
    checks = (check_characters(rule.check) for rule in rules if rule.check)
    patterns = (characters_of(sign.pattern) for rule in rules for sign in rule.signs)
    return frozenset().union(*checks, *patterns)
