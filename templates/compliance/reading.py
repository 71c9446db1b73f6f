"""One text under judgement: its forms, made when they are asked for, and pieces of them as places in the original."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.compliance.about import About
from templates.compliance.folding import Folded, fold, fold_english, without_marks

Span = tuple[int, int]
"""Where something stands in the text as given: start and end."""


class Reading:
    """A text and what is known about it, in the forms that rules look at.

    Plain attributes instead of cached properties: those take a lock, and a text is judged in some fifty microseconds.
    """

    def __init__(self, text: str, about: About) -> None:
        self.text = text
        self.about = about
        self._folded: Folded | None = None
        self._bare: tuple[Folded, tuple[bool, ...]] | bool | None = False
        self._english: Folded | bool | None = False

    @property
    def folded(self) -> Folded:
        """Chinese as rules see it."""
        if self._folded is None:
            self._folded = fold(self.text)
        return self._folded

    @property
    def bare(self) -> tuple[Folded, tuple[bool, ...]] | None:
        """The same without marks, where marks may hide a word."""
        if isinstance(self._bare, bool):
            self._bare = without_marks(self.folded)
        return self._bare

    @property
    def english(self) -> Folded | None:
        """Latin words as rules see them."""
        if isinstance(self._english, bool):
            self._english = fold_english(self.text)
        return self._english

    @property
    def missing(self) -> Span:
        """Where something that is owed should have stood: the end of the text."""
        return len(self.text), len(self.text)

    def find(self, pattern: re.Pattern[str]) -> Iterator[Span]:
        """Every place where a pattern matches the folded text, as original places."""
        for found in pattern.finditer(self.folded.text):
            if found.end() > found.start():
                yield self.folded.place(*found.span())

    def holds(self, *patterns: re.Pattern[str]) -> bool:
        """Whether any of the patterns stands in the folded text."""
        return any(pattern.search(self.folded.text) is not None for pattern in patterns)

    def holds_english(self, pattern: re.Pattern[str]) -> bool:
        """Whether a pattern stands among the Latin words."""
        return self.english is not None and pattern.search(self.english.text) is not None
