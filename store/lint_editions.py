"""Editions of the compliance rules: handed in, decided, in force; and the words each has still to judge again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.lint import LintEdition, LintFinding
from store.models.messages import Message
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status


class Found(NamedTuple):
    """One finding to keep. `owner_id` None: operations."""

    kind: str
    subject: str
    rule: str
    level: str
    owner_id: uuid.UUID | None
    has_voided: bool


def lock_rules(session: Session, *, shared: bool = False) -> None:
    """Until the transaction ends, no edition comes into force under words that are written by the one before (`shared`).

    So whatever was judged by older rules is committed, and seen by the run, when the new ones are in force. On SQLite a
    writing transaction is alone already.
    """
    if session.get_bind().dialect.name == "postgresql":
        act = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
        session.execute(text(f"SELECT {act}(hashtext('wenhou rules'))"))


def edition_in_force(session: Session) -> tuple[uuid.UUID, bytes] | None:
    """(id, digest) of the newest approved edition; None: the rules that ship are in force."""
    row = session.execute(
        select(LintEdition.id, LintEdition.digest)
        .where(LintEdition.state == "approved")
        .order_by(LintEdition.number.desc())
        .limit(1)
    ).first()
    return (row.id, row.digest) if row is not None else None


def is_of_the_bank(session: Session, edition_id: uuid.UUID) -> bool:
    """Whether people handed an edition in; else it came with a release."""
    return (
        session.scalars(select(LintEdition.submitted_by).where(LintEdition.id == edition_id)).one()
        is not None
    )


def was_shipped(session: Session, digest: bytes) -> bool:
    """Whether some release brought these rules before."""
    return bool(
        session.scalar(
            select(exists().where(LintEdition.digest == digest, LintEdition.submitted_by.is_(None)))
        )
    )


def edition_source(session: Session, edition_id: uuid.UUID) -> str:
    """The rule file of an edition as it was handed in."""
    return session.scalars(select(LintEdition.source).where(LintEdition.id == edition_id)).one()


def list_editions(session: Session) -> Sequence[LintEdition]:
    """The newest first."""
    return session.scalars(select(LintEdition).order_by(LintEdition.number.desc())).all()


def find_edition(session: Session, number: int, *, lock: bool = False) -> LintEdition | None:
    """An edition by its number; locked for the transaction where it is to be decided."""
    statement = select(LintEdition).where(LintEdition.number == number)
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return session.scalar(statement)


def add_edition(
    session: Session, *, source: str, digest: bytes, note: str, by: uuid.UUID | None, at: datetime
) -> LintEdition:
    """A new edition: a person's waits for its decision, the one that ships (`by` None) is in force at once."""
    number = session.scalar(select(func.max(LintEdition.number))) or 0
    row = LintEdition(
        id=new_id(),
        number=number + 1,
        source=source,
        digest=digest,
        state="submitted" if by is not None else "approved",
        note=note,
        submitted_by=by,
        submitted_at=at,
        decided_at=at if by is None else None,
    )
    session.add(row)
    session.flush()
    return row


def rerun_is_open(session: Session) -> bool:
    """Whether standing words are still to be judged by the rules in force: until then hand-over judges each itself."""
    in_force = edition_in_force(session)
    if in_force is None:
        return False
    return bool(
        session.scalar(
            select(exists().where(LintEdition.id == in_force[0], LintEdition.rerun_done_at.is_(None)))
        )
    )


def open_rerun(session: Session) -> LintEdition | None:
    """The edition in force, if it has words left to judge."""
    in_force = edition_in_force(session)
    if in_force is None:
        return None
    row = session.get_one(LintEdition, in_force[0])
    return row if row.rerun_done_at is None else None


def unsent_after(session: Session, cursor: uuid.UUID | None, limit: int) -> Sequence[Message]:
    """Messages that have not left, in the order of their ids."""
    statement = select(Message).where(
        Message.status.in_((Status.PROPOSED, Status.SCHEDULED)), Message.content_hash.is_not(None)
    )
    if cursor is not None:
        statement = statement.where(Message.id > cursor)
    return session.scalars(statement.order_by(Message.id).limit(limit)).all()


def keep_findings(session: Session, edition_id: uuid.UUID, findings: Sequence[Found], at: datetime) -> None:
    """Write down what was found; what is written already stays as it is, so that a run may be taken up again."""
    rows = [{"id": new_id(), "edition_id": edition_id, "found_at": at, **one._asdict()} for one in findings]
    unique = ("edition_id", "kind", "subject", "rule")
    if rows:
        insert_new(session, LintFinding, rows, unique=unique, returning=LintFinding.id)


def list_findings(session: Session, edition_id: uuid.UUID) -> Sequence[LintFinding]:
    """All findings of an edition: templates, articles, messages."""
    return session.scalars(
        select(LintFinding)
        .where(LintFinding.edition_id == edition_id)
        .order_by(LintFinding.kind.desc(), LintFinding.subject, LintFinding.rule)
    ).all()
