"""The bank's own editions of the compliance rules, and what came of running each over words that stand already."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from store.models.base import Base, Code, Key, one_of

EDITION_STATES = ("submitted", "approved", "rejected")
SUBJECTS = ("template", "article", "message")


class LintEdition(Base):
    """A rule file as the bank handed it in. The newest approved one is in force; a text never changes, only its state.

    `submitted_by` empty: the rules that ship with a release, which come into force by themselves while the bank has none
    of its own. `rerun_cursor`: the last message that was judged again by it; `rerun_done_at` empty: the run goes on.
    """

    __tablename__ = "lint_editions"
    __table_args__ = (
        UniqueConstraint("number"),
        one_of("state", EDITION_STATES),
        CheckConstraint(text("decided_by IS NULL OR decided_by <> submitted_by"), name="decided_by_another"),
    )

    id: Mapped[Key]
    number: Mapped[int]
    source: Mapped[str]
    digest: Mapped[bytes]
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(200))
    submitted_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    submitted_at: Mapped[datetime]
    decided_by: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str | None] = mapped_column(String(200))
    rerun_cursor: Mapped[uuid.UUID | None]
    rerun_done_at: Mapped[datetime | None]
    judged: Mapped[int] = mapped_column(default=0)


class LintFinding(Base):
    """What an edition found in words that stood already, and whose they are. No words are kept here, only the rule.

    `subject`: the template's key and locale, the article's key, or the message's id. `owner_id` empty: operations.
    """

    __tablename__ = "lint_findings"
    __table_args__ = (
        UniqueConstraint("edition_id", "kind", "subject", "rule"),
        one_of("kind", SUBJECTS),
        Index("ix_lint_findings_owner_id", "owner_id"),
    )

    id: Mapped[Key]
    edition_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("lint_editions.id"))
    kind: Mapped[Code]
    subject: Mapped[str] = mapped_column(String(140))
    rule: Mapped[str] = mapped_column(String(40))
    level: Mapped[str] = mapped_column(String(8))
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("users.id"))
    has_voided: Mapped[bool] = mapped_column(default=False)
    found_at: Mapped[datetime]
