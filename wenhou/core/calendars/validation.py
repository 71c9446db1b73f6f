"""Is this a possible date, and does it look like somebody's? Findings, no exceptions."""

from __future__ import annotations

import calendar as gregorian
from datetime import date
from typing import Final

from wenhou.core.calendars.lunar import (
    LONGEST_MONTH,
    MONTH_NAMES,
    LunarDate,
    find_month,
    has_ever,
    to_solar,
)
from wenhou.core.calendars.problems import CalendarError, DateProblem, Severity
from wenhou.core.calendars.tables import FIRST_YEAR, LAST_YEAR

SOLAR: Final = "solar"
LUNAR: Final = "lunar"

# What core systems write when nobody knew: the start of the century and of the Unix clock.
_DEFAULTS: Final = (date(1900, 1, 1), date(1970, 1, 1))
_A_LEAP_YEAR: Final = 2000
_MONTHS: Final = 12


def check_date(
    kind: str, year: int | None, month: int, day: int, *, leap: bool = False, today: date | None = None
) -> DateProblem | None:
    """`check_solar` or `check_lunar` by the name of the calendar; any other name is a finding too."""
    if kind == LUNAR:
        return check_lunar(year, month, day, leap=leap, today=today)
    if kind != SOLAR:
        return DateProblem(
            code="no_such_calendar",
            zh=f"历法应为 solar（公历）或 lunar（农历），而不是“{kind}”",
            en=f"the calendar must be solar or lunar, not {kind!r}",
        )
    if leap:
        return DateProblem(
            code="leap_month_of_solar_date",
            zh="公历没有闰月，请核对是否为农历",
            en="the solar calendar has no leap months; is this a lunar date?",
        )
    return check_solar(year, month, day, today=today)


def check_solar(year: int | None, month: int, day: int, *, today: date | None = None) -> DateProblem | None:
    """None if possible (29 February without a year is). With `today`, a day after it is questioned."""
    problem = _check_year_and_month(year, month)
    if problem is not None:
        return problem
    longest = gregorian.monthrange(year or _A_LEAP_YEAR, month)[1]
    if year is not None and (month, day) == (2, 29) and longest != day:
        return DateProblem(
            code="feb_29_in_common_year",
            zh=f"{year} 年不是闰年，没有 2 月 29 日",
            en=f"{year} is not a leap year; 29 February does not exist",
        )
    if not 1 <= day <= longest:
        return DateProblem(
            code="no_such_day",
            zh=f"{month} 月只有 {longest} 天，没有 {day} 日",
            en=f"month {month} has {longest} days; day {day} does not exist",
        )
    return None if year is None else _question(date(year, month, day), today)


def check_lunar(
    year: int | None, month: int, day: int, *, leap: bool = False, today: date | None = None
) -> DateProblem | None:
    """None if possible. Without a year some year from 1900 to 2100 must have it (闰正月 never comes)."""
    problem = _check_year_and_month(year, month)
    if problem is not None:
        return problem
    if not 1 <= day <= LONGEST_MONTH:
        return DateProblem(
            code="no_such_lunar_day",
            zh=f"农历每月最多 30 天，没有第 {day} 天",
            en=f"a lunar month has at most 30 days; day {day} does not exist",
        )
    if year is None:
        return None if has_ever(month, day, leap=leap) else _never(month, day)
    try:
        on = to_solar(LunarDate(year=year, month=month, day=day, is_leap_month=leap))
    except CalendarError as error:
        return error.problem
    return _question(on, today)


def _never(month: int, day: int) -> DateProblem:
    name = MONTH_NAMES[month - 1]
    return DateProblem(
        code="no_such_leap_month",
        zh=f"{FIRST_YEAR} 至 {LAST_YEAR} 年间没有闰{name}月第 {day} 天",
        en=f"no year from {FIRST_YEAR} to {LAST_YEAR} has day {day} of a leap month {month}",
    )


def _check_year_and_month(year: int | None, month: int) -> DateProblem | None:
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        return DateProblem(
            code="year_out_of_range",
            zh=f"年份应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，而不是 {year}",
            en=f"the year must be from {FIRST_YEAR} to {LAST_YEAR}, not {year}",
        )
    if not 1 <= month <= _MONTHS:
        return DateProblem(
            code="no_such_month",
            zh=f"月份应为 1 至 12，而不是 {month}",
            en=f"the month must be from 1 to 12, not {month}",
        )
    return None


def _question(on: date, today: date | None) -> DateProblem | None:
    if on in _DEFAULTS:
        return DateProblem(
            code="default_looking_date",
            severity=Severity.QUESTION,
            zh=f"{on} 像是系统默认值，请向客户核实",
            en=f"{on} looks like a system's default value; please ask the customer",
        )
    if today is not None and on > today:
        return DateProblem(
            code="in_the_future",
            severity=Severity.QUESTION,
            zh=f"{on} 在今天（{today}）之后，请核对",
            en=f"{on} is after today ({today}); please check",
        )
    return None


def is_missing_some_years(month: int, day: int, *, kind: str, leap: bool = False) -> bool:
    """Whether the bank's rules are needed for it at all: a leap month, 三十, or 29 February."""
    if kind == SOLAR:
        return (month, day) == (2, 29)
    return leap or day == LONGEST_MONTH


def is_solar_as_lunar_possible(on: date) -> bool:
    """Whether a date written as solar could be a lunar one (an ID card's date of an older customer often is).

    False for the 31st, and where that lunar month of that year is too short: such a date is certainly solar.
    """
    month = find_month(on.year, on.month, is_leap=False)
    return month is not None and on.day <= month.length
