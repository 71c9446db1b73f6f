"""Advisors' voices: their versions, which one is open, which in force, and since when words are out of date by them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from store.models.organisation import Org, User
from store.models.products import Product
from store.models.voices import AdvisorVoice
from wenhou.core.voices import Phrase, Term, Voice

OPEN = ("draft", "submitted")


def voices_in_force(session: Session, zone: tzinfo, *, of: uuid.UUID | None = None) -> dict[uuid.UUID, Voice]:
    """Every advisor's approved voice, or that of one; `zone` says on which day a version began. Read once a run."""
    statement = select(AdvisorVoice).where(AdvisorVoice.in_force_at.is_not(None))
    if of is not None:
        statement = statement.where(AdvisorVoice.advisor_id == of)
    rows = session.scalars(statement.order_by(AdvisorVoice.advisor_id, AdvisorVoice.number)).all()
    terms: dict[uuid.UUID, list[Term]] = {}
    for row in rows:
        if row.in_force_at is not None:
            term = Term(
                from_on=row.in_force_at.astimezone(zone).date(),
                until_on=row.ended_at.astimezone(zone).date() if row.ended_at else None,
                phrases=read_phrases(row.phrases),
            )
            terms.setdefault(row.advisor_id, []).append(term)
    return {
        row.advisor_id: Voice(
            sign_off=row.sign_off,
            tone=row.tone,
            phrases=read_phrases(row.phrases),
            terms=tuple(terms[row.advisor_id]),
        )
        for row in rows
        if row.state == "approved"
    }


def changed_since(
    advisor: InstrumentedAttribute[Any], since: InstrumentedAttribute[Any]
) -> ColumnElement[bool]:
    """Whether this advisor's voice came into force or was withdrawn after an instant."""
    return exists().where(
        AdvisorVoice.advisor_id == advisor,
        or_(
            AdvisorVoice.in_force_at > since,
            and_(AdvisorVoice.state == "withdrawn", AdvisorVoice.ended_at > since),
        ),
    )


def find_version(session: Session, voice_id: uuid.UUID, *, lock: bool = False) -> AdvisorVoice | None:
    """A version by id, as it is now; `lock` keeps others from it until the unit of work ends."""
    statement = (
        select(AdvisorVoice).where(AdvisorVoice.id == voice_id).execution_options(populate_existing=True)
    )
    return session.scalars(statement.with_for_update() if lock else statement).one_or_none()


def find_open(session: Session, advisor_id: uuid.UUID) -> AdvisorVoice | None:
    """What the advisor is writing, or what waits for compliance."""
    return _one_in(session, advisor_id, OPEN)


def find_in_force(session: Session, advisor_id: uuid.UUID) -> AdvisorVoice | None:
    """The approved version."""
    return _one_in(session, advisor_id, ("approved",))


def list_versions(session: Session, advisor_id: uuid.UUID) -> Sequence[AdvisorVoice]:
    """Every version of one advisor's, the newest first."""
    statement = select(AdvisorVoice).where(AdvisorVoice.advisor_id == advisor_id)
    return session.scalars(statement.order_by(AdvisorVoice.number.desc())).all()


def list_current(
    session: Session, *, org_path: str | None, of: uuid.UUID | None = None, state: str | None = None
) -> list[tuple[AdvisorVoice, User]]:
    """Versions that are open or in force, of a part of the tree's people or of one; those that wait first."""
    whose = User.id == of
    if org_path is not None:
        below = select(Org.id).where(func.substr(Org.path, 1, len(org_path)) == org_path)
        whose = User.org_id.in_(below)
    states = (state,) if state else (*OPEN, "approved")
    rows = session.execute(
        select(AdvisorVoice, User)
        .join(User, User.id == AdvisorVoice.advisor_id)
        .where(whose, AdvisorVoice.state.in_(states))
        .order_by(AdvisorVoice.state != "submitted", User.login, AdvisorVoice.number.desc())
    )
    return [(row[0], row[1]) for row in rows]


def product_names(session: Session) -> tuple[str, ...]:
    """What the bank's products are called: no sentence of an advisor's own may name one."""
    return tuple(session.scalars(select(Product.name).order_by(Product.name)))


def add_version(session: Session, advisor_id: uuid.UUID, at: datetime) -> AdvisorVoice:
    """A new draft with the next number, empty."""
    last = session.scalar(select(func.max(AdvisorVoice.number)).where(AdvisorVoice.advisor_id == advisor_id))
    row = AdvisorVoice(
        advisor_id=advisor_id,
        number=(last or 0) + 1,
        state="draft",
        sign_off="",
        tone="",
        phrases=[],
        created_at=at,
    )
    session.add(row)
    return row


def read_phrases(stored: Sequence[Any]) -> tuple[Phrase, ...]:
    """The sentences as they are kept."""
    return tuple(
        Phrase(
            text=one["text"],
            templates=frozenset(one.get("templates") or ()),
            purposes=frozenset(one.get("purposes") or ()),
            solemn=bool(one.get("solemn")),
        )
        for one in stored
    )


def write_phrases(phrases: Sequence[Phrase]) -> list[Any]:
    """Sentences as they are kept: plain JSON."""
    return [
        {
            "text": one.text,
            "templates": sorted(one.templates),
            "purposes": sorted(one.purposes),
            "solemn": one.solemn,
        }
        for one in phrases
    ]


def _one_in(session: Session, advisor_id: uuid.UUID, states: Sequence[str]) -> AdvisorVoice | None:
    statement = select(AdvisorVoice).where(
        AdvisorVoice.advisor_id == advisor_id, AdvisorVoice.state.in_(states)
    )
    return session.scalars(statement.execution_options(populate_existing=True)).one_or_none()
