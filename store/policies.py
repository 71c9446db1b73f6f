"""Dated policy versions: append-only, the newest in force counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.campaigns import PolicyVersion


def newest_policy(session: Session, now: datetime) -> tuple[int, dict[str, Any]] | None:
    """(number, document) of the version in force for the whole bank, or None."""
    row = session.execute(
        select(PolicyVersion.number, PolicyVersion.document)
        .where(PolicyVersion.effective_from <= now, PolicyVersion.org_id.is_(None))
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.number.desc())
        .limit(1)
    ).first()
    return (row.number, row.document) if row else None
