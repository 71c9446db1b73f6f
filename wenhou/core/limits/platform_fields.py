"""Fields of an official account's template messages: the key's prefix says the kind, each kind has its limits.

From the reference of category templates (official-account spec §5.2); a violation is answered with 47003.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from wenhou.core.limits.faults import LimitFault, fault

_KEY: Final = re.compile(r"([a-z]+(?:_[a-z]+)*)([0-9]{1,3})")
_HAN: Final = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_CLOCK: Final = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9])?"
_MONTH_NUMBER: Final = r"(?:0?[1-9]|1[0-2])"
_DAY_NUMBER: Final = r"(?:0?[1-9]|[12][0-9]|3[01])"
_DAY: Final = rf"[0-9]{{4}}(?:年{_MONTH_NUMBER}月{_DAY_NUMBER}日|[-/.]{_MONTH_NUMBER}[-/.]{_DAY_NUMBER})"
_TIME: Final = rf"(?:{_DAY} )?{_CLOCK}"
_DATE: Final = rf"{_DAY}(?: {_CLOCK})?"
_Check = Callable[[str], tuple[str, dict[str, object]] | None]


def _most(limit: int) -> _Check:
    """At most so many characters (code points), of any sort."""

    def check(value: str) -> tuple[str, dict[str, object]] | None:
        return ("field_long", {"found": len(value), "most": limit}) if len(value) > limit else None

    return check


def _shape(pattern: str, limit: int, words: str) -> _Check:
    compiled = re.compile(pattern)

    def check(value: str) -> tuple[str, dict[str, object]] | None:
        if not compiled.fullmatch(value):
            return "field_shape", {"found": words}
        return _most(limit)(value)

    return check


def _name(value: str) -> tuple[str, dict[str, object]] | None:
    """Ten characters as soon as one is Chinese, else twenty letters and signs."""
    if any(char.isdigit() for char in value):
        return "field_shape", {"found": "姓名（不含数字）"}
    return _most(10 if _HAN.search(value) else 20)(value)


def _phrase(value: str) -> tuple[str, dict[str, object]] | None:
    if not all(_HAN.match(char) for char in value):
        return "field_shape", {"found": "5个以内汉字"}
    return _most(5)(value)


_KINDS: Final[Mapping[str, _Check]] = MappingProxyType(
    {
        "thing": _most(20),
        "short_thing": _most(5),
        "number": _shape(r"[+-]?[0-9]+(?:\.[0-9]+)?", 32, "数字"),
        "letter": _shape(r"[A-Za-z]+", 32, "字母"),
        "symbol": _shape(r"[^\w\s]+", 5, "符号"),
        "character_string": _shape(r"[\x20-\x7e]+", 32, "数字、字母、符号（不含汉字）"),
        "time": _shape(rf"{_TIME}(?:~{_TIME})?", 64, "24小时制时间，如2026年3月1日 15:01"),
        "date": _shape(rf"{_DATE}(?:~{_DATE})?", 64, "年月日，如2026年3月1日"),
        "amount": _shape(r"[¥￥$€£]?[0-9]{1,10}(?:\.[0-9]{1,2})?元?", 16, "金额，如¥123.45或123.45元"),
        "phone_number": _shape(r"[0-9+() -]+", 17, "电话号码"),
        "car_number": _shape(r"\w[A-Za-z0-9·]{1,6}\w", 8, "车牌号"),
        "name": _name,
        "phrase": _phrase,
        "const": _most(20),
    }
)
KINDS: Final = frozenset(_KINDS)


def kind_of(key: str) -> str:
    """Return the kind of a field key (`thing1` → `thing`); "" when the platform has no such kind."""
    found = _KEY.fullmatch(key)
    return found[1] if found and found[1] in _KINDS else ""


def check_field(key: str, value: str, approved: frozenset[str] | None = None) -> LimitFault | None:
    """Return what the platform would refuse about one field; `approved`: the values of a `const`, None if unknown."""
    kind = kind_of(key)
    if not kind:
        return fault("field_unknown", field=key)
    if not value.strip():
        # The platform's page lets a constant be empty; nobody here sends a gap.
        return fault("value_empty", field=key)
    if not value.isprintable():
        return fault("value_control", field=key)
    if kind == "const" and approved is not None and value not in approved:
        return fault("field_unlisted", field=key)
    wrong = _KINDS[kind](value)
    return fault(wrong[0], field=key, **wrong[1]) if wrong else None


def check_fields(
    values: Mapping[str, str], constants: Mapping[str, frozenset[str]] | None = None
) -> tuple[LimitFault, ...]:
    """Return every fault of a template message's data; `constants`: field → the values approved for it."""
    listed = constants or {}
    found = (check_field(key, value, listed.get(key)) for key, value in values.items())
    return tuple(one for one in found if one is not None)
