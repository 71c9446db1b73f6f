"""Birthdays as branches write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.calendars import lunar, reading
from wenhou.core.calendars.problems import CalendarError
from wenhou.core.calendars.reading import ParsedDate

SOLAR = [
    ("1990-02-03", 1990, 2, 3),
    ("1990/2/3", 1990, 2, 3),
    ("1990.2.3", 1990, 2, 3),
    ("19900203", 1990, 2, 3),
    ("02-03", None, 2, 3),
    ("2/3", None, 2, 3),
    ("2月3日", None, 2, 3),
    ("2月3号", None, 2, 3),
    ("1990年2月3日", 1990, 2, 3),
    ("１９９０年２月３日", 1990, 2, 3),
    ("一九九〇年二月三日", 1990, 2, 3),
    ("公历1990-02-03", 1990, 2, 3),
    ("阳历 八月十五", None, 8, 15),
    ("八月十五日", None, 8, 15),
    ("1990-02-03 00:00:00", 1990, 2, 3),
    ("1990-02-03T00:00:00", 1990, 2, 3),
    ("十二月三十一日", None, 12, 31),
]
LUNAR = [
    ("农历八月初三", None, 8, 3, False),
    ("八月初三", None, 8, 3, False),
    ("八月十五", None, 8, 15, False),
    ("八月廿三", None, 8, 23, False),
    ("八月二十三", None, 8, 23, False),
    ("闰四月初五", None, 4, 5, True),
    ("农历閏四月初五", None, 4, 5, True),
    ("农历闰4月5日", None, 4, 5, True),
    ("腊月三十", None, 12, 30, False),
    ("冬月初一", None, 11, 1, False),
    ("腊月23日", None, 12, 23, False),
    ("正月5", None, 1, 5, False),
    ("十一月初一", None, 11, 1, False),
    ("正月十五", None, 1, 15, False),
    ("1985年农历八月初三", 1985, 8, 3, False),
    ("农历1985年八月初三", 1985, 8, 3, False),
    ("阴历1985-08-03", 1985, 8, 3, False),
    ("19850803（农历）", 1985, 8, 3, False),
    ("农历 8月3日", None, 8, 3, False),
    ("一九八五年八月初三", 1985, 8, 3, False),
]


@pytest.mark.parametrize(("text", "year", "month", "day"), SOLAR)
def test_solar_forms_are_understood(text: str, year: int | None, month: int, day: int) -> None:
    assert reading.parse_birthday_text(text) == ParsedDate(calendar="solar", year=year, month=month, day=day)


@pytest.mark.parametrize(("text", "year", "month", "day", "leap"), LUNAR)
def test_lunar_forms_are_understood(text: str, year: int | None, month: int, day: int, leap: bool) -> None:
    expected = ParsedDate(calendar="lunar", year=year, month=month, day=day, is_leap_month=leap)

    assert reading.parse_birthday_text(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "unreadable_date"),
        ("不详", "unreadable_date"),
        ("1990", "unreadable_date"),
        ("八月初十一", "unreadable_date"),
        ("1990年2月", "incomplete_date"),
        ("199002", "incomplete_date"),
        ("正月", "incomplete_date"),
        ("03/02/1990", "ambiguous_date"),
        ("90-02-03", "ambiguous_date"),
        ("公历农历八月初三", "ambiguous_date"),
    ],
)
def test_what_cannot_be_read_or_means_two_things_is_refused(text: str, code: str) -> None:
    with pytest.raises(CalendarError) as caught:
        reading.parse_birthday_text(text)

    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1990-02-30", "no_such_day"),
        ("2023-02-29", "feb_29_in_common_year"),
        ("1990-13-01", "no_such_month"),
        ("1990-00-10", "no_such_month"),
        ("农历八月三十一", "no_such_lunar_day"),
        ("2026年二月三十", "no_such_day"),
        ("2026年闰四月初五", "no_such_leap_month"),
        ("公历闰4月5日", "leap_month_of_solar_date"),
        ("1900-01-01", "default_looking_date"),
    ],
)
def test_a_readable_date_that_does_not_exist_is_found_by_the_check(text: str, code: str) -> None:
    problem = reading.check(reading.parse_birthday_text(text))

    assert problem is not None
    assert problem.code == code


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        problem = reading.check(reading.parse_birthday_text(text))
    except CalendarError as error:
        problem = error.problem

    assert problem is None or problem.zh


@given(st.dates(min_value=lunar.FIRST_DAY, max_value=lunar.LAST_DAY).map(lunar.to_lunar))
def test_what_we_write_we_can_read(when: lunar.LunarDate) -> None:
    parsed = reading.parse_birthday_text(f"{when.year}年{lunar.format_lunar(when)}")

    assert parsed == ParsedDate(
        calendar="lunar", year=when.year, month=when.month, day=when.day, is_leap_month=when.is_leap_month
    )
    problem = reading.check(parsed)
    assert problem is None or problem.code == "default_looking_date"  # 1970-01-01 has a lunar date too
