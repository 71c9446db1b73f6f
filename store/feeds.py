"""Data expected daily: which feed has not come by its time, and what waits for it.

A delivery counts for the day on which it was expected. Before a feed's hour yesterday's delivery must be there, from
that hour on today's. A feed that is new is first expected on its `first_on`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from store import pending
from store.models.campaigns import DataFeed, FeedArrival
from store.models.records import StaffNotice

_DAY = timedelta(days=1)
USUAL_OVER = 14
"""The usual size of a feed: the middle one of so many accepted deliveries."""
LATE_NOTICE = "feed_late"
_NOTICES = 200
"""How many notices back it is looked for: more than there are feeds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A feed as it stands: the day whose delivery must be here by now, and the last day accepted.

    `due_on` None: the first one is not due yet.
    """

    key: str
    name: str
    kind: str
    expected_by: str
    holds: tuple[str, ...]
    due_on: date | None
    last_accepted_on: date | None
    last_arrival_at: datetime | None
    last_rows: int | None

    @property
    def is_late(self) -> bool:
        """Whether what was due has not been accepted."""
        if self.due_on is None:
            return False
        return self.last_accepted_on is None or self.last_accepted_on < self.due_on


def late_feeds(session: Session, now: datetime, zone: ZoneInfo) -> Mapping[str, str]:
    """Purpose → key of the first feed that is late and holds it. One small query: asked for every chunk."""
    late: dict[str, str] = {}
    for feed in feed_states(session, now, zone):
        if feed.is_late:
            for purpose in feed.holds:
                late.setdefault(purpose, feed.key)
    return late


def feed_states(session: Session, now: datetime, zone: ZoneInfo) -> list[FeedState]:
    """Every feed by key, with what is due at `now` (aware) in the bank's `zone`."""
    local = now.astimezone(zone)
    accepted = and_(
        FeedArrival.feed_id == DataFeed.id,
        FeedArrival.accepted.is_(True),
        FeedArrival.business_day <= local.date(),
    )
    rows = session.execute(
        select(DataFeed, func.max(FeedArrival.business_day))
        .outerjoin(FeedArrival, accepted)
        .group_by(DataFeed.id)
        .order_by(DataFeed.key)
    )
    return [_state(feed, last, local) for feed, last in rows]


def list_keys(session: Session) -> Sequence[str]:
    """Every feed's key."""
    return session.scalars(select(DataFeed.key).order_by(DataFeed.key)).all()


def was_noticed(session: Session, key: str, day: str) -> bool:
    """Whether operations was told that this feed is late for that day."""
    bodies = session.scalars(
        select(StaffNotice.body)
        .where(StaffNotice.kind == LATE_NOTICE)
        .order_by(StaffNotice.id.desc())
        .limit(_NOTICES)
    )
    return {"feed": key, "day": day} in list(bodies)


def find_feed(session: Session, key: str) -> DataFeed | None:
    """A feed by its key."""
    return session.scalar(select(DataFeed).where(DataFeed.key == key))


def find_arrival(session: Session, feed: DataFeed, day: date) -> FeedArrival | None:
    """What came for that day."""
    return session.scalar(
        select(FeedArrival).where(FeedArrival.feed_id == feed.id, FeedArrival.business_day == day)
    )


def sizes_before(session: Session, feed: DataFeed, day: date) -> Sequence[int]:
    """The rows of the last accepted deliveries before that day, the newest first."""
    return session.scalars(
        select(FeedArrival.rows)
        .where(FeedArrival.feed_id == feed.id, FeedArrival.accepted.is_(True), FeedArrival.business_day < day)
        .order_by(FeedArrival.business_day.desc())
        .limit(USUAL_OVER)
    ).all()


def hold_key(key: str) -> str:
    """What a message waits for while a feed is late."""
    return f"feed:{key}"


def release(session: Session, key: str, *, at: datetime) -> int:
    """Let go what waited for a feed; the gates decide anew at hand-over. How many."""
    return pending.release_held(session, hold_key(key), actor="system", at=at)


def _state(feed: DataFeed, last: date | None, local: datetime) -> FeedState:
    due: date | None = local.date()
    if local.time() < time.fromisoformat(feed.expected_by):
        due = local.date() - _DAY
    if due is not None and feed.first_on is not None and due < feed.first_on:
        due = None
    return FeedState(
        key=feed.key,
        name=feed.name,
        kind=feed.kind,
        expected_by=feed.expected_by,
        holds=tuple(feed.holds_purposes),
        due_on=due,
        last_accepted_on=last,
        last_arrival_at=feed.last_arrival_at,
        last_rows=feed.last_rows,
    )
