"""Platforms' limits in a forecast: the places that foreseen messages take, and when a limit runs out."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from store.database import Session
from store.quotas import ACCOUNT, Limit, gone_by, limits_for, uses_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsOut:
    """A limit that a day fills or overfills. `wanted`: places gone and asked for on the counted day."""

    channel: str
    kind: str
    on_day: date
    wanted: int
    amount: int

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "channel": self.channel,
            "quota": self.kind,
            "on": self.on_day.isoformat(),
            "wanted": self.wanted,
            "limit": self.amount,
        }


@dataclass(slots=True, kw_only=True)
class Places:
    """Places by limit and counted day. `stored`: gone already, in the store; `wanted`: what a forecast would send.

    `given`: those of them that found a place and would keep it, as planning reserves them chunk by chunk; they count
    beside the store's own uses when the gates are asked.
    """

    limits: Sequence[Limit]
    stored: Mapping[uuid.UUID, Mapping[date, int]]
    wanted: dict[uuid.UUID, dict[date, int]] = field(default_factory=lambda: defaultdict(dict))
    given: dict[uuid.UUID, dict[date, int]] = field(default_factory=lambda: defaultdict(dict))

    def give(self, channel: str, purpose: str, at: datetime) -> None:
        """Count a message under every limit of the account that it falls under."""
        falls_under = [
            (limit, limit.day_of(at))
            for limit in self.limits
            if limit.counts_for(channel, purpose, limit.day_of(at))
        ]
        has_room = all(self._gone(limit, day) < limit.amount for limit, day in falls_under)
        for limit, day in falls_under:
            counted = limit.counted_on(day)
            for uses in (self.wanted[limit.id], self.given[limit.id] if has_room else {}):
                uses[counted] = uses.get(counted, 0) + 1

    def _gone(self, limit: Limit, day: date) -> int:
        both = dict(self.stored.get(limit.id, {}))
        for counted, amount in self.given[limit.id].items():
            both[counted] = both.get(counted, 0) + amount
        return gone_by(limit, day, both)

    def running_out(self) -> list[RunsOut]:
        """Limits that would be reached, by day."""
        found = []
        for limit in self.limits:
            mine = self.wanted.get(limit.id, {})
            both = dict(self.stored.get(limit.id, {}))
            for day, amount in mine.items():
                both[day] = both.get(day, 0) + amount
            for day in sorted(mine):
                gone = gone_by(limit, day, both)
                if gone >= limit.amount:
                    found.append(
                        RunsOut(
                            channel=limit.channel,
                            kind=limit.kind,
                            on_day=day,
                            wanted=gone,
                            amount=limit.amount,
                        )
                    )
        return sorted(found, key=lambda one: (one.on_day, one.channel, one.kind))


def open_places(session: Session, channels: Sequence[str], accounts: Mapping[str, tuple[str, str]]) -> Places:
    """The limits of the accounts that would carry the messages, with what is gone of them."""
    limits = [one for one in limits_for(session, channels, accounts=accounts) if one.scope == ACCOUNT]
    return Places(limits=limits, stored=uses_of(session, limits))
