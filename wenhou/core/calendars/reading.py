"""Reading a birthday as branches write it: 1990-02-03, 19900203, 2月3日, 农历八月初三, 腊月三十.

Reads only; whether such a day exists is `check`. What could mean two things (03/02/1990, 90-2-3) is refused,
not guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from wenhou.core.calendars.lunar import DAY_NAMES
from wenhou.core.calendars.problems import CalendarError, DateProblem
from wenhou.core.calendars.validation import LUNAR, SOLAR, check_date


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDate:
    """A date as written, not yet known to exist. `year` is of that calendar, None where none was written."""

    calendar: str
    year: int | None
    month: int
    day: int
    is_leap_month: bool = False


_LUNAR_WORDS: Final = re.compile("农历|阴历|旧历|夏历")
_SOLAR_WORDS: Final = re.compile("公历|阳历|新历|国历|西历")
_NOISE: Final = re.compile(r"[\s()\[\]:]|生日|出生")
_MIDNIGHT: Final = re.compile(r"[T ]\s*00:00(:00(\.0+)?)?Z?$")

_CN: Final = "〇零一二三四五六七八九十正冬腊廿卅初"
_PACKED: Final = re.compile(r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})")
_SEPARATED: Final = re.compile(
    r"(?:(?P<year>\d{4})([-/.]))?(?P<leap>闰)?(?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
)
_WRITTEN: Final = re.compile(
    r"(?:(?P<year>\d{4}|[〇零一二三四五六七八九]{4})年?)?(?P<leap>闰)?"
    rf"(?P<month>\d{{1,2}}|[{_CN}]{{1,2}})月(?P<day>\d{{1,2}}|[{_CN}]{{1,3}})(?P<mark>[日号])?"
)
_SHORT_YEAR: Final = re.compile(r"\d{2}[-/.年]\d{1,2}[-/.月]\d{1,2}日?")
_YEAR_LAST: Final = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{4}")
_NO_DAY: Final = re.compile(r"(\d{4}[-/.年]\d{1,2}月?|\d{6}|.*月)")

_CN_DIGITS: Final = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0}
_MONTH_WORDS: Final = {"正": 1, "冬": 11, "腊": 12} | {
    word: number
    for number, word in enumerate(
        ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"], 1
    )
}
_MONTH_WORDS_LUNAR_ONLY: Final = frozenset("正冬腊")
_DAY_WORDS: Final = (
    {word: number for number, word in enumerate(DAY_NAMES, 1)}
    | {f"二十{char}": 20 + value for char, value in _CN_DIGITS.items() if value}
    | {char: value for char, value in _CN_DIGITS.items() if value}
    | {"十": 10, "廿": 20, "卅": 30, "三十一": 31, "卅一": 31}
)


def parse_birthday_text(text: str) -> ParsedDate:
    """The date a person wrote.

    CalendarError (`unreadable_date`, `ambiguous_date`, `incomplete_date`) says what to write instead. Chinese
    day words without 日 or 号 are lunar (八月十五), with it solar (八月十五日), unless the calendar is named.
    """
    plain = _MIDNIGHT.sub("", unicodedata.normalize("NFKC", text).strip())
    is_lunar, is_solar = bool(_LUNAR_WORDS.search(plain)), bool(_SOLAR_WORDS.search(plain))
    bare = _NOISE.sub("", _SOLAR_WORDS.sub("", _LUNAR_WORDS.sub("", plain))).replace("閏", "闰")
    match = _PACKED.fullmatch(bare) or _SEPARATED.fullmatch(bare) or _WRITTEN.fullmatch(bare)
    parts = match.groupdict() if match else {}
    month, day = _read(parts.get("month"), _MONTH_WORDS), _read(parts.get("day"), _DAY_WORDS)
    if month is None or day is None:
        raise CalendarError(_explain(text, bare))
    if is_lunar and is_solar:
        raise CalendarError(_ambiguous(text))
    leap = parts.get("leap") is not None
    lunar = is_lunar or (not is_solar and (leap or _sounds_lunar(parts)))
    return ParsedDate(
        calendar=LUNAR if lunar else SOLAR,
        year=_read_year(parts.get("year")),
        month=month,
        day=day,
        is_leap_month=leap,
    )


def check(parsed: ParsedDate, *, today: date | None = None) -> DateProblem | None:
    """What is wrong with it, or None; with `today`, a day after it is questioned."""
    return check_date(
        parsed.calendar, parsed.year, parsed.month, parsed.day, leap=parsed.is_leap_month, today=today
    )


def _read(word: str | None, words: dict[str, int]) -> int | None:
    if word is None:
        return None
    return int(word) if word.isdecimal() else words.get(word)


def _read_year(word: str | None) -> int | None:
    if word is None or word.isdecimal():
        return int(word) if word else None
    return int("".join(str(_CN_DIGITS[char]) for char in word))


def _sounds_lunar(parts: dict[str, str | None]) -> bool:
    month, day = parts["month"] or "", parts["day"] or ""
    if month in _MONTH_WORDS_LUNAR_ONLY or day[0] in "初廿":
        return True
    return not day.isdecimal() and parts.get("mark") is None


def _explain(text: str, bare: str) -> DateProblem:
    if _SHORT_YEAR.fullmatch(bare) or _YEAR_LAST.fullmatch(bare):
        return _ambiguous(text)
    if _NO_DAY.fullmatch(bare):
        return DateProblem(
            code="incomplete_date",
            zh=f"“{text}”缺少日，请写成 1990-02-03 或 02-03",
            en=f"{text!r} has no day; write 1990-02-03 or 02-03",
        )
    return DateProblem(
        code="unreadable_date",
        zh=f"看不懂日期“{text}”，请写成 1990-02-03、2月3日或 农历八月初三",
        en=f"{text!r} is not a date we can read; write 1990-02-03, 2月3日 or 农历八月初三",
    )


def _ambiguous(text: str) -> DateProblem:
    return DateProblem(
        code="ambiguous_date",
        zh=f"“{text}”可以有不同理解，请写四位年份、年在前，如 1990-02-03，并只写一种历法",
        en=f"{text!r} can be read in more than one way; "
        "write the year first with four digits (1990-02-03), and one calendar",
    )
