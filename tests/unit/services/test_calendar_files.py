"""A calendar file: read, kept and written back as the same; a broken one refused with every fault and its place."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.calendars.dated import BranchHours, DatedCalendar
from wenhou.core.calendars.festivals import Tone
from wenhou.core.errors import InputError
from wenhou.services.calendar_files import (
    CalendarFile,
    calendar_of_entries,
    read_calendar,
    write_calendar,
)

ZONE = ZoneInfo("Asia/Shanghai")
EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "calendar.yaml"
ORGS = ("HQ", "WH", "WH01", "YC")


def read(text: str, *, source: bool = True) -> CalendarFile:
    return read_calendar("source: 测试\n" + text if source else text, "c.yaml", zone=ZONE, orgs=ORGS)


def refused(text: str) -> str:
    """Why a text is refused; its lines count from 2."""
    with pytest.raises(InputError) as error:
        read(text)
    return str(error.value)


def example() -> CalendarFile:
    return read_calendar(EXAMPLE.read_text(encoding="utf-8"), EXAMPLE.name, zone=ZONE, orgs=ORGS)


def test_the_example_says_of_2026_what_the_published_notice_says() -> None:
    work = example().calendar.work_calendar()

    day = date(2026, 1, 1)
    while day.year == 2026:
        assert work.is_workday(day) == chinese_calendar.is_workday(day), day
        day += timedelta(days=1)


def test_the_example_enters_something_of_every_kind() -> None:
    calendar = example().calendar

    assert calendar.days_of_festival("eid_al_fitr", 2027) == (date(2027, 3, 10),)
    assert calendar.variant_for(None) == {"xiaonian": "north"}
    assert calendar.days_of_festival("double_ninth", 2057) == (date(2057, 10, 7),)
    (blackout,) = calendar.blackouts
    assert blackout.starts_at == datetime(2027, 2, 5, 18, 0, tzinfo=ZONE)
    assert calendar.next_allowed("sms", datetime(2027, 1, 30, 10, 0, tzinfo=ZONE)).minute == 3
    assert calendar.hours_of("/HQ/WH/", date(2027, 2, 7)) == BranchHours(org="HQ", on=date(2027, 2, 7))
    hours = calendar.hours_of("/HQ/", date(2027, 2, 9))
    assert hours is not None
    assert (hours.opens, hours.closes) == (time(9, 30), time(16))


def test_what_is_stored_and_written_back_is_the_same_calendar() -> None:
    first = example()
    stored = [(entry.kind, entry.details) for entry in first.entries]

    again = read_calendar(write_calendar(first.source, stored), "again.yaml", zone=ZONE, orgs=ORGS)

    assert calendar_of_entries(stored) == first.calendar == again.calendar
    assert again.entries == first.entries
    assert again.digest == first.digest


def test_stored_instants_do_not_move_when_the_bank_changes_its_zone() -> None:
    text = "blackouts:\n- {channel: all, from: 2027-02-05 18:00, until: 2027-02-05T20:00:00+10:00, reason: 演练}\n"
    tokyo = ZoneInfo("Asia/Tokyo")
    checked = read_calendar(f"source: x\n{text}", "c.yaml", zone=tokyo, orgs=ORGS)

    (blackout,) = calendar_of_entries([(entry.kind, entry.details) for entry in checked.entries]).blackouts

    assert blackout.channel is None
    assert blackout.starts_at == datetime(2027, 2, 5, 18, 0, tzinfo=tokyo)
    assert blackout.ends_at - blackout.starts_at == timedelta(hours=1)


def test_each_entry_knows_its_source_its_part_of_the_bank_and_its_first_day() -> None:
    entries = read(
        "customs: [{festival: xiaonian, variant: 南, org: WH, source: 分行来函}]\n"
        "branch_hours: [{org: YC, on: 2027-02-06..2027-02-08, closed: true}]\n"
    ).entries

    assert [(one.source, one.org_code, one.on_day) for one in entries] == [
        ("分行来函", "WH", None),
        ("测试", "YC", date(2027, 2, 6)),
    ]


def test_a_festival_of_the_banks_own_is_entered_with_its_names() -> None:
    calendar = read(
        "festivals:\n- {key: founding_day, name: {zh-CN: 行庆日, en: Founding Day}, tone: festive, chosen_only: false,\n"
        "   lead_days: 1, days: [2027-05-18, {on: 2028-05-18, org: WH}]}\n"
    ).calendar

    found = calendar.festival_on("founding_day", date(2027, 5, 18))
    assert found is not None
    assert (found.name, found.name_en, found.tone, found.lead_days) == (
        "行庆日",
        "Founding Day",
        Tone.FESTIVE,
        1,
    )
    assert not calendar.is_chosen_only("founding_day")
    assert calendar.days_of_festival("founding_day", 2028, "/HQ/YC/") == ()
    assert calendar.days_of_festival("founding_day", 2028, "/HQ/WH/WH01/") == (date(2028, 5, 18),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("workday: []", "c.yaml:2:1: workday: no such field; did you mean workdays?"),
        ("workdays: 3", "c.yaml:2:1: workdays: each entry is a block"),
        ("workdays:\n- {year: 2027, of: [2027-02-08]}", "c.yaml:3:16: of: no such field; did you mean off?"),
        ("workdays:\n- {year: 2027}", "c.yaml:3:3: give the days under off: or work:"),
        ("workdays:\n- {year: 1900, off: []}", "year is a whole number from 1950 to 2100, not 1900"),
        ("workdays:\n- {year: 2027, off: [2028-02-08]}", "c.yaml:3:16: off: 2028-02-08 does not lie in 2027"),
        ("workdays:\n- {year: 2027, off: [2027-02-30]}", "c.yaml:3:22: off: there is no day 2027-02-30"),
        ("workdays:\n- {year: 2027, off: [2027-02-08..2027-02-01]}", "write the first day first"),
        (
            "workdays:\n- {year: 2027, off: [2027-02-08]}\n- {year: 2027, work: [2027-02-08]}",
            "c.yaml:4:16: work: 2027-02-08 is a workday and a day off in this file; keep one",
        ),
        ("workdays:\n- {year: 2027, complete: true, org: WH}", "only the notice for the whole country"),
        (
            "customs:\n- {festival: xiaonia, variant: 南}",
            "c.yaml:3:4: festival: 'xiaonia' is not known here; did you mean",
        ),
        ("customs:\n- {festival: xiaonian, variant: 廿五}", "did you mean 廿"),
        ("customs:\n- {festival: lantern, variant: 南}", "'lantern' is not known here; known: xiaonian"),
        (
            "customs:\n- {festival: xiaonian, variant: 南, org: WH1}",
            "there is no organisation 'WH1'; did you mean WH01?",
        ),
        (
            "customs:\n- {festival: xiaonian, variant: 南}\n- {festival: xiaonian, variant: 北}",
            "c.yaml:4:4: xiaonian for the whole bank stands twice",
        ),
        ("corrections:\n- {festival: mid_autum, year: 2057, on: 2057-09-13}", "did you mean mid_autumn?"),
        (
            "corrections:\n- {festival: mid_autumn, year: 2057, on: 2058-09-13}",
            "more than a month from 2057-09-13",
        ),
        (
            "corrections:\n- {festival: teachers_day, year: 1980, on: 1980-09-10}",
            "defined from 1985, not for 1980",
        ),
        ("festivals:\n- {key: mid_autumn, days: []}", "write it under corrections:"),
        ("festivals:\n- {key: eid_al_fit, days: []}", "did you mean eid_al_fitr?"),
        ("festivals:\n- {key: Eid, days: []}", "'Eid' is no key"),
        ("festivals:\n- {key: losar, tone: happy}", "tone: 'happy' is not known here"),
        (
            "festivals:\n- {key: losar, days: [2027-02-07, 2027-02-07]}",
            "c.yaml:3:35: days: 2027-02-07 stands twice",
        ),
        (
            "festivals:\n- {key: losar, days: [soon]}",
            "c.yaml:3:23: days is a day like 2027-02-06, not 'soon'",
        ),
        (
            "festivals:\n- {key: losar, days: [{on: 2027-02-07, year: 2030}]}",
            "year is a whole number from 2026 to 2028",
        ),
        ("festivals:\n- {key: losar}\n- {key: losar}", "c.yaml:4:4: losar stands twice"),
        (
            "blackouts:\n- {channel: smss, from: 2027-02-05 18:00, until: 2027-02-05 19:00, reason: x}",
            "mean sms?",
        ),
        (
            "blackouts:\n- {channel: sms, from: 2027-02-05 18:00, until: 2027-02-05 17:00, reason: x}",
            "until: 2027-02-05 17:00 is not after from: 2027-02-05 18:00",
        ),
        (
            "blackouts:\n- {channel: sms, from: 2027-02-05, until: 2027-02-06 17:00, reason: x}",
            "from needs a time as well",
        ),
        (
            "blackouts:\n- {channel: sms, from: 2026-02-05 18:00, until: 2027-02-06 17:00, reason: x}",
            "check the year",
        ),
        (
            "blackouts:\n- {channel: sms, from: tonight, until: 2027-02-06 17:00, reason: x}",
            "an instant like 2027-02-05",
        ),
        (
            "blackouts:\n- {channel: sms, from: 2027-02-05 18:00, until: 2027-02-05 19:00}",
            "reason is missing",
        ),
        ("congestion:\n- {channel: sms, minutes: [0, 60]}", "minutes of the hour from 0 to 59"),
        (
            "congestion:\n- {minutes: [0, 15, 30, 45], width: 5}",
            "at most 30 minutes of an hour may be avoided",
        ),
        ("branch_hours:\n- {on: 2027-02-06, closed: true}", "org is missing: the code of a branch"),
        (
            'branch_hours:\n- {org: WH, on: 2027-02-06, closed: true, opens: "09:00"}',
            "closed contradicts opens",
        ),
        (
            'branch_hours:\n- {org: WH, on: 2027-02-06, opens: "16:00", closes: "09:00"}',
            "is not after opens 16:00",
        ),
        ("branch_hours:\n- {org: WH, on: 2027-02-06, opens: nine}", 'a time in quotes like "09:30"'),
        (
            (
                "branch_hours:\n- {org: WH, on: 2027-02-06..2027-02-08, closed: true}\n"
                "- {org: WH, on: 2027-02-07, closed: true}"
            ),
            "WH on 2027-02-07 stands twice",
        ),
        ("workdays: [", "no valid YAML"),
        ("source: again", "no valid YAML"),
    ],
)
def test_a_fault_is_refused_with_its_place_and_what_was_expected(text: str, said: str) -> None:
    assert said in refused(text)


def test_every_fault_of_a_file_is_said_at_once_in_the_order_of_its_lines() -> None:
    said = refused(
        "customs:\n- {festival: x, variant: 南}\nworkdays:\n- {year: 2027, off: [x]}\nfestivls: []\n"
    )

    assert [line.split(": ")[0] for line in said.splitlines()] == ["c.yaml:3:4", "c.yaml:5:22", "c.yaml:6:1"]


@pytest.mark.parametrize(
    "text", ["", "[]", "just words", "a: &a [*a]", "\x00", "- " * 3000 + "x", "[" * 5000]
)
def test_what_is_no_calendar_is_refused_without_a_traceback(text: str) -> None:
    with pytest.raises(InputError, match=r"^c\.yaml"):
        read(text, source=False)


def test_a_calendar_without_a_source_is_refused() -> None:
    with pytest.raises(InputError, match="source is missing: give a text"):
        read("workdays: []", source=False)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab2-07:. 南", max_size=12) | st.dates().map(str),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                "year off work org on from until channel minutes width key days festival variant".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
sections = "workdays customs corrections festivals blackouts congestion branch_hours".split()


@given(
    document=st.dictionaries(
        st.sampled_from(sections),
        st.lists(st.dictionaries(st.sampled_from(["year", "on", "org"]), values), max_size=2) | values,
    )
)
def test_no_shape_of_a_file_is_more_than_refused(document: dict[str, object]) -> None:
    text = json.dumps({"source": "x", **document}, ensure_ascii=False)  # JSON is YAML
    try:
        found = read(text, source=False)
    except InputError as error:
        assert error.file == "c.yaml"  # noqa: PT017 - refused or read, and nothing else
    else:
        assert isinstance(found.calendar, DatedCalendar)
