"""The shipped tables against two independent packages, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from borax.calendars.lunardate import LunarDate as BoraxDate
from borax.calendars.lunardate import TermUtils
from lunar_python import Lunar, LunarYear, Solar

from wenhou.core.calendars import lunar, terms
from wenhou.core.calendars.lunar import LunarDate

DAYS_1900_TO_2100 = 73_384

# borax puts the new moons of these two months one day later. Astronomy: both fall within a minute of midnight
# in Beijing and hang on a guess at the Earth's future rotation; the majority of eight libraries is with us.
# 2057-09-28 is of the same kind (libraries split 4 : 4); there lunar-python and borax agree with us.
DISPUTED_MONTHS = {date(2089, 9, 4): 30, date(2097, 8, 7): 30}

# borax rounds these to the neighbouring day; an ephemeris (apparent longitude of the Sun, ephem 4.2.1) is
# with us on all six. It differs from us on one of the 4,824 terms: 冬至 1951, by three seconds.
DISPUTED_TERMS = {
    (1912, "小雪"),
    (1913, "秋分"),
    (1917, "大雪"),
    (1927, "白露"),
    (1928, "夏至"),
    (1979, "大寒"),
}


def _every_day() -> Iterator[date]:
    last = date(2100, 12, 31)
    day = lunar.FIRST_DAY
    while day <= last:
        yield day
        day += timedelta(days=1)


def _lunar_python_days() -> dict[date, LunarDate]:
    """Every day by lunar-python's own months (asking it day by day takes a minute)."""
    found: dict[date, LunarDate] = {}
    for year in range(1900, 2101):
        for month in LunarYear.fromYear(year).getMonthsInYear():
            solar = Solar.fromJulianDay(month.getFirstJulianDay())
            first = date(solar.getYear(), solar.getMonth(), solar.getDay())
            for offset in range(month.getDayCount()):
                number = month.getMonth()
                found[first + timedelta(days=offset)] = LunarDate(
                    year=year, month=abs(number), day=offset + 1, is_leap_month=number < 0
                )
    return found


def test_every_day_from_1900_to_2100_equals_lunar_python() -> None:
    theirs = _lunar_python_days()

    ours = {day: lunar.to_lunar(day) for day in _every_day()}

    assert len(ours) == DAYS_1900_TO_2100
    assert [day for day in ours if ours[day] != theirs[day]] == []


@pytest.mark.parametrize("step", range(0, DAYS_1900_TO_2100, 491))
def test_sampled_days_equal_what_lunar_python_says_when_asked_directly(step: int) -> None:
    day = lunar.FIRST_DAY + timedelta(days=step)

    theirs = Lunar.fromSolar(Solar.fromYmd(day.year, day.month, day.day))

    ours = lunar.to_lunar(day)
    month = -ours.month if ours.is_leap_month else ours.month
    assert (ours.year, month, ours.day) == (theirs.getYear(), theirs.getMonth(), theirs.getDay())
    assert lunar.DAY_NAMES[ours.day - 1] == theirs.getDayInChinese()


def test_every_day_equals_borax_but_for_the_disputed_months() -> None:
    disputed = {
        first + timedelta(days=offset) for first, days in DISPUTED_MONTHS.items() for offset in range(days)
    }
    different = set()
    for day in _every_day():
        ours = lunar.to_lunar(day)
        theirs = BoraxDate.from_solar(day)
        if (ours.year, ours.month, ours.day, ours.is_leap_month) != (
            theirs.year,
            theirs.month,
            theirs.day,
            bool(theirs.leap),
        ):
            different.add(day)

    assert different == disputed


def test_every_solar_term_equals_lunar_python() -> None:
    compared = 0
    for year in range(1900, 2101):
        table = Lunar.fromSolar(Solar.fromYmd(year, 6, 1)).getJieQiTable()
        for name, day in terms.list_terms(year):
            # The package's own 冬至 is the one of the winter before; that of the year's end has this key.
            solar = table["DONG_ZHI" if name == "冬至" else name]
            assert day == date(solar.getYear(), solar.getMonth(), solar.getDay()), (year, name)
            compared += 1
    assert compared == 24 * 201


def test_every_solar_term_since_1901_equals_borax_but_for_the_disputed() -> None:
    different = {
        (year, name)
        for year in range(1901, 2101)
        for name, day in terms.list_terms(year)
        if TermUtils.day_start_from_term(year, name) != day
    }

    assert different == DISPUTED_TERMS
