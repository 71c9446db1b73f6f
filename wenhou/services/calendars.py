"""The calendar in force: the newest edition an operator applied, as a value planning and the gates ask.

Editions replace one another whole and stay in the store; who applied which is audited.
"""

from __future__ import annotations

import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from store.audit import record
from store.calendars import CalendarRow, Edition, add_edition, find_edition, list_entries, org_codes
from store.database import Session
from store.orgs import find_org
from wenhou.core.actors import Actor, Role
from wenhou.core.calendars.dated import NOTHING_ENTERED, DatedCalendar, numbered
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services.calendar_files import CalendarFile, calendar_of_entries, read_calendar, write_calendar
from wenhou.services.context import Context
from wenhou.services.yaml_blocks import nearest

_KEPT: Final = 8
_lock = threading.Lock()
_known: dict[uuid.UUID, DatedCalendar] = {}
"""The last few editions as values, by the id of their header row, which no two stores share."""


def calendar_in_force(session: Session) -> DatedCalendar:
    """The operator's newest calendar, or one with nothing entered. One small query; cheap enough for every chunk."""
    edition = find_edition(session)
    if edition is None:
        return NOTHING_ENTERED
    found = _known.get(edition.id)
    return found if found is not None else _load(session, edition)


def _load(session: Session, edition: Edition) -> DatedCalendar:
    found = numbered(calendar_of_entries(list_entries(session, edition.number)), edition.number)
    with _lock:
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        _known[edition.id] = found
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What applying a file did: `outcome` is `created` (a new edition is in force) or `unchanged`."""

    outcome: str
    number: int
    entries: int


def check_calendar(context: Context, text: str, file: str) -> CalendarFile:
    """Read a calendar file against the bank's tree; InputError with every fault, nothing stored."""
    with context.db.read() as session:
        orgs = org_codes(session)
    return read_calendar(text, file, zone=context.bank.zone, orgs=orgs)


def apply_calendar(context: Context, actor: Actor, text: str, file: str) -> Applied:
    """Put a calendar file in the place of the calendar in force. InputError: refused whole; AccessDenied.

    It counts at once, for what is planned from now on and, since every gate is judged again, for what waits.
    """
    if actor.kind != "system" and not actor.has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations or compliance changes the bank's calendar")
    checked = check_calendar(context, text, file)
    now = context.clock.now()
    with context.db.write() as session:
        before = find_edition(session)
        if before is not None and before.digest == checked.digest:
            return Applied(outcome="unchanged", number=before.number, entries=len(checked.entries))
        number = add_edition(
            session, _rows(checked, now), source=checked.source, digest=checked.digest, at=now
        )
        details = {"number": number, "digest": checked.digest, "entries": len(checked.entries)}
        record(session, now, actor, "calendar.apply", "calendar", None, details)
    context.submit("planning")
    return Applied(outcome="created", number=number, entries=len(checked.entries))


def export_calendar(context: Context, number: int | None = None) -> str:
    """The calendar in force, or an earlier edition, as the file that would make it again; InputError: none such."""
    with context.db.read() as session:
        edition = find_edition(session, number)
        if edition is None:
            raise InputError(
                "nothing was entered yet; start from docs/examples/calendar.yaml"
                if number is None
                else f"there is no edition {number} of the calendar"
            )
        return write_calendar(edition.source, list_entries(session, edition.number))


def path_of(session: Session, org_code: str) -> str:
    """The path of an organisation; InputError names the nearest code."""
    found = find_org(session, org_code)
    if found is None:
        raise InputError(
            f"there is no organisation {org_code!r}; {nearest(org_code, org_codes(session)[:20])}"
        )
    return found.path


def _rows(checked: CalendarFile, now: datetime) -> list[CalendarRow]:
    return [
        CalendarRow(
            kind=entry.kind,
            on_day=entry.on_day or now.date(),
            details=entry.details,
            source=entry.source,
            org_code=entry.org_code,
        )
        for entry in checked.entries
    ]
