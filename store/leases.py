"""Leases: who owns a long-lived thing until when, in wall time. Every change of owner raises the epoch."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.handover import Lease


def take_lease(session: Session, name: str, owner: str, *, until: datetime, now: datetime) -> int | None:
    """The epoch under which it is ours from now on; None while somebody else owns it."""
    row: dict[str, Any] = {"name": name, "owner": owner, "until": until, "epoch": 1}
    if insert_new(session, Lease, [row], unique=("name",), returning=Lease.name):
        return 1
    taken = session.scalars(
        update(Lease)
        .where(Lease.name == name, or_(Lease.until <= now, Lease.owner == owner))
        .values(owner=owner, until=until, epoch=Lease.epoch + 1)
        .returning(Lease.epoch)
    )
    return taken.one_or_none()


def renew_lease(session: Session, name: str, owner: str, epoch: int, *, until: datetime) -> bool:
    """Whether it is still ours, now until `until`."""
    kept = session.execute(
        update(Lease)
        .where(Lease.name == name, Lease.owner == owner, Lease.epoch == epoch)
        .values(until=until)
        .returning(Lease.name)
    )
    return kept.first() is not None


def release_lease(session: Session, name: str, owner: str, epoch: int, *, now: datetime) -> None:
    """Let the next one have it at once; nothing where it is no longer ours."""
    session.execute(
        update(Lease).where(Lease.name == name, Lease.owner == owner, Lease.epoch == epoch).values(until=now)
    )
