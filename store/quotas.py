"""Platforms' limits: which count for a channel, how much of each is gone, and taking and giving back places (DESIGN §7, 13).

An account's limit has a counter row a day (or month) and a hold row a message, written in the transaction of what they
count: reserved at planning, taken with the attempt, given back when the message dies. The limit's own row is locked
while places are handed out, so that two workers never hand out the same one. A customer's own limit (WeCom: group
sends a month) is counted from the contact ledger.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from store.among import among
from store.inserts import insert_new
from store.models.handover import ChannelAccount, Quota, QuotaHold, QuotaUse
from wenhou.core.policy.windows import start_of_day

_DAY = timedelta(days=1)
_QUIET = {"synchronize_session": False}
ACCOUNT, CUSTOMER = "account", "customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """One dated limit of a platform, as it counts for a channel."""

    id: uuid.UUID
    channel: str
    kind: str
    scope: str
    period: str
    days: int
    zone: ZoneInfo
    purposes: frozenset[str]
    amount: int
    from_on: date
    until_on: date | None

    def counts_for(self, channel: str, purpose: str, day: date) -> bool:
        """Whether a message of this purpose on this day of the platform falls under it."""
        return (
            self.channel == channel
            and (not self.purposes or purpose in self.purposes)
            and self.from_on <= day
            and (self.until_on is None or day <= self.until_on)
        )

    def day_of(self, instant: datetime) -> date:
        """The platform's own day."""
        return instant.astimezone(self.zone).date()

    def counted_on(self, day: date) -> date:
        """The day under which a place is counted: of a month its first, of a total the limit's first."""
        if self.period == "month":
            return day.replace(day=1)
        return self.from_on if self.period == "total" else day

    def reaches_back_to(self, day: date) -> date:
        """The first counted day that shares the limit with `day`."""
        return day - (self.days - 1) * _DAY if self.period == "rolling" else self.counted_on(day)

    def resets_at(self, day: date, uses: Mapping[date, int]) -> datetime | None:
        """When there is room again, if there is none on `day`; None: never. `uses`: places gone by counted day."""
        if self.period == "total":
            return None
        if self.period == "month":
            return start_of_day((day.replace(day=1) + 31 * _DAY).replace(day=1), self.zone)
        if self.period == "day":
            return start_of_day(day + _DAY, self.zone)
        for ahead in range(1, self.days + 1):
            last = day + ahead * _DAY
            if gone_by(self, last, uses) < self.amount:
                return start_of_day(last, self.zone)
        return start_of_day(day + self.days * _DAY, self.zone)


def gone_by(limit: Limit, day: date, uses: Mapping[date, int]) -> int:
    """How many places the limit's period that holds `day` has given out."""
    if limit.period != "rolling":
        return uses.get(limit.counted_on(day), 0)
    # A place reserved for a later day shares runs of `days` days with this one too.
    first = limit.reaches_back_to(day)
    near = {on_day: gone for on_day, gone in uses.items() if gone and abs((on_day - day).days) < limit.days}
    if not near:
        return 0
    runs = (first + ahead * _DAY for ahead in range(limit.days))
    return max(
        sum(gone for on_day, gone in near.items() if begin <= on_day < begin + limit.days * _DAY)
        for begin in runs
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A message that wants a place: by this channel, leaving at this instant."""

    message_id: uuid.UUID
    channel: str
    purpose: str
    at: datetime


def limits_for(
    session: Session,
    channels: Collection[str],
    *,
    accounts: Mapping[str, tuple[str, str]] | None = None,
) -> tuple[Limit, ...]:
    """The limits of the accounts that carry these channels. One small query where a bank has none.

    `accounts`: channel → (provider, account); by default the account that the channel was last handed over by.
    """
    rows = session.execute(
        select(
            Quota.id,
            Quota.provider,
            Quota.account,
            Quota.kind,
            Quota.scope,
            Quota.period,
            Quota.days,
            Quota.time_zone,
            Quota.purposes,
            Quota.amount,
            Quota.from_on,
            Quota.until_on,
        ).order_by(Quota.id)
    ).all()
    if not rows:
        return ()
    known = accounts if accounts is not None else _last_accounts(session)
    return tuple(
        as_limit(row, channel)
        for channel in channels
        if channel in known
        for row in rows
        if row.provider == known[channel][0] and row.account in ("*", known[channel][1])
    )


def _last_accounts(session: Session) -> dict[str, tuple[str, str]]:
    rows = session.execute(
        select(ChannelAccount.channel, ChannelAccount.provider, ChannelAccount.account).order_by(
            ChannelAccount.updated_at
        )
    )
    return {row.channel: (row.provider, row.account) for row in rows}


def as_limit(row: Any, channel: str = "") -> Limit:
    """A row of `quotas` as it counts for a channel."""
    return Limit(
        id=row.id,
        channel=channel,
        kind=row.kind,
        scope=row.scope,
        period=row.period,
        days=row.days or 1,
        zone=ZoneInfo(row.time_zone),
        purposes=frozenset(row.purposes or ()),
        amount=row.amount,
        from_on=row.from_on,
        until_on=row.until_on,
    )


def uses_of(session: Session, limits: Collection[Limit]) -> dict[uuid.UUID, dict[date, int]]:
    """Places gone (reserved or taken) by limit and counted day."""
    found: dict[uuid.UUID, dict[date, int]] = {limit.id: {} for limit in limits}
    if found:
        rows = session.execute(
            select(QuotaUse.quota_id, QuotaUse.on_day, QuotaUse.reserved + QuotaUse.taken).where(
                QuotaUse.quota_id.in_(sorted(found))
            )
        )
        for quota_id, on_day, amount in rows:
            found[quota_id][on_day] = amount
    return found


def holds_of(session: Session, message_ids: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, uuid.UUID], date]:
    """(message, limit) → the counted day of the place it has."""
    rows = session.execute(
        select(QuotaHold.message_id, QuotaHold.quota_id, QuotaHold.on_day).where(
            among(session, QuotaHold.message_id, sorted(message_ids))
        )
    )
    return {(row.message_id, row.quota_id): row.on_day for row in rows}


def reserve(
    session: Session, bookings: Sequence[Booking], *, accounts: Mapping[str, tuple[str, str]] | None = None
) -> set[uuid.UUID]:
    """Keep places for planned messages; returns those for which there is none (they are judged again when due)."""
    return _book(session, bookings, "reserved", accounts)


def take(
    session: Session, bookings: Sequence[Booking], *, accounts: Mapping[str, tuple[str, str]] | None = None
) -> set[uuid.UUID]:
    """Take the places of messages that leave now, in the transaction that opens their attempts; returns the refused.

    A reserved place is used where it is of the same day; else a free one. On PostgreSQL lock the messages first.
    """
    return _book(session, bookings, "taken", accounts)


def _book(
    session: Session,
    bookings: Sequence[Booking],
    state: str,
    accounts: Mapping[str, tuple[str, str]] | None,
) -> set[uuid.UUID]:
    if not bookings:
        return set()
    channels = sorted({one.channel for one in bookings})
    limits = [one for one in limits_for(session, channels, accounts=accounts) if one.scope == ACCOUNT]
    if not limits:
        return set()
    _lock(session, limits)
    uses = uses_of(session, limits)
    holds = holds_of(session, [one.message_id for one in bookings])
    desk = _Desk(uses=uses, holds=holds, state=state)
    refused = {one.message_id for one in bookings if not desk.give(one, limits)}
    desk.write(session)
    return refused


def _lock(session: Session, limits: Collection[Limit]) -> None:
    """One hand at a time gives out places; SQLite's writer is alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        ids = sorted({limit.id for limit in limits})
        session.execute(select(Quota.id).where(Quota.id.in_(ids)).order_by(Quota.id).with_for_update()).all()


class _Desk:
    """Gives places out of what is left, in memory, then writes what it gave."""

    def __init__(
        self,
        *,
        uses: dict[uuid.UUID, dict[date, int]],
        holds: dict[tuple[uuid.UUID, uuid.UUID], date],
        state: str,
    ) -> None:
        self._uses, self._state = uses, state
        self._had: dict[uuid.UUID, list[tuple[uuid.UUID, date]]] = {}
        for (message_id, quota_id), on_day in holds.items():
            self._had.setdefault(message_id, []).append((quota_id, on_day))
        self._given: list[tuple[uuid.UUID, uuid.UUID, date]] = []
        self._dropped: list[uuid.UUID] = []

    def give(self, booking: Booking, limits: Collection[Limit]) -> bool:
        """A place under each limit that counts, or none under any."""
        mine = [
            (limit, limit.day_of(booking.at))
            for limit in limits
            if limit.counts_for(booking.channel, booking.purpose, limit.day_of(booking.at))
        ]
        had = self._had.get(booking.message_id, [])
        self._add(had, -1)
        if any(gone_by(limit, day, self._uses[limit.id]) >= limit.amount for limit, day in mine):
            self._add(had, 1)
            return False
        if had:
            self._dropped.append(booking.message_id)
        places = [(limit.id, limit.counted_on(day)) for limit, day in mine]
        self._add(places, 1)
        self._given += [(booking.message_id, quota_id, on_day) for quota_id, on_day in places]
        return True

    def _add(self, places: Sequence[tuple[uuid.UUID, date]], amount: int) -> None:
        for quota_id, on_day in places:
            if quota_id in self._uses:  # else a limit of another account, which nobody asks about here
                uses = self._uses[quota_id]
                uses[on_day] = uses.get(on_day, 0) + amount

    def write(self, session: Session) -> None:
        """Holds and counters as given."""
        if self._dropped:
            give_back(session, self._dropped)
        if not self._given:
            return
        counts: dict[tuple[uuid.UUID, date], int] = {}
        for _, quota_id, on_day in self._given:
            counts[quota_id, on_day] = counts.get((quota_id, on_day), 0) + 1
        empty = [
            {"quota_id": quota_id, "on_day": on_day, "reserved": 0, "taken": 0}
            for quota_id, on_day in sorted(counts)
        ]
        insert_new(session, QuotaUse, empty, unique=("quota_id", "on_day"), returning=QuotaUse.quota_id)
        for (quota_id, on_day), amount in sorted(counts.items()):
            _count(session, quota_id, on_day, self._state, amount)
        rows = [
            {"message_id": message_id, "quota_id": quota_id, "on_day": on_day, "state": self._state}
            for message_id, quota_id, on_day in self._given
        ]
        insert_new(
            session, QuotaHold, rows, unique=("message_id", "quota_id"), returning=QuotaHold.message_id
        )


def _count(session: Session, quota_id: uuid.UUID, on_day: date, state: str, amount: int) -> None:
    column = QuotaUse.taken if state == "taken" else QuotaUse.reserved
    session.execute(
        update(QuotaUse)
        .where(QuotaUse.quota_id == quota_id, QuotaUse.on_day == on_day)
        .values({column: column + amount}),
        execution_options=_QUIET,
    )


def give_back(session: Session, message_ids: Collection[uuid.UUID]) -> int:
    """Free the places of messages that will not leave; one statement where they had none. How many places."""
    gone: dict[tuple[uuid.UUID, date, str], int] = {}
    ids = sorted(message_ids)
    for start in range(0, len(ids), 500):
        rows = session.execute(
            delete(QuotaHold)
            .where(among(session, QuotaHold.message_id, ids[start : start + 500]))
            .returning(QuotaHold.quota_id, QuotaHold.on_day, QuotaHold.state),
            execution_options=_QUIET,
        )
        for row in rows:
            key = (row.quota_id, row.on_day, row.state)
            gone[key] = gone.get(key, 0) + 1
    for (quota_id, on_day, state), amount in sorted(gone.items()):
        _count(session, quota_id, on_day, state, -amount)
    return sum(gone.values())


def count_uses(session: Session) -> dict[uuid.UUID, dict[date, tuple[int, int]]]:
    """Limit → counted day → (reserved, taken), for lists."""
    found: dict[uuid.UUID, dict[date, tuple[int, int]]] = {}
    for row in session.execute(select(QuotaUse)).scalars():
        found.setdefault(row.quota_id, {})[row.on_day] = (row.reserved, row.taken)
    return found


def count_holds(session: Session) -> int:
    """How many messages have a place under a limit."""
    return session.scalar(select(func.count()).select_from(QuotaHold)) or 0
