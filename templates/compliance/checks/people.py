"""What is not said to a person: a woman's age."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.compliance.reading import Reading, Span

_DIGITS = "零一二三四五六七八九"
_AGE = re.compile(
    r"(?<![\d.])([1-9]\d|1[01]\d|[二三四五六七八九]?十[一二三四五六七八九]?|[二三四五六七八九]十)(?:周)?岁(?!以上|以下|及以上|以内|起|至|到|之前|前|之后|后可)|"
    r"([三四五六七八九]十)(?:大寿|华诞|而立|芳龄|出头)|(?:芳龄|年方|年届|年满|步入|年近)([二三四五六七八九]十|\d\d)"
)
_WOMAN = re.compile(r"女士|小姐(?!姐)|太太|夫人|阿姨|奶奶|姥姥|外婆|妈妈|母亲|女性|大姐|姐姐|女神|女王")
_AGE_ENGLISH = re.compile(
    r"\b(?:turn(?:ing|ed)?|age[d]?|your) (\d{2})(?:th|st|nd|rd)?\b(?! (?:or|and) (?:over|above))"
)
_WOMAN_ENGLISH = re.compile(r"\b(?:ms|mrs|miss|madam|lady|mother)\b")
_OF_AGE = 18  # a girl's eighteenth birthday may be named
_MILESTONE = "birthday_milestone"  # the age is the occasion: the bank chose it and its custom of counting
_CONDITION = re.compile(r"(?:满|年满|未满|不满|凡|须|需)\Z")


def womans_age(reading: Reading) -> Iterator[Span]:
    """An age in years in words to a grown woman."""
    is_female = reading.about.gender == "female"
    if reading.about.gender == "male":
        return
    if reading.about.template == _MILESTONE:
        return
    if is_female or reading.holds(_WOMAN):
        text = reading.folded.text
        for found in _AGE.finditer(text):
            named = found[1] or found[2] or found[3] or ""
            if (
                _years(named) > _OF_AGE
                and _CONDITION.search(text[max(0, found.start() - 2) : found.start()]) is None
            ):
                yield reading.folded.place(*found.span())
    words = reading.english
    if words is not None and (is_female or _WOMAN_ENGLISH.search(words.text)):
        for found in _AGE_ENGLISH.finditer(words.text):
            if int(found[1]) > _OF_AGE:
                yield words.place(*found.span())


def _years(named: str) -> int:
    """The number of years, of digits or of Chinese numerals below a hundred."""
    if named.isdecimal():
        return int(named)
    tens, _, ones = named.partition("十")
    return (_DIGITS.find(tens) if tens else 1) * 10 + (_DIGITS.find(ones) if ones else 0)
