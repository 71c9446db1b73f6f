"""The calendar as a feed other calendars read."""

from __future__ import annotations

from datetime import UTC, date, datetime

from wenhou.core.calendars import festivals, ics
from wenhou.core.calendars.dated import NOTHING_ENTERED

STAMP = datetime(2027, 1, 30, 8, 0, tzinfo=UTC)


def test_a_year_of_festivals_and_days_off_becomes_one_event_each() -> None:
    entries = ics.list_entries(2026, NOTHING_ENTERED)
    text = ics.write_feed(entries, name="江城银行 2026", stamp=STAMP)

    assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == len(entries)
    assert len(entries) > len(festivals.days_in(2026))
    assert len({entry.uid for entry in entries}) == len(entries)
    assert "SUMMARY:春节\r\n" in text
    assert "DTSTART;VALUE=DATE:20260217\r\nDTEND;VALUE=DATE:20260218\r\n" in text
    assert "DTSTAMP:20270130T080000Z\r\n" in text


def test_days_off_of_an_unpublished_year_say_so() -> None:
    entries = ics.list_entries(2027, NOTHING_ENTERED)

    assert {entry.note for entry in entries if entry.uid.startswith("off-")} == {"调休未公布"}


def test_long_lines_are_folded_within_75_octets_and_unfold_to_the_same() -> None:
    note = "长" * 100 + ", ; \\ end"
    entry = ics.Entry(on=date(2027, 2, 6), uid="x", title="春节", note=note)

    text = ics.write_feed([entry], name="n", stamp=STAMP)

    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    unfolded = text.replace("\r\n ", "")
    assert "DESCRIPTION:" + "长" * 100 + "\\, \\; \\\\ end\r\n" in unfolded
