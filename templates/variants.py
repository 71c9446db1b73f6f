"""Which wording a customer gets: stable for a year, another next year, spread over people."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import lru_cache
from operator import attrgetter

from templates.library import Variant


def pick(
    variants: Sequence[Variant],
    customer_key: str,
    year: int,
    advisor_key: str,
    *,
    avoid: Collection[str] = (),
) -> Variant:
    """Return the wording for a customer in a year.

    The start is hashed from customer and advisor and moves on by one each year, so with n variants a text
    comes back after n years at the earliest. `avoid`: ids the customer had lately (an advisor's change
    moves the start); they are passed over while another one is left. Raises ValueError when there are no
    variants.
    """
    if not variants:
        message = "no variants to pick from"
        raise ValueError(message)
    ordered = sorted(variants, key=attrgetter("id"))
    start = _number("customer", customer_key) + _advisor_number(advisor_key) + year
    if not avoid:
        return ordered[start % len(ordered)]
    turns = [ordered[(start + turn) % len(ordered)] for turn in range(len(ordered))]
    return next((variant for variant in turns if variant.id not in avoid), turns[0])


@lru_cache(maxsize=4_096)
def _advisor_number(key: str) -> int:
    return _number("advisor", key)


def _number(kind: str, key: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{kind}:{key}".encode(), digest_size=8).digest())
