"""The monthly partitions of PostgreSQL: ranges of UUIDv7, prepared ahead by the leader. SQLite has none."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from store.database import Database
from store.schema import PARTITIONED
from wenhou.core.ids import first_id_at

KEYS = {"message_contents": "message_id"}
"""The column of the range, where it is not `id`."""
_MONTHLY = re.compile(rf"({'|'.join(PARTITIONED)})_(default|\d{{4}}_\d{{2}})")


def is_partition(name: str) -> bool:
    """Whether a table is a part of one of ours."""
    return _MONTHLY.fullmatch(name) is not None


def ensure_partitions(database: Database, around: datetime, months: int = 3) -> list[str]:
    """Prepare the month of `around` and the `months` after it; returns the partitions made.

    `around` is wall time (`Clock.real()`): ids carry the time they were made, whatever the business clock says.
    A month whose first rows already lie in the DEFAULT partition stays there: nothing is lost, only not split.
    """
    if database.is_sqlite:
        return []
    made = []
    with database.write() as session:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('wenhou partitions'))"))
        present = set(session.scalars(text("SELECT relname FROM pg_class WHERE relispartition")))
        for start in _months(around, months + 1):
            for table in PARTITIONED:
                name = f"{table}_{start:%Y_%m}"
                if name not in present and _make(session, table, name, start):
                    made.append(name)
    return made


def _months(around: datetime, count: int) -> list[datetime]:
    first = around.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    starts = [first]
    while len(starts) < count:
        starts.append(_next_month(starts[-1]))
    return starts


def _next_month(start: datetime) -> datetime:
    return start.replace(year=start.year + start.month // 12, month=start.month % 12 + 1)


def _make(session: Session, table: str, name: str, start: datetime) -> bool:
    low, high = _bound(start), _bound(_next_month(start))
    key = KEYS.get(table, "id")
    taken = text(f"SELECT EXISTS (SELECT 1 FROM {table}_default WHERE {key} >= :low AND {key} < :high)")  # noqa: S608 - our own names
    if session.execute(taken, {"low": low, "high": high}).scalar_one():
        return False
    session.execute(text(f"CREATE TABLE {name} PARTITION OF {table} FOR VALUES FROM ('{low}') TO ('{high}')"))
    return True


def _bound(start: datetime) -> str:
    """The instant's 48 bits and nothing else: below every id made from then on."""
    return str(UUID(int=first_id_at(start).int >> 80 << 80))
