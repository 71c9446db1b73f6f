"""What a file holds to be judged: the bodies of a template document, or a text as it is; with the way back to the file.

Placeholders and tags of a template are blotted out without moving anything, so that places stay places.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from templates import documents
from templates.compliance.about import About

_VALUE = re.compile(r"\{\{.{0,200}?\}\}")
_TAG = re.compile(r"\{%.{0,200}?%\}|\{#.{0,400}?#\}")
_INVISIBLE = "\u2060"
_STANDS_FOR_VALUE = "龘龘"  # no rule names it
SOLEMN_KEYS = frozenset({"qingming", "zhongyuan"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One text to judge and where its pieces stand: (start in the text, line, column) of each line's beginning.

    `which` names it for a person: `a.sms`, empty for a plain file.
    """

    text: str
    about: About
    which: str
    lines: tuple[tuple[int, int, int], ...]

    def place(self, start: int) -> tuple[int, int]:
        """Line and column in the file, both from 1, of a place in the text."""
        at = bisect_right([begins for begins, _, _ in self.lines], start) - 1
        begins, line, column = self.lines[max(at, 0)]
        return line, column + start - begins


def plain(source: str, about: About) -> Judged:
    """A file of running text."""
    return Judged(text=source, about=about, which="", lines=tuple(_line_starts(source)))


def bodies(source: str, file: str, about: About) -> list[Judged]:
    """Every body of a template document; purpose, channel and tone are the document's own.

    Raises TemplateError with file, line and column for a document that cannot be read.
    """
    document = documents.read(source, file)
    rows = source.splitlines()
    is_english = file.rpartition("/")[2].startswith("en.")
    judged = []
    for variant in document.variants:
        for channel, parts in variant.bodies.items():
            texts = [text for several in parts.values() for text in several]
            is_solemn = variant.quiet or document.key in SOLEMN_KEYS
            of_this = replace(
                about,
                purpose=document.purpose,
                day_tone="solemn" if is_solemn else about.day_tone,
                channel=channel,
                locale="en" if is_english else about.locale,
                template=document.key,
            )
            judged.append(_body(texts, rows, of_this, f"{variant.id}.{channel}"))
    return [*judged, *_turns(document, source, about)]


def _turns(document: documents.Document, source: str, about: About) -> Iterator[Judged]:
    """The pieces that wordings take turns with; they stand in the source as they are."""
    of_this = replace(about, purpose=document.purpose, template=document.key, is_finished=False)
    for turn in document.turns:
        for piece in dict.fromkeys((*turn.pieces, *turn.sms)):
            found = max(source.find(piece), 0)
            line, column = source.count("\n", 0, found) + 1, found - source.rfind("\n", 0, found)
            yield Judged(text=piece, about=of_this, which=turn.name, lines=((0, line, column),))


def _body(texts: Sequence[documents.Text], rows: Sequence[str], about: About, which: str) -> Judged:
    parts: list[str] = []
    lines: list[tuple[int, int, int]] = []
    at = 0
    for text in texts:
        shown = blotted(text.value)
        for number, (begins, _, _) in enumerate(_line_starts(text.value)):
            line = text.faults.line + number
            lines.append((at + begins, line, _column(text, number, rows)))
        parts.append(shown if shown.endswith("\n") else f"{shown}\n")
        at += len(parts[-1])
    return Judged(text="".join(parts), about=about, which=which, lines=tuple(lines))


def _column(text: documents.Text, number: int, rows: Sequence[str]) -> int:
    """The column at which a line of a text begins: the text's own, or the indentation of a block."""
    if number == 0 and text.faults.column > 1:
        return text.faults.column
    row = rows[text.faults.line + number - 1] if text.faults.line + number <= len(rows) else ""
    return len(row) - len(row.lstrip()) + 1


def blotted(source: str) -> str:
    """A template's source with values as characters no rule names, tags as a blank; as long as before."""

    def value(found: re.Match[str]) -> str:
        return _STANDS_FOR_VALUE + _INVISIBLE * (len(found.group()) - len(_STANDS_FOR_VALUE))

    return _TAG.sub(lambda found: " " + _INVISIBLE * (len(found.group()) - 1), _VALUE.sub(value, source))


def _line_starts(text: str) -> Iterator[tuple[int, int, int]]:
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        yield start, number, 1
        start += len(line) + 1
