"""How an advisor signs and speaks: versions of a sign-off, a tone and a few sentences of their own."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Key, one_of

VOICE_STATES = ("draft", "submitted", "approved", "returned", "replaced", "withdrawn")
TONES = ("", "plain", "warm", "formal")
_OPEN = "state IN ('draft', 'submitted')"


class AdvisorVoice(Base):
    """One version of an advisor's voice. At most one is open (being written or waiting), at most one approved.

    `phrases`: a list of `{text, templates, purposes, solemn}`. `decided_by`: who approved or returned it. A version that
    was once in force keeps `in_force_at`, and `ended_at` says when the next one, or a withdrawal, took its place.
    """

    __tablename__ = "advisor_voices"
    __table_args__ = (
        UniqueConstraint("advisor_id", "number"),
        one_of("state", VOICE_STATES),
        one_of("tone", TONES),
        CheckConstraint(text("decided_by <> advisor_id"), name="decided_by_another"),
        Index(
            "uq_advisor_voices_open",
            "advisor_id",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(
            "uq_advisor_voices_in_force",
            "advisor_id",
            unique=True,
            sqlite_where=text("state = 'approved'"),
            postgresql_where=text("state = 'approved'"),
        ),
    )

    id: Mapped[Key]
    advisor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("users.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    sign_off: Mapped[str] = mapped_column(String(40))
    tone: Mapped[str] = mapped_column(String(10))
    phrases: Mapped[list[Any]]
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    in_force_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
