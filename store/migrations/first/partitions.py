"""The DEFAULT partitions: a row of a month that nobody prepared still finds a place (`store.partitions`)."""

from __future__ import annotations

from alembic import op

TABLES = ("message_contents", "message_events", "attempts", "callbacks", "audit_log")


def create_defaults() -> None:
    """One DEFAULT partition a table."""
    for table in TABLES:
        op.execute(f"CREATE TABLE {table}_default PARTITION OF {table} DEFAULT")
