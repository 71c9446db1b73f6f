"""Stories ask for the same stores as the integration tests."""

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
