"""The filters a template may use: partial numbers, money, dates, times, zodiac, age; Chinese and English.

Input is plain and already checked by type (`templates.placeholders`); `FITS` says which type each filter takes, `unfit`
which values of that type still make no sense to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from types import MappingProxyType

from templates.lunar_words import parse_lunar
from templates.placeholders import OddValueError, PlaceholderType
from wenhou.core.calendars.lunar import FIRST_DAY, LAST_DAY, to_lunar
from wenhou.core.money import FEN_PER_WAN, FEN_PER_YI, format_wan, format_yuan

_T = PlaceholderType
FITS = MappingProxyType(
    {
        "salutation": frozenset({_T.SALUTATION}),
        "tail4": frozenset({_T.DIGITS, _T.PHONE}),
        "yuan": frozenset({_T.MONEY}),
        "wan": frozenset({_T.MONEY}),
        "cn_date": frozenset({_T.DATE}),
        "full_date": frozenset({_T.DATE}),
        "weekday": frozenset({_T.DATE}),
        "short_weekday": frozenset({_T.DATE}),
        "age": frozenset({_T.DATE}),
        "nominal_age": frozenset({_T.DATE}),
        "clock": frozenset({_T.INSTANT}),
        "spoken_time": frozenset({_T.INSTANT}),
        "moment": frozenset({_T.INSTANT}),
        "lunar_day": frozenset({_T.LUNAR_DATE}),
        "zodiac": frozenset({_T.DIGITS, _T.DATE}),
        "cn_number": frozenset({_T.DIGITS}),
    }
)
# Printed bare these would read 2027-03-08 or an amount in fen.
NEED_A_FILTER = frozenset({_T.DATE, _T.INSTANT, _T.LUNAR_DATE, _T.MONEY})
TAKE_A_DATE = frozenset({"age", "nominal_age"})
"""Filters with one argument: the day on which somebody is so old."""
_ZODIAC = (
    tuple("鼠牛虎兔龙蛇马羊猴鸡狗猪"),
    ("Rat", "Ox", "Tiger", "Rabbit", "Dragon", "Snake", "Horse", "Goat", "Monkey", "Rooster", "Dog", "Pig"),
)
_WEEKDAYS = (
    tuple(f"星期{day}" for day in "一二三四五六日"),
    ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_PERIODS = (
    (5, "凌晨"),
    (8, "早上"),
    (12, "上午"),
    (13, "中午"),
    (18, "下午"),
    (24, "晚上"),
)  # until which hour
_DIGITS = "零一二三四五六七八九"
_OLDEST = 130
_NOON = 12
_TEEN = 20
TAIL = 4
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\Z|2100\Z")


def tail4(number: str) -> str:
    """尾号1234."""
    return f"尾号{_last_four(number)}"


def yuan(fen: int) -> str:
    """1,234.56元 of 123456 fen; no decimals when there are no fen."""
    return f"{_grouped(fen)}元"


def wan(fen: int) -> str:
    """12.35万元, at most two decimals, rounded half up; below one 万 as 元, from one 亿 as 1.2亿元."""
    if fen < FEN_PER_WAN:
        return yuan(fen)
    # What rounds up to 10,000万 is said as 1亿.
    if fen >= FEN_PER_YI - FEN_PER_WAN // 200:
        return f"{_two_decimals(fen * FEN_PER_WAN // FEN_PER_YI)}亿元"
    return f"{_two_decimals(fen)}万元"


def _two_decimals(fen: int) -> str:
    shown = format_wan(fen).removesuffix("万")
    return shown.rstrip("0").removesuffix(".")


def cn_date(day: date) -> str:
    """3月8日."""
    return f"{day.month}月{day.day}日"


def full_date(day: date) -> str:
    """2027年3月8日."""
    return f"{day.year}年{cn_date(day)}"


def weekday(day: date) -> str:
    """星期一."""
    return _WEEKDAYS[0][day.weekday()]


def short_weekday(day: date) -> str:
    """周一."""
    return f"周{weekday(day)[-1]}"


def zodiac(year_or_birth: str | date) -> str:
    """羊 for "2027", the lunar year that begins at that year's Spring Festival; of a birth date, its lunar year's."""
    return _ZODIAC[0][(_lunar_year(year_or_birth) - 4) % 12]


def cn_number(number: str) -> str:
    """六十 for "60", 一百零一 for "101"; up to 9999."""
    value = int(number)
    if value < _TEEN // 2:
        return _DIGITS[value]
    said, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + name
        gap = not digit
    return said.removeprefix("一") if value < _TEEN else said


def clock(instant: datetime) -> str:
    """15:30."""
    return f"{instant:%H:%M}"


def spoken_time(instant: datetime) -> str:
    """上午9点30分, 下午3点, 中午12点05分."""
    period = next(name for until, name in _PERIODS if instant.hour < until)
    hour = instant.hour - _NOON if instant.hour > _NOON else instant.hour
    return f"{period}{hour}点" + (f"{instant.minute:02d}分" if instant.minute else "")


def moment(instant: datetime) -> str:
    """3月8日15:30: an absolute time, which stays true however late it is read."""
    return f"{cn_date(instant)}{clock(instant)}"


def lunar_day(words: str) -> str:
    """农历八月十五."""
    return f"农历{words}"


def age(born: date, on: date) -> int:
    """周岁 on a day; someone born on 29 February is older from 1 March in common years."""
    return _sane_age(on.year - born.year - ((on.month, on.day) < (born.month, born.day)))


def nominal_age(born: date, on: date) -> int:
    """虚岁 on a day: 1 at birth, one more from each Spring Festival on."""
    if on < born:
        raise OddValueError("odd")
    return _sane_age(to_lunar(on).year - to_lunar(born).year + 1)


def _sane_age(years: int) -> int:
    if not 0 <= years <= _OLDEST:
        raise OddValueError("odd")
    return years


def as_it_is(value: str) -> str:
    """A salutation is made before the template sees it; the filter only says so aloud."""
    return value


def _tail4_en(number: str) -> str:
    return f"ending {_last_four(number)}"


def _yuan_en(fen: int) -> str:
    return f"CNY {_grouped(fen)}"


def _date_en(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _full_date_en(day: date) -> str:
    return f"{_date_en(day)} {day.year}"


def _weekday_en(day: date) -> str:
    return _WEEKDAYS[1][day.weekday()]


def _short_weekday_en(day: date) -> str:
    return _weekday_en(day)[:3]


def _zodiac_en(year_or_birth: str | date) -> str:
    return _ZODIAC[1][(_lunar_year(year_or_birth) - 4) % 12]


def _spoken_time_en(instant: datetime) -> str:
    half = "am" if instant.hour < _NOON else "pm"
    return f"{(instant.hour - 1) % _NOON + 1}:{instant.minute:02d} {half}"


def _moment_en(instant: datetime) -> str:
    return f"{clock(instant)} on {_date_en(instant)}"


def _lunar_year(year_or_birth: str | date) -> int:
    return to_lunar(year_or_birth).year if isinstance(year_or_birth, date) else int(year_or_birth)


def _lunar_day_en(words: str) -> str:
    month, day, leap = parse_lunar(words)
    return f"the {_ordinal(day)} of the {_ordinal(month)} {'leap ' if leap else ''}lunar month"


def _ordinal(number: int) -> str:
    teens = range(10, 20)
    return f"{number}{'th' if number in teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


def _last_four(number: str) -> str:
    return "".join(ch for ch in number if ch.isdigit())[-TAIL:]


def _grouped(fen: int) -> str:
    return format_yuan(fen).removesuffix(".00")


FilterFunction = Callable[..., str | int]
CHINESE: dict[str, FilterFunction] = {
    "salutation": as_it_is, "tail4": tail4, "yuan": yuan, "wan": wan, "cn_date": cn_date, "full_date": full_date,
    "weekday": weekday, "short_weekday": short_weekday, "age": age, "nominal_age": nominal_age, "lunar_day": lunar_day,
    "zodiac": zodiac, "cn_number": cn_number, "clock": clock, "spoken_time": spoken_time, "moment": moment,
}  # fmt: skip
ENGLISH: dict[str, FilterFunction] = {
    "salutation": as_it_is, "tail4": _tail4_en, "yuan": _yuan_en, "wan": _yuan_en, "cn_date": _date_en,
    "full_date": _full_date_en, "weekday": _weekday_en, "short_weekday": _short_weekday_en, "age": age,
    "nominal_age": nominal_age, "lunar_day": _lunar_day_en, "zodiac": _zodiac_en, "cn_number": as_it_is, "clock": clock,
    "spoken_time": _spoken_time_en, "moment": _moment_en,
}  # fmt: skip


def unfit(filter_name: str, value: object) -> bool:
    """Say whether a value of the right type still makes no sense to the filter (a tail of three digits, year 12)."""
    if filter_name == "tail4":
        return len(_last_four(str(value))) != TAIL
    if filter_name == "cn_number":
        return len(str(value)) > TAIL or (str(value).startswith("0") and str(value) != "0")
    if filter_name in {"zodiac", "nominal_age"} and isinstance(value, date):
        return not FIRST_DAY <= value <= LAST_DAY
    if filter_name == "zodiac":
        return not _YEAR.match(str(value))
    return False
