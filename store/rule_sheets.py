"""The bank's standing rules for tiers and tags, an edition a row; the newest counts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.audiences import RuleSheet
from wenhou.core.ids import new_id

TIERS, TAGS = "tiers", "tags"


def find_sheet(session: Session, kind: str) -> RuleSheet | None:
    """The edition in force, if the bank has any."""
    return session.scalar(
        select(RuleSheet).where(RuleSheet.kind == kind).order_by(RuleSheet.number.desc()).limit(1)
    )


def add_sheet(
    session: Session,
    kind: str,
    *,
    document: Mapping[str, Any],
    source: str,
    by: uuid.UUID | None,
    at: datetime,
) -> RuleSheet | None:
    """A new edition unless the one in force says the same; None then."""
    standing = find_sheet(session, kind)
    if standing is not None and standing.document == document:
        return None
    sheet = RuleSheet(
        id=new_id(),
        kind=kind,
        number=standing.number + 1 if standing else 1,
        document=dict(document),
        source=source,
        created_by=by,
        created_at=at,
    )
    session.add(sheet)
    session.flush()
    return sheet
