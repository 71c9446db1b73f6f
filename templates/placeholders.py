"""Placeholders: what a template declares, where values come from, which may be written to a customer.

A value is made plain (text, date, whole number) before a template sees it. Whatever is missing, empty or odd
becomes a `Problem`, never text: nobody receives 尊敬的None.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Protocol, runtime_checkable

from templates.lunar_words import parse_lunar
from templates.salutations import BOW, TITLES, Addressee, salutation
from wenhou.core.calendars.lunar import has_ever, name_month_day

MAX_VALUE = 60  # characters, unless the declaration says otherwise
_ODD_WORDS = frozenset(
    "none null nan nil n/a na undefined nat unknown #n/a #ref! #value! <na> tbd todo 未知 空 无 暂无 不详 待定".split()
)
_ODD_MARKS = ("{{", "}}", "{%", "%}", "{#", "${", "<script", "\ufffd", "object at 0x")
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0]|[\u0300-\u036f]{4}")
_IN_NAMES = frozenset(" ·.,'’-（）()、〇")
_NO_NAME = re.compile(r"\b(?:none|null|undefined)\b", re.IGNORECASE)
_PLAIN_NAME = re.compile(r"[\u4e00-\u9fff]+")
_LARGEST = 10**18
_PHONE = re.compile(r"\+?\d[\d\- ]{2,18}\d\Z")
_URL = re.compile(r"https://[A-Za-z0-9.\-]+(?::\d+)?(?:/[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%\-]*)?\Z")


class PlaceholderType(StrEnum):
    """What kind of value fills a placeholder; decides what is sane and which filters fit."""

    TEXT = "text"
    SALUTATION = "salutation"
    DATE = "date"
    INSTANT = "instant"
    """A moment in the bank's own zone, as an aware datetime that is not UTC: nobody here turns one into the other."""
    LUNAR_DATE = "lunar_date"
    NAME = "name"
    MONEY = "money"
    PHONE = "phone"
    DIGITS = "digits"
    URL = "url"
    TURN = "turn"
    """A piece of the template itself (`templates.wordings`), never declared nor filled from outside."""


# Where values come from; the planner fills a placeholder from the fact of this name.
SOURCES = frozenset(
    "rates.number rates.effective_on rates.published_on rates.source rates.table product.name product.issuer product.risk "
    "product.suits product.risk_sentence card.advantages card.risks card.suits card.suits_not card.source card.source_on "
    "customer.salutation customer.name customer.born_on customer.card advisor.name advisor.phone org.name org.phone "
    "bank.name bank.hotline occasion.on occasion.lunar_day occasion.lunar_year event.on event.org event.name "
    "advisor.own_name advisor.own_phone occasion.years occasion.days_left occasion.solar_day occasion.festival "
    "occasion.with_festival occasion.age event.product event.step event.next event.by event.reference "
    "advisor.signed advisor.own_words article.title article.summary article.effective_on article.source article.url "
    "case.reference case.handler case.answer_by feedback.score feedback.call_by opt_out.scope "
    "opt_out.kept link.rating link.preferences link.complaint".split()
)


@runtime_checkable
class LunarDateLike(Protocol):
    """A lunar month and day, as the calendar gives them."""

    @property
    def month(self) -> int:
        """1 … 12."""

    @property
    def day(self) -> int:
        """1 … 30."""

    @property
    def is_leap_month(self) -> bool:
        """Whether it is the 闰 month of that number."""


Value = str | int | date | datetime | Addressee | LunarDateLike
PlainValue = str | int | date | datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Placeholder:
    """A declared placeholder. `default` None means required; `sample` is shown in previews and used by tests."""

    name: str
    type: PlaceholderType
    source: str
    sample: str
    default: str | None = None
    max_length: int = MAX_VALUE


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a message cannot be written. `detail` refines the code: missing, empty, odd, control, type, too_long."""

    code: str
    placeholder: str = ""
    detail: str = ""


class OddValueError(Exception):
    """A value must not reach a customer; the argument is a Problem's `detail`."""


def plain_value(declared: Placeholder, value: Value | None, locale: str) -> PlainValue:
    """Return what a template may see for `value`; OddValueError with the detail when it is missing or odd."""
    if value is None or (isinstance(value, str) and not value.strip()):
        if declared.default:
            return _CONVERTERS[declared.type](declared, declared.default, locale)
        if declared.default is not None:
            return ""
        raise OddValueError("missing" if value is None else "empty")
    if isinstance(value, bool):
        raise OddValueError("type")
    return _CONVERTERS[declared.type](declared, value, locale)


def _text(declared: Placeholder, value: Value, _locale: str) -> str:
    if isinstance(value, int):
        value = str(value) if abs(value) < _LARGEST else ""
    if not isinstance(value, str):
        raise OddValueError("type")
    text, why_odd = _looked_at(value)
    if why_odd:
        raise OddValueError(why_odd)
    if len(text) > declared.max_length:
        raise OddValueError("too_long")
    return text


@lru_cache(maxsize=8_192)
def _looked_at(value: str) -> tuple[str, str]:
    """The text without blanks around it, and why it must not reach a customer; the same few values come all day."""
    text = value.replace("\u3000", " ").replace("\u00a0", " ").strip()
    # Control, format, private, unassigned, lone surrogates, line separators; and letters that print nothing.
    if not text.isprintable() or _INVISIBLE.search(text):
        return text, "control"
    folded = unicodedata.normalize("NFKC", text).lower()
    if folded.strip(" .-_()（）[]【】<>") in _ODD_WORDS or any(mark in folded for mark in _ODD_MARKS):
        return text, "odd"
    return text, "" if any(ch.isalnum() for ch in folded) else "odd"


def _name(declared: Placeholder, value: Value, locale: str) -> str:
    text = _text(declared, value, locale)
    if text in TITLES:  # 先生 alone is nobody
        raise OddValueError("odd")
    if not _PLAIN_NAME.fullmatch(text) and (
        _NO_NAME.search(text) or not all(_is_of_a_name(ch) for ch in text)
    ):
        raise OddValueError("odd")
    return text


def _is_of_a_name(char: str) -> bool:
    return char.isalpha() or char in _IN_NAMES or bool(unicodedata.combining(char))


def _salutation(declared: Placeholder, value: Value, locale: str) -> str:
    if isinstance(value, Addressee):
        value = salutation(value, locale)
        if not value:
            raise OddValueError("odd")
    text = _name(declared, value, locale)
    if BOW.match(text):
        raise OddValueError("odd")
    return text


def _instant(_declared: Placeholder, value: Value, _locale: str) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise OddValueError("type") from None
    # UTC would print as eight hours too early: whoever fills this forgot the bank's zone.
    if not isinstance(value, datetime) or value.tzinfo is None or value.tzinfo is UTC:
        raise OddValueError("type")
    if not 1900 <= value.year <= 2100:
        raise OddValueError("odd")
    return value


def _date(_declared: Placeholder, value: Value, _locale: str) -> date:
    if isinstance(value, datetime):
        raise OddValueError(
            "type"
        )  # an instant has no date until a zone is chosen, and that is the planner's act
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            raise OddValueError("type") from None
    if not isinstance(value, date):
        raise OddValueError("type")
    if not 1900 <= value.year <= 2100:
        raise OddValueError("odd")
    return value


def _lunar(declared: Placeholder, value: Value, locale: str) -> str:
    if isinstance(value, str):
        try:
            month, day, leap = parse_lunar(_text(declared, value, locale))
        except ValueError:
            raise OddValueError("odd") from None
        return name_month_day(month, day, leap=leap)
    if isinstance(value, date) or not isinstance(value, LunarDateLike):
        raise OddValueError("type")
    if not has_ever(value.month, value.day, leap=value.is_leap_month):
        raise OddValueError("odd")
    return name_month_day(value.month, value.day, leap=value.is_leap_month)


def _money(_declared: Placeholder, value: Value, _locale: str) -> int:
    if isinstance(value, str) and re.fullmatch(r"\d{1,15}", value.strip()):
        value = int(value)
    if not isinstance(value, int):
        raise OddValueError("type")
    if not 0 <= value < 10**15:
        raise OddValueError("odd")
    return value


def _phone(declared: Placeholder, value: Value, locale: str) -> str:
    text = _text(declared, value, locale)
    if not _PHONE.match(text) or len({char for char in text if char.isdigit()}) == 1:
        raise OddValueError("odd")
    return text


def _matching(pattern: re.Pattern[str]) -> Callable[[Placeholder, Value, str], str]:
    def convert(declared: Placeholder, value: Value, locale: str) -> str:
        text = _text(declared, value, locale)
        if not pattern.match(text):
            raise OddValueError("odd")
        return text

    return convert


_CONVERTERS: dict[PlaceholderType, Callable[[Placeholder, Value, str], PlainValue]] = {
    PlaceholderType.TEXT: _text,
    PlaceholderType.SALUTATION: _salutation,
    PlaceholderType.NAME: _name,
    PlaceholderType.DATE: _date,
    PlaceholderType.INSTANT: _instant,
    PlaceholderType.LUNAR_DATE: _lunar,
    PlaceholderType.MONEY: _money,
    PlaceholderType.PHONE: _phone,
    PlaceholderType.DIGITS: _matching(re.compile(r"[0-9]+\Z")),
    PlaceholderType.URL: _matching(_URL),
}
