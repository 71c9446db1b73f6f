"""How a long run goes on: rows a second at its beginning, middle and end, and the memory it holds meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from wenhou.bench.figures import rss_mb

_COMMITTED = "planning.after_commit"
_SHARE = 10


class Enough(Exception):
    """The run has made as many transactions as were asked for."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """Hears every commit of a planner (`Context.passed`). `most`: transactions after which it stops, None for no end.

    `known`: the first ones, which find everything planned already and are not counted.
    """

    most: int | None = None
    known: int = 0
    at: list[float] = field(default_factory=list)
    rss: list[float] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def note(self, point: str) -> None:
        """One label passed; raises Enough after the last transaction that is wanted."""
        if point != _COMMITTED:
            return
        if self.known:
            self.known -= 1
            self.began = time.perf_counter()
            return
        self.at.append(time.perf_counter())
        self.rss.append(rss_mb())
        if self.most is not None and len(self.at) >= self.most:
            raise Enough

    def figures(self, rows: int) -> dict[str, float]:
        """Rows a second over all and in the first, middle and last tenth; memory at its most and how it grew."""
        if not self.at:
            return {}
        tenth = max(1, len(self.at) // _SHARE)
        middle = (len(self.at) - tenth) // 2
        return {
            "festival_rows": rows,
            "festival_s": round(self.at[-1] - self.began, 1),
            "festival_rows_per_s": round(rows / (self.at[-1] - self.began)),
            "first_tenth_rows_per_s": self._rate(0, tenth, rows),
            "middle_tenth_rows_per_s": self._rate(middle, middle + tenth, rows),
            "last_tenth_rows_per_s": self._rate(len(self.at) - tenth, len(self.at), rows),
            "peak_rss_mb": max(self.rss),
            "rss_growth_mb": round(self.rss[-1] - self.rss[tenth - 1], 1),
        }

    def _rate(self, start: int, end: int, rows: int) -> float:
        """Every transaction but the last one holds as many rows."""
        since = self.at[start - 1] if start else self.began
        return round(rows * (end - start) / len(self.at) / (self.at[end - 1] - since))
