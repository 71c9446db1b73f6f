"""The bank's own versions of templates as rows: drafts, decisions, and what came into force when.

Whoever is to decide takes `lock_words` first: of two at once the second reads what the first left, and is refused.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from store.models.campaigns import TemplateVersion
from store.models.words import WordEdition
from wenhou.core.ids import new_id

BUNDLED, BANK = "bundled", "bank"
FIRST_OWN = 101
"""The bank's own versions are numbered from here; below are those that ship."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """A decision on what is in force; see `store.models.words.WordEdition`."""

    number: int
    key: str
    locale: str
    decision: str
    version_id: uuid.UUID | None
    withdrawn_id: uuid.UUID | None
    effective_from: datetime
    effective_until: datetime | None
    reason: str | None
    decided_by: uuid.UUID | None
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEdition:
    """A decision to be written."""

    key: str
    locale: str
    decision: str
    effective_from: datetime
    decided_by: uuid.UUID | None
    decided_at: datetime
    version_id: uuid.UUID | None = None
    withdrawn_id: uuid.UUID | None = None
    effective_until: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredWords:
    """The document of a version."""

    id: uuid.UUID
    key: str
    locale: str
    number: int
    source: str
    digest: bytes


def lock_words(session: Session) -> None:
    """Wait until nobody else decides on templates. On SQLite a writing transaction is alone already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('wenhou words'))"))


def newest_edition(session: Session) -> uuid.UUID | None:
    """The last decision there is; None where nobody decided anything yet. One look into an index."""
    return session.scalar(select(WordEdition.id).order_by(WordEdition.number.desc()).limit(1))


def list_editions(session: Session, key: str | None = None) -> list[Edition]:
    """Every decision in its order, of one template or all."""
    statement = select(WordEdition).order_by(WordEdition.number)
    if key is not None:
        statement = statement.where(WordEdition.template_key == key)
    return [
        Edition(
            number=row.number,
            key=row.template_key,
            locale=row.locale,
            decision=row.decision,
            version_id=row.version_id,
            withdrawn_id=row.withdrawn_id,
            effective_from=row.effective_from,
            effective_until=row.effective_until,
            reason=row.reason,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in session.scalars(statement)
    ]


def add_edition(session: Session, new: NewEdition) -> None:
    """Write a decision as the last one; the caller holds `lock_words`."""
    last = session.scalar(select(func.max(WordEdition.number))) or 0
    session.add(
        WordEdition(
            id=new_id(),
            number=last + 1,
            template_key=new.key,
            locale=new.locale,
            decision=new.decision,
            version_id=new.version_id,
            withdrawn_id=new.withdrawn_id,
            effective_from=new.effective_from,
            effective_until=new.effective_until,
            reason=new.reason,
            decided_by=new.decided_by,
            decided_at=new.decided_at,
        )
    )
    session.flush()


def stored_words(session: Session, ids: Collection[uuid.UUID]) -> list[StoredWords]:
    """Documents by version."""
    rows = session.scalars(select(TemplateVersion).where(TemplateVersion.id.in_(ids)))
    return [
        StoredWords(
            id=row.id,
            key=row.template_key,
            locale=row.locale,
            number=row.number,
            source=str(row.document["source"]),
            digest=row.digest,
        )
        for row in rows
    ]


def list_template_versions(
    session: Session, key: str | None = None, locale: str | None = None
) -> Sequence[TemplateVersion]:
    """Versions that have a row, by key and locale (Chinese first), the newest first, as they are now."""
    statement = select(TemplateVersion).execution_options(populate_existing=True)
    if key is not None:
        statement = statement.where(TemplateVersion.template_key == key)
    if locale is not None:
        statement = statement.where(TemplateVersion.locale == locale)
    order = (TemplateVersion.template_key, TemplateVersion.locale.desc(), TemplateVersion.number.desc())
    return session.scalars(statement.order_by(*order)).all()


def add_draft(
    session: Session, *, key: str, locale: str, source: str, digest: bytes, by: uuid.UUID | None, at: datetime
) -> TemplateVersion:
    """A new draft of the bank's own; the caller holds `lock_words`."""
    last = session.scalar(
        select(func.max(TemplateVersion.number)).where(
            TemplateVersion.template_key == key,
            TemplateVersion.locale == locale,
            TemplateVersion.number >= FIRST_OWN,
        )
    )
    version = TemplateVersion(
        id=new_id(),
        template_key=key,
        locale=locale,
        number=FIRST_OWN if last is None else last + 1,
        origin=BANK,
        state="draft",
        document={"source": source},
        digest=digest,
        authors=[by.hex] if by else [],
        created_by=by,
        created_at=at,
    )
    session.add(version)
    session.flush()
    return version


def rewrite_draft(
    session: Session, version: TemplateVersion, *, source: str, digest: bytes, by: uuid.UUID | None
) -> None:
    """Other words for a draft; whoever wrote on it stays named."""
    version.document, version.digest = {"source": source}, digest
    if by is not None and by.hex not in (version.authors or []):
        version.authors = [*(version.authors or []), by.hex]
    session.flush()
