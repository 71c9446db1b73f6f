"""The compliance lint: `lint(text, about)` returns every place where a text breaks a rule.

A text of up to MAX_TEXT characters takes a bounded time (see `patterns.py`). Texts that differ only in characters
no rule knows (王丽 and 李娜 in one greeting) are judged once: see `neutral.py`.
"""

from __future__ import annotations

import functools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate

from templates.compliance.about import About
from templates.compliance.checks.registry import CHECKS
from templates.compliance.folding import Folded, fold_english, fold_sentence
from templates.compliance.levels import Level, LintHit, blocks
from templates.compliance.neutral import neutral
from templates.compliance.reading import Reading, Span
from templates.compliance.rules import Chosen, Rule, RuleBook, bundled_rules
from wenhou.core.errors import TemplateError

__all__ = ["Level", "LintHit", "blocks", "lint"]

MAX_TEXT = 40_000  # characters; longer is refused instead of judged
MAX_PLACES = 20  # of one rule in one text; more tell a person nothing
MAX_HIDDEN = 8  # characters of a word whose parts stand on both sides of marks
_SENTENCE = re.compile(r"[^。！？!?｡\n\r\u2028\u2029]*[。！？!?｡\n\r\u2028\u2029]{0,3}")
Found = dict[int, set[Span]]
"""Rule number → places."""


def lint(text: str, about: About, rules: RuleBook | None = None) -> tuple[LintHit, ...]:
    """Return every place where the text breaks a rule: in the order of the rule file, then of the text.

    `rules` None means those that ship. Raises TemplateError for a text too long to judge.
    """
    if len(text) > MAX_TEXT:
        raise TemplateError(f"text longer than {MAX_TEXT} characters is not judged", code="too_long")
    book = rules or bundled_rules()
    places = places_in(neutral(text, about, book), about, book)
    return hits_at(places, text, about, book) if places else ()


def hits_at(
    places: Sequence[tuple[int, int, int]], text: str, about: About, book: RuleBook
) -> tuple[LintHit, ...]:
    """Hits from (rule number, start, end) over a text."""
    rules = book.chosen(about).rules
    return tuple(_hit(rules[number], text, start, end) for number, start, end in places)


def _hit(rule: Rule, text: str, start: int, end: int) -> LintHit:
    return LintHit(
        rule=rule.id,
        level=rule.level,
        start=start,
        end=end,
        found=text[start:end],
        sentence_zh=rule.sentence_zh,
        sentence_en=rule.sentence_en,
        source=rule.source,
    )


@functools.lru_cache(maxsize=16_384)
def places_in(text: str, about: About, book: RuleBook) -> tuple[tuple[int, int, int], ...]:
    """Rule number (among those chosen for the About), start and end of every hit in a text made neutral."""
    return find_places(text, about, book)


def find_places(text: str, about: About, book: RuleBook) -> tuple[tuple[int, int, int], ...]:
    """The same without remembering it."""
    chosen = book.chosen(about)
    reading = Reading(text, about)
    found: Found = {}
    for number, start, end in _in_sentences(text, chosen):
        found.setdefault(number, set()).add((start, end))
    if reading.bare is not None:
        _look_across_marks(reading.bare, chosen, found)
    if chosen.any_sign.search(text) is not None:
        for number, pattern in chosen.signs:
            for match in pattern.finditer(text):
                found.setdefault(number, set()).add(match.span())
    for number, name in chosen.checks:
        for span in CHECKS[name](reading):
            found.setdefault(number, set()).add(span)
    return tuple(
        (number, start, end) for number in sorted(found) for start, end in _apart(found[number])[:MAX_PLACES]
    )


def _apart(spans: Iterable[Span]) -> list[Span]:
    """Spans in order, those that touch an earlier one of the same rule left out or joined to it."""
    joined: list[Span] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((start, end))
    return joined


def _in_sentences(text: str, chosen: Chosen) -> Iterator[tuple[int, int, int]]:
    """What patterns find: they never look past the end of a sentence, so each sentence is judged once for all texts."""
    start = 0
    for found in _SENTENCE.finditer(text):
        for number, begins, ends in _in_sentence(found.group(), chosen):
            yield number, start + begins, start + ends
        start = found.end()


@functools.lru_cache(maxsize=65_536)
def _in_sentence(sentence: str, chosen: Chosen) -> tuple[tuple[int, int, int], ...]:
    found: Found = {}
    folded = fold_sentence(sentence)
    candidates = chosen.chinese_index.candidates(folded.text)
    if candidates:
        _look(folded, chosen.chinese, candidates, found, _excuser(chosen, "unless", folded))
    words = fold_english(sentence)
    if words is not None and chosen.english:
        candidates = chosen.english_index.candidates(words.text)
        _look(words, chosen.english, candidates, found, _excuser(chosen, "unless_english", words))
    return tuple((number, start, end) for number in found for start, end in found[number])


def _look_across_marks(bare_text: tuple[Folded, tuple[bool, ...]], chosen: Chosen, found: Found) -> None:
    """Words torn apart by marks (稳。赚), of the rules that ask for it."""
    bare, suspicious = bare_text
    marks = _running(suspicious)
    across = [
        one
        for one in chosen.chinese_index.candidates(bare.text)
        if chosen.rules[chosen.chinese[one][0]].across
    ]
    if not across:
        return

    def is_hidden(start: int, end: int) -> bool:
        return end - start <= MAX_HIDDEN and marks[end - 1] > marks[start]

    _look(bare, chosen.chinese, across, found, _excuser(chosen, "unless", bare), is_hidden)


Excuser = Callable[[int, int, int], bool]


def _look(
    folded: Folded,
    patterns: Sequence[tuple[int, re.Pattern[str]]],
    candidates: Sequence[int],
    found: Found,
    is_excused: Excuser,
    counts: Callable[[int, int], bool] | None = None,
) -> None:
    """Put every match of the candidates that nothing excuses into `found`."""
    for candidate in candidates:
        number, pattern = patterns[candidate]
        for match in pattern.finditer(folded.text):
            start, end = match.span()
            if (
                start == end
                or (counts is not None and not counts(start, end))
                or is_excused(number, start, end)
            ):
                continue
            places = found.setdefault(number, set())
            if len(places) >= 4 * MAX_PLACES:
                break
            places.add(folded.place(start, end))


def _excuser(chosen: Chosen, which: str, folded: Folded) -> Excuser:
    """Whether an `unless` of the rule covers a whole match; an exception elsewhere in the text excuses nothing."""
    known: dict[int, tuple[list[int], list[int]]] = {}

    def is_excused(number: int, start: int, end: int) -> bool:
        if number not in known:
            patterns: tuple[re.Pattern[str], ...] = getattr(chosen.rules[number], which)
            spans = sorted(match.span() for one in patterns for match in one.finditer(folded.text))
            merged = _outermost(spans)
            known[number] = [span[0] for span in merged], [span[1] for span in merged]
        starts, ends = known[number]
        place = bisect_right(starts, start) - 1
        return place >= 0 and ends[place] >= end

    return is_excused


def _outermost(spans: Sequence[Span]) -> list[Span]:
    """Those of the sorted spans that no other one covers; two that overlap stay two."""
    kept: list[Span] = []
    for start, end in spans:
        if kept and end <= kept[-1][1]:
            continue
        if kept and kept[-1][0] == start:
            kept.pop()
        kept.append((start, end))
    return kept


def _running(suspicious: Sequence[bool]) -> list[int]:
    """How many suspicious gaps stand before each character."""
    return [0, *accumulate(map(int, suspicious))]
