"""The rates a bank has published, as one edition of its announcement: the only place a rate may be quoted from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLine:
    """One line of the announcement. `rate` is in percent, as written there: `0.95` means 0.95 %."""

    key: str
    product: str
    term: str
    rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRates:
    """An edition in force: its number, the days it was published and takes effect, its lines in their order."""

    number: str
    published_on: date
    effective_on: date
    source: str = ""
    lines: tuple[RateLine, ...] = ()

    @property
    def figures(self) -> frozenset[str]:
        """Every rate of the edition as written: what words that quote it may say, and nothing else."""
        return frozenset(line.rate for line in self.lines)

    def holds(self, figure: str) -> bool:
        """Whether the edition says this rate; 1.1 and 1.10 are one rate. False for what is no number."""
        if not figure.isascii():
            return False
        try:
            wanted = Decimal(figure)
        except ArithmeticError:
            return False
        return any(Decimal(line.rate) == wanted for line in self.lines)

    def table(self) -> str:
        """The whole edition as one line of words, as it was published: `整存整取一年0.95%、整存整取二年1.05%`."""
        return "、".join(f"{line.product}{line.term}{line.rate}%" for line in self.lines)
