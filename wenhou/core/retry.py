"""The one retry policy: a pure function of the attempt, the error's hint and the message's own deadline.

Nothing else re-queues: adapters never retry, APScheduler never retries a message, the worker asks here.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from wenhou.core.errors import RetryHint

MAX_ATTEMPTS = 6
_FIRST = timedelta(seconds=2)
_LONGEST = timedelta(minutes=5)


def next_try(*, attempt: int, hint: RetryHint, now: datetime, deadline: datetime) -> datetime | None:
    """When to try again after attempt number `attempt` (from 1) failed transiently, or None: give up.

    A provider's own word wins over the back-off of 2ⁿ·2 s (at most 5 min; SMS spec §11). No try after the deadline:
    a birthday greeting that cannot leave on the day is not sent.
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    if hint.at is not None:
        when = hint.at
    elif hint.after is not None:
        when = now + hint.after
    else:
        when = now + min(_FIRST * 2 ** (attempt - 1), _LONGEST)
    when = max(when, now + timedelta(seconds=1))
    return when if when < deadline else None
