"""Addresses nobody may write to, by their shadow alone."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.models.customers import ContactPoint, Suppression
from wenhou.core.ids import new_id

_DEAD = frozenset({"number_invalid", "address_invalid"})


def suppress_address(
    session: Session,
    *,
    contact_point_id: uuid.UUID,
    reason: str,
    source: str,
    at: datetime,
    purpose: str = "all",
) -> None:
    """Stop an address for a purpose (`all`), once; a dead one is also marked not reachable."""
    point = session.execute(
        select(ContactPoint.channel, ContactPoint.blind_index).where(ContactPoint.id == contact_point_id)
    ).first()
    if point is None:
        return
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.execute(
        make(Suppression)
        .values(
            id=new_id(),
            channel=point.channel,
            blind_index=point.blind_index,
            purpose=purpose,
            reason=reason,
            source=source,
            until=None,
            created_at=at,
        )
        .on_conflict_do_nothing(index_elements=["channel", "blind_index", "purpose"])
    )
    if reason in _DEAD:
        session.execute(
            update(ContactPoint).where(ContactPoint.id == contact_point_id).values(reachable="no", quality=0),
            execution_options={"synchronize_session": False},
        )
