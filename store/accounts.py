"""Providers' accounts: paused or not, and the token bucket that all workers share."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.handover import ChannelAccount
from wenhou.core.account_health import rate_now
from wenhou.core.ids import new_id

_PAUSE_LENGTH = 200
_CODE_LENGTH = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of some hand-overs: taken, refused for now, without an answer; `code` of the last that failed."""

    taken: int = 0
    failed: int = 0
    unknown: int = 0
    code: str = ""


def ensure_account(
    session: Session, *, channel: str, provider: str, account: str, rate: float, real: datetime
) -> None:
    """Make the account's row at start, or follow a changed rate; two processes may start at once."""
    row = {
        "id": new_id(),
        "channel": channel,
        "provider": provider,
        "account": account,
        "rate_per_second": rate,
        "bucket_tokens": rate,
        "bucket_at": real,
        "errors_in_row": 0,
        "updated_at": real,
    }
    made = insert_new(
        session, ChannelAccount, [row], unique=("provider", "account"), returning=ChannelAccount.id
    )
    if not made:
        session.execute(
            update(ChannelAccount)
            .where(
                ChannelAccount.provider == provider,
                ChannelAccount.account == account,
                or_(ChannelAccount.rate_per_second != rate, ChannelAccount.channel != channel),
            )
            .values(rate_per_second=rate, channel=channel, updated_at=real)
        )


def take_tokens(session: Session, *, provider: str, account: str, want: int, real: datetime) -> int:
    """Take up to `want` sends from the bucket, never more than one second's worth; 0 when it is empty or paused."""
    row = _row(session, provider, account)
    if row is None or row.paused_at is not None:
        return 0
    elapsed = max((real - row.bucket_at).total_seconds(), 0.0)
    rate = rate_now(row.rate_per_second, row.resumed_at, real)
    full = max(rate, 1.0)
    tokens = min(full, row.bucket_tokens + elapsed * rate)
    taken = min(want, int(tokens))
    row.bucket_tokens = tokens - taken
    row.bucket_at = max(
        real, row.bucket_at
    )  # another host's clock may run behind: no second is filled in twice
    return taken


def return_tokens(session: Session, *, provider: str, account: str, amount: int) -> None:
    """Put back what the gates did not let through."""
    if amount:
        session.execute(
            update(ChannelAccount)
            .where(ChannelAccount.provider == provider, ChannelAccount.account == account)
            .values(bucket_tokens=ChannelAccount.bucket_tokens + amount)
        )


def pause_account(
    session: Session, *, provider: str, account: str, code: str, reason: str, at: datetime
) -> bool:
    """The account is at fault: nothing leaves by it until it is resumed; False when it was paused. Messages stay."""
    found = session.execute(
        update(ChannelAccount)
        .where(
            ChannelAccount.provider == provider,
            ChannelAccount.account == account,
            ChannelAccount.paused_at.is_(None),
        )
        .values(
            paused_at=at,
            paused_code=code[:_CODE_LENGTH],
            paused_reason=reason[:_PAUSE_LENGTH],
            next_look_at=None,
            updated_at=at,
        )
        .returning(ChannelAccount.id)
    )
    return found.first() is not None


def resume_account(
    session: Session, *, provider: str, account: str, at: datetime, real: datetime | None = None
) -> bool:
    """Let an account carry messages again; False when it was not paused. `real` given: slowly at first."""
    found = session.execute(
        update(ChannelAccount)
        .where(
            ChannelAccount.provider == provider,
            ChannelAccount.account == account,
            ChannelAccount.paused_at.is_not(None),
        )
        .values(
            paused_at=None,
            paused_code=None,
            paused_reason=None,
            errors_in_row=0,
            unknown_in_row=0,
            next_look_at=None,
            resumed_at=real,
            updated_at=at,
        )
        .returning(ChannelAccount.id)
    )
    return found.first() is not None


def paused_accounts(session: Session) -> set[tuple[str, str]]:
    """(provider, account) of those that carry nothing now."""
    rows = session.execute(
        select(ChannelAccount.provider, ChannelAccount.account).where(ChannelAccount.paused_at.is_not(None))
    )
    return {(row.provider, row.account) for row in rows}


def note_outcomes(session: Session, provider: str, account: str, seen: Seen, at: datetime) -> tuple[int, int]:
    """Remember what came of a group of calls; how many errors and unknown outcomes there are in a row since."""
    if seen.taken:
        values: dict[str, Any] = {"last_success_at": at, "errors_in_row": 0, "unknown_in_row": 0}
    else:
        values = {
            "errors_in_row": ChannelAccount.errors_in_row + seen.failed + seen.unknown,
            "unknown_in_row": ChannelAccount.unknown_in_row + seen.unknown,
        }
    if seen.failed or seen.unknown:
        values |= {"last_error_at": at, "last_error_code": seen.code[:_CODE_LENGTH]}
    row = session.execute(
        update(ChannelAccount)
        .where(ChannelAccount.provider == provider, ChannelAccount.account == account)
        .values(**values, updated_at=at)
        .returning(ChannelAccount.errors_in_row, ChannelAccount.unknown_in_row)
    ).first()
    return (row.errors_in_row, row.unknown_in_row) if row is not None else (0, 0)


def note_look(
    session: Session, account_id: uuid.UUID, *, looks: int, next_at: datetime, reason: str | None = None
) -> None:
    """A paused account was looked at and is still ill; `reason`: what the look found, where it found more."""
    values: dict[str, Any] = {"looks": looks, "next_look_at": next_at}
    if reason:
        values["paused_reason"] = reason[:_PAUSE_LENGTH]
    session.execute(
        update(ChannelAccount)
        .where(ChannelAccount.id == account_id, ChannelAccount.paused_at.is_not(None))
        .values(**values)
    )


def end_ramps(session: Session, before: datetime) -> None:
    """Accounts that carry again since before this instant (wall time) have all of their rate, and are well."""
    session.execute(
        update(ChannelAccount)
        .where(ChannelAccount.resumed_at <= before, ChannelAccount.paused_at.is_(None))
        .values(resumed_at=None, looks=0)
    )


def claim_telling(session: Session, row: ChannelAccount, code: str, real: datetime) -> bool:
    """Whether this process is the one that tells staff: of several, one is."""
    found = session.execute(
        update(ChannelAccount)
        .where(
            ChannelAccount.id == row.id, func.coalesce(ChannelAccount.told_code, "") == (row.told_code or "")
        )
        .values(told_code=code, told_at=real)
        .returning(ChannelAccount.id)
    )
    return found.first() is not None


def list_accounts(session: Session) -> list[ChannelAccount]:
    """Every account, by channel."""
    return list(
        session.scalars(select(ChannelAccount).order_by(ChannelAccount.channel, ChannelAccount.provider))
    )


def _row(session: Session, provider: str, account: str) -> ChannelAccount | None:
    statement = select(ChannelAccount).where(
        ChannelAccount.provider == provider, ChannelAccount.account == account
    )
    if session.get_bind().dialect.name == "postgresql":
        statement = statement.with_for_update()
    return session.scalar(statement)
