"""The calendar in force: the newest edition an operator applied, as a value planning and the gates ask."""

from __future__ import annotations

import threading
import uuid
from typing import Final

from store.calendars import Edition, find_edition, list_entries
from store.database import Session
from wenhou.core.calendars.dated import NOTHING_ENTERED, DatedCalendar, numbered
from wenhou.services.calendar_files import calendar_of_entries

_KEPT: Final = 8
_lock = threading.Lock()
_known: dict[uuid.UUID, DatedCalendar] = {}
"""The last few editions as values, by the id of their header row, which no two stores share."""


def calendar_in_force(session: Session) -> DatedCalendar:
    """The operator's newest calendar, or one with nothing entered. One small query; cheap enough for every chunk."""
    edition = find_edition(session)
    return NOTHING_ENTERED if edition is None else _value(session, edition)


def _value(session: Session, edition: Edition) -> DatedCalendar:
    found = _known.get(edition.id)
    if found is not None:
        return found
    entries = list_entries(session, edition.number)
    found = numbered(calendar_of_entries(entries), edition.number)
    with _lock:
        while len(_known) >= _KEPT:
            _known.pop(next(iter(_known)))
        _known[edition.id] = found
    return found
