"""A template's history as people read it: its versions with their acts, and what came into force when."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from store.database import Session
from store.models.campaigns import TemplateVersion as Row
from store.overview import user_names
from store.template_readers import count_readers
from store.template_versions import BUNDLED, Edition, list_template_versions
from templates.library import TemplateVersion
from wenhou.services.words_in_force import shipped


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionLine:
    """One version in a template's history. `read_by`: messages that left in its words."""

    number: int
    locale: str
    origin: str
    state: str
    is_in_force: bool
    digest: str
    created_by: str
    created_at: datetime | None
    submitted_by: str
    submitted_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    effective_from: datetime | None
    effective_until: datetime | None
    retired_at: datetime | None
    note: str
    read_by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """A decision on what is in force, as `word_editions` keeps it."""

    number: int
    locale: str
    decision: str
    version: int | None
    effective_from: datetime
    effective_until: datetime | None
    reason: str
    decided_by: str
    decided_at: datetime


def version_lines(
    session: Session, key: str, locale: str, rows: Sequence[Row], current: uuid.UUID | None
) -> tuple[VersionLine, ...]:
    """Every version of a locale, the newest first; what ships is among them even where nobody read it yet.

    `current`: the version of the store in force, None: what ships is.
    """
    people = {one for row in rows for one in (row.created_by, row.submitted_by, row.decided_by) if one}
    names = user_names(session, people)
    counts = count_readers(session, key)
    bundled = shipped().versions.get((key, locale))
    lines = []
    for row in rows:
        is_shipped = bundled is not None and row.digest.hex() == bundled.digest
        lines.append(
            VersionLine(
                number=row.number,
                locale=locale,
                origin=row.origin,
                state=row.state,
                is_in_force=row.id == current or (current is None and is_shipped),
                digest=row.digest.hex(),
                created_by=names.get(row.created_by, "") if row.created_by else "",
                created_at=row.created_at,
                submitted_by=names.get(row.submitted_by, "") if row.submitted_by else "",
                submitted_at=row.submitted_at,
                decided_by=names.get(row.decided_by, "") if row.decided_by else "",
                decided_at=row.decided_at,
                reason=row.decision_reason or "",
                effective_from=row.effective_from,
                effective_until=row.effective_until,
                retired_at=row.retired_at,
                note=row.note or "",
                read_by=counts.get(row.id, 0),
            )
        )
    if bundled is not None and all(line.digest != bundled.digest for line in lines):
        lines.append(_never_used(bundled, is_in_force=current is None))
    return tuple(lines)


def _never_used(bundled: TemplateVersion, *, is_in_force: bool) -> VersionLine:
    """What ships and nobody read yet has no row."""
    return VersionLine(
        number=bundled.version,
        locale=bundled.locale,
        origin=BUNDLED,
        state="approved",
        is_in_force=is_in_force,
        digest=bundled.digest,
        created_by="",
        created_at=None,
        submitted_by="",
        submitted_at=None,
        decided_by="",
        decided_at=None,
        reason="",
        effective_from=None,
        effective_until=None,
        retired_at=None,
        note="",
        read_by=0,
    )


def decision_lines(session: Session, editions: Sequence[Edition]) -> tuple[DecisionLine, ...]:
    """Decisions with names and numbers, the newest first."""
    names = user_names(session, {one.decided_by for one in editions if one.decided_by})
    numbers: dict[uuid.UUID, int] = {}
    for key in {one.key for one in editions}:
        numbers |= {row.id: row.number for row in list_template_versions(session, key)}
    return tuple(
        DecisionLine(
            number=one.number,
            locale=one.locale,
            decision=one.decision,
            version=numbers.get(one.version_id or one.withdrawn_id or uuid.UUID(int=0)),
            effective_from=one.effective_from,
            effective_until=one.effective_until,
            reason=one.reason or "",
            decided_by=names.get(one.decided_by, "") if one.decided_by else "",
            decided_at=one.decided_at,
        )
        for one in reversed(editions)
    )
