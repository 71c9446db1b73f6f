"""The operator's calendar as entries and as a YAML file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from wenhou.core.calendars.dated import NOTHING_ENTERED, DatedCalendar


def calendar_of_entries(entries: Iterable[tuple[str, Mapping[str, Any]]]) -> DatedCalendar:
    """The value of stored entries."""
    del entries
    return NOTHING_ENTERED
