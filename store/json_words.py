"""Looking into JSON columns alike on both databases: what kind a value is, and whether a list holds a word."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, ColumnElement, String, literal
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

TEXTS = ("text", "string")
NUMBERS = ("integer", "real", "number")
"""What the two databases call a JSON text and a JSON number."""


class json_kind(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """The kind of a JSON value; NULL where there is none. On SQLite called with the column and the path."""

    type = String()
    inherit_cache = True


@compiles(json_kind, "sqlite")
def _kind_sqlite(element: json_kind, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = element.clauses
    return f"json_type({compiler.process(column, **kw)}, '$.\"' || {compiler.process(key, **kw)} || '\"')"


@compiles(json_kind, "postgresql")
def _kind_postgresql(element: json_kind, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = element.clauses
    return f"jsonb_typeof({compiler.process(column, **kw)} -> {compiler.process(key, **kw)})"


class json_text(FunctionElement[str]):  # noqa: N801 - a function of SQL
    """The value under a key as text."""

    type = String()
    inherit_cache = True


@compiles(json_text, "sqlite")
def _text_sqlite(element: json_text, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = element.clauses
    return f"json_extract({compiler.process(column, **kw)}, '$.\"' || {compiler.process(key, **kw)} || '\"')"


@compiles(json_text, "postgresql")
def _text_postgresql(element: json_text, compiler: SQLCompiler, **kw: Any) -> str:
    column, key = element.clauses
    return f"({compiler.process(column, **kw)} ->> {compiler.process(key, **kw)})"


class json_holds(FunctionElement[bool]):  # noqa: N801 - a function of SQL
    """Whether a list holds a word."""

    type = Boolean()
    inherit_cache = True


@compiles(json_holds, "sqlite")
def _holds_sqlite(element: json_holds, compiler: SQLCompiler, **kw: Any) -> str:
    column, word = element.clauses
    listed = f"json_each({compiler.process(column, **kw)})"
    return f"EXISTS (SELECT 1 FROM {listed} AS listed WHERE listed.value = {compiler.process(word, **kw)})"  # noqa: S608 - a bound word


@compiles(json_holds, "postgresql")
def _holds_postgresql(element: json_holds, compiler: SQLCompiler, **kw: Any) -> str:
    column, word = element.clauses
    return f"jsonb_exists({compiler.process(column, **kw)}, {compiler.process(word, **kw)})"


class json_is_list(FunctionElement[bool]):  # noqa: N801 - a function of SQL
    """Whether a column is a list at all: neither empty nor JSON's null."""

    type = Boolean()
    inherit_cache = True


@compiles(json_is_list, "sqlite")
def _list_sqlite(element: json_is_list, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce(json_type({compiler.process(element.clauses, **kw)}), '') = 'array'"


@compiles(json_is_list, "postgresql")
def _list_postgresql(element: json_is_list, compiler: SQLCompiler, **kw: Any) -> str:
    return f"coalesce(jsonb_typeof({compiler.process(element.clauses, **kw)}), '') = 'array'"


def word(value: str) -> ColumnElement[str]:
    """A bound word."""
    return literal(value, String())
