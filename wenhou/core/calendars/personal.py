"""Personal dates: which birthdays (and anniversaries) are celebrated on a day, and when the next one is.

The heart is `keys_on`: the few (calendar, month, day, leap) tuples celebrated on a day under the bank's
rules. Who is due is then an index look-up, stateless, for any day past or future; no customer's date is ever
computed one by one.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, get_args

from wenhou.core.calendars.lunar import (
    LONGEST_MONTH,
    SHORTEST_MONTH,
    LunarDate,
    Month,
    get_month,
    leap_month_of,
    month_at,
    month_before,
    to_solar,
)
from wenhou.core.calendars.problems import CalendarError, Severity
from wenhou.core.calendars.tables import FIRST_YEAR
from wenhou.core.calendars.validation import LUNAR, SOLAR, check_date

_LEAP_DAY: Final = (2, 29)
# The same birthday in the other calendar is two months away at most, the next one ten at least (see the tests).
_HALF_YEAR: Final = timedelta(days=183)


# Somebody born in a leap month, in years that have it again: kept in the first month, the second, or both.
LeapMonthRule = Literal["first", "second", "both"]
# Somebody born on 29 February, in a common year.
LeapDayRule = Literal["feb_28", "mar_1"]
# Somebody born on 三十, in a month of 29 days: on 廿九, or on the day after it.
MissingThirtiethRule = Literal["day_29", "next_day"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The bank's choices. By default: the true leap month, and the last day there is for a missing one."""

    leap_month: LeapMonthRule = "second"
    missing_29_feb: LeapDayRule = "feb_28"
    missing_30: MissingThirtiethRule = "day_29"

    def __post_init__(self) -> None:
        """Refuse a word that is no rule: settings come from files; ValueError names the legal words."""
        for name, legal in _LEGAL_RULES.items():
            value = getattr(self, name)
            if value not in legal:
                raise ValueError(f"{name} must be one of {', '.join(legal)}, not {value!r}")


_LEGAL_RULES: Final[dict[str, tuple[str, ...]]] = {
    "leap_month": get_args(LeapMonthRule),
    "missing_29_feb": get_args(LeapDayRule),
    "missing_30": get_args(MissingThirtiethRule),
}
DEFAULT_RULES: Final = Rules()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class DateKey:
    """The columns of the index on personal dates; `is_leap_month` speaks of the birth month."""

    calendar: str
    month: int
    day: int
    is_leap_month: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDate:
    """A day that comes back each year.

    `year` is the solar or the lunar year of the first one, None where unknown. `kind` is free (birthday,
    account_opening …). CalendarError when no such day exists.
    """

    kind: str
    calendar: str
    month: int
    day: int
    is_leap_month: bool = False
    year: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot exist; a questionable date is accepted here, the import asks about it."""
        problem = check_date(self.calendar, self.year, self.month, self.day, leap=self.is_leap_month)
        if problem is not None and problem.severity is Severity.REFUSE:
            raise CalendarError(problem)

    @property
    def key(self) -> DateKey:
        """The index tuple of this date."""
        return DateKey(
            calendar=self.calendar, month=self.month, day=self.day, is_leap_month=self.is_leap_month
        )


def keys_on(day: date, rules: Rules = DEFAULT_RULES) -> tuple[DateKey, ...]:
    """The index tuples celebrated on this day, at most six.

    CalendarError outside the lunar table (1900-01-31 … 2101-01-28).
    """
    return (*_solar_keys(day, rules), *_lunar_keys(day, rules))


def _solar_keys(day: date, rules: Rules) -> tuple[DateKey, ...]:
    own = DateKey(calendar=SOLAR, month=day.month, day=day.day)
    stand_in = (2, 28) if rules.missing_29_feb == "feb_28" else (3, 1)
    if (day.month, day.day) == stand_in and not calendar.isleap(day.year):
        return (own, DateKey(calendar=SOLAR, month=2, day=29))
    return (own,)


def _lunar_keys(day: date, rules: Rules) -> tuple[DateKey, ...]:
    month = month_at(day)
    number = day.toordinal() - month.start + 1
    found = _keys_of_month(month, number, rules)
    if rules.missing_30 == "day_29":
        if number == month.length == SHORTEST_MONTH:
            found += _keys_of_month(month, LONGEST_MONTH, rules)
    elif number == 1:
        before = month_before(month)
        if before is not None and before.length == SHORTEST_MONTH:
            found += _keys_of_month(before, LONGEST_MONTH, rules)
    return found


def _keys_of_month(month: Month, day: int, rules: Rules) -> tuple[DateKey, ...]:
    """Whose birth month is kept in this month of this year: the ordinary one's, the leap one's, or both."""
    from_leap = DateKey(calendar=LUNAR, month=month.month, day=day, is_leap_month=True)
    if month.is_leap:
        return () if rules.leap_month == "first" else (from_leap,)
    own = DateKey(calendar=LUNAR, month=month.month, day=day)
    if leap_month_of(month.year) == month.month and rules.leap_month == "second":
        return (own,)
    return (own, from_leap)


def celebrated_on(when: PersonalDate | DateKey, year: int, rules: Rules = DEFAULT_RULES) -> tuple[date, ...]:
    """The day (two only under `both`) on which it is kept in a year: solar year for solar dates, else lunar.

    CalendarError when a lunar year is out of range. Years before the date's own are answered too; `next_on`
    and `is_due` are not so lenient.
    """
    if when.calendar == SOLAR:
        return (_solar_celebration(when.month, when.day, year, rules),)
    months = [get_month(year, when.month, is_leap=False)]
    if when.is_leap_month and leap_month_of(year) == when.month:
        leap = get_month(year, when.month, is_leap=True)
        months = {"first": months, "second": [leap], "both": [*months, leap]}[rules.leap_month]
    return tuple(_lunar_celebration(month, when.day, rules) for month in months)


def _solar_celebration(month: int, day: int, year: int, rules: Rules) -> date:
    if (month, day) == _LEAP_DAY and not calendar.isleap(year):
        return date(year, 2, 28) if rules.missing_29_feb == "feb_28" else date(year, 3, 1)
    return date(year, month, day)


def _lunar_celebration(month: Month, day: int, rules: Rules) -> date:
    if day > month.length and rules.missing_30 == "day_29":
        day = month.length
    return date.fromordinal(month.start + day - 1)


def next_on(when: PersonalDate, from_day: date, rules: Rules = DEFAULT_RULES) -> date:
    """The first day on or after `from_day` on which it is kept; never before the date itself.

    The date itself counts (a birth, an opening: `years_on` is 0 there). CalendarError past the end of the
    lunar table.
    """
    first = find_first_day(when)
    earliest = from_day if first is None else max(from_day, first)
    # A lunar date of year y is kept from January of y to February of y + 1: one year early is enough.
    year = earliest.year - 1
    if when.calendar == LUNAR:
        year = max(year, FIRST_YEAR)
    while True:
        for day in celebrated_on(when, year, rules):
            if day >= earliest:
                return day
        year += 1


def find_first_day(when: PersonalDate) -> date | None:
    """The solar day of the date itself (birth, opening), or None while its year is unknown."""
    if when.year is None:
        return None
    if when.calendar == SOLAR:
        return date(when.year, when.month, when.day)
    return to_solar(
        LunarDate(year=when.year, month=when.month, day=when.day, is_leap_month=when.is_leap_month)
    )


def anchor_year(key: DateKey | PersonalDate, day: date) -> int:
    """The year a celebration on `day` belongs to, for dedupe keys: lunar year for lunar dates, else solar.

    A lunar birthday in 腊月 kept in January 2027 is of 2026 (`birthday:lunar:2026/1`), under every rule.
    """
    if key.calendar == SOLAR:
        return day.year
    month = month_at(day)
    # 腊月三十 kept on 正月初一 by the next-day rule still belongs to the year that ended.
    return month.year - 1 if (key.month, month.month) == (12, 1) else month.year


def anchor_label(key: DateKey | PersonalDate, day: date, rules: Rules = DEFAULT_RULES) -> str:
    """`anchor_year` as text for a dedupe key: 2028, and 2028b for the second of two days under `both`."""
    year = anchor_year(key, day)
    is_second = rules.leap_month == "both" and key.is_leap_month and celebrated_on(key, year, rules)[0] < day
    return f"{year}b" if is_second else str(year)


def is_same_birth_year(kept_on: date, day: date) -> bool:
    """Whether a day kept by one calendar is of the same birth year as a day of the other calendar.

    By distance, because the calendars number the years between January and Spring Festival differently. So whoever's
    date moves from one calendar to the other is not greeted twice.
    """
    return abs(day - kept_on) < _HALF_YEAR


def is_due(when: PersonalDate, day: date, rules: Rules = DEFAULT_RULES) -> bool:
    """Whether it is kept on this day: what `next_on` would answer, at the price of one look-up."""
    if when.key not in keys_on(day, rules):
        return False
    first = find_first_day(when)
    return first is None or day >= first
