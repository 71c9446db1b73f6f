"""Which wording was used: a template's version as a row, made at its first use and never changed."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.campaigns import TemplateVersion
from store.models.messages import Message
from wenhou.core.ids import new_id
from wenhou.core.statuses import PENDING


def template_version_id(
    session: Session, *, key: str, locale: str, number: int, source: str, digest: str, at: datetime
) -> uuid.UUID:
    """The row of a bundled template's version; its source is kept whole, so that it can be read for ever."""
    found = session.execute(
        select(TemplateVersion.id, TemplateVersion.digest).where(
            TemplateVersion.template_key == key,
            TemplateVersion.locale == locale,
            TemplateVersion.number == number,
        )
    ).first()
    if found is not None and found.digest == bytes.fromhex(digest):
        found_id: uuid.UUID = found.id
        return found_id
    # A text that changed under the same number would make the row lie: it gets a number of its own.
    taken = 0 if found is None else _highest(session, key, locale)
    same = select(TemplateVersion.id).where(
        TemplateVersion.template_key == key,
        TemplateVersion.locale == locale,
        TemplateVersion.digest == bytes.fromhex(digest),
    )
    known = session.scalar(same)
    if known is not None:
        return known
    row = {
        "id": new_id(),
        "template_key": key,
        "locale": locale,
        "number": number if found is None else taken + 1,
        "state": "approved",
        "document": {"source": source},
        "digest": bytes.fromhex(digest),
        "effective_from": at,
        "created_at": at,
    }
    # Two planners may meet a new wording at once: they write it once.
    unique = ("template_key", "locale", "number")
    insert_new(session, TemplateVersion, [row], unique=unique, returning=TemplateVersion.id)
    return session.scalars(same).one()


def name_wording(session: Session, message_id: uuid.UUID, version_id: uuid.UUID, variant: str) -> None:
    """A waiting message whose words the new version of its template says alike: it is of that version now."""
    session.execute(
        update(Message)
        .where(
            Message.id == message_id,
            Message.edited_by.is_(None),
            Message.released_at.is_(None),
            Message.status.in_(PENDING),
        )
        .values(template_version_id=version_id, variant=variant),
        execution_options={"synchronize_session": False},
    )


def templates_of(
    session: Session, message_ids: Sequence[uuid.UUID]
) -> dict[uuid.UUID, tuple[uuid.UUID | None, str]]:
    """Message → (the template version its words were made from, purpose)."""
    if not message_ids:
        return {}
    rows = session.execute(
        select(Message.id, Message.template_version_id, Message.purpose).where(Message.id.in_(message_ids))
    )
    return {row.id: (row.template_version_id, row.purpose) for row in rows}


def template_source(session: Session, version_id: uuid.UUID) -> tuple[str, str]:
    """(document, locale) of a template version as it was used."""
    row = session.get_one(TemplateVersion, version_id)
    return str(row.document["source"]), row.locale


def _highest(session: Session, key: str, locale: str) -> int:
    return max(
        session.scalars(
            select(TemplateVersion.number).where(
                TemplateVersion.template_key == key, TemplateVersion.locale == locale
            )
        )
    )
