"""How fast each recipient's domain is written to: so many a minute, so many at once, more slowly after it complains.

In this process's memory only. A domain is remembered while it is written to and for an hour after; so many domains at
most.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

MOST_DOMAINS: Final = 1000
_FORGET_SECONDS: Final = 3600.0
_FIRST_SLOWED: Final = 60.0
"""Mails a minute for a domain without a pace of its own that complained: half of it at once."""
_SLOWEST: Final = 1.0
_RECOVER_SECONDS: Final = 120.0
_RECOVERY: Final = 1.5
_LONGEST_HINT: Final = 3600.0
_BUSY_HINT: Final = 2.0


class DomainPace(BaseModel):
    """Mails a minute, and how many at once, to one domain and those under it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_minute: float = Field(default=20, gt=0, le=100_000)
    connections: int = Field(default=1, ge=1, le=64)


PUBLIC: Final[Mapping[str, DomainPace]] = {
    name: DomainPace()
    for name in ("qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "139.com")
}
"""Where no MTA of the bank's stands between: providers that refuse whom they do not know and who hurries."""


@dataclass(slots=True)
class _State:
    """`tokens` at `at`; `limit` a minute now (None: none); `promised`: until when those refused were told to wait."""

    at: float
    limit: float | None
    tokens: float
    busy: int = 0
    slowed_at: float = 0.0
    promised: float = 0.0


def _burst(limit: float | None) -> float:
    """A second's worth, one mail at least."""
    return max((limit or 0) / 60, 1.0)


class Paces:
    """The paces of one account; shared by its threads."""

    def __init__(
        self, paces: Mapping[str, DomainPace], *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._paces = {domain.lower(): pace for domain, pace in paces.items()}
        self._now = monotonic
        self._lock = threading.Lock()
        self._states: OrderedDict[str, _State] = OrderedDict()

    def __len__(self) -> int:
        return len(self._states)

    def take(self, domain: str, *, again: bool = False) -> timedelta | None:
        """None: go on, and `give_back` after. Else how long to wait; nothing is to be given back then.

        `again`: another mail of the same call, which goes over the same connection after the first.
        """
        name, pace = self._own(domain)
        with self._lock:
            if pace is None and name not in self._states:
                return None
            state, now = self._state(name, pace), self._now()
            self._fill(state, pace, now)
            if pace is not None and not again and state.busy >= pace.connections:
                return timedelta(seconds=_BUSY_HINT)
            if state.limit is not None:
                if state.tokens < 1:
                    return self._promise(state, now)
                state.tokens -= 1
            state.busy += not again
            return None

    def _promise(self, state: _State, now: float) -> timedelta:
        """Each refused mail gets a later moment than the one before: they do not all come back at once."""
        interval = 60 / max(state.limit or 1, 0.001)
        state.promised = max(state.promised, now) + interval
        return timedelta(seconds=min(max(state.promised - now, 1), _LONGEST_HINT))

    def give_back(self, domain: str, *, slows: bool, again: bool = False) -> None:
        """What came of one that was taken, with the same `again`: half the speed where the server complained of it."""
        name, pace = self._own(domain)
        with self._lock:
            if not slows and name not in self._states:
                return
            state = self._state(name, pace)
            state.busy = max(state.busy - (not again), 0)
            if slows:
                now = self._now()
                self._fill(state, pace, now)
                limit = _FIRST_SLOWED if state.limit is None else state.limit
                state.limit, state.slowed_at = max(limit / 2, _SLOWEST), now
                state.tokens = min(state.tokens, 0)

    def _fill(self, state: _State, pace: DomainPace | None, now: float) -> None:
        """Tokens for the time gone by; one step of recovery for every while without a complaint."""
        if state.limit is not None and state.slowed_at:
            most = pace.per_minute if pace else _FIRST_SLOWED
            while state.slowed_at and now - state.slowed_at >= _RECOVER_SECONDS:
                state.limit = min(state.limit * _RECOVERY, most)
                state.slowed_at += _RECOVER_SECONDS
                if state.limit >= most:
                    state.slowed_at = 0.0
                    state.limit = most if pace else None
                    break
        if state.limit is not None:
            state.tokens = min(state.tokens + (now - state.at) * state.limit / 60, _burst(state.limit))
        state.at = now

    def _own(self, domain: str) -> tuple[str, DomainPace | None]:
        """The pace of the domain or of the nearest above it, and the name under which it is counted."""
        name = domain.lower()
        labels = name.split(".")
        for start in range(len(labels) - 1):
            above = ".".join(labels[start:])
            if above in self._paces:
                return above, self._paces[above]
        return name, None

    def _state(self, name: str, pace: DomainPace | None) -> _State:
        state = self._states.get(name)
        if state is None:
            self._forget()
            now = self._now()
            limit = pace.per_minute if pace else None
            state = self._states[name] = _State(at=now, limit=limit, tokens=_burst(limit))
        self._states.move_to_end(name)
        return state

    def _forget(self) -> None:
        """Those not written to for long, the oldest first, and the oldest of too many."""
        now = self._now()
        while self._states:
            name, oldest = next(iter(self._states.items()))
            if len(self._states) < MOST_DOMAINS and now - oldest.at < _FORGET_SECONDS:
                return
            del self._states[name]
