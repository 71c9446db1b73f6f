"""The databases of the kill harness: the same fixtures as the integration tests."""

from tests.store_fixtures import database_url, postgres, sqlite_template

__all__ = ["database_url", "postgres", "sqlite_template"]
