"""Databases of a benchmark's own on a PostgreSQL server: made, copied whole, dropped. Never an installation's."""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url


class ScratchServer:
    """A server on which this user may make databases; `url` names any database of it."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._engine = create_engine(self._url, isolation_level="AUTOCOMMIT")

    def url_of(self, name: str) -> str:
        """The URL of one of its databases."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def has(self, name: str) -> bool:
        """Whether a database of this name stands."""
        with self._engine.connect() as connection:
            found = connection.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
            )
            return found.first() is not None

    def names(self, pattern: str) -> list[str]:
        """The databases whose name is LIKE this."""
        with self._engine.connect() as connection:
            asked = text("SELECT datname FROM pg_database WHERE datname LIKE :pattern")
            return list(connection.execute(asked, {"pattern": pattern}).scalars())

    def create(self, name: str, template: str | None = None) -> None:
        """A new database: empty, or a copy of one that nobody has open. One of the same name goes."""
        self.drop(name)
        # Files are copied as files: a million customers through the write-ahead log would take minutes.
        of = f' TEMPLATE "{template}" STRATEGY FILE_COPY' if template else ""
        self._run(f'CREATE DATABASE "{name}"{of}')

    def rename(self, name: str, to: str) -> None:
        """Give a finished database its name."""
        self._run(f'ALTER DATABASE "{name}" RENAME TO "{to}"')

    def drop(self, name: str) -> None:
        """Remove a database, whoever has it open."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def tidy(self, name: str) -> None:
        """VACUUM ANALYZE, as the server's own housekeeping does after a load, but now."""
        engine = create_engine(self._url.set(database=name), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM (ANALYZE)"))
        engine.dispose()

    def close(self) -> None:
        """Disconnect."""
        self._engine.dispose()

    def _run(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.execute(text(statement))
