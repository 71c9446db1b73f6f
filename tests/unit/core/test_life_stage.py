"""Stages of life: by the day of birth, by a lunar birthday, by the year alone."""

from __future__ import annotations

from datetime import date

import pytest

from wenhou.core.calendars.personal import PersonalDate
from wenhou.core.life_stage import comes_of_age_on, life_stage_on


def _born(calendar: str, month: int, day: int, year: int | None = None) -> list[PersonalDate]:
    return [PersonalDate(kind="birthday", calendar=calendar, month=month, day=day, year=year)]


@pytest.mark.parametrize(
    ("day", "stage"),
    [
        (date(2026, 5, 3), "under_14"),
        (date(2026, 5, 4), "under_18"),
        (date(2030, 5, 3), "under_18"),
        (date(2030, 5, 4), "adult"),
        (date(2077, 5, 3), "adult"),
        (date(2077, 5, 4), "senior"),
    ],
)
def test_the_stage_turns_on_the_birthday_itself(day: date, stage: str) -> None:
    assert life_stage_on(day, 2012, _born("solar", 5, 4)) == stage


def test_an_unknown_year_is_no_stage() -> None:
    assert life_stage_on(date(2027, 1, 30), None, _born("solar", 5, 4)) is None


def test_somebody_born_on_29_february_comes_of_age_on_1_march_of_a_common_year() -> None:
    leapling = _born("solar", 2, 29)
    assert life_stage_on(date(2026, 2, 28), 2008, leapling) == "under_18"
    assert life_stage_on(date(2026, 3, 1), 2008, leapling) == "adult"
    assert comes_of_age_on(2008, leapling) == date(2026, 3, 1)


def test_a_lunar_birthday_comes_of_age_by_the_solar_day_of_birth() -> None:
    # 农历二〇〇八年十二月廿五 was 20 January 2009.
    born = _born("lunar", 12, 25, 2008)
    assert comes_of_age_on(None, born) == date(2027, 1, 20)
    assert life_stage_on(date(2027, 1, 19), None, born) == "under_18"
    assert life_stage_on(date(2027, 1, 20), None, born) == "adult"


def test_a_lunar_day_late_in_the_year_with_a_solar_birth_year_is_of_the_lunar_year_before() -> None:
    assert comes_of_age_on(2009, _born("lunar", 12, 25)) == date(2027, 1, 20)


def test_by_the_year_alone_nobody_is_taken_for_older_than_they_may_be() -> None:
    assert life_stage_on(date(2027, 12, 30), 2009, []) == "under_18"
    assert life_stage_on(date(2028, 1, 1), 2009, []) == "adult"


def test_by_the_year_alone_the_stricter_rules_hold_from_the_year_of_65_on() -> None:
    assert life_stage_on(date(2027, 1, 1), 1962, []) == "senior"
    assert life_stage_on(date(2026, 12, 31), 1962, []) == "adult"
