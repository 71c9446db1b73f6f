"""Send windows: from when until when a message may leave in the customer's own zone, over midnight too."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When messages of a purpose may leave, in the customer's own zone: from `opens` until before `closes`.

    `closes` ≤ `opens` means the window crosses midnight (08:00 → 00:30). Equal times mean always open.
    `not_on`: keys of festivals on whose days it stays closed; `closed_on`: those days, as dates.
    """

    opens: time
    closes: time
    workdays_only: bool = False
    not_on: tuple[str, ...] = ()
    closed_on: frozenset[date] = frozenset()
    shown: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        """Say it once: every decision remembers it."""
        object.__setattr__(self, "shown", f"{self.opens:%H:%M}-{self.closes:%H:%M}")

    def contains(self, instant: datetime, zone: ZoneInfo, days_off: frozenset[date]) -> bool:
        """Whether a message may leave at this instant."""
        local = instant.astimezone(zone)
        if self.workdays_only and local.date() in days_off:
            return False
        if self.closed_on and local.date() in self.closed_on:
            return False
        now = local.time()
        if self.opens == self.closes:
            return True
        if self.opens < self.closes:
            return self.opens <= now < self.closes
        return now >= self.opens or now < self.closes

    def earliest(self, instant: datetime, zone: ZoneInfo, days_off: frozenset[date]) -> datetime:
        """The first instant at or after `instant` inside the window; within a month, else `instant` + 31 days.

        It is the opening, or midnight where a window that crosses it begins anew after a day off.
        """
        if self.contains(instant, zone, days_off):
            return instant
        today = instant.astimezone(zone).date()
        for ahead in range(32):
            for wall in (time(0), self.opens):
                # Compared in UTC: two instants of one zone are compared by their wall clocks, wrong on a clock change.
                opening = datetime.combine(today + ahead * _DAY, wall, tzinfo=zone).astimezone(UTC)
                if opening >= instant and self.contains(opening, zone, days_off):
                    return opening.astimezone(instant.tzinfo)
        return instant + 31 * _DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class LineHours:
    """From when until before when a carrier's line takes messages, wall time in `zone`; over midnight too."""

    opens: time
    closes: time
    zone: ZoneInfo

    def opening(self, at: datetime) -> datetime | None:
        """When the line opens next; None while it is open."""
        window = Window(opens=self.opens, closes=self.closes)
        earliest = window.earliest(at, self.zone, frozenset())
        return earliest if earliest > at else None

    @property
    def shown(self) -> str:
        """As people read it."""
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC)
