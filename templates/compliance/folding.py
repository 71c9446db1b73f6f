"""The fold: one plain form of a text in which tricks are undone, with the way back to the original places.

Undone are full-width and styled letters, case, invisible signs, blanks, punctuation and emoji inside words,
look-alike letters and characters, traditional characters, characters written in parts, pinyin, words replaced
by others of the same sound. What is left: letters, digits, a few signs between digits, `，` for the end of a clause
and `。` for the end of a sentence. `signs.yaml` holds the tables.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from templates.compliance.signs import signs, syllables_of

CLAUSE, SENTENCE = "，", "。"
SCRAP = 2  # characters between two marks: too few for a clause, so the marks may be there to hide a word
_A_MARK = re.compile(f"[{CLAUSE}{SENTENCE}]")
_A_SCRAP = re.compile(
    rf"(?:(?<=[{CLAUSE}{SENTENCE}])|\A)[^{CLAUSE}{SENTENCE}]{{1,{SCRAP}}}(?:(?=[{CLAUSE}{SENTENCE}])|\Z)"
)
_CLAUSE_MARKS = frozenset("，,、：:;；…—")
_SENTENCE_MARKS = frozenset("。！？!?\n\r\u2028\u2029｡")
_SENTENCES = re.compile(
    r"[^。！？!?｡\n\r\u2028\u2029]*[。！？!?｡\n\r\u2028\u2029]|[^。！？!?｡\n\r\u2028\u2029]+\Z"
)
_BETWEEN_DIGITS = {".": ".", ",": "", ":": ":", "：": ":", "-": "-", "/": "/", "~": "-", "～": "-", "－": "-", "．": ".",
                   "–": "-", "—": "-", "‐": "-", "，": "", "\u2212": "-", "／": "/", "至": "-"}  # fmt: skip
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u180e\ufeff")
_KEPT = frozenset("%‰¥$€+")
_ZERO_LETTERS = re.compile(
    r"(?<=\d)[o〇]{1,6}(?=[\d%元块万岁])|(?<![a-z0-9])[o〇](?=风险|亏损|损失|本金损失)"
)
_ONE_LETTERS = re.compile(r"(?<![a-z])[li](?=[0o]{2}[%分])")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text; `starts[i]` and `ends[i]` are the original places that its character i came from."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The original places of a piece of the folded text, of at least one character."""
        return self.starts[start], self.ends[end - 1]


class _Characters(dict[str, str]):
    """What each character becomes: nothing, itself, or others; worked out once a character."""

    def __missing__(self, char: str) -> str:
        if len(self) > 100_000:
            self.clear()
        self[char] = folded = _fold_char(char)
        return folded


def _fold_char(char: str) -> str:
    if char in _SENTENCE_MARKS:
        return SENTENCE
    if char in _CLAUSE_MARKS:
        return CLAUSE
    if char in _FILLERS:
        return ""
    single = signs().single
    kept = []
    for one in unicodedata.normalize("NFKC", single.get(char, char)).lower():
        plain = single.get(one, one)
        if plain.isalpha() and ord(plain) < 0x250:
            plain = unicodedata.normalize("NFD", plain)[0]
        if plain.isalnum() or plain in _KEPT:
            kept.append(plain)
        elif plain in _CLAUSE_MARKS and one != char:
            kept.append(CLAUSE)
    return "".join(kept)


_CHARACTERS = _Characters()
_gone: set[str] = set()
_several: set[str] = set()
"""Characters met so far that become none, or more than one."""


class _Translation(dict[int, str]):
    """For `str.translate`; notes the characters that become none or several."""

    def __missing__(self, code: int) -> str:
        if len(self) > 100_000:
            self.clear()
        folded = _CHARACTERS[chr(code)]
        if len(folded) != 1:
            (_several if folded else _gone).add(chr(code))
        self[code] = folded
        return folded


_TRANSLATION = _Translation()
_JOINED_DIGITS = re.compile(rf"\d[{re.escape(''.join(_BETWEEN_DIGITS))}]\d")


def fold(text: str) -> Folded:
    """Return the folded text with its way back; each sentence is folded once for all texts that hold it."""
    sentences = _SENTENCES.findall(text)
    if len(sentences) < 2:
        return fold_sentence(text)
    folds = [fold_sentence(sentence) for sentence in sentences]
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for sentence, folded in zip(sentences, folds, strict=True):
        starts += [at + place for place in folded.starts]
        ends += [at + place for place in folded.ends]
        at += len(sentence)
    return Folded("".join(folded.text for folded in folds), starts, ends)


@functools.lru_cache(maxsize=65_536)
def fold_sentence(text: str) -> Folded:
    """The fold of one sentence: nothing in it looks past a sentence's end."""
    folded = _changed(_characters(text), signs().any_word, signs().words)
    if folded.text.isascii() or any("a" <= char <= "z" for char in folded.text):
        folded = _spelt_out(folded)
    if "o" in folded.text or "〇" in folded.text:
        folded = _digits_for(_digits_for(folded, _ZERO_LETTERS, "0"), _ONE_LETTERS, "1")
    return folded


def _characters(text: str) -> Folded:
    plain = text.translate(_TRANSLATION)
    if _several.isdisjoint(text) and _JOINED_DIGITS.search(text) is None:
        if _gone.isdisjoint(text):
            return Folded(plain, range(len(text)), range(1, len(text) + 1))
        stood = [place for place, char in enumerate(text) if char not in _gone]
        return Folded(plain, stood, [place + 1 for place in stood])
    kept: list[str] = []
    places: list[int] = []
    last = len(text) - 1
    for place, char in enumerate(text):
        if (
            char in _BETWEEN_DIGITS
            and 0 < place < last
            and text[place - 1].isdecimal()
            and text[place + 1].isdecimal()
        ):
            folded = _BETWEEN_DIGITS[char]
        else:
            folded = _CHARACTERS[char]
        for one in folded:
            kept.append(one)
            places.append(place)
    return Folded("".join(kept), places, [place + 1 for place in places])


def _changed(folded: Folded, pattern: re.Pattern[str], words: Mapping[str, str]) -> Folded:
    """The text with words of a table put in place of others."""
    pieces = [(found.start(), found.end(), words[found.group()]) for found in pattern.finditer(folded.text)]
    return _replaced(folded, pieces)


def _digits_for(folded: Folded, pattern: re.Pattern[str], digit: str) -> Folded:
    pieces = [
        (found.start(), found.end(), digit * len(found.group())) for found in pattern.finditer(folded.text)
    ]
    return _replaced(folded, pieces)


def _spelt_out(folded: Folded) -> Folded:
    """Runs of letters that are Chinese syllables, as characters; a lone syllable only beside a character (保ben)."""
    pieces = []
    text = folded.text
    for found in signs().any_syllables.finditer(text):
        syllables = syllables_of(found.group())
        beside = text[found.start() - 1 : found.start()] + text[found.end() : found.end() + 1]
        if len(syllables) > 1 or any(_is_han(char) for char in beside):
            start = found.start()
            for syllable in syllables:
                pieces.append((start, start + len(syllable), signs().syllables[syllable]))
                start += len(syllable)
    return _replaced(folded, pieces)


def _replaced(folded: Folded, pieces: Sequence[tuple[int, int, str]]) -> Folded:
    """Pieces (start, end, new words) put in, in order; each new character stands for the whole piece or its own place."""
    if not pieces:
        return folded
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for start, end, new in pieces:
        text.append(folded.text[at:start] + new)
        starts.extend(folded.starts[at:start])
        ends.extend(folded.ends[at:start])
        same = len(new) == end - start
        starts.extend(folded.starts[start:end] if same else [folded.starts[start]] * len(new))
        ends.extend(folded.ends[start:end] if same else [folded.ends[end - 1]] * len(new))
        at = end
    text.append(folded.text[at:])
    starts.extend(folded.starts[at:])
    ends.extend(folded.ends[at:])
    return Folded("".join(text), starts, ends)


def without_marks(folded: Folded) -> tuple[Folded, tuple[bool, ...]] | None:
    """The text without its marks, and for each gap after a character whether hiding is likely there.

    None when nothing is likely hidden. A word split by a mark is suspicious only where one of the pieces beside the
    mark is a scrap: `稳。赚。不赔` is one, `请带好医保，本周来办` is not.
    """
    text = folded.text
    if _A_SCRAP.search(text) is None:
        return None
    marks = [found.start() for found in _A_MARK.finditer(text)]
    if not marks:
        return None
    edges = [-1, *marks, len(text)]
    sizes = [edges[i + 1] - edges[i] - 1 for i in range(len(edges) - 1)]
    kept = [place for place, char in enumerate(text) if char not in (CLAUSE, SENTENCE)]
    suspicious = [False] * len(text)
    for number, mark in enumerate(marks):
        if (0 < sizes[number] <= SCRAP or 0 < sizes[number + 1] <= SCRAP) and mark:
            suspicious[mark - 1] = True
    bare = Folded(
        "".join(text[place] for place in kept),
        [folded.starts[place] for place in kept],
        [folded.ends[place] for place in kept],
    )
    return bare, tuple(suspicious[place] for place in kept)


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


_LATIN_RUN = re.compile(r"(?<![a-z0-9])(?:[a-z0-9@$!|][ ._*·'-]{1,3}){3,40}[a-z0-9@$](?![a-z0-9])")
_LEET = str.maketrans("013457@$|!€+", "oieastasiiet")
_MIXED = re.compile(r"[a-z]{0,20}[0-9@$|!€+]{1,3}[a-z][a-z0-9@$|!€+]{0,20}")
_HYPHEN = re.compile(r"(?<=[a-z0-9@$]{3})-(?=[a-z0-9@$]{3})")
_INSIDE = re.compile(r"(?<=[a-z0-9])[-_.*·'’]{1,2}(?=[a-z0-9])")
_APART = re.compile(r"[ \t]{1,9}")
_HAS_WORDS = re.compile(
    r"[a-zA-Z\u0370-\u04ff\uff21-\uff5a]{3}|(?:[a-zA-Z\uff21-\uff5a][^a-zA-Z\n]){3}|[\u24b6-\u24e9\U0001d400-\U0001d7ff]{3}"
)


@functools.lru_cache(maxsize=8_192)
def fold_english(text: str) -> Folded | None:
    """Latin words: lower case, one blank between them, nothing inside them, digits put for letters undone.

    None when the text holds no Latin words. The ends of sentences stay as `.` with a blank after it.
    """
    if _HAS_WORDS.search(text) is None:
        return None
    kept: list[str] = []
    places: list[int] = []
    single = signs().single
    for place, char in enumerate(text):
        if char in _FILLERS:
            continue
        for one in unicodedata.normalize("NFKD", single.get(char, char)).lower():
            plain = single.get(one, one)
            if unicodedata.category(plain) not in ("Mn", "Cf", "Cc") or plain == "\n":
                kept.append(" " if plain.isspace() else plain)
                places.append(place)
    folded = Folded("".join(kept), places, [place + 1 for place in places])
    folded = _replaced(folded, _joined(folded.text))
    folded = _replaced(folded, _removed(_HYPHEN, folded.text, " "))
    folded = _replaced(folded, _removed(_INSIDE, folded.text, ""))
    folded = _replaced(folded, _removed(_APART, folded.text, " "))
    leet = [
        (found.start(), found.end(), found.group().translate(_LEET))
        for found in _MIXED.finditer(folded.text)
        if sum(char.isalpha() for char in found.group()) >= 3
    ]
    return _replaced(folded, leet)


def _joined(text: str) -> list[tuple[int, int, str]]:
    """Blanks between single letters: `r i s k` is a word."""
    pieces = []
    for run in _LATIN_RUN.finditer(text):
        places = range(run.start(), run.end())
        pieces += [(place, place + 1, "") for place in places if text[place] in " ._*·'-"]
    return pieces


def _removed(pattern: re.Pattern[str], text: str, new: str) -> list[tuple[int, int, str]]:
    return [(found.start(), found.end(), new) for found in pattern.finditer(text)]
