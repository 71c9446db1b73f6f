"""What filters write, in both languages: tables at the borders, and properties over everything between."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from templates import filters
from templates.engine import ENVIRONMENTS
from templates.filters import CHINESE, ENGLISH, FITS
from templates.lunar_words import parse_lunar
from templates.placeholders import OddValueError
from wenhou.core.calendars.ages import nominal_age_on
from wenhou.core.calendars.lunar import FIRST_DAY, LAST_DAY, name_month_day, to_lunar
from wenhou.core.calendars.personal import PersonalDate

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAYS = st.dates(min_value=FIRST_DAY, max_value=date(2100, 12, 31))


@pytest.mark.parametrize(
    ("fen", "yuan", "wan"),
    [
        (0, "0元", "0元"),
        (1, "0.01元", "0.01元"),
        (100, "1元", "1元"),
        (10_050, "100.50元", "100.50元"),
        (99_999, "999.99元", "999.99元"),
        (100_000, "1,000元", "1,000元"),
        (999_999, "9,999.99元", "9,999.99元"),
        (1_000_000, "10,000元", "1万元"),
        (1_000_001, "10,000.01元", "1万元"),
        (1_004_999, "10,049.99元", "1万元"),
        (1_005_000, "10,050元", "1.01万元"),
        (1_050_000, "10,500元", "1.05万元"),
        (1_100_000, "11,000元", "1.1万元"),
        (10_000_000, "100,000元", "10万元"),
        (12_345_678, "123,456.78元", "12.35万元"),
        (100_000_000, "1,000,000元", "100万元"),
        (9_999_994_999, "99,999,949.99元", "9,999.99万元"),
        (9_999_995_000, "99,999,950元", "1亿元"),
        (9_999_999_900, "99,999,999元", "1亿元"),
        (10_000_000_000, "100,000,000元", "1亿元"),
        (12_000_000_000, "120,000,000元", "1.2亿元"),
        (123_456_789_000, "1,234,567,890元", "12.35亿元"),
        (10**15 - 1, "9,999,999,999,999.99元", "100,000亿元"),
    ],
)
def test_money_reads_as_people_say_it(fen: int, yuan: str, wan: str) -> None:
    assert (filters.yuan(fen), filters.wan(fen)) == (yuan, wan)
    assert ENGLISH["wan"](fen) == ENGLISH["yuan"](fen) == f"CNY {yuan.removesuffix('元')}"


@given(st.integers(0, 10**15 - 1))
def test_money_in_wan_is_within_half_of_its_last_digit(fen: int) -> None:
    said = filters.wan(fen)
    number = Decimal(re.sub("[亿万元,]", "", said))
    unit = 10**10 if "亿" in said else 10**6 if "万" in said else 100

    assert abs(number * unit - fen) <= (Decimal(unit) / 200 if unit > 100 else 0)
    assert Decimal(filters.yuan(fen).removesuffix("元").replace(",", "")) * 100 == fen


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [
        ("6222020200112233", "尾号2233", "ending 2233"),
        ("6222 0202 0011 2233", "尾号2233", "ending 2233"),
        ("1234", "尾号1234", "ending 1234"),
        ("13800138000", "尾号8000", "ending 8000"),
    ],
)
def test_a_number_shows_its_last_four_only(number: str, zh: str, en: str) -> None:
    assert (CHINESE["tail4"](number), ENGLISH["tail4"](number)) == (zh, en)


@given(st.from_regex(r"[0-9]{5,19}", fullmatch=True))
def test_no_more_of_a_number_is_ever_shown(number: str) -> None:
    for table in (CHINESE, ENGLISH):
        assert re.sub(r"[^0-9]", "", str(table["tail4"](number))) == number[-4:]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("0", "零"), ("1", "一"), ("9", "九"), ("10", "十"), ("11", "十一"), ("18", "十八"), ("20", "二十"),
        ("21", "二十一"),
        ("60", "六十"), ("66", "六十六"), ("99", "九十九"), ("100", "一百"), ("101", "一百零一"), ("110", "一百一十"),
        ("111", "一百一十一"), ("200", "二百"), ("999", "九百九十九"), ("1000", "一千"), ("1001", "一千零一"),
        ("1010", "一千零一十"), ("1100", "一千一百"), ("2027", "二千零二十七"), ("9999", "九千九百九十九"),
    ],
)  # fmt: skip
def test_a_number_is_spelled_as_it_is_spoken(number: str, said: str) -> None:
    assert (CHINESE["cn_number"](number), ENGLISH["cn_number"](number)) == (said, number)


def _value(said: str) -> int:
    total = digit = 0
    for char in said if said[0] != "十" else "一" + said:
        if char in "千百十":
            total, digit = total + digit * {"千": 1000, "百": 100, "十": 10}[char], 0
        else:
            digit = "零一二三四五六七八九".index(char)
    return total + digit


@given(st.integers(0, 9999))
def test_a_spelled_number_reads_back(number: int) -> None:
    said = filters.cn_number(str(number))

    assert _value(said) == number
    assert "零零" not in said
    assert said == "零" or not said.endswith("零")


@pytest.mark.parametrize("value", ["10000", "007", "00", "123456"])
def test_what_nobody_spells_is_unfit(value: str) -> None:
    assert filters.unfit("cn_number", value)


@pytest.mark.parametrize(
    ("day", "short", "full", "weekday", "brief", "en"),
    [
        (
            date(2027, 3, 8),
            "3月8日",
            "2027年3月8日",
            "星期一",
            "周一",
            ("8 March", "8 March 2027", "Monday", "Mon"),
        ),
        (
            date(2028, 2, 29),
            "2月29日",
            "2028年2月29日",
            "星期二",
            "周二",
            ("29 February", "29 February 2028", "Tuesday", "Tue"),
        ),
        (
            date(2027, 1, 31),
            "1月31日",
            "2027年1月31日",
            "星期日",
            "周日",
            ("31 January", "31 January 2027", "Sunday", "Sun"),
        ),
        (
            date(2026, 12, 31),
            "12月31日",
            "2026年12月31日",
            "星期四",
            "周四",
            ("31 December", "31 December 2026", "Thursday", "Thu"),
        ),
    ],
)
def test_days_read_in_both_languages(
    day: date, short: str, full: str, weekday: str, brief: str, en: tuple[str, ...]
) -> None:
    names = ("cn_date", "full_date", "weekday", "short_weekday")

    assert tuple(CHINESE[name](day) for name in names) == (short, full, weekday, brief)
    assert tuple(ENGLISH[name](day) for name in names) == en


@pytest.mark.parametrize(
    ("words", "zh", "en"),
    [
        ("八月十五", "农历八月十五", "the 15th of the 8th lunar month"),
        ("正月初一", "农历正月初一", "the 1st of the 1st lunar month"),
        ("腊月三十", "农历腊月三十", "the 30th of the 12th lunar month"),
        ("闰四月初二", "农历闰四月初二", "the 2nd of the 4th leap lunar month"),
        ("闰六月廿三", "农历闰六月廿三", "the 23rd of the 6th leap lunar month"),
        ("十一月十一", "农历十一月十一", "the 11th of the 11th lunar month"),
    ],
)
def test_lunar_days_read_in_both_languages(words: str, zh: str, en: str) -> None:
    assert (CHINESE["lunar_day"](words), ENGLISH["lunar_day"](words)) == (zh, en)


@given(DAYS)
def test_every_lunar_day_of_two_hundred_years_reads_back(day: date) -> None:
    lunar = to_lunar(min(day, LAST_DAY))
    words = name_month_day(lunar.month, lunar.day, leap=lunar.is_leap_month)

    assert parse_lunar(filters.lunar_day(words)) == (lunar.month, lunar.day, lunar.is_leap_month)


@pytest.mark.parametrize(
    ("born", "animal", "en"),
    [
        (date(1990, 1, 26), "蛇", "Snake"),  # the day before the Spring Festival of 1990
        (date(1990, 1, 27), "马", "Horse"),
        (date(2000, 2, 4), "兔", "Rabbit"),
        (date(2000, 2, 5), "龙", "Dragon"),
        (date(2027, 2, 5), "马", "Horse"),
        (date(2027, 2, 6), "羊", "Goat"),
    ],
)
def test_the_animal_of_a_birth_is_that_of_its_lunar_year(born: date, animal: str, en: str) -> None:
    assert (CHINESE["zodiac"](born), ENGLISH["zodiac"](born)) == (animal, en)


def test_the_animals_go_round_in_twelve_years() -> None:
    assert "".join(filters.zodiac(str(year)) for year in range(2020, 2032)) == "鼠牛虎兔龙蛇马羊猴鸡狗猪"


@pytest.mark.parametrize(
    ("born", "on", "full", "nominal"),
    [
        (date(2000, 3, 8), date(2027, 3, 7), 26, 28),
        (date(2000, 3, 8), date(2027, 3, 8), 27, 28),
        (date(2000, 2, 29), date(2027, 2, 28), 26, 28),
        (date(2000, 2, 29), date(2027, 3, 1), 27, 28),
        (date(2027, 2, 5), date(2027, 2, 5), 0, 1),
        (date(2027, 2, 5), date(2027, 2, 6), 0, 2),  # one day old, two in the old count
        (date(1967, 8, 15), date(2027, 8, 15), 60, 61),
    ],
)
def test_ages_are_told_by_completed_years_and_by_the_old_count(
    born: date, on: date, full: int, nominal: int
) -> None:
    assert (filters.age(born, on), filters.nominal_age(born, on)) == (full, nominal)


@given(DAYS, DAYS)
def test_the_old_count_is_one_or_two_more_and_agrees_with_the_calendar(first: date, second: date) -> None:
    born, on = min(first, second, LAST_DAY), min(max(first, second), LAST_DAY)
    if on.year - born.year > 120:
        return

    full, nominal = filters.age(born, on), filters.nominal_age(born, on)

    assert nominal - full in {0, 1, 2}
    when = PersonalDate(kind="birthday", calendar="solar", month=born.month, day=born.day, year=born.year)
    assert nominal == nominal_age_on(when, on)


@pytest.mark.parametrize("name", ["age", "nominal_age"])
@pytest.mark.parametrize(
    ("born", "on"), [(date(2027, 3, 9), date(2027, 3, 8)), (date(1901, 1, 1), date(2099, 1, 1))]
)
def test_an_age_nobody_has_is_odd(name: str, born: date, on: date) -> None:
    for table in (CHINESE, ENGLISH):
        with pytest.raises(OddValueError):
            table[name](born, on)


@pytest.mark.parametrize(
    ("hour", "minute", "zh", "en"),
    [
        (0, 0, "凌晨0点", "12:00 am"), (0, 30, "凌晨0点30分", "12:30 am"), (4, 59, "凌晨4点59分", "4:59 am"),
        (5, 0, "早上5点", "5:00 am"), (8, 0, "上午8点", "8:00 am"), (9, 30, "上午9点30分", "9:30 am"),
        (11, 5, "上午11点05分", "11:05 am"), (12, 0, "中午12点", "12:00 pm"), (12, 30, "中午12点30分", "12:30 pm"),
        (13, 0, "下午1点", "1:00 pm"), (17, 59, "下午5点59分", "5:59 pm"), (18, 0, "晚上6点", "6:00 pm"),
        (23, 59, "晚上11点59分", "11:59 pm"),
    ],
)  # fmt: skip
def test_the_time_of_day_is_said_as_people_say_it(hour: int, minute: int, zh: str, en: str) -> None:
    instant = datetime(2027, 3, 8, hour, minute, tzinfo=SHANGHAI)

    assert (CHINESE["spoken_time"](instant), ENGLISH["spoken_time"](instant)) == (zh, en)
    assert CHINESE["clock"](instant) == ENGLISH["clock"](instant) == f"{hour:02d}:{minute:02d}"
    assert CHINESE["moment"](instant) == f"3月8日{hour:02d}:{minute:02d}"
    assert ENGLISH["moment"](instant) == f"{hour:02d}:{minute:02d} on 8 March"


@given(st.datetimes(), st.integers(-12, 14))
def test_a_moment_holds_the_clock_of_its_zone(moment: datetime, offset: int) -> None:
    instant = moment.replace(tzinfo=timezone(timedelta(hours=offset)))

    assert filters.moment(instant).endswith(f"日{moment.hour:02d}:{moment.minute:02d}")


def test_both_languages_have_every_filter() -> None:
    assert set(CHINESE) == set(ENGLISH) == set(FITS)
    assert all(set(environment.filters) == set(FITS) for environment in ENVIRONMENTS.values())
