"""A text with the places that break a rule: runs of words, each with the rules it stands under."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from templates.compliance.levels import Level, LintHit

_ORDER = (Level.BLOCK, Level.RAISE, Level.WARN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A run of text. `level` "" where nothing is wrong, else that of the worst rule; `rules`: all of them."""

    text: str
    level: str = ""
    rules: tuple[str, ...] = ()


def runs(text: str, hits: Sequence[LintHit]) -> tuple[Run, ...]:
    """The whole text in runs; a rule about something missing has no place in it and marks nothing."""
    placed = [one for one in hits if one.end > one.start]
    edges = sorted({0, len(text), *(min(end, len(text)) for one in placed for end in (one.start, one.end))})
    found = []
    for first, last in itertools.pairwise(edges):
        under = [one for one in placed if one.start <= first and one.end >= last]
        level = next((one for one in _ORDER if any(hit.level is one for hit in under)), None)
        found.append(
            Run(
                text=text[first:last],
                level=level.value if level else "",
                rules=tuple(dict.fromkeys(one.rule for one in under)),
            )
        )
    return tuple(found)


def sorted_hits(hits: Sequence[LintHit]) -> tuple[LintHit, ...]:
    """The worst first, then by place."""
    return tuple(sorted(hits, key=lambda one: (_ORDER.index(one.level), one.start)))
