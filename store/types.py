"""Column types shared by all tables: aware instants, ids, JSON, sealed bytes."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB


class UTCDateTime(TypeDecorator[datetime]):
    """An instant. Refuses naive values; SQLite drops zones, so they are put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Aware to UTC; SQLite gets the same instant without its zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a naive datetime cannot be stored: which zone is it in?"
            raise ValueError(msg)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Always aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Identifier(Uuid[uuid.UUID]):
    """An id. Planning reads twenty a message: where the driver gives text, they are made by two assignments."""

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[str | None], uuid.UUID | None] | None:
        """Text that the database keeps as 32 digits to an id; a native type needs nothing."""
        return None if dialect.supports_native_uuid else _as_id


def _as_id(digits: str | None) -> uuid.UUID | None:
    """What UUID(hex=…) gives in a third of its time: it need not look for braces, dashes and other forms."""
    if digits is None:
        return None
    made = object.__new__(uuid.UUID)
    _set_int(made, int(digits, 16))
    _set_is_safe(made, uuid.SafeUUID.unknown)
    return made


_set_int = uuid.UUID.__dict__["int"].__set__
_set_is_safe = uuid.UUID.__dict__["is_safe"].__set__
Id = Identifier(as_uuid=True)
Json = JSON().with_variant(JSONB(), "postgresql")
Sealed = LargeBinary()
"""Ciphertext: tag | key id | nonce | ciphertext (`store.vault`)."""
