"""Many rows at once: COPY on PostgreSQL, prepared statements on SQLite, no object a row.

Values pass the column's own bind processor, so that a sealed value, an id or an instant is stored exactly as the
typed models store it. Defaults of the models are not applied: give every column that has no database default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import Connection, Dialect, LargeBinary, Table, Uuid, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from store.inserts import insert_new

Row = Mapping[str, Any]
Processor = Callable[[Any], Any]
T = TypeVar("T")
_ROWS_A_STATEMENT = 25
IN_LIMIT = 500
"""Values in one IN list: far below SQLite's limit of variables."""


def table_of(model: type[Any]) -> Table:
    """The table of a model."""
    return cast("Table", model.__table__)


def chunks(values: Sequence[T], size: int = IN_LIMIT) -> Iterator[Sequence[T]]:
    """The values in runs of at most `size`."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def insert_rows(session: Session, model: type[Any], rows: Sequence[Row]) -> None:
    """Insert rows that all have the same keys, in the session's transaction; nothing to do for none."""
    if not rows:
        return
    session.flush()
    connection = session.connection()
    table, columns = table_of(model), tuple(rows[0])
    values = _bound(table, columns, connection.dialect, rows)
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, values)
        return
    for run in chunks(values, _ROWS_A_STATEMENT):
        _insert_run(connection, table, columns, run)


def insert_unmet(
    session: Session, model: type[Any], rows: Sequence[Row], *, unique: Sequence[str], key: str = "id"
) -> set[Any]:
    """Insert the rows whose `unique` columns are new, in bulk; returns the `key` values that were written.

    `key` is a column of fresh ids, so that a row found under one afterwards is ours. Nothing is expected to stand
    already: on PostgreSQL the first row that does (or breaks a rule) costs the COPY, and each row is then judged alone.
    """
    if not rows:
        return set()
    session.flush()
    connection = session.connection()
    table, columns = table_of(model), tuple(rows[0])
    keys = {row[key] for row in rows}
    values = _bound(table, columns, connection.dialect, rows)
    if connection.dialect.name == "postgresql":
        if _copied(connection, table, columns, values):
            return keys
        returning: set[Any] = insert_new(
            session, model, list(map(dict, rows)), unique=unique, returning=getattr(model, key)
        )
        return returning
    rest = f" ON CONFLICT ({', '.join(unique)}) DO NOTHING"
    written = sum(
        _insert_run(connection, table, columns, run, rest) for run in chunks(values, _ROWS_A_STATEMENT)
    )
    return keys if written == len(rows) else _present(session, table, key, keys)


def _present(session: Session, table: Table, key: str, keys: Collection[Any]) -> set[Any]:
    found: set[Any] = set()
    for run in chunks(sorted(keys)):
        found.update(session.scalars(select(table.c[key]).where(table.c[key].in_(run))))
    return found


def _insert_run(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Sequence[tuple[Any, ...]],
    rest: str = "",
) -> int:
    """One statement for a run of rows: SQLite is entered and left once, not once a row. How many were written."""
    statement = _statement(table.name, tuple(columns), len(rows)) + rest
    return connection.exec_driver_sql(statement, tuple(chain.from_iterable(rows))).rowcount


@lru_cache(maxsize=256)
def _statement(table: str, columns: tuple[str, ...], rows: int) -> str:
    marks = f"({', '.join('?' * len(columns))})"
    # Names come from our own models, values travel as parameters.
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([marks] * rows)}"  # noqa: S608 - our own names


def _bound(
    table: Table, columns: Sequence[str], dialect: Dialect, rows: Sequence[Row]
) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them, worked out a column at a time: half the time of row by row."""
    by_column = []
    for name in columns:
        values = [row[name] for row in rows]
        make = _processor(table, name, dialect)
        if make is not None:
            values = _made(values, make)
        by_column.append(values)
    return list(zip(*by_column, strict=True))


def _made(values: Sequence[Any], make: Processor) -> list[Any]:
    """Each value as bound; one object (an instant, a default, shared evidence) is made once, however often it stands."""
    distinct = {id(value): value for value in values}
    made = {key: None if value is None else make(value) for key, value in distinct.items()}
    if len(made) == 1:
        return list(made.values()) * len(values)
    return [made[id(value)] for value in values]


def _processor(table: Table, name: str, dialect: Dialect) -> Processor | None:
    """How a column's values are bound; JSON goes to COPY as text, since COPY adapts no dict by itself."""
    kind = table.c[name].type
    if isinstance(kind, Uuid) and dialect.name == "sqlite":
        return attrgetter("hex")
    if isinstance(kind, LargeBinary):
        return None  # both drivers take bytes as they are
    made = kind.dialect_impl(dialect)
    if dialect.name == "postgresql" and made.__visit_name__ in {"JSON", "JSONB"}:
        return _as_json
    return made.bind_processor(dialect)


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _copied(
    connection: Connection, table: Table, columns: Sequence[str], values: Sequence[tuple[Any, ...]]
) -> bool:
    """COPY all the rows; none of them, and False, when one stands already or breaks a rule."""
    try:
        with connection.begin_nested():
            _copy(connection, table, columns, values)
    except IntegrityError:
        return False
    return True


def _copy(
    connection: Connection, table: Table, columns: Sequence[str], values: Sequence[tuple[Any, ...]]
) -> None:
    driver = cast("Any", connection.connection.driver_connection)
    statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as copy:
            for row in values:
                copy.write_row(row)
    except psycopg.Error as error:
        # As any other statement fails; without the failing line, which the server quotes and which is customers' data.
        plain = type(error)(error.diag.message_primary or type(error).__name__)
        raise DBAPIError.instance(
            statement, None, plain, psycopg.Error, hide_parameters=True, dialect=connection.dialect
        ) from None
