"""Facts about platforms' limits: what is left for a message of a customer by a channel at an instant."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from store.facts_contacts import Contact
from store.quotas import ACCOUNT, CUSTOMER, Limit, gone_by, holds_of, limits_for, uses_of
from wenhou.core.policy.facts import QuotaState

_MONTH = 31


@dataclass(slots=True, kw_only=True)
class Quotas:
    """The limits of the channels asked for, and what is gone of them. Empty where the bank entered none."""

    limits: Sequence[Limit] = ()
    uses: Mapping[uuid.UUID, dict[date, int]] = field(default_factory=dict)
    holds: Mapping[tuple[uuid.UUID, uuid.UUID], date] = field(default_factory=dict)
    _known: dict[tuple[uuid.UUID, date], QuotaState] = field(default_factory=dict)

    @property
    def personal_days(self) -> int:
        """How far back customers' own limits look."""
        lengths = [
            one.days if one.period == "rolling" else _MONTH for one in self.limits if one.scope == CUSTOMER
        ]
        return max(lengths, default=0)

    def states(
        self, message_id: uuid.UUID, channel: str, purpose: str, at: datetime, contacts: Sequence[Contact]
    ) -> tuple[QuotaState, ...]:
        """What each limit says to a message of its own place counted out."""
        found = []
        for limit in self.limits:
            day = limit.day_of(at)
            if not limit.counts_for(channel, purpose, day):
                continue
            if limit.scope == CUSTOMER:
                found.append(_personal(limit, message_id, day, contacts))
            elif (message_id, limit.id) in self.holds:
                found.append(self._own(limit, message_id, day))
            else:
                found.append(self._shared(limit, day))
        return tuple(found)

    def _shared(self, limit: Limit, day: date) -> QuotaState:
        known = self._known.get((limit.id, day))
        if known is None:
            known = self._known[limit.id, day] = _state(limit, day, self.uses.get(limit.id, {}))
        return known

    def _own(self, limit: Limit, message_id: uuid.UUID, day: date) -> QuotaState:
        uses = dict(self.uses.get(limit.id, {}))
        mine = self.holds[message_id, limit.id]
        uses[mine] = uses.get(mine, 1) - 1
        return _state(limit, day, uses)


def load_quotas(
    session: Session,
    channels: Collection[str],
    message_ids: Collection[uuid.UUID],
    *,
    accounts: Mapping[str, tuple[str, str]] | None,
    more: Mapping[uuid.UUID, Mapping[date, int]] | None = None,
) -> Quotas:
    """One small statement where the bank has no limits, four where it has. `more`: places a forecast has given."""
    limits = limits_for(session, channels, accounts=accounts)
    counted = [one for one in limits if one.scope == ACCOUNT]
    if not counted:
        return Quotas(limits=limits)
    uses = uses_of(session, counted)
    for quota_id, days in (more or {}).items():
        if quota_id in uses:
            for on_day, amount in days.items():
                uses[quota_id][on_day] = uses[quota_id].get(on_day, 0) + amount
    return Quotas(limits=limits, uses=uses, holds=holds_of(session, message_ids))


def _state(limit: Limit, day: date, uses: Mapping[date, int]) -> QuotaState:
    gone = gone_by(limit, day, uses)
    resets = limit.resets_at(day, uses) if gone >= limit.amount else None
    return QuotaState(name=limit.kind, used=gone, most=limit.amount, resets_at=resets)


def _personal(limit: Limit, message_id: uuid.UUID, day: date, contacts: Sequence[Contact]) -> QuotaState:
    uses: dict[date, int] = {}
    earliest = day - timedelta(days=limit.days + _MONTH)
    for contact in contacts:
        if contact.channel == limit.channel and contact.on_day > earliest and contact.counts_for(message_id):
            on_day = limit.counted_on(contact.on_day)
            uses[on_day] = uses.get(on_day, 0) + 1
    gone = gone_by(limit, day, uses)
    resets = limit.resets_at(day, uses) if gone >= limit.amount else None
    return QuotaState(name=limit.kind, used=gone, most=limit.amount, resets_at=resets, is_personal=True)
