"""Every test here may ask for `database`, `vault`, `clock`, `context` (tests/store_fixtures.py)."""

from tests.store_fixtures import (
    clock,
    context,
    database,
    database_url,
    empty_url,
    open_store,
    postgres,
    sqlite_template,
    vault,
)

__all__ = [
    "clock",
    "context",
    "database",
    "database_url",
    "empty_url",
    "open_store",
    "postgres",
    "sqlite_template",
    "vault",
]
