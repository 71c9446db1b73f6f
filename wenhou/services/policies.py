"""The bank's policy in force: the newest dated version, or the defaults the product ships."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from store.database import Session
from store.policies import newest_policy
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.policy.rules import Policy, parse_policy

_AHEAD_DAYS = 120
"""Planning looks a few workdays ahead, and a window a month beyond."""


def policy_in_force(session: Session, now: datetime) -> Policy:
    """The policy that counts at this instant."""
    found = newest_policy(session, now)
    if found is None:
        return Policy()
    number, document = found
    policy = parse_policy(document, number=number)
    if not any(window.workdays_only for window in policy.windows.values()):
        return policy
    return replace(policy, days_off=_days_off(now.date()))


@lru_cache(maxsize=4)
def _days_off(day: date) -> frozenset[date]:
    """Weekends and holidays about a day, as far as a window looks ahead."""
    known = WorkCalendar()
    near = (day + timedelta(days=ahead) for ahead in range(-2, _AHEAD_DAYS))
    return frozenset(one for one in near if not known.is_workday(one))
