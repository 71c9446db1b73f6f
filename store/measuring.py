"""Questions of a benchmark: who is due, how many an audience has, by which plan of the database, in how much room."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from store.audiences import compile_rule
from store.candidates import due_dates
from store.models.customers import Customer, PersonalDate
from wenhou.core.audience import Rule

DateKeys = Sequence[tuple[str, int, int, bool]]


def due_customers(session: Session, kind: str, keys: DateKeys) -> list[uuid.UUID]:
    """Everybody whose day it is."""
    return list(session.scalars(_due(kind, keys)))


def explain_due(session: Session, kind: str, keys: DateKeys) -> list[str]:
    """The database's own plan for `due_customers`."""
    return plan_of(session, _due(kind, keys))


def plan_of(session: Session, statement: Select[Any]) -> list[str]:
    """The database's own plan, a line each."""
    connection = session.connection()
    is_sqlite = connection.dialect.name == "sqlite"
    asked = statement.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    # Not through text(): a colon inside a literal is no parameter.
    rows = connection.exec_driver_sql(f"{'EXPLAIN QUERY PLAN' if is_sqlite else 'EXPLAIN'} {asked}")
    return [str(row[-1]).strip() for row in rows]


def count_of(rule: Rule, now: datetime) -> Select[int]:
    """The live count of an audience."""
    return select(func.count()).select_from(Customer).where(compile_rule(rule, now, counting=True))


def page_of(rule: Rule, now: datetime, after: uuid.UUID, limit: int) -> Select[uuid.UUID]:
    """A chunk of an audience in id order: how a festival walks through everybody."""
    met = compile_rule(rule, now)
    return select(Customer.id).where(met, Customer.id > after).order_by(Customer.id).limit(limit)


def count_customers(session: Session) -> int:
    """How many stand."""
    return session.scalar(select(func.count()).select_from(Customer)) or 0


def analyze(session: Session) -> None:
    """Let the database look at its tables after a bulk load."""
    session.execute(text("ANALYZE"))


def refresh_statistics(session: Session) -> None:
    """Let SQLite look at a sample of every index, in milliseconds; PostgreSQL does so by itself.

    Without statistics it takes the wrong index for audiences of nearly everybody.
    """
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA analysis_limit = 1000"))
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
