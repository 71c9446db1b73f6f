"""Words to staff: alerts and cards. Never messages, never counted."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from store.models.records import StaffNotice
from wenhou.core.ids import new_id


def notify(
    session: Session, *, kind: str, body: dict[str, Any], at: datetime, user_id: uuid.UUID | None = None
) -> None:
    """Leave a notice for a person, or for operations when no user is named. `body` holds ids and codes only."""
    session.add(StaffNotice(id=new_id(), user_id=user_id, kind=kind, body=body, created_at=at))
    session.flush()
