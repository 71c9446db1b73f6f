"""The operator's calendar in the store: editions of entries, added whole and never changed; the newest counts.

An edition is one header row (kind `edition`) and a row an entry, in the file's order.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from store.models.organisation import CalendarOverride, Org
from wenhou.core.ids import new_id

_EDITION: Final = "edition"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """One entry: its kind, the day it is about (or begins on), where, and its words as data."""

    kind: str
    on_day: date
    details: dict[str, Any]
    source: str
    org_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """Which edition of the calendar is in force; `id` is unique among all stores."""

    id: uuid.UUID
    number: int
    source: str
    digest: str
    created_at: datetime


def find_edition(session: Session, number: int | None = None) -> Edition | None:
    """The newest edition, or the one of a number; None where there is none."""
    statement = (
        select(
            CalendarOverride.id,
            CalendarOverride.version,
            CalendarOverride.source,
            CalendarOverride.details,
            CalendarOverride.created_at,
        )
        .where(CalendarOverride.kind == _EDITION)
        .order_by(CalendarOverride.version.desc())
        .limit(1)
    )
    if number is not None:
        statement = statement.where(CalendarOverride.version == number)
    row = session.execute(statement).first()
    if row is None:
        return None
    return Edition(
        id=row.id,
        number=row.version,
        source=row.source,
        digest=str(row.details.get("digest", "")),
        created_at=row.created_at,
    )


def add_edition(
    session: Session, rows: Sequence[CalendarRow], *, source: str, digest: str, at: datetime
) -> int:
    """Put a whole calendar in the place of the one before; returns its number. Organisations must exist."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('wenhou calendar'))"))
    before = find_edition(session)
    number = 1 if before is None else before.number + 1
    session.add(
        CalendarOverride(
            id=new_id(),
            kind=_EDITION,
            on_day=at.date(),
            details={"digest": digest, "entries": len(rows)},
            source=source,
            version=number,
            created_at=at,
        )
    )
    ids = org_ids(session, {row.org_code for row in rows if row.org_code is not None})
    session.add_all(
        CalendarOverride(
            id=new_id(),
            org_id=None if row.org_code is None else ids[row.org_code],
            on_day=row.on_day,
            kind=row.kind,
            details=row.details,
            source=row.source,
            version=number,
            created_at=at,
        )
        for row in rows
    )
    session.flush()
    return number


def list_entries(session: Session, number: int) -> list[tuple[str, dict[str, Any]]]:
    """(kind, details) of an edition, in the order of its file: ids of one process ascend."""
    rows = session.execute(
        select(CalendarOverride.kind, CalendarOverride.details)
        .where(CalendarOverride.version == number, CalendarOverride.kind != _EDITION)
        .order_by(CalendarOverride.id)
    )
    return [(row.kind, row.details) for row in rows]


def org_ids(session: Session, codes: set[str]) -> dict[str, uuid.UUID]:
    """Code → id of the organisations that exist among these."""
    rows = session.execute(select(Org.code, Org.id).where(Org.code.in_(sorted(codes))))
    return {row.code: row.id for row in rows}


def org_codes(session: Session) -> list[str]:
    """Every organisation's code, for saying which one was meant."""
    return list(session.scalars(select(Org.code).order_by(Org.path)))
