"""Texts that no rule can tell apart are one text: characters that no rule names stand for each other.

Every rule treats a Chinese character it does not name like any other such character. So a text with all of them
replaced by one neutral character breaks the same rules at the same places, and is judged once for everybody.
"""

from __future__ import annotations

import functools

from templates.compliance.about import About
from templates.compliance.checks.registry import check_characters
from templates.compliance.patterns import characters_of
from templates.compliance.rules import Rule, RuleBook
from templates.compliance.signs import signs

FIRST, LAST = "\u4e00", "\u9fff"
_KEEP = "零一二三四五六七八九十百千万亿两廿卅幺〇"


class Table(dict[int, int]):
    """For `str.translate`: characters that some rule names, and all that are not Chinese, stay."""

    def __init__(self, known: frozenset[str]) -> None:
        super().__init__()
        self._known = known
        self.neutral = next(chr(code) for code in range(ord(LAST) - 500, 0, -1) if chr(code) not in known)

    def __missing__(self, code: int) -> int:
        char = chr(code)
        is_neutral = FIRST <= char <= LAST and char not in self._known
        if len(self) > 60_000:
            self.clear()
        self[code] = shown = ord(self.neutral) if is_neutral else code
        return shown


@functools.lru_cache(maxsize=512)
def table_for(about: About, book: RuleBook) -> Table:
    """The table that makes a text neutral for an About."""
    own: list[str] = [about.signature, *about.domains]
    if about.product is not None:
        own += [about.product.name, about.product.risk_sentence, about.product.suitable_for]
    if about.rates is not None:
        own += [about.rates.number, *about.rates.figures]
    rules = book.chosen(about).rules
    named = frozenset("".join(own)) | frozenset(_KEEP)
    known = named.union(*(_characters(rule) for rule in rules))
    return Table(known | signs().meaning(known))


@functools.lru_cache(maxsize=2_048)
def _characters(rule: Rule) -> frozenset[str]:
    """Every character that a rule tells apart from others."""
    patterns = (*rule.patterns, *rule.english, *rule.signs, *rule.unless, *rule.unless_english)
    named = [characters_of(one.pattern) for one in patterns]
    return frozenset().union(*named, check_characters(rule.check) if rule.check else frozenset())


def neutral_character(about: About, book: RuleBook) -> str:
    """Return the character that stands for all those that no rule names."""
    return table_for(about, book).neutral


def neutral(text: str, about: About, book: RuleBook) -> str:
    """Return the text as every rule sees it: as long as the text, each character in its place."""
    return text.translate(table_for(about, book))
