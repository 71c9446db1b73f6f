"""What an outcome does to its message: one table, the only place that retries or falls back (DESIGN §11)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from store.outbox import Claimed
from wenhou.core.channels import (
    NOT_TRIED,
    PACED,
    Accepted,
    ChannelFault,
    Outcome,
    Permanent,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.errors import (
    ChannelFaultError,
    PermanentSendError,
    RetryHint,
    SendError,
    TransientSendError,
)
from wenhou.core.retry import next_try
from wenhou.core.statuses import Event

FAULT_PAUSE = timedelta(minutes=5)
STOPPED = "stopped"
"""The code of a call that was not made because an order to stop came between opening and calling."""
STALE = "stale"
"""The code of a call that was not made because its gates had been asked too long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The event a message goes through, why, and what is written with it."""

    event: Event
    reason: str | None = None
    outcome: str
    code: str | None = None
    sets: dict[str, Any] = field(default_factory=dict)


def verdict_for(message: Claimed, outcome: Outcome, now: datetime, channels: Collection[str]) -> Verdict:
    """The consequence of one hand-over, for the message as it was claimed. `channels`: those that have a sender."""
    match outcome:
        case Accepted():
            return Verdict(event=Event.ACCEPT, outcome="accepted")
        case TaskCreated():
            return Verdict(event=Event.AWAIT_TAP, outcome="task")
        case Transient(code=code, retry=retry):
            return _transient(message, code, retry, now)
        case Permanent(code=code):
            return _permanent(message, code, now, channels)
        case ChannelFault(code=code):
            sets = {"due_at": now + FAULT_PAUSE}
            return Verdict(
                event=Event.RETRY, reason="channel_paused", outcome="channel_fault", code=code, sets=sets
            )
        case Unknown(code=code):
            return Verdict(event=Event.LOSE, reason="no_answer", outcome="unknown", code=code)


def outcome_of_error(error: Exception) -> Outcome:
    """A call that failed as a whole. Whatever we did not foresee is unknown: the request may have left."""
    if isinstance(error, TransientSendError):
        return Transient(code=error.provider_code or error.code, retry=error.retry)
    if isinstance(error, PermanentSendError):
        return Permanent(code=error.provider_code or error.code)
    if isinstance(error, ChannelFaultError):
        return ChannelFault(code=error.provider_code or error.code, reason=str(error))
    if isinstance(error, SendError):
        return Unknown(code=error.provider_code or error.code)
    return Unknown(code=type(error).__name__)


def _transient(message: Claimed, code: str, retry: RetryHint, now: datetime) -> Verdict:
    if code in (STOPPED, STALE):  # nothing was tried
        reason = "stopped" if code == STOPPED else "retry"
        return Verdict(event=Event.RETRY, reason=reason, outcome="transient", code=code, sets={"due_at": now})
    if code in (NOT_TRIED, PACED):
        due_at = now + (retry.after or timedelta(0))
        return Verdict(
            event=Event.RETRY, reason="retry", outcome="transient", code=code, sets={"due_at": due_at}
        )
    when = next_try(attempt=message.tries + 1, hint=retry, now=now, deadline=message.expires_at)
    if when is None:
        return Verdict(event=Event.FAIL, reason="retries_exhausted", outcome="transient", code=code)
    sets = {"due_at": when, "tries": message.tries + 1}
    return Verdict(event=Event.RETRY, reason="retry", outcome="transient", code=code, sets=sets)


def _permanent(message: Claimed, code: str, now: datetime, channels: Collection[str]) -> Verdict:
    """Proven non-acceptance: the next channel of the plan, which the gates then judge anew; else failed."""
    plan = message.channel_plan
    position = plan.index(message.channel) if message.channel in plan else len(plan)
    following = next((channel for channel in plan[position + 1 :] if channel in channels), None)
    if following is not None:
        sets = {"channel": following, "due_at": now, "tries": 0}
        return Verdict(event=Event.RETRY, reason="refused", outcome="permanent", code=code, sets=sets)
    return Verdict(event=Event.FAIL, reason="refused", outcome="permanent", code=code)
