"""Words to staff: alerts and cards. Never messages, never counted."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from store.models.records import StaffNotice
from wenhou.core.ids import new_id


def notify(
    session: Session, *, kind: str, body: dict[str, Any], at: datetime, user_id: uuid.UUID | None = None
) -> None:
    """Leave a notice for a person, or for operations when no user is named. `body` holds ids and codes only."""
    session.add(StaffNotice(id=new_id(), user_id=user_id, kind=kind, body=body, created_at=at))
    session.flush()


def list_unread(
    session: Session, user_id: uuid.UUID | None, *, unaddressed: bool, since: datetime, limit: int = 20
) -> list[StaffNotice]:
    """What a person has not put away yet, the newest first; with `unaddressed` also what is meant for operations."""
    mine = StaffNotice.user_id == user_id
    statement = (
        select(StaffNotice)
        .where(
            or_(mine, StaffNotice.user_id.is_(None)) if unaddressed else mine,
            StaffNotice.read_at.is_(None),
            StaffNotice.created_at >= since,
        )
        .order_by(StaffNotice.created_at.desc(), StaffNotice.id.desc())
    )
    return list(session.scalars(statement.limit(limit)))


def find_notice(session: Session, notice_id: uuid.UUID) -> StaffNotice | None:
    """One notice."""
    return session.get(StaffNotice, notice_id)
