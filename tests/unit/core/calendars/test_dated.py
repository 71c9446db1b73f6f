"""The calendar in force: the nearest part of the bank counts, a year without an entry has no day."""

from __future__ import annotations

from datetime import date, time

import pytest

from wenhou.core.calendars import festivals
from wenhou.core.calendars.dated import (
    NOTHING_ENTERED,
    BranchHours,
    Correction,
    Custom,
    DatedCalendar,
    EnteredDay,
)
from wenhou.core.calendars.festivals import FESTIVALS, Tone
from wenhou.core.calendars.problems import CalendarError
from wenhou.core.calendars.regional import REGIONAL_FESTIVALS, DatedDay, DatedFestival, known_festivals

OUTLET = "/HQ/WH/WH01/WH0101/"
ELSEWHERE = "/HQ/YC/"


def dated(key: str, *days: DatedDay, chosen_only: bool = True) -> DatedFestival:
    return DatedFestival(
        key=key, name_zh="节", name_en="Feast", tone=Tone.WARM, days=days, chosen_only=chosen_only
    )


def test_with_nothing_entered_it_says_what_is_computed() -> None:
    for year in range(1901, 2101):
        found = NOTHING_ENTERED.days_in(year)
        assert [day for day, _part in found] == festivals.days_in(year)
        assert {part for _day, part in found} == {None}
    for day in festivals.days_in(2022):
        assert NOTHING_ENTERED.festivals_on(day.on) == festivals.festivals_on(day.on)
        assert NOTHING_ENTERED.occurrences(day.key, day.on) == (day,)


def test_xiaonian_is_kept_as_the_nearest_part_of_the_bank_keeps_it() -> None:
    calendar = DatedCalendar(
        customs=(
            Custom(festival="xiaonian", variant="north"),
            Custom(festival="xiaonian", variant="south", org="WH"),
            Custom(festival="xiaonian", variant="north", org="WH0102"),
        )
    )

    assert calendar.variant_for(OUTLET) == {"xiaonian": "south"}
    assert calendar.variant_for("/HQ/WH/WH01/WH0102/") == {"xiaonian": "north"}
    assert calendar.variant_for(None) == {"xiaonian": "north"}
    assert calendar.days_of_festival("xiaonian", 2027, OUTLET) == (date(2027, 1, 31),)
    assert calendar.days_of_festival("xiaonian", 2027, ELSEWHERE) == (date(2027, 1, 30),)
    assert not calendar.is_uniform("xiaonian")
    for day in (date(2027, 1, 30), date(2027, 1, 31)):
        assert [found.on for found in calendar.occurrences("xiaonian", day)] == [day]
    assert [(day.on.day, part) for day, part in calendar.days_in(2027) if day.key == "xiaonian"] == [
        (30, None),
        (31, "WH"),
    ]


def test_a_code_that_begins_like_another_is_not_taken_for_it() -> None:
    calendar = DatedCalendar(customs=(Custom(festival="xiaonian", variant="south", org="WH01"),))

    assert calendar.variant_for("/HQ/WH/WH0101/") == {}
    assert calendar.variant_for(OUTLET) == {"xiaonian": "south"}


def test_a_corrected_day_stands_in_the_place_of_the_computed_one() -> None:
    calendar = DatedCalendar(
        corrections=(Correction(festival="double_ninth", year=2057, on=date(2057, 10, 6)),)
    )

    assert festivals.day_of("double_ninth", 2057) == date(2057, 10, 7)
    assert calendar.days_of_festival("double_ninth", 2057) == (date(2057, 10, 6),)
    assert calendar.festival_on("double_ninth", date(2057, 10, 7)) is None
    assert [day.key for day in calendar.festivals_on(date(2057, 10, 6))] == ["double_ninth"]
    assert calendar.festivals_on(date(2057, 10, 7)) == ()
    assert calendar.days_of_festival("double_ninth", 2058) == (festivals.day_of("double_ninth", 2058),)


def test_a_region_corrects_a_day_for_itself() -> None:
    own = Correction(festival="mid_autumn", year=2027, on=date(2027, 9, 16), org="WH")
    calendar = DatedCalendar(corrections=(own,))

    assert calendar.days_of_festival("mid_autumn", 2027, OUTLET) == (date(2027, 9, 16),)
    assert calendar.days_of_festival("mid_autumn", 2027, ELSEWHERE) == (date(2027, 9, 15),)
    assert [day.key for day in calendar.festivals_on(date(2027, 9, 16), OUTLET)] == ["mid_autumn"]
    assert calendar.festivals_on(date(2027, 9, 15), OUTLET) == ()


def test_a_corrected_laba_keeps_the_year_it_is_named_by() -> None:
    calendar = DatedCalendar(corrections=(Correction(festival="laba", year=2023, on=date(2023, 1, 1)),))

    found = calendar.festival_on("laba", date(2023, 1, 1))
    assert found is not None
    assert found.anchor == "2023"
    assert calendar.festival_on("laba", date(2022, 12, 30)) is None


def test_a_regional_festival_has_no_day_in_a_year_without_an_entry() -> None:
    calendar = DatedCalendar(festivals=(dated("eid_al_fitr", DatedDay(on=date(2027, 3, 10), year=2027)),))

    assert calendar.days_of_festival("eid_al_fitr", 2027) == (date(2027, 3, 10),)
    assert calendar.days_of_festival("eid_al_fitr", 2028) == ()
    for key in REGIONAL_FESTIVALS:
        assert all(NOTHING_ENTERED.days_of_festival(key, year) == () for year in range(1950, 2101))


def test_a_region_declares_its_own_day() -> None:
    calendar = DatedCalendar(
        festivals=(
            dated(
                "eid_al_fitr",
                DatedDay(on=date(2027, 3, 10), year=2027),
                DatedDay(on=date(2027, 3, 9), year=2027, org="WH"),
            ),
        )
    )

    assert calendar.days_of_festival("eid_al_fitr", 2027, OUTLET) == (date(2027, 3, 9),)
    assert calendar.days_of_festival("eid_al_fitr", 2027, ELSEWHERE) == (date(2027, 3, 10),)
    assert calendar.festival_on("eid_al_fitr", date(2027, 3, 10), OUTLET) is None
    assert len(calendar.occurrences("eid_al_fitr", date(2027, 3, 9))) == 1


def test_a_feast_of_a_year_shorter_than_ours_comes_twice_under_two_names() -> None:
    days = (DatedDay(on=date(2033, 1, 2), year=2033), DatedDay(on=date(2033, 12, 23), year=2033, nth=2))
    calendar = DatedCalendar(festivals=(dated("eid_al_fitr", *days),))

    assert calendar.days_of_festival("eid_al_fitr", 2033) == (date(2033, 1, 2), date(2033, 12, 23))
    anchors = [found.anchor for day in days for found in calendar.occurrences("eid_al_fitr", day.on)]
    assert anchors == ["2033", "2033b"]


def test_only_festivals_that_are_entered_must_be_chosen() -> None:
    assert not any(NOTHING_ENTERED.is_chosen_only(key) for key in FESTIVALS)
    assert all(NOTHING_ENTERED.is_chosen_only(key) for key in REGIONAL_FESTIVALS)
    assert known_festivals() == NOTHING_ENTERED.known_festivals()
    own = DatedCalendar(festivals=(dated("founding_day", chosen_only=False),))
    assert not own.is_chosen_only("founding_day")
    assert own.known_festivals()[-1] == "founding_day"


@pytest.mark.parametrize("ask", ["is_chosen_only", "is_uniform", "names_of"])
def test_a_festival_that_does_not_exist_is_refused_with_the_nearest(ask: str) -> None:
    with pytest.raises(CalendarError, match="did you mean mid_autumn"):
        getattr(NOTHING_ENTERED, ask)("mid_autum")


def test_a_region_has_days_off_of_its_own() -> None:
    calendar = DatedCalendar(
        workdays=(
            EnteredDay(on=date(2027, 4, 9), is_work=False, org="GX"),
            EnteredDay(on=date(2027, 2, 14), is_work=True),
        )
    )

    assert not calendar.work_calendar("/HQ/GX/GX01/").is_workday(date(2027, 4, 9))
    assert calendar.work_calendar().is_workday(date(2027, 4, 9))
    assert calendar.work_calendar("/HQ/GX/").is_workday(date(2027, 2, 14))
    assert calendar.work_calendar(OUTLET) is calendar.work_calendar()


def test_a_complete_notice_needs_no_package() -> None:
    calendar = DatedCalendar(
        complete_years=frozenset({2027}), workdays=(EnteredDay(on=date(2027, 2, 8), is_work=False),)
    )

    work = calendar.work_calendar()
    assert work.is_published(2027)
    assert not work.is_workday(date(2027, 2, 8))
    assert work.is_workday(date(2027, 2, 9))


def test_branch_hours_are_those_of_the_nearest_branch() -> None:
    closed = BranchHours(org="WH", on=date(2027, 2, 6))
    short = BranchHours(org="WH01", on=date(2027, 2, 6), opens=time(10), closes=time(15))
    calendar = DatedCalendar(hours=(closed, short))

    assert calendar.hours_of(OUTLET, date(2027, 2, 6)) == short
    assert calendar.hours_of("/HQ/WH/", date(2027, 2, 6)) == closed
    assert closed.is_closed
    assert calendar.hours_of(ELSEWHERE, date(2027, 2, 6)) is None
