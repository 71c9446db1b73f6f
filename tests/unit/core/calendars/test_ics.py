"""The calendar as a feed other calendars read, read back by a parser of another house."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.calendars import festivals, ics
from wenhou.core.calendars.dated import NOTHING_ENTERED, Custom, DatedCalendar
from wenhou.core.calendars.ics import Entry

icalendar = pytest.importorskip("icalendar")
STAMP = datetime(2027, 1, 30, 8, 0, tzinfo=UTC)


def events(text: str) -> list[Any]:
    feed = icalendar.Calendar.from_ical(text)
    assert feed.errors == []
    return list(feed.walk("VEVENT"))


def test_a_year_of_festivals_and_days_off_becomes_one_event_each() -> None:
    entries = ics.list_entries(2026, NOTHING_ENTERED)

    found = events(ics.write_feed(entries, name="江城银行 2026", stamp=STAMP))

    assert len(found) == len(entries) > len(festivals.days_in(2026))
    assert len({entry.uid for entry in entries}) == len(entries)
    assert [(event["UID"], event.decoded("DTSTART"), str(event["SUMMARY"])) for event in found] == [
        (f"{entry.uid}@wenhou", entry.on, entry.title) for entry in entries
    ]
    spring = next(event for event in found if event["UID"] == "spring_festival-2026@wenhou")
    assert (spring.decoded("DTSTART"), spring.decoded("DTEND")) == (date(2026, 2, 17), date(2026, 2, 18))
    assert spring.decoded("DTSTAMP") == STAMP


def test_the_same_day_keeps_its_uid_whatever_is_entered() -> None:
    south = DatedCalendar(customs=(Custom(festival="xiaonian", variant="south"),))

    before = {entry.uid for entry in ics.list_entries(2027, NOTHING_ENTERED)}
    after = {entry.uid: entry.on for entry in ics.list_entries(2027, south)}

    assert set(after) == before
    assert after["xiaonian-2027"] == date(2027, 1, 31)


def test_days_off_of_an_unpublished_year_say_so() -> None:
    entries = ics.list_entries(2027, NOTHING_ENTERED)

    assert {entry.note for entry in entries if entry.uid.startswith("off-")} == {"调休未公布"}


def test_every_line_ends_in_crlf_and_holds_75_octets_at_most() -> None:
    entry = Entry(on=date(2027, 2, 6), uid="x", title="春节", note="长" * 100 + ", ; \\ end")

    text = ics.write_feed([entry], name="n", stamp=STAMP)

    assert text.endswith("END:VCALENDAR\r\n")
    assert text.count("\n") == text.count("\r\n")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\\, \\; \\\\ end\r\n" in text.replace("\r\n ", "")
    assert str(events(text)[0]["DESCRIPTION"]) == entry.note


@given(title=st.text(min_size=1, max_size=120), note=st.text(max_size=300))
def test_any_words_come_out_as_they_went_in_but_for_control_characters(title: str, note: str) -> None:
    entry = Entry(on=date(2027, 2, 6), uid="x", title="a" + title, note="b" + note)

    text = ics.write_feed([entry], name=title, stamp=STAMP)

    (event,) = events(text)
    assert "\r" not in text.replace("\r\n", "")
    for name, went_in in (("SUMMARY", entry.title), ("DESCRIPTION", entry.note)):
        assert str(event[name]) == "".join(
            char for char in went_in if char in "\n\t" or char.isprintable() or char > "\x7f"
        )
