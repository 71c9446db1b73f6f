"""Reads `signs.yaml`: which signs, parts, syllables and sounds stand for which characters."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

SIGNS_FILE = Path(__file__).parent / "signs.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """The tables of the fold. `single`: one character for one; `words`: several for one or more."""

    single: Mapping[str, str]
    words: Mapping[str, str]
    syllables: Mapping[str, str]
    any_word: re.Pattern[str]
    any_syllables: re.Pattern[str]

    def meaning(self, known: frozenset[str]) -> frozenset[str]:
        """The characters that may come to mean one of the known ones, by themselves or as part of a word or sign."""
        words = frozenset(char for written in self.words for char in written)
        named = known | words
        return words | frozenset(
            written for written, meant in self.single.items() if named.intersection(meant)
        )


@functools.lru_cache(maxsize=1)
def signs() -> Signs:
    """Return the tables, read once."""
    tables = YAML(typ="safe").load(SIGNS_FILE.read_text(encoding="utf-8"))
    single = {
        pair[0]: pair[1]
        for name in ("simplified", "letters")
        for pair in tables[name].split()
        if pair[0] != pair[1]
    }
    single |= tables["similar"]
    words = tables["components"] | tables["sounds"]
    syllables = tables["pinyin"]
    one_of = "|".join(sorted(syllables, key=len, reverse=True))
    return Signs(
        single=single,
        words=words,
        syllables=syllables,
        any_word=re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True)))),
        any_syllables=re.compile(rf"(?<![a-z])(?:{one_of}){{1,12}}(?![a-z])"),
    )


@functools.lru_cache(maxsize=4_096)
def syllables_of(run: str) -> tuple[str, ...]:
    """The syllables a run of letters is made of, longest first; empty when it is not made of them."""
    known = signs().syllables
    ways: list[tuple[str, ...] | None] = [()] + [None] * len(run)
    for end in range(1, len(run) + 1):
        for start in range(max(0, end - 6), end):
            way = ways[start]
            if way is not None and run[start:end] in known:
                ways[end] = (*way, run[start:end])
                break
    return ways[-1] or ()
