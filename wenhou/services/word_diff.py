"""What differs between two texts, word for word: Chinese by characters, everything else by words.

The pieces in their order are the whole of both texts: kept and gone make the old one, kept and new the new one.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

KEPT, GONE, NEW = "kept", "gone", "new"
_TOKEN = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|[A-Za-z0-9_]+(?:[.,'-][A-Za-z0-9_]+)*|\n|[^\S\n]+|.", re.DOTALL)
_MOST = 6_000_000
"""Pairs of tokens that are compared one by one; longer texts are compared by lines."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is kept, gone or new."""

    kind: str
    text: str


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts in their order; of a replaced run the old words come first."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    if len(old) * len(new) > _MOST:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    return tuple(_joined(_pieces(old, new)))


def is_same(pieces: tuple[Piece, ...]) -> bool:
    """Whether nothing differs."""
    return all(piece.kind == KEPT for piece in pieces)


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for act, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if act == "equal":
            yield Piece(KEPT, "".join(old[old_from:old_to]))
        else:
            yield Piece(GONE, "".join(old[old_from:old_to]))
            yield Piece(NEW, "".join(new[new_from:new_to]))


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Without empty pieces, neighbours of a kind as one."""
    last: Piece | None = None
    for piece in pieces:
        if not piece.text:
            continue
        if last is not None and last.kind == piece.kind:
            last = Piece(last.kind, last.text + piece.text)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last
