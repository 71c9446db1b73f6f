"""The bare INSERT: rows of messages that stand in one store, put into another one with nothing else done.

What a planner cannot pass: no facts, no gates, no words, no keys, no ids made; the rows come ready for the driver.
The same tables, indexes, constraints and sizes of transaction.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from store.database import Database
from store.models.messages import Message

_TABLES = (
    ("messages", "id"),
    ("message_contents", "message_id"),
    ("message_events", "message_id"),
    ("contact_ledger", "message_id"),
)
Block = tuple[tuple[str, Any], ...]
"""For each table its rows: tuples for SQLite, the bytes of a COPY for PostgreSQL."""


def newest_message(session: Session) -> uuid.UUID | None:
    """The id after which later messages lie."""
    return session.scalar(select(Message.id).order_by(Message.id.desc()).limit(1))


def insert_bare(source: Database, target: Database, after: uuid.UUID, chunk: int) -> tuple[int, float]:
    """Copy every message made after this one, `chunk` a transaction; (messages, seconds of the inserts alone)."""
    amount, seconds = 0, 0.0
    write = _insert if target.is_sqlite else _copy_in
    with source.engine.connect() as reading:
        for ids in _runs(source, after, chunk):
            block = _read(reading, ids, is_sqlite=source.is_sqlite)
            began = time.perf_counter()
            with target.write() as session:
                write(session.connection(), block)
            seconds += time.perf_counter() - began
            amount += len(ids)
    return amount, seconds


def _runs(source: Database, after: uuid.UUID, chunk: int) -> Iterator[Sequence[uuid.UUID]]:
    while True:
        with source.read() as session:
            ids = session.scalars(
                select(Message.id).where(Message.id > after).order_by(Message.id).limit(chunk)
            ).all()
        if not ids:
            return
        yield ids
        after = ids[-1]


def _read(connection: Connection, ids: Sequence[uuid.UUID], *, is_sqlite: bool) -> Block:
    first, last = (ids[0].hex, ids[-1].hex) if is_sqlite else (ids[0], ids[-1])
    block = []
    for table, column in _TABLES:
        # Our own names; PostgreSQL's COPY takes no parameters, and an id is hexadecimal.
        asked = f"SELECT * FROM {table} WHERE {column} BETWEEN '{first}' AND '{last}' ORDER BY {column}"  # noqa: S608
        if is_sqlite:
            rows: Any = [tuple(row) for row in connection.exec_driver_sql(asked)]
        else:
            rows = _copied_out(connection, asked)
        block.append((table, rows))
    return tuple(block)


def _copied_out(connection: Connection, asked: str) -> bytes:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY ({asked}) TO STDOUT (FORMAT BINARY)") as copy:
        return b"".join(bytes(data) for data in copy)


def _insert(connection: Connection, block: Block) -> None:
    driver: Any = connection.connection.driver_connection
    for table, rows in block:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            driver.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - our own names


def _copy_in(connection: Connection, block: Block) -> None:
    driver: Any = connection.connection.driver_connection
    for table, data in block:
        with driver.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(data)
