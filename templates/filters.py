"""The filters a template may use: partial numbers, money, dates, zodiac, age; Chinese and English.

Input is plain and already checked by type (`templates.placeholders`); `FITS` says which type each filter
takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from types import MappingProxyType

from templates.lunar_words import parse_lunar
from templates.placeholders import PlaceholderType
from wenhou.core.money import FEN_PER_WAN, format_wan, format_yuan

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
        "age": frozenset({_T.DATE}),
        "lunar_day": frozenset({_T.LUNAR_DATE}),
        "zodiac": frozenset({_T.DIGITS}),
    }
)
# Printed bare these would read 2027-03-08 or an amount in fen.
NEED_A_FILTER = frozenset({_T.DATE, _T.LUNAR_DATE, _T.MONEY})
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
TAIL = 4
_YEAR = re.compile(r"(?:19|20)[0-9]{2}\Z|2100\Z")


def tail4(number: str) -> str:
    """尾号1234."""
    return f"尾号{_last_four(number)}"


def yuan(fen: int) -> str:
    """1,234.56元 of 123456 fen; no decimals when there are no fen."""
    return f"{_grouped(fen)}元"


def wan(fen: int) -> str:
    """12.35万元, at most two decimals, rounded half up; below one 万 as 元."""
    if fen < FEN_PER_WAN:
        return yuan(fen)
    return format_wan(fen).removesuffix("万").removesuffix("0").removesuffix(".0") + "万元"


def cn_date(day: date) -> str:
    """3月8日."""
    return f"{day.month}月{day.day}日"


def full_date(day: date) -> str:
    """2027年3月8日."""
    return f"{day.year}年{cn_date(day)}"


def weekday(day: date) -> str:
    """星期一."""
    return _WEEKDAYS[0][day.weekday()]


def zodiac(lunar_year: str) -> str:
    """羊 for "2027": the animal of the lunar year that begins at that year's Spring Festival."""
    return _ZODIAC[0][(int(lunar_year) - 4) % 12]


def lunar_day(words: str) -> str:
    """农历八月十五."""
    return f"农历{words}"


def age(born: date, on: date) -> int:
    """周岁 on a day; someone born on 29 February is older from 1 March in common years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


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


def _zodiac_en(lunar_year: str) -> str:
    return _ZODIAC[1][(int(lunar_year) - 4) % 12]


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
    "weekday": weekday, "age": age, "lunar_day": lunar_day, "zodiac": zodiac,
}  # fmt: skip
ENGLISH: dict[str, FilterFunction] = {
    "salutation": as_it_is, "tail4": _tail4_en, "yuan": _yuan_en, "wan": _yuan_en, "cn_date": _date_en,
    "full_date": _full_date_en, "weekday": _weekday_en, "age": age, "lunar_day": _lunar_day_en, "zodiac": _zodiac_en,
}  # fmt: skip


def unfit(filter_name: str, value: object) -> bool:
    """Say whether a value of the right type still makes no sense to the filter (a tail of three digits, year 12)."""
    if filter_name == "tail4":
        return len(_last_four(str(value))) != TAIL
    if filter_name == "zodiac":
        return not _YEAR.match(str(value))
    return False
