"""The bank's dated rules as values: send windows, caps; parsed from a policy document, with sane defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wenhou.core.errors import InputError
from wenhou.core.purposes import Purpose

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When messages of a purpose may leave, in the customer's own zone: from `opens` until before `closes`.

    `closes` ≤ `opens` means the window crosses midnight (08:00 → 00:30). Equal times mean always open.
    """

    opens: time
    closes: time
    workdays_only: bool = False

    def contains(self, instant: datetime, zone: ZoneInfo, days_off: frozenset[date]) -> bool:
        """Whether a message may leave at this instant."""
        local = instant.astimezone(zone)
        if self.workdays_only and local.date() in days_off:
            return False
        now = local.time().replace(tzinfo=None)
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
class Cap:
    """At most `most` contacts of these purposes in any `days` days in a row (1 = a calendar day)."""

    name: str
    purposes: frozenset[str]
    days: int
    most: int


_PROMOTIONAL = frozenset({Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One dated edition of the rules; `number` is what a decision remembers.

    `care_after_cure_days`: how long care, marketing and news still rest after an overdue payment was made.
    """

    number: int = 0
    windows: Mapping[Purpose, Window] = field(
        default_factory=lambda: {
            Purpose.SERVICE: Window(opens=time(7, 0), closes=time(22, 0)),
            Purpose.CARE: Window(opens=time(8, 0), closes=time(20, 0)),
            Purpose.INFORMATION: Window(opens=time(9, 0), closes=time(20, 0)),
            Purpose.MARKETING: Window(opens=time(9, 0), closes=time(20, 0)),
        }
    )
    caps: tuple[Cap, ...] = (
        Cap(name="day", purposes=_PROMOTIONAL, days=1, most=1),
        Cap(name="week", purposes=_PROMOTIONAL, days=7, most=3),
        Cap(name="month", purposes=_PROMOTIONAL, days=30, most=8),
        Cap(name="marketing_month", purposes=frozenset({Purpose.MARKETING}), days=30, most=2),
    )
    care_per_address_and_day: int = 1
    care_after_cure_days: int = 7
    days_off: frozenset[date] = frozenset()

    @property
    def longest_cap(self) -> int:
        """How many days back the ledger must be read."""
        return max((cap.days for cap in self.caps), default=1)


def parse_policy(document: Mapping[str, Any], *, number: int = 0) -> Policy:
    """A policy from its document (`windows`, `caps`, `care_per_address_and_day`); raises InputError by field."""
    default = Policy()
    windows = dict(default.windows)
    for name, spec in dict(document.get("windows", {})).items():
        if name not in set(Purpose):
            msg = f"policy: windows.{name}: unknown purpose; use one of {', '.join(Purpose)}"
            raise InputError(msg)
        windows[Purpose(name)] = _window(f"windows.{name}", spec)
    caps = tuple(_cap(f"caps[{index}]", spec) for index, spec in enumerate(document.get("caps", ())))
    return Policy(
        number=number,
        windows=windows,
        caps=caps or default.caps,
        care_per_address_and_day=int(
            document.get("care_per_address_and_day", default.care_per_address_and_day)
        ),
        care_after_cure_days=_days("care_after_cure_days", document, default.care_after_cure_days),
    )


def _days(name: str, document: Mapping[str, Any], default: int) -> int:
    """A number of days, 0 to 366."""
    found = document.get(name, default)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= 366:
        msg = f"policy: {name}: give a number of days, 0 to 366"
        raise InputError(msg)
    return found


def _window(place: str, spec: Mapping[str, Any]) -> Window:
    try:
        return Window(
            opens=time.fromisoformat(spec["opens"]),
            closes=time.fromisoformat(spec["closes"]),
            workdays_only=bool(spec.get("workdays_only", False)),
        )
    except (KeyError, TypeError, ValueError) as error:
        msg = f'policy: {place}: give opens and closes as "HH:MM"'
        raise InputError(msg) from error


def _cap(place: str, spec: Mapping[str, Any]) -> Cap:
    try:
        purposes = frozenset(Purpose(word) for word in spec["purposes"])
        days, most = int(spec["days"]), int(spec["most"])
        if days < 1 or most < 0:
            raise ValueError  # noqa: TRY301 - one sentence for every way to be wrong
        return Cap(name=str(spec.get("name", place)), purposes=purposes, days=days, most=most)
    except (KeyError, TypeError, ValueError) as error:
        msg = f"policy: {place}: give purposes ({', '.join(Purpose)}), days ≥ 1 and most ≥ 0"
        raise InputError(msg) from error
