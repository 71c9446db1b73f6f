"""The declarative base, naming of constraints, and the columns most tables share."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, MetaData, String, Text, text
from sqlalchemy.orm import DeclarativeBase, mapped_column

from store.types import Id, Json, Sealed, UTCDateTime
from wenhou.core.ids import new_id

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """All tables of the customer store."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar = {
        uuid.UUID: Id,
        datetime: UTCDateTime(),
        bytes: Sealed,
        dict[str, Any]: Json,
        list[str]: Json,
        list[Any]: Json,
        str: Text,
    }


Key = Annotated[uuid.UUID, mapped_column(Id, primary_key=True, default=new_id)]
Code = Annotated[str, mapped_column(String(40))]
"""A short word of ours: channel, purpose, status, reason, kind."""
Name = Annotated[str, mapped_column(String(120))]
Fen = Annotated[int, mapped_column(BigInteger)]
"""Money in integer fen."""
Day = date
BY_ID_MONTH = {"postgresql_partition_by": "RANGE (id)"}
"""Partitioned by month on PostgreSQL: ids are UUIDv7, so a month is a range of them and the key needs no date."""


def one_of(column: str, words: Iterable[str] | type[StrEnum], *, name: str | None = None) -> CheckConstraint:
    """A CHECK that a column holds one of the words (text + CHECK, no native enums)."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(text(f"{column} IN ({listed})"), name=name or f"{column}_known")
