"""The calendar of a year as an iCalendar feed (RFC 5545), for operations to subscribe to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.festivals import FestivalDay

# RFC 5545 §3.1: no line longer than 75 octets, line end not counted; a continuation starts with one blank.
_LINE_OCTETS: Final = 75
_ESCAPES: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})
# Other control characters may not stand in a content line at all.
_CONTROLS: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 127])


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One whole-day entry; `uid` stays the same when the feed is fetched again, also when the day was corrected."""

    on: date
    uid: str
    title: str
    note: str = ""


def list_entries(year: int, calendar: DatedCalendar) -> list[Entry]:
    """Festivals, weekdays off and make-up workdays of a year, in order of day; CalendarError out of range."""
    found = [_festival(day, part, calendar) for day, part in calendar.days_in(year)]
    work = calendar.work_calendar()
    unsure = "" if work.is_published(year) else "调休未公布"
    found += [
        Entry(on=day, uid=f"off-{day}", title="休（放假）", note=unsure) for day in work.list_days_off(year)
    ]
    found += [
        Entry(on=day, uid=f"work-{day}", title="班（调休上班）") for day in work.list_make_up_days(year)
    ]
    return sorted(found, key=lambda entry: entry.on)


def _festival(day: FestivalDay, part: str | None, calendar: DatedCalendar) -> Entry:
    notes = [f"农历{day.lunar} · {day.name_en}"]
    if calendar.is_chosen_only(day.key):
        notes.append("只发给选择了该节日的客户")
    uid = f"{day.key}-{day.anchor}"
    if part is None:
        return Entry(on=day.on, uid=uid, title=day.name, note=" · ".join(notes))
    return Entry(on=day.on, uid=f"{uid}-{part}", title=f"{day.name}（{part}）", note=" · ".join(notes))


def write_feed(entries: Iterable[Entry], *, name: str, stamp: datetime) -> str:
    """The feed's text, with CRLF line ends. `stamp`: aware instant at which it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Wenhou//Calendar//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        *(line for entry in entries for line in _event(entry, stamp)),
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _fold(line))


def _event(entry: Entry, stamp: datetime) -> list[str]:
    note = [f"DESCRIPTION:{_text(entry.note)}"] if entry.note else []
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}@wenhou",
        f"DTSTAMP:{stamp.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{entry.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{entry.on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{_text(entry.title)}",
        *note,
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _text(value: str) -> str:
    return value.translate(_CONTROLS).translate(_ESCAPES)


def _fold(line: str) -> Iterator[str]:
    """Split at octets, but never inside a character."""
    part = ""
    for char in line:
        if len((part + char).encode()) > _LINE_OCTETS:
            yield part
            part = " "
        part += char
    yield part
