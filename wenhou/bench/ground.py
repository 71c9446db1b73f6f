"""A store to measure on: migrated, with keys, of this benchmark's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from store import keys, migrate
from store.database import Synchronous, open_database
from store.measuring import analyze
from store.vault import LocalKeyService
from wenhou.bench.population import add_bank, add_people
from wenhou.core.channels import SMS
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
    context: Context,
    customers: int,
    *,
    done: Callable[[int], None] = lambda _: None,
    chunk: int = 5_000,
    channels: Sequence[str] = (SMS,),
) -> None:
    """Fill an empty store with a made-up bank and its customers, who are reached on these channels."""
    at = START - timedelta(days=30)
    desks = add_bank(context.db, at)
    add_people(
        context.db, context.vault, customers, at=at, done=done, chunk=chunk, desks=desks, channels=channels
    )
    with context.db.write() as session:
        analyze(session)
