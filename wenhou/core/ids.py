"""Identifiers: UUID version 7 (RFC 9562), sortable by time of making, made without a round trip.

Big tables are partitioned by ranges of these ids, so that a primary key needs no second column.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import UTC, datetime

_lock = threading.Lock()
_last_ms = 0
_counter = 0
_COUNTER_BITS = 12
_VERSION = 0x7 << 76
_VARIANT = 0b10 << 62


def new_id() -> uuid.UUID:
    """A new UUIDv7; ids of one process are strictly ascending, also within a millisecond."""
    global _last_ms, _counter  # noqa: PLW0603 - the monotonic counter is process-wide by definition
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms, _counter = now, 0
        else:
            _counter += 1
            if _counter >> _COUNTER_BITS:
                _last_ms, _counter = _last_ms + 1, 0
        ms, counter = _last_ms, _counter
    tail = int.from_bytes(os.urandom(8), "big") & ((1 << 62) - 1)
    return uuid.UUID(int=(ms << 80) | _VERSION | (counter << 64) | _VARIANT | tail)


def new_ids(count: int) -> list[uuid.UUID]:
    """Many new ids at once, ascending: randomness for all of them is asked of the system in one call."""
    global _last_ms, _counter
    tails = os.urandom(8 * count)
    with _lock:
        _last_ms, _counter = max(_last_ms, time.time_ns() // 1_000_000), _counter + 1
        first = (_last_ms << _COUNTER_BITS) + _counter
        _last_ms, _counter = divmod(first + count - 1, 1 << _COUNTER_BITS)
    made = []
    for index in range(count):
        ms, counter = divmod(first + index, 1 << _COUNTER_BITS)
        tail = int.from_bytes(tails[8 * index : 8 * index + 8], "big") & ((1 << 62) - 1)
        made.append(uuid.UUID(int=(ms << 80) | _VERSION | (counter << 64) | _VARIANT | tail))
    return made


def first_id_at(instant: datetime) -> uuid.UUID:
    """The smallest id that could be made at this instant: the bound of a month's partition."""
    ms = int(instant.astimezone(UTC).timestamp() * 1000)
    return uuid.UUID(int=(ms << 80) | _VERSION | _VARIANT)


def made_at(identifier: uuid.UUID) -> datetime:
    """When an id was made, to the millisecond, aware UTC."""
    return datetime.fromtimestamp((identifier.int >> 80) / 1000, tz=UTC)
