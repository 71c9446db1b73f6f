"""Lunar days in words, back from text: 八月十五, 农历闰四月初一. Writing them is `calendars.lunar.name_month_day`."""

from __future__ import annotations

import functools
import re

from wenhou.core.calendars.lunar import DAY_NAMES, MONTH_NAMES, has_ever

_MONTHS = {name: number for number, name in enumerate(MONTH_NAMES, 1)} | {
    "一": 1,
    "十一": 11,
    "冬": 11,
    "十二": 12,
    "腊": 12,
}
_DAYS = {name: number for number, name in enumerate(DAY_NAMES, 1)} | {
    f"二十{digit}": 20 + number for number, digit in enumerate("一二三四五六七八九", 1)
}
_SHAPE = re.compile(
    r"(?:农历|阴历)?(?P<leap>闰)?(?P<month>[正一二三四五六七八九十冬腊]{1,2})月(?P<day>[初一二三四五六七八九十廿]{1,3})\Z"
)


@functools.lru_cache(maxsize=1024)
def parse_lunar(text: str) -> tuple[int, int, bool]:
    """Return (month, day, leap) for 八月十五 or 农历闰四月初一. Raises ValueError when no year has such a day."""
    found = _SHAPE.match(text.strip())
    month = _MONTHS.get(found["month"], 0) if found else 0
    day = _DAYS.get(found["day"], 0) if found else 0
    leap = bool(found and found["leap"])
    if not (month and day and has_ever(month, day, leap=leap)):
        message = "no lunar day"
        raise ValueError(message)
    return month, day, leap
