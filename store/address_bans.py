"""Bans that customers and platforms put on an address, and how well an address works."""

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
_DEAD = frozenset({"number_invalid", "address_invalid"})
_SOFT_STEP = 10
_BEST = 100


def ban(
    session: Session, point: ContactPoint, purposes: Iterable[str], *, reason: str, source: str, at: datetime
) -> int:
    """Never write to this address for these purposes (`all`: for none); returns how many bans are new."""
    rows = [
        {
            "id": new_id(),
            "channel": point.channel,
            "blind_index": point.blind_index,
            "purpose": purpose,
            "reason": reason,
            "source": source,
            "until": None,
            "created_at": at,
        }
        for purpose in purposes
    ]
    unique = ("channel", "blind_index", "purpose")
    return len(insert_new(session, Suppression, rows, unique=unique, returning=Suppression.id))


def ban_refused(
    session: Session, contact_point_id: uuid.UUID, *, reason: str, source: str, at: datetime
) -> None:
    """What a provider said when it refused: never write there again; a dead address is not reachable either."""
    point = session.get(ContactPoint, contact_point_id)
    if point is None:
        return
    # Who refused greetings has not refused to hear of their own business; a dead number carries nothing at all.
    purposes = STOPPABLE if reason == OPTED_OUT else (ALL,)
    ban(session, point, purposes, reason=reason, source=source, at=at)
    if reason in _DEAD:
        note_failure(session, point, for_good=True)


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


def note_delivery(session: Session, point: ContactPoint) -> None:
    """Something arrived there: the address works."""
    if point.retired_at is None:
        point.reachable, point.soft_failures, point.quality = "yes", 0, _BEST
        session.flush()


def note_failure(session: Session, point: ContactPoint, *, for_good: bool) -> None:
    """Something did not arrive: switched off perhaps, or no such number."""
    if for_good:
        point.reachable, point.quality = "no", 0
    else:
        point.soft_failures += 1
        point.quality = max(point.quality - _SOFT_STEP, 0)
    session.flush()


def retire(session: Session, point: ContactPoint, reason: str, at: datetime) -> None:
    """Not to be used until somebody has verified whose it is."""
    if point.retired_at is None:
        point.retired_at, point.retired_reason, point.reachable = at, reason, "no"
        session.flush()
