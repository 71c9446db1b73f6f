"""What a hit does, and what a hit is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """What a hit does: stop the message, lift its approval level, or only show."""

    BLOCK = "block"
    RAISE = "raise"
    WARN = "warn"


@dataclass(frozen=True, slots=True, kw_only=True)
class LintHit:
    """One place where a text breaks a rule. `start` and `end` are places in the text as given; `found` is what stands there.

    A rule about something missing points to the end of the text (`start == end`, nothing found).
    """

    rule: str
    level: Level
    start: int
    end: int
    found: str
    sentence_zh: str
    sentence_en: str
    source: str

    def sentence(self, locale: str) -> str:
        """The sentence in the reader's language."""
        return self.sentence_en if locale == "en" else self.sentence_zh


def blocks(hits: Iterable[LintHit]) -> bool:
    """Whether any hit stops the message."""
    return any(hit.level is Level.BLOCK for hit in hits)
