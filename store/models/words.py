"""Which words came into force when, and the words of a message before a person changed them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Key, one_of

DECISIONS = ("approved", "rolled_back", "retired", "withdrawn")


class WordEdition(Base):
    """One decision on what is in force for a template and locale. Append-only; `number` orders all of them.

    `approved` and `rolled_back` put `version_id` in force; `retired` takes `withdrawn_id` out of force, the words that
    ship count again; `withdrawn` takes it back before it came into force.
    """

    __tablename__ = "word_editions"
    __table_args__ = (UniqueConstraint("number"), one_of("decision", DECISIONS))

    id: Mapped[Key]
    number: Mapped[int]
    template_key: Mapped[str] = mapped_column(String(80))
    locale: Mapped[str] = mapped_column(String(10))
    decision: Mapped[str] = mapped_column(String(12))
    version_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("template_versions.id"))
    withdrawn_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("template_versions.id"))
    effective_from: Mapped[datetime]
    effective_until: Mapped[datetime | None]
    reason: Mapped[str | None]
    decided_by: Mapped[uuid.UUID | None]
    decided_at: Mapped[datetime]


class PlannedWords(Base):
    """What one channel of a message would have said before somebody first edited it; sealed as it was."""

    __tablename__ = "planned_words"

    message_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("messages.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16), primary_key=True)
    body: Mapped[bytes]
    skeleton: Mapped[str | None] = mapped_column(String(60))
    kept_at: Mapped[datetime]
