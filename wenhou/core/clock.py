"""The clocks: business time, which a test or the demo may shift, and real time, which nobody may.

`now()` answers "what day is it at the bank" (planning, windows, due). `real()` serves leases, buckets and
time-outs: shifting the business clock must never make two workers believe they own one message.
This is the only module that reads the system's clock.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """What the rest of Wenhou asks for the time; both answers are aware UTC."""

    def now(self) -> datetime:
        """Business time."""
        ...

    def real(self) -> datetime:
        """Wall time."""
        ...


class SystemClock:
    """Business time is wall time: production."""

    def now(self) -> datetime:
        """Wall time, aware UTC."""
        return datetime.now(UTC)

    def real(self) -> datetime:
        """Wall time, aware UTC."""
        return datetime.now(UTC)


class ShiftedClock:
    """Business time starts at a given instant and runs on, or stands still (`frozen`); tests and demo only.

    Only ever moved forward by `move_to`: a business day that came back would plan what has been sent.
    """

    def __init__(self, start: datetime, *, frozen: bool = False) -> None:
        if start.tzinfo is None:
            msg = "the business clock needs an instant with its zone"
            raise ValueError(msg)
        self._lock = threading.Lock()
        self._frozen = frozen
        self._base = start.astimezone(UTC)
        self._since = datetime.now(UTC)

    def now(self) -> datetime:
        """Business time, aware UTC."""
        with self._lock:
            return self._base if self._frozen else self._base + (datetime.now(UTC) - self._since)

    def real(self) -> datetime:
        """Wall time, aware UTC."""
        return datetime.now(UTC)

    def move_to(self, instant: datetime) -> None:
        """Jump to a later instant; an earlier one raises ValueError."""
        if instant < self.now():
            msg = "the business clock only moves forward"
            raise ValueError(msg)
        with self._lock:
            self._base = instant.astimezone(UTC)
            self._since = datetime.now(UTC)

    def advance(self, by: timedelta) -> None:
        """Move forward by a duration."""
        self.move_to(self.now() + by)
