"""What words say of a product: from the list for a campaign's own one, from the card for one an advisor chose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from store.database import Session
from store.opinions import find_product

_MOST_CARED = 5


def suits_levels(risk_level: int, *, in_chinese: bool = True) -> str:
    """Whom a risk level suits, as the rules on suitability say it: R2 → C2 and above."""
    if risk_level >= _MOST_CARED:
        return "C5"
    return f"C{risk_level}及以上" if in_chinese else f"C{risk_level} and above"


def product_words(session: Session, code: str | None) -> dict[str, str]:
    """What placeholders `product.*` of a campaign's own product are filled from; empty where it names none."""
    product = find_product(session, code) if code is not None else None
    if product is None:
        return {}
    return {
        "name": product.name,
        "issuer": product.issuer,
        "risk": f"R{product.risk_level}",
        "risk_sentence": product.risk_sentence or "",
    }


def card_words(details: Mapping[str, Any] | None, locale: str) -> dict[str, str]:
    """What placeholders of a card are filled from: its texts in a language; none where it has none in it."""
    blocks = (details or {}).get("blocks")
    found = blocks.get(locale) if isinstance(blocks, Mapping) else None
    return {name: str(text) for name, text in found.items()} if isinstance(found, Mapping) else {}


def card_day(details: Mapping[str, Any] | None) -> date | None:
    """The day of a card's source."""
    try:
        return date.fromisoformat(str((details or {}).get("source_on")))
    except ValueError:
        return None
