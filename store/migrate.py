"""Bringing a database to this code's schema, and telling when it is older or newer.

The revisions lie in `store/migrations`, inside the package: an installed wheel needs no alembic.ini.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from store.database import Database
from store.partitions import ensure_partitions, is_partition
from store.schema import metadata
from wenhou.core.clock import SystemClock
from wenhou.core.errors import SchemaMismatch

_FOLDER = Path(__file__).parent / "migrations"
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('wenhou schema'))"


def upgrade(database: Database) -> bool:
    """Bring the schema to this code's head, in one transaction; returns whether anything changed.

    Raises SchemaMismatch for a database made by a newer Wenhou. Of two upgrades at once the second waits and
    finds nothing to do.
    """
    with _migrating(database) as connection:
        revision = _revision(connection)
        _refuse_newer(revision)
        changed = revision != head()
        if changed:
            command.upgrade(_config(connection), "head")
    ensure_partitions(database, SystemClock().real())
    return changed


def check_schema(database: Database) -> None:
    """Raise SchemaMismatch, saying which command mends it, unless the database is at this code's head."""
    with database.engine.connect() as connection:
        revision = _revision(connection)
    _refuse_newer(revision)
    if revision is None:
        msg = "this database holds no Wenhou yet; run `wenhou init`"
        raise SchemaMismatch(msg)
    if revision != head():
        place = f"schema {revision}, this Wenhou needs {head()}"
        msg = f"this database is older than the code ({place}); run `wenhou init` to upgrade it"
        raise SchemaMismatch(msg)


def head() -> str:
    """The newest revision this code knows."""
    newest = ScriptDirectory(str(_FOLDER)).get_current_head()
    if newest is None:
        msg = "this installation has no revisions; install Wenhou anew"
        raise SchemaMismatch(msg)
    return newest


def differences(connection: Connection) -> list[Any]:
    """What the models have that the database has not, and the other way round; empty when they agree."""
    context = MigrationContext.configure(connection, opts={"include_name": is_ours, "compare_type": True})
    return list(compare_metadata(context, metadata))


def is_ours(
    name: str | None,
    kind: Literal["schema", "table", "column", "index", "unique_constraint", "foreign_key_constraint"] | str,  # noqa: PYI051 - Alembic's words
    _parents: MutableMapping[Any, str | None],
) -> bool:
    """Whether Alembic should look at it: partitions follow their table, other people's tables are theirs."""
    if kind != "table" or name is None:
        return True
    return name in metadata.tables and not is_partition(name)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _refuse_newer(revision: str | None) -> None:
    known = {script.revision for script in ScriptDirectory(str(_FOLDER)).walk_revisions()}
    if revision is not None and revision not in known:
        msg = f"this database was made by a newer Wenhou (schema {revision}); install a newer Wenhou"
        raise SchemaMismatch(msg)


@contextmanager
def _migrating(database: Database) -> Iterator[Connection]:
    """One writing transaction, alone; SQLite rebuilds tables to alter them and checks its references at the end."""
    engine = database.engine.execution_options(wenhou_writes=True)
    with engine.connect() as connection:
        if not database.is_sqlite:
            with connection.begin():
                connection.execute(text(_LOCK))
                yield connection
            return
        driver = connection.connection.dbapi_connection
        assert driver is not None  # noqa: S101 - just opened
        driver.execute("PRAGMA foreign_keys=OFF")  # heard only outside a transaction
        try:
            with connection.begin():
                yield connection
                _refuse_broken_references(connection)
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


def _refuse_broken_references(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).first()
    if broken is not None:
        msg = f"the upgrade would break a reference of {broken[0]}; nothing was changed"
        raise SchemaMismatch(msg)
