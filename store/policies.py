"""Dated policy versions: append-only, the newest in force counts."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.campaigns import PolicyVersion


def add_policy(
    session: Session,
    *,
    document: dict[str, Any],
    effective_from: datetime,
    by: uuid.UUID | None,
    at: datetime,
) -> int:
    """Append a version for the whole bank; returns its number."""
    number = (session.scalar(select(func.max(PolicyVersion.number))) or 0) + 1
    session.add(
        PolicyVersion(
            number=number, document=document, effective_from=effective_from, created_by=by, created_at=at
        )
    )
    session.flush()
    return number


def newest_policy(session: Session, now: datetime) -> tuple[int, dict[str, Any]] | None:
    """(number, document) of the version in force for the whole bank, or None."""
    row = session.execute(
        select(PolicyVersion.number, PolicyVersion.document)
        .where(PolicyVersion.effective_from <= now, PolicyVersion.org_id.is_(None))
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.number.desc())
        .limit(1)
    ).first()
    return (row.number, row.document) if row else None
