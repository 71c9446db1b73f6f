"""The 24 solar terms (节气), 1900 to 2100, in Beijing time."""

from __future__ import annotations

from datetime import date
from typing import Final

from wenhou.core.calendars.problems import CalendarError, DateProblem
from wenhou.core.calendars.tables import (
    FIRST_YEAR,
    LAST_YEAR,
    TERM_EARLIEST_DAYS,
    TERM_NAMES,
    TERM_OFFSETS,
)

TERMS: Final = TERM_NAMES
_NUMBERS: Final = {name: number for number, name in enumerate(TERM_NAMES)}


def day_of_term(name: str, year: int) -> date:
    """The day a term begins in a solar year; CalendarError for an unknown name or a year out of range."""
    number = _NUMBERS.get(name)
    if number is None:
        raise CalendarError(
            DateProblem(
                code="no_such_term", zh=f"没有名为“{name}”的节气", en=f"there is no solar term named {name}"
            )
        )
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarError(
            DateProblem(
                code="year_out_of_range",
                zh=f"节气只支持 {FIRST_YEAR} 至 {LAST_YEAR} 年，而不是 {year} 年",
                en=f"solar terms are known from {FIRST_YEAR} to {LAST_YEAR}, not for {year}",
            )
        )
    return _day(number, year)


def _day(number: int, year: int) -> date:
    offset = int(TERM_OFFSETS[(year - FIRST_YEAR) * len(TERM_NAMES) + number])
    return date(year, number // 2 + 1, TERM_EARLIEST_DAYS[number] + offset)


def find_term_on(day: date) -> str | None:
    """The term that begins on this day, or None."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    for number in (2 * day.month - 2, 2 * day.month - 1):
        if _day(number, day.year) == day:
            return TERM_NAMES[number]
    return None


def list_terms(year: int) -> tuple[tuple[str, date], ...]:
    """All 24 terms of a solar year in order of day; CalendarError out of range."""
    return tuple((name, day_of_term(name, year)) for name in TERM_NAMES)
