"""Inserting what may be there already: the database decides who was first, on both dialects."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.models.base import Base


def insert_new(
    session: Session,
    model: type[Base],
    rows: Sequence[dict[str, Any]],
    *,
    unique: Sequence[str],
    returning: InstrumentedAttribute[Any],
) -> set[Any]:
    """Insert the rows whose `unique` columns are new; the `returning` values of those that were written."""
    if not rows:
        return set()
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(model).on_conflict_do_nothing(index_elements=list(unique)).returning(returning)
    return set(session.execute(statement, list(rows)).scalars())
