"""The bank's policy in force: the newest dated version, or the defaults the product ships."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from store.audit import record
from store.database import Session
from store.policies import add_policy, newest_policy
from wenhou.core.actors import Actor, Role
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.policy.rules import Policy, parse_policy
from wenhou.services.context import Context

_FIELDS = ("windows", "caps", "care_per_address_and_day", "care_after_cure_days")
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


def read_policy(path: Path) -> dict[str, Any]:
    """A policy document (YAML), checked; InputError names the field and what would be right."""
    try:
        document = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read as UTF-8 text") from error
    except YAMLError as error:
        raise InputError(f"{path}: no valid YAML") from error
    if not isinstance(document, dict) or not document:
        raise InputError(f"{path}: start with `windows:` or `caps:`")
    unknown = [str(name) for name in document if name not in _FIELDS]
    if unknown:
        raise InputError(f"{path}: {', '.join(unknown)}: no such field; known: {', '.join(_FIELDS)}")
    parse_policy(document)
    return document


def apply_policy(context: Context, actor: Actor, document: dict[str, Any]) -> int:
    """Put a policy into force from now on, for the whole bank; returns its number. Older decisions keep theirs.

    It counts for what is planned and, since every gate is judged again, for what waits.
    """
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance changes the bank's rules")
    parse_policy(document)
    now = context.clock.now()
    with context.db.write() as session:
        number = add_policy(session, document=document, effective_from=now, by=actor.user_id, at=now)
        record(session, now, actor, "policy.apply", "policy", None, {"number": number})
    context.submit("planning")
    return number


def describe_policy(context: Context) -> dict[str, Any]:
    """The policy in force as a document: what `apply_policy` would take."""
    with context.db.read() as session:
        policy = policy_in_force(session, context.clock.now())
    return {
        "number": policy.number,
        "windows": {
            purpose.value: {
                "opens": f"{window.opens:%H:%M}",
                "closes": f"{window.closes:%H:%M}",
                "workdays_only": window.workdays_only,
            }
            for purpose, window in policy.windows.items()
        },
        "caps": [
            {"name": cap.name, "purposes": sorted(cap.purposes), "days": cap.days, "most": cap.most}
            for cap in policy.caps
        ],
        "care_per_address_and_day": policy.care_per_address_and_day,
        "care_after_cure_days": policy.care_after_cure_days,
    }


@lru_cache(maxsize=4)
def _days_off(day: date) -> frozenset[date]:
    """Weekends and holidays about a day, as far as a window looks ahead."""
    known = WorkCalendar()
    near = (day + timedelta(days=ahead) for ahead in range(-2, _AHEAD_DAYS))
    return frozenset(one for one in near if not known.is_workday(one))
