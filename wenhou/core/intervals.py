"""How sure a share is: Wilson's interval for one, Newcombe's for the difference of two (both 95 %). Pure.

Wilson, J. Am. Stat. Assoc. 22 (1927) 209; Newcombe, Statist. Med. 17 (1998) 873, method 10. Both hold for small numbers
and for none or all, where the textbook's normal interval is wrong or empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`part` of `whole`, at least 0 and at most all of them."""

    part: int
    whole: int

    def __post_init__(self) -> None:
        if not 0 <= self.part <= self.whole:
            message = f"{self.part} of {self.whole} is no share"
            raise ValueError(message)

    @property
    def value(self) -> float | None:
        """Between 0 and 1; None of nobody."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """(low, high) of Wilson's score interval; (0, 1) of nobody: we know nothing."""
        if not self.whole:
            return 0.0, 1.0
        n, p, z = self.whole, self.part / self.whole, Z_95
        middle = (p + z * z / (2 * n)) / (1 + z * z / n)
        reach = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return (
            0.0 if self.part == 0 else max(0.0, middle - reach),
            1.0 if self.part == n else min(1.0, middle + reach),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How much larger `other` is than `first`, in shares; None where one of them has nobody."""

    first: Share
    other: Share

    @property
    def value(self) -> float | None:
        """Other − first."""
        if self.first.value is None or self.other.value is None:
            return None
        return self.other.value - self.first.value

    @property
    def interval(self) -> tuple[float, float]:
        """(low, high) by Newcombe's hybrid score; (−1, 1) where one has nobody."""
        a, b = self.other.value, self.first.value
        if a is None or b is None:
            return -1.0, 1.0
        (low_a, high_a), (low_b, high_b) = self.other.interval, self.first.interval
        below = sqrt((a - low_a) ** 2 + (high_b - b) ** 2)
        above = sqrt((high_a - a) ** 2 + (b - low_b) ** 2)
        return a - b - below, a - b + above

    @property
    def is_shown(self) -> bool:
        """Whether the interval leaves no difference out: else the numbers say nothing either way."""
        low, high = self.interval
        return low > 0 or high < 0
