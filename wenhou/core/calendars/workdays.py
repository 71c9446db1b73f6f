"""Workdays in China with make-up days (调休).

Asked in this order: the operator's table, the published notices (chinesecalendar), then the statutory days
and weekends alone (holidays), which know no make-up days: `is_published(year)` is False there and the console
says 调休未公布.
"""

from __future__ import annotations

import calendar
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import chinese_calendar
import holidays

from wenhou.core.calendars.problems import CalendarError, DateProblem

_ONE_DAY: Final = timedelta(days=1)
# No holiday is that long; a table that makes a whole year free is a mistake worth an error, not a hang.
_LONGEST_SEARCH_DAYS: Final = 366
_OFF: Final = "off"
_WORK: Final = "work"
_COMPLETE: Final = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideTable:
    """An operator's table: day → is it a workday, and the years whose whole notice it holds."""

    days: Mapping[date, bool]
    complete_years: frozenset[int] = frozenset()


class WorkCalendar:
    """Answers which days are workdays; the parameters are those of an `OverrideTable`."""

    def __init__(
        self, overrides: Mapping[date, bool] | None = None, complete_years: Collection[int] = ()
    ) -> None:
        self._overrides = dict(overrides or {})
        self._complete_years = frozenset(complete_years)

    def is_workday(self, day: date) -> bool:
        """Whether banks work that day."""
        override = self._overrides.get(day)
        if override is not None:
            return override
        if day.year in self._complete_years:
            return day.weekday() < calendar.SATURDAY
        return day not in _off_days(day.year)

    def is_published(self, year: int) -> bool:
        """Whether the State Council's notice for the year is known, so that make-up days are right."""
        return year in self._complete_years or _has_notice(year)

    def add_workdays(self, day: date, count: int) -> date:
        """The `count`-th workday after `day` (before it if negative); 0 is `day` itself, workday or not."""
        step = _ONE_DAY if count >= 0 else -_ONE_DAY
        for _ in range(abs(count)):
            day = self._search(day + step, step)
        return day

    def next_workday(self, day: date) -> date:
        """The first workday after `day`."""
        return self._search(day + _ONE_DAY, _ONE_DAY)

    def on_or_after(self, day: date) -> date:
        """`day` if it is a workday, else the next one."""
        return self._search(day, _ONE_DAY)

    def count_workdays(self, start: date, end: date) -> int:
        """Workdays from `start` up to but not including `end`."""
        days = (end - start).days
        return sum(self.is_workday(start + timedelta(days=offset)) for offset in range(days))

    def list_days_off(self, year: int) -> list[date]:
        """Weekdays of a year on which nobody works: the holidays proper."""
        return [day for day in _days_of(year) if _is_weekday(day) and not self.is_workday(day)]

    def list_make_up_days(self, year: int) -> list[date]:
        """Saturdays and Sundays of a year that are workdays (调休上班)."""
        return [day for day in _days_of(year) if not _is_weekday(day) and self.is_workday(day)]

    def _search(self, day: date, step: timedelta) -> date:
        for _ in range(_LONGEST_SEARCH_DAYS):
            if self.is_workday(day):
                return day
            day += step
        raise CalendarError(
            DateProblem(
                code="no_workday",
                zh=f"{day} 前后一年内没有工作日，请检查工作日表",
                en=f"there is no workday within a year of {day}: check the table of workdays",
            )
        )


def _is_weekday(day: date) -> bool:
    return day.weekday() < calendar.SATURDAY


def _days_of(year: int) -> Iterable[date]:
    return (
        date.fromordinal(ordinal)
        for ordinal in range(date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal() + 1)
    )


@lru_cache(maxsize=256)
def _has_notice(year: int) -> bool:
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


@lru_cache(maxsize=256)
def _off_days(year: int) -> frozenset[date]:
    """All days off of a year, weekends included: asked once a year, because the packages are slow a day."""
    if _has_notice(year):
        return frozenset(day for day in _days_of(year) if not chinese_calendar.is_workday(day))
    statutory = holidays.country_holidays("CN", years=year)
    return frozenset(day for day in _days_of(year) if not _is_weekday(day) or day in statutory)


def parse_overrides(text: str) -> OverrideTable:
    """Read an operator's table; CalendarError names the line.

    One row a line, `#` starts a comment: `2027-02-08,off,春节`, `2027-02-14,work`, and `2027,complete` when
    the whole notice of that year is in the table (then weekends not listed are off, other days workdays).
    """
    days: dict[date, bool] = {}
    years: set[int] = set()
    for number, line in enumerate(text.splitlines(), 1):
        row = line.partition("#")[0].strip().lstrip("\ufeff")
        if not row:
            continue
        when, _, rest = (part.strip() for part in row.partition(","))
        word = rest.partition(",")[0].strip().lower()
        if word == _COMPLETE and when.isdecimal():
            years.add(int(when))
            continue
        day = _read_day(when)
        if day is None or word not in {_OFF, _WORK}:
            raise _bad_row(number, row)
        if days.setdefault(day, word == _WORK) != (word == _WORK):
            raise _bad_row(number, row, contradicts=True)
    return OverrideTable(days=days, complete_years=frozenset(years))


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _bad_row(number: int, row: str, *, contradicts: bool = False) -> CalendarError:
    if contradicts:
        zh, en = "与前面的行矛盾", "contradicts an earlier row"
    else:
        zh, en = (
            "应为 2027-02-08,off 或 2027-02-14,work 或 2027,complete",
            "write 2027-02-08,off or 2027-02-14,work or 2027,complete",
        )
    return CalendarError(
        DateProblem(
            code="bad_override", zh=f"第 {number} 行“{row}”：{zh}", en=f"line {number}, {row!r}: {en}"
        )
    )
