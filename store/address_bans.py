"""Bans that customers, platforms and an address's own standing put on it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.customers import ContactPoint, Suppression
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose

ALL = "all"
OPTED_OUT = "opted_out"
STOPPABLE = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)


def ban(
    session: Session,
    point: ContactPoint,
    purposes: Iterable[str],
    *,
    reason: str,
    source: str,
    at: datetime,
    until: datetime | None = None,
) -> int:
    """Never (or not until then) write to this address for these purposes (`all`: for none); how many bans are new."""
    rows = [
        {
            "id": new_id(),
            "channel": point.channel,
            "blind_index": point.blind_index,
            "purpose": purpose,
            "reason": reason,
            "source": source,
            "until": until,
            "created_at": at,
        }
        for purpose in purposes
    ]
    unique = ("channel", "blind_index", "purpose")
    return len(insert_new(session, Suppression, rows, unique=unique, returning=Suppression.id))


def ban_refused(
    session: Session, contact_point_id: uuid.UUID, *, reason: str, source: str, at: datetime
) -> None:
    """What a provider said when it refused: not written to again (a dead address is `contact_quality`'s matter)."""
    point = session.get(ContactPoint, contact_point_id)
    if point is None:
        return
    # Who refused greetings has not refused to hear of their own business.
    purposes = STOPPABLE if reason == OPTED_OUT else (ALL,)
    ban(session, point, purposes, reason=reason, source=source, at=at)


def lift(session: Session, point: ContactPoint, purposes: Iterable[str]) -> None:
    """End what the user of this address asked for; a number that does not exist stays banned."""
    session.execute(
        delete(Suppression).where(
            Suppression.channel == point.channel,
            Suppression.blind_index == point.blind_index,
            Suppression.purpose.in_(list(purposes)),
            Suppression.reason == OPTED_OUT,
        )
    )


def retire(session: Session, point: ContactPoint, reason: str, at: datetime) -> None:
    """Not to be used until somebody has verified whose it is."""
    if point.retired_at is None:
        point.retired_at, point.retired_reason, point.reachable = at, reason, "no"
        session.flush()
