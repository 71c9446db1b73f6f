"""Stable shares of customers: the same ones every time, without a table, and independent from purpose to purpose.

A holdout that changed its members between two planning runs would be none; a wave must find again whom it met.
"""

from __future__ import annotations

import hashlib
import uuid

_SCALE = 10_000


def in_share(customer_id: uuid.UUID, percent: float, *salt: str) -> bool:
    """Whether a customer belongs to this percentage of all. `salt` keeps shares for different ends apart."""
    return position(customer_id, *salt) < percent * _SCALE / 100


def position(customer_id: uuid.UUID, *salt: str) -> int:
    """Where a customer lies between 0 and 9,999."""
    digest = hashlib.blake2b("\x1f".join(salt).encode() + b"\x00" + customer_id.bytes, digest_size=8).digest()
    return int.from_bytes(digest) % _SCALE


def wave_of(customer_id: uuid.UUID, percents: tuple[int, ...], *salt: str) -> int:
    """Which wave a customer leaves in, from 0; the last one is `len(percents)`."""
    place = position(customer_id, *salt)
    for index, percent in enumerate(percents):
        if place < percent * _SCALE / 100:
            return index
    return len(percents)
