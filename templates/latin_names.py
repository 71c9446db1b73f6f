"""Names in Latin letters: which word is the surname, and when nobody can tell."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from templates.surnames import PINYIN, ROMANISED

PREFIXES = {
    "mr": "Mr", "mrs": "Mrs", "ms": "Ms", "miss": "Ms", "dr": "Dr", "prof": "Prof", "professor": "Prof", "sir": "Sir",
}  # fmt: skip
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_PARTICLES = frozenset("van von der den de la le da dos del di du el ter ten zu af av della".split())
_PATRONYMS = frozenset("bin binti bint ibn abu al a/l".split())
_PINYIN_SURNAMES = frozenset(latin.lower() for latin in PINYIN.values())
_PINYIN = re.compile(r"(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?[aeiouüv]{1,3}(?:ng|n|r)?)+\Z")
_WORD = re.compile(r"[^\W\d_][^\W\d_.'’\-]*(?:[.'’\-][^\W\d_]*)*\Z")
_MOST_WORDS = 6
_MOST_CERTAIN = 3  # words; with four somebody may have two surnames


@dataclass(frozen=True, slots=True, kw_only=True)
class LatinName:
    """A name taken apart. `prefix`: Mr, Dr …, "" when none stood there. `surname`: "" where nobody can tell."""

    prefix: str
    full: str
    surname: str


def read(name: str) -> LatinName | None:
    """Return the name's parts; None when it is no name (a letter, figures, signs, xxx, far too many words)."""
    told = "," in name  # "Smith, Anna" says which one is the surname
    if told:
        last, _, first = name.partition(",")
        if last.strip().rstrip(".").lower() in PREFIXES:
            return None
        name = f"{first.strip()} {last.strip()}"
    prefix, words = _words(name)
    if not words or len(words) > _MOST_WORDS or not all(_WORD.match(word) for word in words):
        return None
    alone = words[0].lower() if len(words) == 1 else ""
    if alone and (len(set(alone)) == 1 or alone.rstrip(".") in PREFIXES):  # X, xxx, Mr
        return None
    marked = [word for word in words if _is_marked(word)]
    if len(marked) == 1 and len(words) > 1:  # "WANG Wei", "John SMITH": passports mark the surname so
        surname = _cased(marked[0])
        return LatinName(
            prefix=prefix,
            full=" ".join(_cased(one) if one == marked[0] else one for one in words),
            surname=surname,
        )
    words = _proper(words)
    surname = _last_words(words) if told else _surname(words)
    known = len(words) > 1 or prefix
    return LatinName(prefix=prefix, full=" ".join(words), surname=surname if known else "")


def _is_marked(word: str) -> bool:
    """Whether a word in capitals is a surname, no initials: J.R., PJ."""
    if not word.isupper() or "." in word or len(word) == 1:
        return False
    return len(word) > 2 or word.lower() in _PINYIN_SURNAMES | ROMANISED


def _words(name: str) -> tuple[str, list[str]]:
    words = name.split()
    prefix = PREFIXES.get(words[0].rstrip(".").lower(), "") if len(words) > 1 else ""
    words = words[1:] if prefix else words
    while len(words) > 1 and words[-1].rstrip(".").lower() in _SUFFIXES:
        words = words[:-1]
    return prefix, words


def _proper(words: list[str]) -> list[str]:
    """JOHN SMITH and john smith as John Smith; whatever has both cases stays as it was written."""
    joined = "".join(words)
    if not (joined.isupper() or joined.islower()):
        return words
    return [
        word.lower() if number > 0 and word.lower() in _PARTICLES else _cased(word)
        for number, word in enumerate(words)
    ]


def _cased(word: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda found: found[0].capitalize(), word)


def _surname(words: list[str]) -> str:
    """The surname; "" for patronyms, for names that may begin with it, for other scripts, for four words and more."""
    if not all(unicodedata.name(word[0], "").startswith(("LATIN", "CJK")) for word in words):
        return ""  # Cyrillic lists begin with the surname as often as they end with it
    first, last = _plain(words[0]), _plain(words[-1])
    if any(_plain(word) in _PATRONYMS for word in words):
        return ""
    if len(words) > 1 and first in _PINYIN_SURNAMES and last not in _PINYIN_SURNAMES | ROMANISED:
        return words[0] if len(words) == 2 and _PINYIN.match(last) else ""
    if len(words) > 1 and first in _PINYIN_SURNAMES | ROMANISED:
        return ""
    surname = _last_words(words)
    certain = len(words) - len(surname.split()) < _MOST_CERTAIN
    return surname if certain else ""


def _last_words(words: list[str]) -> str:
    start = len(words) - 1
    while start > 0 and words[start - 1].lower() in _PARTICLES:
        start -= 1
    return " ".join(words[start:])


def _plain(word: str) -> str:
    """Lower case without accents: Nguyễn as nguyen."""
    apart = unicodedata.normalize("NFD", word.lower())
    return "".join(char for char in apart if not unicodedata.combining(char))
