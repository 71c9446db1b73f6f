"""The engine and its two kinds of transaction: reading, and writing.

SQLite: WAL, synchronous FULL (NORMAL only where the settings say demo or test), every writing transaction BEGIN
IMMEDIATE under one lock in the process, so that a writer never fails on a lock upgrade. PostgreSQL: psycopg 3,
ordinary READ COMMITTED transactions.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from wenhou.core.errors import ConfigurationError

__all__ = ["Database", "Session", "Synchronous", "is_alive", "open_database", "require_reachable"]

Synchronous = Literal["FULL", "NORMAL", "OFF"]
_WAL_TRIES = 500


class Database:
    """An open store. Thread-safe; one per process."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        self._write_lock = threading.RLock()
        self._reading = sessionmaker(engine, expire_on_commit=False)
        self._writing = sessionmaker(
            engine.execution_options(wenhou_writes=True), expire_on_commit=False, autoflush=True
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that only reads; closed without a commit, what it loaded stays readable."""
        with self._reading() as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """The unit of work: committed when the block ends, rolled back when it raises.

        On SQLite writers of this process queue here rather than on the file's lock; keep the block short (≤ 50 ms).
        """
        if not self.is_sqlite:
            with self._writing.begin() as session:
                yield session
            return
        with self._write_lock, self._writing.begin() as session:
            yield session

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def open_database(url: str, *, synchronous: Synchronous = "FULL", pool_size: int = 10) -> Database:
    """Open a store by URL (`sqlite:///file`, `postgresql://…`); raises ConfigurationError for a URL that is none."""
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return Database(_sqlite_engine(parsed, synchronous))
        if parsed.get_backend_name() != "postgresql":
            msg = f"WENHOU_DATABASE_URL: {parsed.get_backend_name()} is not supported; use sqlite:/// or postgresql://"
            raise ConfigurationError(msg)
        # Parameters are customers' data: no error's text, and so no log line, may hold them.
        engine = create_engine(
            parsed, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=True, hide_parameters=True
        )
        return Database(engine)
    except (ArgumentError, NoSuchModuleError) as error:
        msg = "WENHOU_DATABASE_URL is not a database URL; use sqlite:///path/file.db or postgresql://user@host/name"
        raise ConfigurationError(msg) from error


def _sqlite_engine(url: URL, synchronous: Synchronous) -> Engine:
    engine = create_engine(
        url, connect_args={"timeout": 30, "check_same_thread": False}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # transactions are begun by us, below
        cursor = connection.cursor()
        _use_write_ahead_log(cursor)
        for pragma in (
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "wal_autocheckpoint=4000",  # 16 MB: an import rewrites the same pages, and copies them home less often
            "temp_store=MEMORY",
            "cache_size=-65536",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("wenhou_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _use_write_ahead_log(cursor: sqlite3.Cursor) -> None:
    """Switch a new file to WAL. SQLite does not wait here: two that open it at once meet "locked", so we wait."""
    for _ in range(_WAL_TRIES):
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            time.sleep(0.01)
        else:
            return
    cursor.execute("PRAGMA journal_mode=WAL")


def is_alive(database: Database) -> bool:
    """Whether the store answers; for readiness checks."""
    with database.read() as session:
        return bool(session.execute(text("SELECT 1")).scalar_one() == 1)


def require_reachable(database: Database) -> None:
    """Raise ConfigurationError, saying what to look at, unless the database answers."""
    try:
        is_alive(database)
    except (OperationalError, DatabaseError) as error:
        where = database.engine.url.render_as_string(hide_password=True)
        why = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
        msg = f"the database {where} does not answer ({why}); check WENHOU_DATABASE_URL and that it may be written"
        raise ConfigurationError(msg) from error
