"""周岁, 虚岁 and milestones."""

from __future__ import annotations

from datetime import date

import pytest

from wenhou.core.calendars import ages
from wenhou.core.calendars.personal import PersonalDate


def born(calendar: str, year: int | None, month: int, day: int) -> PersonalDate:
    return PersonalDate(kind="birthday", calendar=calendar, month=month, day=day, year=year)


SOLAR_1967 = born("solar", 1967, 3, 1)
# 腊月初八 of lunar 1966 is 18 January 1967: the lunar year is one less than the year on the card.
LUNAR_1966 = born("lunar", 1966, 12, 8)


@pytest.mark.parametrize(
    ("when", "day", "full", "nominal"),
    [
        (SOLAR_1967, date(2027, 2, 28), 59, 61),
        (SOLAR_1967, date(2027, 3, 1), 60, 61),
        (SOLAR_1967, date(2027, 2, 5), 59, 60),
        (SOLAR_1967, date(1967, 3, 1), 0, 1),
        (LUNAR_1966, date(2027, 1, 14), 59, 61),
        (LUNAR_1966, date(2027, 1, 15), 60, 61),
        (LUNAR_1966, date(2027, 2, 6), 60, 62),
        (born("solar", 2008, 2, 29), date(2026, 2, 27), 17, 19),
        (born("solar", 2008, 2, 29), date(2026, 2, 28), 18, 19),
    ],
)
def test_ages_by_both_reckonings(when: PersonalDate, day: date, full: int, nominal: int) -> None:
    assert ages.age_on(when, day) == full
    assert ages.age_on(when, day, reckoning="nominal") == nominal


def test_an_unknown_year_has_no_age_and_no_milestone() -> None:
    when = born("solar", None, 3, 1)

    assert ages.age_on(when, date(2027, 3, 1)) is None
    assert ages.nominal_age_on(when, date(2027, 3, 1)) is None
    assert ages.years_on(when, date(2027, 3, 1)) is None
    assert ages.find_milestone(when, date(2027, 3, 1)) is None


def test_nobody_has_an_age_before_birth() -> None:
    assert ages.age_on(SOLAR_1967, date(1967, 2, 28)) is None


def test_a_sixtieth_birthday_is_a_milestone_by_one_reckoning_at_a_time() -> None:
    assert ages.find_milestone(SOLAR_1967, date(2027, 3, 1)) == 60
    assert ages.find_milestone(SOLAR_1967, date(2027, 3, 1), reckoning="nominal") is None
    assert ages.find_milestone(SOLAR_1967, date(2026, 3, 1), reckoning="nominal") == 60
    assert ages.find_milestone(LUNAR_1966, date(2027, 1, 15)) == 60


def test_ten_years_with_the_bank_are_a_milestone() -> None:
    opened = PersonalDate(kind="account_opening", calendar="solar", month=6, day=9, year=2017)

    assert ages.years_on(opened, date(2017, 6, 9)) == 0
    assert ages.find_milestone(opened, date(2027, 6, 9), milestones=ages.ANNIVERSARY_MILESTONES) == 10
