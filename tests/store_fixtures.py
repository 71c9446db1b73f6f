"""The fixtures of everything that needs a store: import them into a folder's conftest.

`database` runs a test twice, on SQLite and on PostgreSQL; where one is enough, mark the test with
`@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from store.database import Database, open_database
from store.keys import open_vault
from store.vault import LocalKeyService, Vault
from tests import databases
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Bank, Context

BOTH = ("sqlite", "postgresql")
TODAY = datetime(2027, 1, 30, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
"""The frozen business clock of tests: a Saturday, a week before Spring Festival (6 February 2027)."""


@pytest.fixture(scope="session")
def postgres() -> Iterator[databases.Postgres]:
    with databases.postgres_server() as url:
        server = databases.Postgres(url)
        yield server
        server.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "wenhou.db"
    database = open_database(f"sqlite:///{path}", synchronous="OFF")
    databases.prepare(database)
    database.close()  # the last connection moves the write-ahead log into the file
    return path


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of the test's own, by URL: for commands and child processes."""
    if request.param == "sqlite":
        path = tmp_path / "wenhou.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    url, drop = request.getfixturevalue("postgres").fresh()
    yield url
    drop()


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables, by URL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    url, drop = request.getfixturevalue("postgres").empty()
    yield url
    drop()


@pytest.fixture
def open_store() -> Iterator[Callable[[str], Database]]:
    """Opens stores by URL and closes them at the end."""
    opened: list[Database] = []

    def _open(url: str) -> Database:
        opened.append(open_database(url, synchronous="OFF"))
        return opened[-1]

    yield _open
    for database in opened:
        database.close()


@pytest.fixture
def database(database_url: str, open_store: Callable[[str], Database]) -> Database:
    return open_store(database_url)


@pytest.fixture
def vault(database: Database) -> Vault:
    with database.read() as session:
        return open_vault(session, LocalKeyService(databases.SECRET_KEY))


@pytest.fixture
def clock() -> ShiftedClock:
    return ShiftedClock(TODAY, frozen=True)


@pytest.fixture
def context(database: Database, vault: Vault, clock: ShiftedClock) -> Context:
    return Context(db=database, vault=vault, clock=clock, bank=Bank())
