"""Extension codes of SMS lines: which code a message to a number takes, and which message a reply to it answers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.attempts import NewAttempt
from store.models.customers import ContactPoint
from store.models.handover import Attempt
from store.models.lines import SmsExtension


@dataclass(frozen=True, slots=True, kw_only=True)
class Codes:
    """The codes of an account: numbers of `digits` digits in these ranges, both ends included."""

    digits: int
    ranges: tuple[tuple[int, int], ...]

    def __iter__(self) -> Iterator[str]:
        """Every code, in order."""
        for first, last in self.ranges:
            for number in range(first, last + 1):
                yield f"{number:0{self.digits}d}"


def take_extensions(
    session: Session, codes: Codes, attempts: Sequence[NewAttempt], at: datetime
) -> dict[uuid.UUID, str]:
    """Attempt id → the code its message goes with; all attempts are of one account.

    A message keeps the code it had at an earlier try. Else it takes one that its number has not seen, else the one
    that its number has seen longest ago: what an older message of another number means is never touched.
    """
    if not attempts:
        return {}
    points = sorted({one.contact_point_id for one in attempts})
    # Two workers never choose for one number at a time.
    session.execute(
        select(ContactPoint.id)
        .where(ContactPoint.id.in_(points))
        .order_by(ContactPoint.id)
        .with_for_update(key_share=True)
    )
    account = (attempts[0].provider, attempts[0].account)
    used = _used(session, account, points)
    found: dict[uuid.UUID, str] = {}
    rows: dict[tuple[uuid.UUID, str], dict[str, object]] = {}
    for attempt in attempts:
        code = _choose(codes, attempt.message_id, used.setdefault(attempt.contact_point_id, {}))
        if code is None:
            continue
        # Whatever comes later in this very group is later.
        used[attempt.contact_point_id].pop(code, None)
        used[attempt.contact_point_id][code] = attempt.message_id
        found[attempt.id] = code
        rows[attempt.contact_point_id, code] = {
            "provider": attempt.provider,
            "account": attempt.account,
            "contact_point_id": attempt.contact_point_id,
            "extension": code,
            "message_id": attempt.message_id,
            "attempt_id": attempt.id,
            "used_at": at,
        }
    _write(session, list(rows.values()))
    return found


def find_extension(
    session: Session, provider: str, account: str, contact_point_id: uuid.UUID, extension: str
) -> Attempt | None:
    """The attempt that last went to this number with this code."""
    row = session.get(SmsExtension, (provider, account, contact_point_id, extension))
    return session.get(Attempt, row.attempt_id) if row is not None else None


def _used(
    session: Session, account: tuple[str, str], points: Sequence[uuid.UUID]
) -> dict[uuid.UUID, dict[str, uuid.UUID]]:
    """Number → code → message, the longest unused code first."""
    statement = (
        select(SmsExtension.contact_point_id, SmsExtension.extension, SmsExtension.message_id)
        .where(
            SmsExtension.provider == account[0],
            SmsExtension.account == account[1],
            SmsExtension.contact_point_id.in_(points),
        )
        .order_by(SmsExtension.used_at, SmsExtension.attempt_id)
    )
    found: dict[uuid.UUID, dict[str, uuid.UUID]] = {}
    for point, code, message_id in session.execute(statement):
        found.setdefault(point, {})[code] = message_id
    return found


def _choose(codes: Codes, message_id: uuid.UUID, used: Mapping[str, uuid.UUID]) -> str | None:
    again = next((code for code, of in used.items() if of == message_id), None)
    fresh = again or next((code for code in codes if code not in used), None)
    if fresh is not None:
        return fresh
    allowed = frozenset(codes)  # the ranges may have been changed since
    return next((code for code in used if code in allowed), None)


def _write(session: Session, rows: Sequence[dict[str, object]]) -> None:
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(SmsExtension)
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["provider", "account", "contact_point_id", "extension"],
            set_={name: statement.excluded[name] for name in ("message_id", "attempt_id", "used_at")},
        ),
        rows,
    )
