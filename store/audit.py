"""Who did what to what: rows that are only ever added, and sealed into a chain by the leader.

Writers insert unchained rows, so that no act waits for another. Each second the leader seals what is new, in id order:
`digest = SHA-256(digest before | number | row)`. A row that comes to light long after its id was made is never sealed:
it was put in by hand, and `verify` says so. Who owns the database could make the whole chain anew; the anchors, signed
and kept outside it (`store.anchors`), tell that.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from store.anchors import Anchor
from store.models.records import AuditRow, AuditSeal
from wenhou.core.actors import Actor
from wenhou.core.ids import first_id_at, new_id

LATEST = timedelta(minutes=10)
"""How long after its id was made a row may still be committed: longer than any transaction of ours lives."""
_FIRST = b"wenhou audit chain"
_PAGE = 1000
_NUMBERED = "number {seq} of the chain"


def record(  # noqa: PLR0917 - it reads as its sentence: when, who, what, to what
    session: Session,
    at: datetime,
    actor: Actor,
    act: str,
    subject_kind: str,
    subject_id: uuid.UUID | None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Add one row; `details` holds ids and codes, never personal data."""
    session.execute(
        insert(AuditRow).values(
            id=new_id(),
            at=at,
            actor_kind=actor.kind,
            actor_id=actor.user_id,
            act=act,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=None if details is None else dict(details),
        )
    )


def seal(session: Session, real: datetime, *, limit: int = 5_000) -> int:
    """Chain what is not chained yet, in id order; returns how many rows.

    `real` is wall time (`Clock.real()`), as are the ids. Called by the leader; a second caller waits.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('wenhou audit'))"))
    last = _last(session)
    rows = session.scalars(_unsealed(last).order_by(AuditRow.id).limit(limit)).all()
    seq, digest = (last.seq, last.digest) if last is not None else (0, _FIRST)
    seals = []
    for row in rows:
        seq += 1
        digest = _link(digest, seq, row)
        seals.append({"seq": seq, "audit_id": row.id, "digest": digest, "sealed_at": real})
    if seals:
        session.execute(insert(AuditSeal), seals)
    return len(seals)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is not as it was sealed.

    `kind`: `changed` (the row, or its seal, differs), `removed` (row or seal gone), `inserted` (never sealed in its
    time), `truncated` (the chain ends before an anchor), `rewritten` (differs from an anchor), `anchor` (an anchor
    itself was altered).
    """

    kind: str
    seq: int | None = None
    audit_id: uuid.UUID | None = None
    sentence: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditReport:
    """What `wenhou audit verify` prints. `tail`: rows the leader has not sealed yet (a second's worth is normal)."""

    sealed: int
    tail: int
    anchors: int
    problems: Sequence[Problem]

    @property
    def is_sound(self) -> bool:
        """Whether nothing was found."""
        return not self.problems


def verify(session: Session, anchors: Iterable[Anchor] = ()) -> AuditReport:
    """Walk the whole chain, compare it with the anchors, and look for rows outside it."""
    known = {anchor.seq: anchor for anchor in anchors}
    problems: list[Problem] = []
    sealed, last = 0, None
    for last, row, found in _walk(session):
        sealed += 1
        problems.extend(found)
        if row is not None and last.seq in known and known[last.seq].digest != last.digest:
            problems.append(_problem("rewritten", last, "differs from its anchor"))
    end = last.seq if last is not None else 0
    problems.extend(
        Problem(kind="truncated", seq=seq, sentence=f"an anchor names number {seq}, the chain ends at {end}")
        for seq in sorted(known)
        if seq > end
    )
    tail = session.execute(select(func.count()).select_from(_unsealed(last).subquery())).scalar_one()
    problems.extend(_inserted(session, last))
    return AuditReport(sealed=sealed, tail=tail, anchors=len(known), problems=problems)


def newest_seal(session: Session) -> Anchor | None:
    """The end of the chain, as an anchor states it; None while nothing is sealed."""
    last = _last(session)
    return None if last is None else Anchor(seq=last.seq, digest=last.digest)


def _walk(session: Session) -> Iterator[tuple[AuditSeal, AuditRow | None, list[Problem]]]:
    """Each seal with its row and what is wrong with it. A bad link does not make all later ones bad."""
    expected, digest = 1, _FIRST
    for link, row in _pairs(session):
        found = [
            Problem(kind="removed", seq=seq, sentence=f"{_NUMBERED.format(seq=seq)} is missing")
            for seq in range(expected, link.seq)
        ]
        if row is None:
            found.append(_problem("removed", link, "has lost its row"))
        elif not found and _link(digest, link.seq, row) != link.digest:
            found.append(_problem("changed", link, "is not as it was sealed"))
        yield link, row, found
        expected, digest = link.seq + 1, link.digest


def _pairs(session: Session) -> Iterator[tuple[AuditSeal, AuditRow | None]]:
    """Every seal with its row, a page at a time: years of records fit in no memory."""
    after = 0
    while True:
        page = session.execute(
            select(AuditSeal, AuditRow)
            .outerjoin(AuditRow, AuditRow.id == AuditSeal.audit_id)
            .where(AuditSeal.seq > after)
            .order_by(AuditSeal.seq)
            .limit(_PAGE)
        )
        pairs: list[tuple[AuditSeal, AuditRow | None]] = [(link, row) for link, row in page]
        if not pairs:
            return
        yield from pairs
        after = pairs[-1][0].seq
        session.expunge_all()


def _inserted(session: Session, last: AuditSeal | None) -> list[Problem]:
    if last is None:
        return []
    statement = select(AuditRow.id).where(AuditRow.id <= _horizon(last), ~_is_sealed()).order_by(AuditRow.id)
    return [
        Problem(
            kind="inserted", audit_id=found, sentence=f"row {found} was not there when its time was sealed"
        )
        for found in session.scalars(statement)
    ]


def _unsealed(last: AuditSeal | None) -> Any:
    statement = select(AuditRow).where(~_is_sealed())
    return statement if last is None else statement.where(AuditRow.id > _horizon(last))


def _is_sealed() -> Any:
    return select(AuditSeal.seq).where(AuditSeal.audit_id == AuditRow.id).exists()


def _horizon(last: AuditSeal) -> uuid.UUID:
    """Rows made before this were sealed in their time, or never existed."""
    return first_id_at(last.sealed_at - LATEST)


def _last(session: Session) -> AuditSeal | None:
    return session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()


def _problem(kind: str, link: AuditSeal, sentence: str) -> Problem:
    return Problem(
        kind=kind,
        seq=link.seq,
        audit_id=link.audit_id,
        sentence=f"{_NUMBERED.format(seq=link.seq)} {sentence}",
    )


def _link(digest: bytes, seq: int, row: AuditRow) -> bytes:
    content = {
        "id": row.id.hex,
        "at": row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_kind": row.actor_kind,
        "actor_id": row.actor_id.hex if row.actor_id else None,
        "act": row.act,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id.hex if row.subject_id else None,
        "details": row.details,
    }
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return hashlib.sha256(digest + seq.to_bytes(8, "big") + canonical).digest()
