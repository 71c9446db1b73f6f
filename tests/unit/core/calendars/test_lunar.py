"""Lunar dates: known facts, the way back, and what does not exist."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.calendars import lunar
from wenhou.core.calendars.lunar import LunarDate
from wenhou.core.calendars.problems import CalendarError


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(1900, 1, 31), "农历正月初一"),
        (date(1954, 11, 25), "农历十一月初一"),  # lunardate 0.3.0 is wrong here
        (date(1987, 7, 26), "农历闰六月初一"),  # ICU 72 loses this leap month
        (date(2026, 2, 16), "农历腊月廿九"),
        (date(2027, 2, 5), "农历腊月廿九"),
        (date(2027, 2, 6), "农历正月初一"),  # new moon at 23:56; ICU says the 7th
        (date(2027, 2, 20), "农历正月十五"),
        (date(2033, 12, 22), "农历闰十一月初一"),
        (date(2034, 1, 19), "农历闰十一月廿九"),
        (date(2026, 9, 13), "农历八月初三"),
        (date(2101, 1, 28), "农历腊月廿九"),
    ],
)
def test_known_days_read_as_every_almanac_prints_them(day: date, words: str) -> None:
    assert lunar.format_lunar(day) == words


def test_a_lunar_date_is_written_with_or_without_its_prefix() -> None:
    when = LunarDate(year=2028, month=5, day=30, is_leap_month=True)

    assert lunar.format_lunar(when) == "农历闰五月三十"
    assert lunar.format_lunar(when, prefix=False) == "闰五月三十"


@given(st.dates(min_value=lunar.FIRST_DAY, max_value=lunar.LAST_DAY))
def test_to_solar_undoes_to_lunar(day: date) -> None:
    assert lunar.to_solar(lunar.to_lunar(day)) == day


@given(st.dates(min_value=lunar.FIRST_DAY, max_value=lunar.LAST_DAY - timedelta(days=1)))
def test_the_next_day_is_later_in_the_month_or_the_first_of_another(day: date) -> None:
    today, tomorrow = lunar.to_lunar(day), lunar.to_lunar(day + timedelta(days=1))

    assert tomorrow.day in {today.day + 1, 1}
    assert today.day in {29, 30} or tomorrow.day != 1


@pytest.mark.parametrize(
    ("year", "leap"), [(2023, 2), (2025, 6), (2026, None), (2028, 5), (2031, 3), (2033, 11)]
)
def test_leap_months_to_come_are_known(year: int, leap: int | None) -> None:
    assert lunar.leap_month_of(year) == leap


@pytest.mark.parametrize(
    ("when", "code", "words"),
    [
        (LunarDate(year=2026, month=2, day=30), "no_such_day", "二月只有 29 天"),
        (LunarDate(year=2026, month=2, day=0), "no_such_day", "没有第 0 天"),
        (LunarDate(year=2026, month=4, day=1, is_leap_month=True), "no_such_leap_month", "该年没有闰月"),
        (LunarDate(year=2028, month=4, day=1, is_leap_month=True), "no_such_leap_month", "该年闰五月"),
        (LunarDate(year=2026, month=13, day=1), "no_such_month", "13"),
        (LunarDate(year=1899, month=12, day=1), "year_out_of_range", "1899"),
        (LunarDate(year=2101, month=1, day=1), "year_out_of_range", "2101"),
    ],
)
def test_a_date_that_does_not_exist_says_which_part(when: LunarDate, code: str, words: str) -> None:
    with pytest.raises(CalendarError) as caught:
        lunar.to_solar(when)

    assert caught.value.code == code
    assert words in caught.value.problem.zh


@pytest.mark.parametrize("day", [date(1900, 1, 30), date(2101, 1, 29)])
def test_a_day_outside_the_table_is_refused_not_guessed(day: date) -> None:
    with pytest.raises(CalendarError, match="outside"):
        lunar.to_lunar(day)


def test_a_month_says_its_length() -> None:
    assert lunar.month_length(2026, 2) == 29
    assert lunar.month_length(2033, 11, leap=True) == 29
    assert lunar.has_ever(11, 29, leap=True)
    assert not lunar.has_ever(1, 1, leap=True)
