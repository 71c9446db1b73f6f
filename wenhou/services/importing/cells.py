"""One cell: its text to a value, or what would be right. Pure functions; a wrong cell raises `CellError`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from wenhou.core.addresses import AddressInvalid, customer_email, normalise_phone
from wenhou.core.calendars.problems import CalendarError, DateProblem, Severity
from wenhou.core.calendars.reading import ParsedDate, check, parse_birthday_text
from wenhou.core.calendars.validation import LUNAR, SOLAR
from wenhou.core.money import MoneyInvalid, parse_money

CLEAR: Final = "\\N"
"""Written in a cell, it empties the field; a blank cell leaves it."""


class CellError(ValueError):
    """A cell that cannot be taken; both sentences say what would be right."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A date read from a cell; `question` is what somebody should ask about it."""

    calendar: str
    year: int | None
    month: int
    day: int
    is_leap_month: bool = False
    question: DateProblem | None = None


Parser = Callable[[str, date], Any]
"""Cell text (stripped, not blank) and the bank's today → value; raises CellError."""


def text(limit: int) -> Parser:
    """Any words up to a length; characters nobody can see are refused."""

    def parse(cell: str, _today: date) -> str:
        if len(cell) > limit:
            raise CellError(f"太长：最多 {limit} 个字", f"too long: {limit} characters at most")
        if not cell.isprintable():
            raise CellError(
                "含有不可见字符（换行、制表符等），请删除", "holds invisible characters; remove them"
            )
        return cell

    return parse


_REF: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z_./:#@-]{0,63}")


def reference(cell: str, _today: date) -> str:
    """A customer number: what Excel made of a long one is refused, not guessed."""
    plain = unicodedata.normalize("NFKC", cell)
    if re.fullmatch(r"\d(\.\d+)?E\+\d+", plain, re.IGNORECASE):
        raise CellError(
            "客户号被 Excel 变成了科学计数法，请把该列设为“文本”后重新导出",
            "Excel turned the number into scientific notation; make the column text and export again",
        )
    if _REF.fullmatch(plain) is None:
        raise CellError(
            "客户号应为字母、数字和 _ - . / : # @，最多 64 位",
            "a customer number is letters, digits and _-./:#@, at most 64",
        )
    return plain


def word(words: Mapping[str, str]) -> Parser:
    """One of the words people write, to the word we store."""
    stored = {key.casefold(): value for key, value in words.items()}
    listed = "、".join(words)

    def parse(cell: str, _today: date) -> str:
        try:
            return stored[unicodedata.normalize("NFKC", cell).casefold()]
        except KeyError:
            raise CellError(f"应为：{listed}", f"must be one of: {listed}") from None

    return parse


_YES: Final = frozenset("是 同意 有 y yes true 1 √ ✓ 已签署 已同意".split())
_NO: Final = frozenset("否 不同意 无 没有 n no false 0 × x 未签署 未同意 拒绝".split())


def yes_or_no(cell: str, _today: date) -> bool:
    """是 or 否 as branches write them."""
    plain = unicodedata.normalize("NFKC", cell).casefold()
    if plain in _YES or plain in _NO:
        return plain in _YES
    raise CellError("应为“是”或“否”", "must be 是 (yes) or 否 (no)")


def money(cell: str, _today: date) -> int:
    """Yuan to fen, negative allowed."""
    try:
        return parse_money(cell)
    except MoneyInvalid as error:
        raise CellError(error.sentence_zh, error.sentence_en) from None


def mobile(cell: str, _today: date) -> str:
    """A mobile number as E.164; landlines are refused, numbers abroad are taken."""
    try:
        phone = normalise_phone(cell)
    except AddressInvalid as error:
        raise CellError(error.sentence_zh, error.sentence_en) from None
    if phone.e164.startswith("+86") and not phone.is_mainland_mobile:
        raise CellError(
            "这是固定电话，收不到短信；应为 11 位手机号，如 13800138000",
            "a landline takes no texts; give a mobile number of 11 digits such as 13800138000",
        )
    return phone.e164


def email(cell: str, _today: date) -> str:
    """A mail address, its domain in lower case; one at a mistyped domain is refused with what was meant."""
    try:
        return customer_email(cell)
    except AddressInvalid as error:
        raise CellError(error.sentence_zh, error.sentence_en) from None


_PLATFORM_ID: Final = re.compile(r"[0-9A-Za-z_\-+.@]{1,128}", re.ASCII)


def platform_id(cell: str, _today: date) -> str:
    """An openid or external user id: given by the platform, case matters."""
    if _PLATFORM_ID.fullmatch(cell) is None:
        raise CellError(
            "应为平台给出的编号（字母、数字、_ -）", "must be the id the platform gave (letters, digits, _ -)"
        )
    return cell


def words(cell: str, _today: date) -> list[str]:
    """Several words in a cell, in the file's order, each once."""
    parts = [part.strip() for part in re.split(r"[;；,，、|/]", cell)]
    found = list(dict.fromkeys(part for part in parts if part))
    for part in found:
        text(60)(part, _today)
    return found


def zone(cell: str, _today: date) -> str:
    """An IANA zone name."""
    try:
        return ZoneInfo(cell).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CellError("应为时区名，如 Asia/Shanghai", "must be a zone name such as Asia/Shanghai") from None


def year(cell: str, today: date) -> int:
    """A year of birth."""
    if not re.fullmatch(r"\d{4}年?", cell, re.ASCII) or not 1900 <= int(cell[:4]) <= today.year:
        raise CellError(f"应为 1900 至 {today.year} 的年份", f"must be a year from 1900 to {today.year}")
    return int(cell[:4])


def birth_year_in(reference_year: int) -> Parser:
    """An age to the year of birth it means in a reference year: approximate by one."""

    def parse(cell: str, _today: date) -> int:
        if not re.fullmatch(r"\d{1,3}", cell, re.ASCII) or int(cell) > 120:
            raise CellError("应为 0 至 120 的年龄", "must be an age from 0 to 120")
        return reference_year - int(cell)

    return parse


def solar_day(cell: str, today: date) -> Day:
    """A day of the solar calendar."""
    return _day(cell, today, SOLAR)


def lunar_day(cell: str, today: date) -> Day:
    """A day of the lunar calendar; plain digits (08-15) are taken as lunar here."""
    return _day(cell, today, LUNAR)


def any_day(cell: str, today: date) -> Day:
    """A day of whichever calendar its words name; digits alone are solar."""
    return _day(cell, today, None)


def past_date(cell: str, today: date) -> date:
    """A whole solar date that is not after today: an opening, a signature."""
    found = _day(cell, today, SOLAR)
    if found.year is None:
        raise CellError(f"“{cell}”缺少年份，应如 2019-03-08", f"{cell!r} has no year; write 2019-03-08")
    when = date(found.year, found.month, found.day)
    if when > today:
        raise CellError(f"{when} 在今天（{today}）之后，应为已发生的日期", f"{when} is after today ({today})")
    return when


def _day(cell: str, today: date, calendar: str | None) -> Day:
    try:
        parsed = parse_birthday_text(cell)
    except CalendarError as error:
        raise CellError(error.problem.zh, error.problem.en) from None
    if calendar == SOLAR and parsed.calendar == LUNAR:
        raise CellError(
            "这是农历日期，请填在“农历生日”列", "this is a lunar date; write it in the column 农历生日"
        )
    if calendar == LUNAR and parsed.calendar == SOLAR:
        parsed = ParsedDate(
            calendar=LUNAR,
            year=parsed.year,
            month=parsed.month,
            day=parsed.day,
            is_leap_month=parsed.is_leap_month,
        )
    problem = check(parsed, today=today)
    if problem is not None and (problem.severity is Severity.REFUSE or problem.code == "in_the_future"):
        raise CellError(problem.zh, problem.en)
    return Day(
        calendar=parsed.calendar,
        year=parsed.year,
        month=parsed.month,
        day=parsed.day,
        is_leap_month=parsed.is_leap_month,
        question=problem,
    )
