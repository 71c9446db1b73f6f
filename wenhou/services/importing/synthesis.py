"""Made-up values for files that have none: a pure function of seed, field and row, the same in every run.

Nothing here belongs to a person: mail goes to example.com (RFC 2606), and whoever uses it has declared it in a mapping.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

_SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
_GIVEN: Final = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂建国文华玉兰志梅英慧晨宇欣怡子涵浩然思远嘉宁"
_MOBILE_SPACE: Final = 100_000_000
_STRIDE: Final = 7_919
"""A prime that does not divide 10^8: row → number is a permutation, so no two rows share a mobile."""

Maker = Callable[[int, str, int], str]
"""(seed, field, row) → cell text."""


def draw(seed: int, field: str, row: int, below: int) -> int:
    """A number from 0 to `below` - 1."""
    made = hashlib.blake2b(f"{seed}:{field}:{row}".encode(), digest_size=8).digest()
    return int.from_bytes(made, "big") % below


def name(seed: int, field: str, row: int) -> str:
    """A Chinese name of two or three characters."""
    number = draw(seed, field, row, 1 << 40)
    surname, number = _SURNAMES[number % len(_SURNAMES)], number // len(_SURNAMES)
    first, number = _GIVEN[number % len(_GIVEN)], number // len(_GIVEN)
    second = _GIVEN[number % len(_GIVEN)] if number % 4 else ""
    return surname + first + second


def mobile(seed: int, _field: str, row: int) -> str:
    """A mobile number; distinct rows have distinct ones."""
    return f"199{(row * _STRIDE + seed) % _MOBILE_SPACE:08d}"


def email(seed: int, _field: str, row: int) -> str:
    """A mailbox at example.com, which nobody owns."""
    return f"customer{row:07d}.{seed % 1000}@example.com"


def solar_birthday(seed: int, field: str, row: int) -> str:
    """A month and a day of a common year; the year stays unknown."""
    when = date(2001, 1, 1) + timedelta(days=draw(seed, field, row, 365))
    return f"{when:%m-%d}"


def lunar_birthday(seed: int, field: str, row: int) -> str:
    """A lunar month and a day from 1 to 29, in digits."""
    number = draw(seed, field, row, 12 * 29)
    return f"{number // 29 + 1:02d}-{number % 29 + 1:02d}"


MAKERS: Final[dict[str, Maker]] = {
    "name": name,
    "mobile": mobile,
    "email": email,
    "solar_birthday": solar_birthday,
    "lunar_birthday": lunar_birthday,
}
"""What a mapping may ask for by name, beside `choose`."""


def choose(choices: Sequence[str]) -> Maker:
    """One of the words, each as likely as it stands often in the list."""

    def make(seed: int, field: str, row: int) -> str:
        return choices[draw(seed, field, row, len(choices))]

    return make
