"""Days of mourning in the store: which are in force where, and what they silenced."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.organisation import Org
from store.models.steering import Mourning as MourningRow
from wenhou.core.ids import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Mourning:
    """A mourning in force: for orgs at or below `org_path` (None: the whole bank), both days included."""

    org_path: str | None
    from_on: date
    until_on: date

    def covers(self, org_path: str | None) -> bool:
        """Whether it rests words to customers of that org; who belongs to no org is meant by the whole bank's alone."""
        return self.org_path is None or (org_path or "").startswith(self.org_path)


def mournings_in_force(session: Session, day: date) -> list[Mourning]:
    """Those that nobody ended and that hold on a day. Usually one look at nothing."""
    rows = session.execute(
        select(Org.path, MourningRow.from_on, MourningRow.until_on)
        .outerjoin(Org, Org.id == MourningRow.org_id)
        .where(MourningRow.until_on >= day, MourningRow.from_on <= day, MourningRow.ended_at.is_(None))
        .order_by(MourningRow.id)
    )
    return [Mourning(org_path=row.path, from_on=row.from_on, until_on=row.until_on) for row in rows]


def is_solemn(session: Session, org_path: str | None, day: date) -> bool:
    """Whether words to customers of an org are to be judged as on a solemn day."""
    return any(one.covers(org_path) for one in mournings_in_force(session, day))


def rests_until(mournings: Sequence[Mourning], org_path: str | None, day: date) -> date | None:
    """The last day, through mournings that meet or overlap, on which words rest; None: they do not on `day`."""
    last: date | None = None
    reached = day
    while True:
        ends = [
            one.until_on
            for one in mournings
            if one.covers(org_path) and one.from_on <= reached and one.until_on >= reached
        ]
        if not ends:
            return last
        last = max(ends)
        reached = last + timedelta(days=1)


def list_standing(session: Session, day: date) -> list[Mourning]:
    """Those that nobody ended and that are not over before a day: in force or still to come."""
    rows = session.execute(
        select(Org.path, MourningRow.from_on, MourningRow.until_on)
        .outerjoin(Org, Org.id == MourningRow.org_id)
        .where(MourningRow.until_on >= day, MourningRow.ended_at.is_(None))
        .order_by(MourningRow.from_on)
    )
    return [Mourning(org_path=row.path, from_on=row.from_on, until_on=row.until_on) for row in rows]


def add_mourning(
    session: Session,
    *,
    org_id: uuid.UUID | None,
    days: tuple[date, date],
    reason: str,
    by: uuid.UUID | None,
    at: datetime,
) -> MourningRow:
    """Write one; it counts when the transaction commits."""
    row = MourningRow(
        id=new_id(),
        org_id=org_id,
        from_on=days[0],
        until_on=days[1],
        reason=reason,
        started_by=by,
        started_at=at,
    )
    session.add(row)
    session.flush()
    return row


def get_mourning(session: Session, mourning_id: uuid.UUID) -> MourningRow | None:
    """One, locked for the transaction."""
    lock = session.get_bind().dialect.name == "postgresql"
    return session.get(MourningRow, mourning_id, with_for_update=lock)


def list_mournings(session: Session) -> Sequence[tuple[MourningRow, Org | None]]:
    """All there ever were, the newest first, with their org."""
    rows = session.execute(
        select(MourningRow, Org)
        .outerjoin(Org, Org.id == MourningRow.org_id)
        .order_by(MourningRow.from_on.desc(), MourningRow.id.desc())
    )
    return [(row, org) for row, org in rows]
