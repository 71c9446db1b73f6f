"""How many test sends a person made: counted from the audit, the only place that keeps them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.organisation import User
from store.models.records import AuditRow

ACT = "template.test"


def count_test_sends(session: Session, user_id: uuid.UUID, since: datetime) -> int:
    """Test sends since an instant. The person's row is locked first, so that two at once are counted one by one."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update())
    statement = select(func.count()).select_from(AuditRow)
    statement = statement.where(
        AuditRow.subject_kind == "user",
        AuditRow.subject_id == user_id,
        AuditRow.act == ACT,
        AuditRow.at >= since,
    )
    return session.scalar(statement) or 0
