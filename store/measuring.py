"""Questions only a benchmark asks: who is due, by which plan of the database, and how much room a row takes."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from store.candidates import due_dates
from store.models.customers import Customer, PersonalDate

DateKeys = Sequence[tuple[str, int, int, bool]]


def due_customers(session: Session, kind: str, keys: DateKeys) -> list[uuid.UUID]:
    """Everybody whose day it is."""
    return list(session.scalars(_due(kind, keys)))


def explain_due(session: Session, kind: str, keys: DateKeys) -> list[str]:
    """The database's own plan for `due_customers`."""
    dialect = session.get_bind().dialect
    asked = _due(kind, keys).compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    is_sqlite = dialect.name == "sqlite"
    rows = session.execute(text(f"{'EXPLAIN QUERY PLAN' if is_sqlite else 'EXPLAIN'} {asked}"))
    return [str(row[-1]).strip() for row in rows]


def count_customers(session: Session) -> int:
    """How many stand."""
    return session.scalar(select(func.count()).select_from(Customer)) or 0


def analyze(session: Session) -> None:
    """Let the database look at its tables after a bulk load."""
    session.execute(text("ANALYZE"))


def bytes_used(session: Session) -> int:
    """Tables and indexes together."""
    if session.get_bind().dialect.name == "sqlite":
        return int(
            session.scalar(
                text(
                    "SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, "
                    "pragma_freelist_count, pragma_page_size"
                )
            )
            or 0
        )
    return int(session.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def _due(kind: str, keys: DateKeys) -> Select[uuid.UUID]:
    return select(PersonalDate.customer_id).where(due_dates(kind, keys))
