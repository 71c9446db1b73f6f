"""Each key of the contract, each year from 1950 to 2100, against days computed another way."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date, timedelta

from lunar_python import Lunar, LunarMonth, Solar

from wenhou.core.calendars import festivals
from wenhou.core.calendars.dated import NOTHING_ENTERED
from wenhou.core.calendars.festivals import FESTIVALS

YEARS = range(1950, 2101)
DAYS_COMPARED = 151 * 22 - 35 - 22  # without teachers' day before 1985 and fathers' day before 1972


def _date(solar: Solar) -> date:
    return date(solar.getYear(), solar.getMonth(), solar.getDay())


def _lunar(month: int, day: int, *, year_before: bool = False) -> Callable[[int], date]:
    def on(year: int) -> date:
        first = LunarMonth.fromYm(year - year_before, month).getFirstJulianDay()
        return _date(Solar.fromJulianDay(first)) + timedelta(days=day - 1)

    return on


def _term(name: str) -> Callable[[int], date]:
    return lambda year: _date(Lunar.fromYmd(year, 6, 1).getJieQiTable()[name])


def _sunday(month: int, nth: int) -> Callable[[int], date]:
    def on(year: int) -> date:
        weeks = calendar.Calendar(firstweekday=calendar.SUNDAY).monthdatescalendar(year, month)
        return [week[0] for week in weeks if week[0].month == month][nth - 1]

    return on


def _solar(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


EXPECTED: dict[str, Callable[[int], date]] = {
    "new_year": _solar(1, 1),
    "laba": _lunar(12, 8, year_before=True),
    "xiaonian": _lunar(12, 23, year_before=True),
    "new_years_eve": lambda year: _lunar(1, 1)(year) - timedelta(days=1),
    "spring_festival": _lunar(1, 1),
    "lantern": _lunar(1, 15),
    "longtaitou": _lunar(2, 2),
    "qingming": _term("清明"),
    "labour_day": _solar(5, 1),
    "dragon_boat": _lunar(5, 5),
    "qixi": _lunar(7, 7),
    "zhongyuan": _lunar(7, 15),
    "mid_autumn": _lunar(8, 15),
    "double_ninth": _lunar(9, 9),
    "national_day": _solar(10, 1),
    "dongzhi": _term("DONG_ZHI"),
    "womens_day": _solar(3, 8),
    "youth_day": _solar(5, 4),
    "childrens_day": _solar(6, 1),
    "teachers_day": _solar(9, 10),
    "mothers_day": _sunday(5, 2),
    "fathers_day": _sunday(6, 3),
}
TONES = {
    "festive": "new_year xiaonian new_years_eve spring_festival lantern labour_day mid_autumn national_day childrens_day",
    "warm": "laba longtaitou dragon_boat qixi double_ninth dongzhi womens_day youth_day teachers_day mothers_day "
    "fathers_day",
    "solemn": "qingming zhongyuan",
}


def test_every_key_falls_on_its_day_in_every_year_it_is_defined() -> None:
    compared = 0
    for key, expected in EXPECTED.items():
        for year in YEARS:
            if year < FESTIVALS[key].since:
                assert NOTHING_ENTERED.days_of_festival(key, year) == ()
                continue
            assert festivals.day_of(key, year) == expected(year), (key, year)
            compared += 1
    assert set(EXPECTED) == set(FESTIVALS)
    assert compared == DAYS_COMPARED


def test_no_festival_has_another_tone_than_this() -> None:
    assert {tone: set(keys.split()) for tone, keys in TONES.items()} == {
        tone: {key for key, one in FESTIVALS.items() if one.tone == tone} for tone in TONES
    }
