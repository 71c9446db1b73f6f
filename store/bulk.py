"""Many rows at once: COPY on PostgreSQL, prepared statements on SQLite, no object a row.

Values pass the column's own bind processor, so that a sealed value, an id or an instant is stored exactly as the
typed models store it. Defaults of the models are not applied: give every column that has no database default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Dialect, LargeBinary, Table, Uuid
from sqlalchemy.orm import Session

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


def _insert_run(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """One statement for a run of rows: SQLite is entered and left once, not once a row."""
    marks = f"({', '.join('?' * len(columns))})"
    # Names come from our own models, values travel as parameters.
    statement = f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES {', '.join([marks] * len(rows))}"  # noqa: S608 - our own names
    connection.exec_driver_sql(statement, tuple(chain.from_iterable(rows)))


def _bound(
    table: Table, columns: Sequence[str], dialect: Dialect, rows: Sequence[Row]
) -> list[tuple[Any, ...]]:
    """The rows as the driver takes them, worked out a column at a time: half the time of row by row."""
    by_column = []
    for name in columns:
        values = [row[name] for row in rows]
        make = _processor(table, name, dialect)
        if make is not None:
            values = list(_made(values, make))
        by_column.append(values)
    return list(zip(*by_column, strict=True))


def _made(values: Sequence[Any], make: Processor) -> Iterator[Any]:
    """Each value as bound; neighbours that are one object (an instant, a default, shared evidence) are made once."""
    before, made = None, None
    for value in values:
        if value is not before:
            before, made = value, None if value is None else make(value)
        yield made


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


def _copy(
    connection: Connection, table: Table, columns: Sequence[str], values: Sequence[tuple[Any, ...]]
) -> None:
    driver = cast("Any", connection.connection.driver_connection)
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {table.name} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in values:
            copy.write_row(row)
