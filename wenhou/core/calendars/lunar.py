"""Lunar dates, 1900 to 2100: solar to lunar and back, month lengths, leap months, how they are written.

Works on a table of 2,486 months, found by estimate and one or two steps. No library is called: the best one
converts 1,454 dates a second, this table hundreds of thousands.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final, NamedTuple

from wenhou.core.calendars.problems import CalendarError, DateProblem
from wenhou.core.calendars.tables import FIRST_YEAR, LAST_YEAR, LUNAR_YEARS

MONTH_NAMES: Final = ("正", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "腊")
_DIGITS: Final = "一二三四五六七八九十"
DAY_NAMES: Final = (
    *(f"初{digit}" for digit in _DIGITS),
    *(f"十{digit}" for digit in _DIGITS[:9]),
    "二十",
    *(f"廿{digit}" for digit in _DIGITS[:9]),
    "三十",
)

# Months never have 31 days in the lunar calendar: 29 or 30.
LONGEST_MONTH: Final = 30
SHORTEST_MONTH: Final = 29


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LunarDate:
    """A day of the lunar calendar; `year` starts at Spring Festival. Not checked until converted."""

    year: int
    month: int
    day: int
    is_leap_month: bool = False


class Month(NamedTuple):
    """One month of one lunar year; `start` is the ordinal of its first day, `length` 29 or 30."""

    year: int
    month: int
    is_leap: bool
    start: int
    length: int


FIRST_DAY: Final = date(1900, 1, 31)


def _leap_of(code: int) -> int:
    return code & 0xF


def _build_months() -> list[Month]:
    months: list[tuple[int, int, bool, int]] = []
    for year, code in enumerate(LUNAR_YEARS, FIRST_YEAR):
        for month in range(1, 13):
            months.append((year, month, False, SHORTEST_MONTH + (code >> (16 - month) & 1)))
            if month == _leap_of(code):
                months.append((year, month, True, SHORTEST_MONTH + (code >> 16)))
    starts = accumulate((length for *_, length in months), initial=FIRST_DAY.toordinal())
    return [
        Month(year, month, is_leap, start, length)
        for (year, month, is_leap, length), start in zip(months, starts, strict=False)
    ]


_MONTHS: Final = _build_months()
_BY_NAME: Final = {(month.year, month.month, month.is_leap): index for index, month in enumerate(_MONTHS)}
_STARTS: Final = [month.start for month in _MONTHS]
_FIRST: Final = _STARTS[0]
_END: Final = _MONTHS[-1].start + _MONTHS[-1].length
# Mean month, days: an estimate by it is at most a month or two off over two centuries; loops then correct it.
_MEAN_MONTH: Final = (_END - _FIRST) / len(_MONTHS)
LAST_DAY: Final = date.fromordinal(_END - 1)


def _index_of(day: date) -> int:
    ordinal = day.toordinal()
    if not _FIRST <= ordinal < _END:
        raise CalendarError(
            DateProblem(
                code="outside_lunar_range",
                zh=f"农历只支持 {FIRST_DAY} 至 {LAST_DAY}，{day} 不在其中",
                en=f"lunar dates are known from {FIRST_DAY} to {LAST_DAY}; {day} is outside",
            )
        )
    index = min(int((ordinal - _FIRST) / _MEAN_MONTH), len(_STARTS) - 1)
    while _STARTS[index] > ordinal:
        index -= 1
    while index + 1 < len(_STARTS) and _STARTS[index + 1] <= ordinal:
        index += 1
    return index


def month_at(day: date) -> Month:
    """The lunar month a solar day lies in; CalendarError outside FIRST_DAY … LAST_DAY."""
    return _MONTHS[_index_of(day)]


def month_before(month: Month) -> Month | None:
    """The month that ends the day before `month` begins, or None at the start of the table."""
    index = _BY_NAME[month.year, month.month, month.is_leap]
    return _MONTHS[index - 1] if index else None


def find_month(year: int, month: int, *, is_leap: bool) -> Month | None:
    """The named month, or None where that year has no such (leap) month or the year is out of range."""
    index = _BY_NAME.get((year, month, is_leap))
    return None if index is None else _MONTHS[index]


def get_month(year: int, month: int, *, is_leap: bool) -> Month:
    """The named month; CalendarError says whether the year, the month or the leap month does not exist."""
    found = find_month(year, month, is_leap=is_leap)
    if found is None:
        raise CalendarError(_explain_no_month(year, month))
    return found


def _explain_no_month(year: int, month: int) -> DateProblem:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return DateProblem(
            code="year_out_of_range",
            zh=f"农历年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，而不是 {year}",
            en=f"the lunar year must be from {FIRST_YEAR} to {LAST_YEAR}, not {year}",
        )
    if not 1 <= month <= len(MONTH_NAMES):
        return DateProblem(
            code="no_such_month",
            zh=f"月份应为 1 至 12，而不是 {month}",
            en=f"the month must be from 1 to 12, not {month}",
        )
    leap = leap_month_of(year)
    has_zh = f"该年闰{MONTH_NAMES[leap - 1]}月" if leap else "该年没有闰月"
    has_en = f"its leap month is {leap}" if leap else "it has no leap month"
    return DateProblem(
        code="no_such_leap_month",
        zh=f"农历 {year} 年没有闰{MONTH_NAMES[month - 1]}月（{has_zh}）",
        en=f"lunar year {year} has no leap month {month}: {has_en}",
    )


def to_lunar(day: date) -> LunarDate:
    """The lunar date of a solar day; CalendarError outside FIRST_DAY … LAST_DAY."""
    year, month, is_leap, start, _ = _MONTHS[_index_of(day)]
    return LunarDate(year=year, month=month, day=day.toordinal() - start + 1, is_leap_month=is_leap)


def to_solar(lunar: LunarDate) -> date:
    """The solar day of a lunar date; CalendarError says which day, month or leap month does not exist."""
    month = get_month(lunar.year, lunar.month, is_leap=lunar.is_leap_month)
    if not 1 <= lunar.day <= month.length:
        name = f"{'闰' if month.is_leap else ''}{MONTH_NAMES[month.month - 1]}月"
        raise CalendarError(
            DateProblem(
                code="no_such_day",
                zh=f"农历 {month.year} 年{name}只有 {month.length} 天，没有第 {lunar.day} 天",
                en=f"{'leap ' if month.is_leap else ''}month {month.month} of lunar year {month.year} has "
                f"{month.length} days; day {lunar.day} does not exist",
            )
        )
    return date.fromordinal(month.start + lunar.day - 1)


def month_length(year: int, month: int, *, leap: bool = False) -> int:
    """29 or 30; CalendarError if that year has no such month."""
    return get_month(year, month, is_leap=leap).length


def leap_month_of(year: int) -> int | None:
    """The leap month (4 means 闰四月) of a lunar year, or None; CalendarError out of range."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise CalendarError(_explain_no_month(year, 1))
    return _leap_of(LUNAR_YEARS[year - FIRST_YEAR]) or None


def has_ever(month: int, day: int, *, leap: bool) -> bool:
    """Whether any year from 1900 to 2100 has this day: 闰正月 and 闰九月三十, for example, never come."""
    return any(m.month == month and m.is_leap is leap and day <= m.length for m in _MONTHS)


def name_month_day(month: int, day: int, *, leap: bool) -> str:
    """八月初三, 闰四月初五, 腊月三十; month and day must lie in 1 … 12 and 1 … 30."""
    return f"{'闰' if leap else ''}{MONTH_NAMES[month - 1]}月{DAY_NAMES[day - 1]}"


def format_lunar(when: date | LunarDate, *, prefix: bool = True) -> str:
    """农历八月初三 (or 八月初三 without the prefix); the year is not part of it."""
    lunar = to_lunar(when) if isinstance(when, date) else when
    words = name_month_day(lunar.month, lunar.day, leap=lunar.is_leap_month)
    return f"农历{words}" if prefix else words
