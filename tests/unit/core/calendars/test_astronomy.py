"""The lunar table against the sky itself: 2,486 new moons, and the Sun for every leap month, 2033 first of all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from tests.unit.core.calendars import astronomy
from tests.unit.core.calendars.astronomy import NewMoon, midnight, new_moon, sun_longitude
from wenhou.core.calendars import lunar
from wenhou.core.calendars.lunar import LunarDate, Month

FIRST_LUNATION = -1236  # 31 January 1900, where 0 is 6 January 2000
MONTHS_1900_TO_2100 = 2_486

# Where the sky and the calendar in use differ, or where no computation made today can tell:
# 1906-04-24  the moon was new at 23:52 of the 23rd by Beijing's mean time; the almanac of the time printed the 24th,
#             and lunar-python and borax follow the almanac, as we do.
# 2057-09-29  the moon is new within three seconds of midnight; the Earth's turning until then is known to half a
#             minute at best. Libraries split; lunar-python, borax and we say the 29th. An operator may correct it.
DISPUTED = {date(1906, 4, 24), date(2057, 9, 29)}
# Moons within two and a half minutes of midnight, where packages quarrel: borax puts 2089 and 2097 a day later.
CLOSE = {
    date(2018, 11, 8): timedelta(seconds=123),
    date(2057, 9, 28): timedelta(seconds=2),
    date(2089, 9, 4): timedelta(seconds=144),
    date(2097, 8, 7): timedelta(seconds=20),
}
# Leap months whose neighbour's term falls within four minutes of midnight (0.003° of the Sun): finer than the formula.
TOO_FINE_FOR_THE_SUN = {1917, 1922}
LEAP_MONTHS = 73
_TERM_DEGREES = 30


def _months() -> Iterator[tuple[Month, NewMoon]]:
    """Each month of the table with the new moon that should begin it."""
    day = lunar.FIRST_DAY
    for number in itertools.count(FIRST_LUNATION):
        month = lunar.month_at(day)
        yield month, new_moon(number)
        day = date.fromordinal(month.start + month.length)
        if day > lunar.LAST_DAY:
            return


def _has_principal_term(month: Month) -> bool:
    """Whether the Sun passes a multiple of 30° between the first and the last midnight of a month."""
    first = sun_longitude(midnight(date.fromordinal(month.start)))
    last = sun_longitude(midnight(date.fromordinal(month.start + month.length)))
    return int(first // _TERM_DEGREES) != int(last // _TERM_DEGREES)


def test_every_month_of_two_centuries_begins_on_the_day_of_its_new_moon() -> None:
    compared = list(_months())

    assert len(compared) == MONTHS_1900_TO_2100
    different = {
        date.fromordinal(month.start) for month, moon in compared if moon.on.toordinal() != month.start
    }
    assert different == DISPUTED


def test_the_moons_nobody_can_be_certain_of_are_known_by_name() -> None:
    close = {
        moon.on: timedelta(seconds=round(moon.from_midnight.total_seconds()))
        for _month, moon in _months()
        if moon.from_midnight < timedelta(seconds=150)
    }

    assert close == CLOSE


def test_every_leap_month_is_the_first_without_a_principal_term_of_its_thirteen() -> None:
    years: list[list[Month]] = [[]]
    for month, _moon in _months():
        if (
            month.month == 11 and not month.is_leap
        ):  # the month of the winter solstice begins a year of the Sun
            years.append([])
        years[-1].append(month)

    different, compared = set(), 0
    for year in years[1:-1]:
        assert len(year) in {12, 13}
        expected = None
        if len(year) == 13:
            expected = next(month for month in year if not _has_principal_term(month))
            compared += 1
        leap = next((month for month in year if month.is_leap), None)
        if leap != expected:
            different.add(year[-1].year)
    assert compared == LEAP_MONTHS
    assert different == TOO_FINE_FOR_THE_SUN


def test_the_winter_solstice_always_lies_in_the_eleventh_month() -> None:
    for year in range(1900, 2101):
        month = lunar.get_month(year, 11, is_leap=False)
        first = sun_longitude(midnight(date.fromordinal(month.start)))
        last = sun_longitude(midnight(date.fromordinal(month.start + month.length)))
        assert first < 270 <= last or last < first, year


def test_2033_has_a_leap_eleventh_month_and_no_leap_seventh() -> None:
    """The trap: between 8th and 11th month two months lack a principal term; only that after the solstice leaps."""
    assert lunar.leap_month_of(2033) == 11
    assert lunar.leap_month_of(2034) is None
    leap = lunar.get_month(2033, 11, is_leap=True)
    assert date.fromordinal(leap.start) == date(2033, 12, 22)
    assert lunar.to_lunar(date(2034, 1, 19)) == LunarDate(year=2033, month=11, day=29, is_leap_month=True)
    assert lunar.to_lunar(date(2034, 1, 20)) == LunarDate(year=2033, month=12, day=1)
    eighth = lunar.get_month(2033, 8, is_leap=False)
    assert not _has_principal_term(eighth)  # without a term, and yet no leap month: that year has twelve
    assert lunar.to_lunar(date(2033, 9, 8)) == LunarDate(year=2033, month=8, day=15)  # 中秋
    assert lunar.to_lunar(date(2034, 2, 19)) == LunarDate(year=2034, month=1, day=1)  # 春节


@pytest.mark.parametrize(
    ("number", "minute"),
    [(-283, "1977-02-18 03:36"), (0, "2000-01-06 18:13"), (300, "2024-04-08 18:20")],
    ids=["Meeus's own example", "a table", "the eclipse over Texas"],
)
def test_the_computation_finds_new_moons_everybody_knows(number: int, minute: str) -> None:
    assert f"{new_moon(number).at - astronomy.BEIJING:%Y-%m-%d %H:%M}" == minute
