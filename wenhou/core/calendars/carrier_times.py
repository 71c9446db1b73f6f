"""When carriers do not want our traffic: blackouts (from one instant to another) and the crowded minutes of an hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

_HOUR: Final = 60
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blackout:
    """From `starts_at` until before `ends_at` nothing leaves by `channel` (None: by any).

    `purposes`: which purposes it stops, none named: all of them.
    """

    starts_at: datetime
    ends_at: datetime
    reason: str
    channel: str | None = None
    purposes: frozenset[str] = frozenset()

    def stops(self, channel: str, instant: datetime, purpose: str | None) -> bool:
        """Whether it forbids this channel and purpose at this instant; no purpose: whether it forbids any."""
        return (
            self.starts_at <= instant < self.ends_at
            and self.channel in {None, channel}
            and (not self.purposes or purpose is None or purpose in self.purposes)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Congestion:
    """Minutes of every hour to keep clear of on a channel (None: any): each of `minutes`, and `width` to both sides.

    0 with a width of 2 means the minutes 58, 59, 0, 1 and 2. An hour's minutes are those of zones that differ from
    UTC by whole hours.
    """

    minutes: tuple[int, ...]
    width: int = 0
    channel: str | None = None
    avoided: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        """Work out the minutes once."""
        span = range(-self.width, self.width + 1)
        near = frozenset((minute + offset) % _HOUR for minute in self.minutes for offset in span)
        object.__setattr__(self, "avoided", near)


def find_blackout(
    blackouts: Iterable[Blackout], channel: str, instant: datetime, purpose: str | None = None
) -> Blackout | None:
    """The blackout that stops this channel (and purpose) now, the longest-lasting of several, or None."""
    found = [blackout for blackout in blackouts if blackout.stops(channel, instant, purpose)]
    return max(found, key=lambda blackout: blackout.ends_at, default=None)


def avoided_minutes(congestion: Iterable[Congestion], channel: str) -> frozenset[int]:
    """The minutes of an hour to keep clear of on a channel."""
    return frozenset().union(*(one.avoided for one in congestion if one.channel in {None, channel}))


def next_allowed(
    instant: datetime,
    *,
    channel: str,
    purpose: str | None,
    blackouts: Iterable[Blackout],
    avoided: frozenset[int],
) -> datetime:
    """The first instant at or after `instant` outside all of them, in `instant`'s own zone.

    Ends because blackouts are finite and, by validation, no hour is crowded in all its minutes.
    """
    known = tuple(blackouts)
    zone = instant.tzinfo
    while True:
        blackout = find_blackout(known, channel, instant, purpose)
        if blackout is not None:
            instant = blackout.ends_at.astimezone(zone)
        elif instant.minute in avoided and len(avoided) < _HOUR:
            instant = instant.replace(second=0, microsecond=0) + _MINUTE
        else:
            return instant
