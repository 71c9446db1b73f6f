"""What a text message costs: carriers bill each part."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum


class PriceClass(StrEnum):
    """How dear one message is, by its parts."""

    NONE = "none"
    SINGLE = "single"
    DOUBLE = "double"
    LONG = "long"


NAMES = {
    PriceClass.NONE: ("不计条", "not billed by parts"),
    PriceClass.SINGLE: ("1条", "one part"),
    PriceClass.DOUBLE: ("2条", "two parts"),
    PriceClass.LONG: ("3条及以上", "three parts or more"),
}


def price_class(parts: int) -> PriceClass:
    """Return the class of a message of so many parts; 0 for what is not billed by parts (mail, WeChat)."""
    if parts <= 0:
        return PriceClass.NONE
    return (PriceClass.SINGLE, PriceClass.DOUBLE, PriceClass.LONG)[min(parts, 3) - 1]


def price_of(parts: int, fen_per_part: Decimal) -> Decimal:
    """Return the price in fen; contracts name fractions of a fen (4.5), so nothing is rounded here."""
    return max(parts, 0) * fen_per_part
