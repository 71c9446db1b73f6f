"""产品建议卡: a product said in four blocks of equal weight, for the one who advises and the one who decides."""

from __future__ import annotations

from dataclasses import dataclass

BLOCKS = ("advantages", "risks", "suits", "suits_not")
BLOCK_NAMES = {
    "advantages": ("优点", "Advantages"),
    "risks": ("风险", "Risks"),
    "suits": ("适合谁", "Suits"),
    "suits_not": ("不适合谁", "Does not suit"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """The four texts in one language."""

    advantages: str
    risks: str
    suits: str
    suits_not: str

    def each(self) -> tuple[tuple[str, str], ...]:
        """(block, text) in the order they are read."""
        return tuple((name, getattr(self, name)) for name in BLOCKS)


SUITABLE, UNSUITABLE, UNASSESSED = "suitable", "unsuitable", "unassessed"
"""What suitability came to; `unassessed`: no assessment, or one that is over. Only `suitable` may be sent."""
UNASSESSED_REASONS = frozenset({"not_assessed", "assessment_expired"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """A product against a customer on a day, by the engine's own rule. `reason` None: it suits.

    `words`: (Chinese, English) sentence.
    """

    verdict: str
    reason: str | None
    words: tuple[str, str]
    risk_level: int
    customer_level: int | None

    @property
    def may_be_sent(self) -> bool:
        """Whether the card may be sent to this customer."""
        return self.verdict == SUITABLE
