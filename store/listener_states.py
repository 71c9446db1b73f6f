"""How the listeners of accounts do: alive when, heard when, failed when and why. One row a listener."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.hearing import ListenerState


def note_listener(
    session: Session,
    *,
    name: str,
    provider: str,
    account: str,
    at: datetime,
    code: str | None,
    heard: int = 0,
) -> None:
    """Remember a sign of life (`code` None), with `heard` new items, or a failure; `at` is wall time."""
    row: dict[str, Any] = {
        "name": name,
        "provider": provider,
        "account": account,
        "failures": 0,
        "updated_at": at,
    }
    insert_new(session, ListenerState, [row], unique=("name",), returning=ListenerState.name)
    values: dict[str, Any] = {"alive_at": at, "failures": 0, "code": None}
    if heard:
        values["heard_at"] = at
    if code is not None:
        values = {"failed_at": at, "failures": ListenerState.failures + 1, "code": code[:80]}
    session.execute(update(ListenerState).where(ListenerState.name == name).values(**values, updated_at=at))


def claim_telling(session: Session, row: ListenerState, code: str | None) -> bool:
    """Whether this process is the one that tells staff of the fault, or that it is over: of several, one is."""
    found = session.execute(
        update(ListenerState)
        .where(
            ListenerState.name == row.name,
            func.coalesce(ListenerState.told_code, "") == (row.told_code or ""),
        )
        .values(told_code=code)
        .returning(ListenerState.name)
    )
    return found.first() is not None


def list_listeners(session: Session) -> Sequence[ListenerState]:
    """Every listener that ever ran, by name."""
    return session.scalars(select(ListenerState).order_by(ListenerState.name)).all()
