"""Many rows at once: COPY on PostgreSQL, prepared statements on SQLite, no object a row.

Values pass the column's own bind processor, so that a sealed value, an id or an instant is stored exactly as the
typed models store it. Defaults of the models are not applied: give every column that has no database default.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.orm import Session

Row = Mapping[str, Any]
Processor = Callable[[Any], Any]
T = TypeVar("T")
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
    makers = _processors(table, columns, connection.dialect)
    values = [tuple(_bound(makers, columns, row)) for row in rows]
    if connection.dialect.name == "postgresql":
        _copy(connection, table, columns, values)
        return
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    # Names come from our own models, values travel as parameters.
    connection.exec_driver_sql(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", values)  # noqa: S608


def _bound(makers: Sequence[Processor | None], columns: Sequence[str], row: Row) -> Iterator[Any]:
    for make, column in zip(makers, columns, strict=True):
        value = row[column]
        yield value if make is None or value is None else make(value)


def _processors(table: Table, columns: Sequence[str], dialect: Dialect) -> list[Processor | None]:
    """How each column's values are bound; JSON is written as text for COPY, which adapts no dict by itself."""
    found: list[Processor | None] = []
    for name in columns:
        kind = table.c[name].type
        if dialect.name == "postgresql" and kind.dialect_impl(dialect).__visit_name__ in {"JSON", "JSONB"}:
            found.append(_as_json)
        else:
            found.append(kind.dialect_impl(dialect).bind_processor(dialect))
    return found


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
