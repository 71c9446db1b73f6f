"""Festivals and solar terms: known days, naming years, variants."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from wenhou.core.calendars import festivals, terms
from wenhou.core.calendars.festivals import FESTIVALS, Tone
from wenhou.core.calendars.problems import CalendarError

DESIGN_KEYS = (
    "new_year laba xiaonian new_years_eve spring_festival lantern longtaitou qingming labour_day dragon_boat "
    "qixi zhongyuan mid_autumn double_ninth national_day dongzhi "
    "womens_day youth_day childrens_day teachers_day mothers_day fathers_day"
)


def test_every_festival_the_contract_names_is_there() -> None:
    assert set(FESTIVALS) == set(DESIGN_KEYS.split())


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("laba", date(2027, 1, 15)),
        ("xiaonian", date(2027, 1, 30)),
        ("new_years_eve", date(2027, 2, 5)),
        ("spring_festival", date(2027, 2, 6)),
        ("lantern", date(2027, 2, 20)),
        ("longtaitou", date(2027, 3, 9)),
        ("qingming", date(2027, 4, 5)),
        ("mothers_day", date(2027, 5, 9)),
        ("dragon_boat", date(2027, 6, 9)),
        ("fathers_day", date(2027, 6, 20)),
        ("qixi", date(2027, 8, 8)),
        ("zhongyuan", date(2027, 8, 16)),
        ("mid_autumn", date(2027, 9, 15)),
        ("double_ninth", date(2027, 10, 8)),
        ("dongzhi", date(2026, 12, 22)),
        ("dongzhi", date(2028, 12, 21)),
        ("qingming", date(2028, 4, 4)),
        ("mid_autumn", date(2020, 10, 1)),
        # 1976, 2014 and 2033 have leap months after the eighth: the festival is never in the leap month.
        ("mid_autumn", date(1976, 9, 8)),
        ("double_ninth", date(2014, 10, 2)),
        ("spring_festival", date(2034, 2, 19)),
        ("new_years_eve", date(2034, 2, 18)),
    ],
)
def test_known_festivals_fall_on_their_known_days(key: str, day: date) -> None:
    assert festivals.day_of(key, day.year) == day


def test_new_years_eve_is_the_day_before_spring_festival_every_year() -> None:
    for year in range(1901, 2101):
        eve = festivals.day_of("new_years_eve", year)
        assert eve + timedelta(days=1) == festivals.day_of("spring_festival", year)


def test_laba_of_2023_fell_in_december_2022_and_keeps_its_name() -> None:
    assert festivals.day_of("laba", 2023) == date(2022, 12, 30)

    in_2022 = [day for day in festivals.days_in(2022) if day.key == "laba"]
    assert [(day.on, day.year) for day in in_2022] == [(date(2022, 1, 10), 2022), (date(2022, 12, 30), 2023)]
    assert "laba" not in {day.key for day in festivals.days_in(2023)}


def test_each_festival_comes_exactly_once_in_each_year_it_is_named_by() -> None:
    named = [(day.key, day.year) for year in range(1950, 2101) for day in festivals.days_in(year)]

    assert len(named) == len(set(named))
    for key, festival in FESTIVALS.items():
        years = {year for found, year in named if found == key}
        assert set(range(max(festival.since, 1951), 2100)) <= years, key


def test_a_day_knows_its_festivals() -> None:
    assert [day.key for day in festivals.festivals_on(date(2020, 10, 1))] == ["mid_autumn", "national_day"]
    assert festivals.festivals_on(date(2027, 2, 8)) == ()


def test_the_json_shape_is_the_contract() -> None:
    spring = next(day for day in festivals.days_in(2027) if day.key == "spring_festival")

    assert (
        spring.as_json().items()
        >= {
            "on": "2027-02-06",
            "key": "spring_festival",
            "name": "春节",
            "lunar": "正月初一",
            "tone": "festive",
        }.items()
    )


def test_days_of_the_dead_are_solemn_and_nothing_else_is() -> None:
    solemn = {key for key, festival in FESTIVALS.items() if festival.tone is Tone.SOLEMN}

    assert solemn == {"qingming", "zhongyuan"}


def test_little_new_year_can_be_the_southern_one() -> None:
    south = {"xiaonian": "south"}

    assert festivals.day_of("xiaonian", 2027, variant="south") == date(2027, 1, 31)
    assert [day.key for day in festivals.festivals_on(date(2027, 1, 31), variants=south)] == ["xiaonian"]
    assert festivals.festivals_on(date(2027, 1, 30), variants=south) == ()


@pytest.mark.parametrize(
    ("key", "year", "variant", "code"),
    [
        ("springfestival", 2027, None, "no_such_festival"),
        ("teachers_day", 1984, None, "festival_not_defined"),
        ("spring_festival", 2101, None, "festival_not_defined"),
        ("xiaonian", 2027, "west", "no_such_variant"),
    ],
)
def test_what_is_no_festival_is_refused(key: str, year: int, variant: str | None, code: str) -> None:
    with pytest.raises(CalendarError) as caught:
        festivals.day_of(key, year, variant=variant)

    assert caught.value.code == code


def test_a_year_outside_the_table_is_refused() -> None:
    for year in (1900, 2101):
        with pytest.raises(CalendarError):
            festivals.days_in(year)
    assert len(festivals.days_in(2100)) >= len(FESTIVALS) - 1


def test_a_term_is_found_by_its_day() -> None:
    assert terms.find_term_on(date(2027, 4, 5)) == "清明"
    assert terms.find_term_on(date(2027, 4, 6)) is None
    assert terms.find_term_on(date(2101, 4, 5)) is None
    with pytest.raises(CalendarError, match="solar term"):
        terms.day_of_term("清朝", 2027)
