"""An instant some days after a stored one, inside a statement: the two databases reckon with instants differently."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.functions import FunctionElement

from store.types import UTCDateTime


class DaysAfter(FunctionElement[datetime]):
    """`DaysAfter(column, days)`; whole seconds on SQLite, whose instants are text."""

    type = UTCDateTime()
    inherit_cache = True
    name = "days_after"

    def __init__(self, instant: ColumnElement[datetime] | Any, days: int) -> None:
        super().__init__(instant, literal(days))


@compiles(DaysAfter, "sqlite")
def _sqlite(element: DaysAfter, compiler: SQLCompiler, **options: Any) -> str:
    instant, days = (compiler.process(one, **options) for one in element.clauses)
    # ".999999" ends the second it lies in, so that an instant with a fraction still compares right.
    return f"(strftime('%Y-%m-%d %H:%M:%S', {instant}, '+' || {days} || ' days') || '.999999')"


@compiles(DaysAfter, "postgresql")
def _postgresql(element: DaysAfter, compiler: SQLCompiler, **options: Any) -> str:
    instant, days = (compiler.process(one, **options) for one in element.clauses)
    return f"({instant} + make_interval(days => {days}))"
