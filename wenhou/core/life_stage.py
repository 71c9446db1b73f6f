"""Which stage of life a customer is in: what law and tact ask of us differs under 14, under 18, and from 65 on.

Majority is counted by the solar calendar from the day of birth. Where only the year is known nobody is taken for
older than they may be (a guardian is asked for) nor, from 65 on, for younger (the stricter rules hold).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from wenhou.core.calendars.ages import full_age_on
from wenhou.core.calendars.lunar import LunarDate, find_month, to_solar
from wenhou.core.calendars.personal import PersonalDate
from wenhou.core.calendars.validation import LUNAR, SOLAR

UNDER_14, UNDER_18, ADULT, SENIOR = "under_14", "under_18", "adult", "senior"
MINORS = (UNDER_14, UNDER_18)
_CHILD, _MAJORITY, _SENIOR_FROM = 14, 18, 65


def life_stage_on(day: date, birth_year: int | None, birthdays: Iterable[PersonalDate]) -> str | None:
    """The stage on a day, None where the year of birth is unknown (the gates then take an adult).

    `birth_year` is the solar one; a birthday's own year counts before it. Of two birthdays the solar one counts.
    """
    known = {one.calendar: one for one in birthdays}
    solar, lunar = known.get(SOLAR), known.get(LUNAR)
    born = _born(birth_year, solar, lunar)
    if born is not None:
        youngest = oldest = _full_years(born, day)
        if solar is None and lunar is not None and lunar.year is not None:
            oldest = max(oldest, full_age_on(lunar, day) or 0)
    else:
        year = birth_year or next((one.year for one in known.values() if one.year is not None), None)
        if year is None:
            return None
        youngest, oldest = day.year - year - 1, day.year - year
    if youngest < _CHILD:
        return UNDER_14
    if youngest < _MAJORITY:
        return UNDER_18
    return SENIOR if oldest >= _SENIOR_FROM else ADULT


def comes_of_age_on(birth_year: int | None, birthdays: Iterable[PersonalDate]) -> date | None:
    """The eighteenth birthday; None where the day of birth is unknown."""
    known = {one.calendar: one for one in birthdays}
    born = _born(birth_year, known.get(SOLAR), known.get(LUNAR))
    return None if born is None else _solar_day(born.year + _MAJORITY, born.month, born.day)


def _born(birth_year: int | None, solar: PersonalDate | None, lunar: PersonalDate | None) -> date | None:
    if solar is not None:
        year = solar.year or birth_year
        return None if year is None else _solar_day(year, solar.month, solar.day)
    if lunar is None:
        return None
    # A lunar year begins in January or February: late months of the year before may fall into the birth year.
    years = (lunar.year,) if lunar.year is not None else (birth_year, birth_year - 1) if birth_year else ()
    for year in years:
        born = _lunar_day(year, lunar)
        if born is not None and (lunar.year is not None or born.year == birth_year):
            return born
    return None


def _solar_day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:  # 29 February with a year that had none: the day after it
        return date(year, 3, 1)


def _lunar_day(year: int, when: PersonalDate) -> date | None:
    month = find_month(year, when.month, is_leap=when.is_leap_month) or find_month(
        year, when.month, is_leap=False
    )
    if month is None:
        return None
    return to_solar(
        LunarDate(
            year=year,
            month=when.month,
            day=min(when.day, month.length),
            is_leap_month=when.is_leap_month and find_month(year, when.month, is_leap=True) is not None,
        )
    )


def _full_years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
