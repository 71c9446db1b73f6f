"""A store to measure on: migrated, with keys, of this benchmark's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store import keys, migrate
from store.database import Synchronous, open_database
from store.measuring import analyze, count_customers
from store.vault import LocalKeyService
from wenhou.bench.population import add_people
from wenhou.core.clock import ShiftedClock, SystemClock
from wenhou.services.context import Bank, Context

START = datetime(2027, 2, 5, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai on the last day of the lunar year: a greeting of Spring Festival is due."""
_SECRET = b"benchmarks hold nobody's data"


@contextmanager
def open_ground(
    folder: Path, *, database_url: str | None = None, synchronous: Synchronous = "FULL", name: str = "bench"
) -> Iterator[Context]:
    """A store in `folder`, or the empty database that `database_url` names."""
    database = open_database(database_url or f"sqlite:///{folder / name}.db", synchronous=synchronous)
    try:
        migrate.upgrade(database)
        service = LocalKeyService(_SECRET)
        with database.write() as session:
            keys.make_data_keys(session, service, SystemClock().real())
        with database.read() as session:
            vault = keys.open_vault(session, service)
        yield Context(db=database, vault=vault, clock=ShiftedClock(START), bank=Bank())
    finally:
        database.close()


def populate(
    context: Context, customers: int, *, done: Callable[[int], None] = lambda _: None, chunk: int = 5_000
) -> None:
    """Fill an empty store with made-up customers."""
    at = START - timedelta(days=30)
    add_people(context.db, context.vault, customers, at=at, done=done, chunk=chunk)
    with context.db.write() as session:
        analyze(session)


def prepared(folder: Path, customers: int, *, done: Callable[[int], None] = lambda _: None) -> Path:
    """The cached store of that many customers, made when it is not there; returns its file.

    The file gets its name when it is whole, so that an interrupted `prepare` is not taken for a finished one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole, part = folder / f"customers-{customers}.db", f"part-{customers}"
    if whole.is_file() and _has(folder, customers):
        return whole
    for left in folder.glob(f"{part}.db*"):
        left.unlink()
    with open_ground(folder, synchronous="OFF", name=part) as context:
        populate(context, customers, done=done, chunk=20_000)
    (folder / f"{part}.db").replace(whole)
    return whole


def _has(folder: Path, customers: int) -> bool:
    with open_ground(folder, name=f"customers-{customers}") as context, context.db.read() as session:
        return count_customers(session) == customers
