"""Two wordings of a campaign beside each other, for its page: counts, shares with their intervals, and a sentence."""

from __future__ import annotations

from datetime import timedelta

from console.presenting import today
from console.sessions import actor, context
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services.comparisons import Comparison, compare

DAYS = 365


def compared(key: str) -> list[Comparison]:
    """Steps with two wordings over the last year; empty for none, and for who may not see figures."""
    try:
        return compare(context(), actor(), key, since=today() - timedelta(days=DAYS), until=today())
    except (AccessDenied, InputError):
        return []
