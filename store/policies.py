"""Dated policy versions: append-only, the newest in force counts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """A version of the rules; `id` is unique among all stores."""

    id: uuid.UUID
    number: int
    document: dict[str, Any]


def newest_policy(session: Session, now: datetime) -> PolicyRow | None:
    """The version in force for the whole bank, or None."""
    row = session.execute(
        select(PolicyVersion.id, PolicyVersion.number, PolicyVersion.document)
        .where(PolicyVersion.effective_from <= now, PolicyVersion.org_id.is_(None))
        .order_by(PolicyVersion.effective_from.desc(), PolicyVersion.number.desc())
        .limit(1)
    ).first()
    return PolicyRow(id=row.id, number=row.number, document=row.document) if row else None
