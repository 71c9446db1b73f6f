"""The bank's policy in force: the newest dated version with the operator's calendar, or the defaults the product ships."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from store.audit import record
from store.database import Session
from store.policies import PolicyRow, add_policy, newest_policy
from wenhou.core.actors import Actor, Role
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.errors import AccessDenied
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.windows import Window
from wenhou.core.purposes import Purpose
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.policy_files import document_of, policy_from_document, read_policy

__all__ = ["apply_policy", "describe_policy", "policy_in_force", "read_policy"]

_AHEAD_DAYS: Final = 120
"""Planning looks a few workdays ahead, and a window a month beyond."""
_KEPT: Final = 8
_lock = threading.Lock()
_known: dict[tuple[uuid.UUID | None, date], tuple[DatedCalendar, Policy]] = {}
"""The last few editions with the calendar they were completed from: planning asks for every chunk."""


def policy_in_force(session: Session, now: datetime) -> Policy:
    """The policy that counts at this instant, with the bank's real workdays, festivals and blackouts. Two small queries."""
    row, calendar = newest_policy(session, now), calendar_in_force(session)
    key = (row.id if row else None, now.date())
    found = _known.get(key)
    if found is not None and found[0] is calendar:
        return found[1]
    policy = _completed(_parsed(row), calendar, now.date())
    with _lock:
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        _known[key] = (calendar, policy)
    return policy


def apply_policy(context: Context, actor: Actor, document: dict[str, Any]) -> int:
    """Put a policy into force from now on, for the whole bank; returns its number. Older decisions keep theirs.

    It counts for what is planned and, since every gate is judged again, for what waits.
    """
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance changes the bank's rules")
    policy_from_document(document)
    now = context.clock.now()
    with context.db.write() as session:
        number = add_policy(session, document=document, effective_from=now, by=actor.user_id, at=now)
        record(session, now, actor, "policy.apply", "policy", None, {"number": number})
    context.submit("planning")
    return number


def describe_policy(context: Context) -> dict[str, Any]:
    """The policy in force as a document, with its number: without it, what `apply_policy` would take."""
    with context.db.read() as session:
        policy = _parsed(newest_policy(session, context.clock.now()))
    return {"number": policy.number, **document_of(policy)}


def _parsed(row: PolicyRow | None) -> Policy:
    return Policy() if row is None else policy_from_document(row.document, number=row.number)


def _completed(policy: Policy, calendar: DatedCalendar, today: date) -> Policy:
    """The rules with what the operator's calendar knows of the days they are about to be used on."""
    everywhere = [policy.windows, *policy.zone_windows.values()]
    by_workday = any(one.workdays_only for windows in everywhere for one in windows.values())
    return replace(
        policy,
        windows=_closed(policy.windows, calendar, today),
        zone_windows={
            zone: _closed(windows, calendar, today) for zone, windows in policy.zone_windows.items()
        },
        days_off=_days_off(calendar, today) if by_workday else frozenset(),
        blackouts=calendar.blackouts,
        congestion=(*policy.congestion, *calendar.congestion),
    )


def _closed(windows: Mapping[Purpose, Window], calendar: DatedCalendar, today: date) -> dict[Purpose, Window]:
    """Each window with the days of the festivals it stays closed on."""
    years = range(today.year, (today + timedelta(days=_AHEAD_DAYS)).year + 1)
    return {
        purpose: replace(
            window,
            closed_on=frozenset(
                day for key in window.not_on for year in years for day in calendar.days_of_festival(key, year)
            ),
        )
        for purpose, window in windows.items()
    }


def _days_off(calendar: DatedCalendar, day: date) -> frozenset[date]:
    """Weekends and holidays about a day, 调休 and the operator's corrections minded, as far as a window looks ahead."""
    known = calendar.work_calendar()
    near = (day + timedelta(days=ahead) for ahead in range(-2, _AHEAD_DAYS))
    return frozenset(one for one in near if not known.is_workday(one))
