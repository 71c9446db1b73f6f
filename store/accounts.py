"""Providers' accounts: paused or not, and the token bucket that all workers share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.handover import ChannelAccount
from wenhou.core.ids import new_id

_PAUSE_LENGTH = 200


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
    full = max(row.rate_per_second, 1.0)
    tokens = min(full, row.bucket_tokens + elapsed * row.rate_per_second)
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
) -> None:
    """The account is at fault: nothing leaves by it until somebody resumes it. Messages stay."""
    session.execute(
        update(ChannelAccount)
        .where(
            ChannelAccount.provider == provider,
            ChannelAccount.account == account,
            ChannelAccount.paused_at.is_(None),
        )
        .values(paused_at=at, paused_code=code, paused_reason=reason[:_PAUSE_LENGTH], updated_at=at)
    )


def resume_account(session: Session, *, provider: str, account: str, at: datetime) -> bool:
    """Let an account carry messages again; False when it was not paused."""
    found = session.execute(
        update(ChannelAccount)
        .where(
            ChannelAccount.provider == provider,
            ChannelAccount.account == account,
            ChannelAccount.paused_at.is_not(None),
        )
        .values(paused_at=None, paused_code=None, paused_reason=None, updated_at=at)
        .returning(ChannelAccount.id)
    )
    return found.first() is not None


def paused_accounts(session: Session) -> set[tuple[str, str]]:
    """(provider, account) of those that carry nothing now."""
    rows = session.execute(
        select(ChannelAccount.provider, ChannelAccount.account).where(ChannelAccount.paused_at.is_not(None))
    )
    return {(row.provider, row.account) for row in rows}


def touch_account(session: Session, provider: str, account: str, *, ok: bool, at: datetime) -> None:
    """Remember that the account took a message at `at`, or that it failed to, and how often in a row."""
    values: dict[str, Any] = {"last_success_at": at, "errors_in_row": 0}
    if not ok:
        values = {"last_error_at": at, "errors_in_row": ChannelAccount.errors_in_row + 1}
    session.execute(
        update(ChannelAccount)
        .where(ChannelAccount.provider == provider, ChannelAccount.account == account)
        .values(**values, updated_at=at)
    )


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
