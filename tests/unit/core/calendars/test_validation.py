"""Findings about dates."""

from __future__ import annotations

from datetime import date

import pytest

from wenhou.core.calendars import validation
from wenhou.core.calendars.problems import Severity


@pytest.mark.parametrize(
    ("year", "month", "day", "code"),
    [
        (1990, 2, 3, None),
        (None, 2, 29, None),
        (2000, 2, 29, None),
        (1900, 2, 29, "feb_29_in_common_year"),
        (1990, 2, 30, "no_such_day"),
        (None, 2, 30, "no_such_day"),
        (None, 4, 0, "no_such_day"),
        (1990, 13, 1, "no_such_month"),
        (1899, 12, 31, "year_out_of_range"),
        (9999, 12, 31, "year_out_of_range"),
        (1900, 1, 1, "default_looking_date"),
        (1970, 1, 1, "default_looking_date"),
        (None, 1, 1, None),
    ],
)
def test_solar_findings(year: int | None, month: int, day: int, code: str | None) -> None:
    problem = validation.check_solar(year, month, day)

    assert (problem.code if problem else None) == code


@pytest.mark.parametrize(
    ("year", "month", "day", "leap", "code"),
    [
        (1985, 8, 3, False, None),
        (None, 12, 30, False, None),
        (None, 4, 30, True, None),
        (2026, 2, 30, False, "no_such_day"),
        (None, 8, 31, False, "no_such_lunar_day"),
        (2033, 11, 1, True, None),
        (2033, 10, 1, True, "no_such_leap_month"),
        (None, 1, 1, True, "no_such_leap_month"),
        (None, 11, 30, True, "no_such_leap_month"),
        (None, 13, 1, False, "no_such_month"),
        (1969, 11, 24, False, "default_looking_date"),
    ],
)
def test_lunar_findings(year: int | None, month: int, day: int, leap: bool, code: str | None) -> None:
    problem = validation.check_lunar(year, month, day, leap=leap)

    assert (problem.code if problem else None) == code


def test_a_default_looking_date_is_questioned_not_refused() -> None:
    problem = validation.check_solar(1970, 1, 1)

    assert problem is not None
    assert problem.severity is Severity.QUESTION


def test_a_birth_after_today_is_questioned() -> None:
    problem = validation.check_solar(2028, 1, 1, today=date(2027, 1, 30))

    assert problem is not None
    assert problem.code == "in_the_future"


def test_each_finding_speaks_both_languages() -> None:
    problem = validation.check_solar(2023, 2, 29)

    assert problem is not None
    assert problem.zh == "2023 年不是闰年，没有 2 月 29 日"
    assert problem.en == "2023 is not a leap year; 29 February does not exist"


def test_only_dates_that_some_years_lack_need_the_banks_rules() -> None:
    assert validation.is_missing_some_years(2, 29, kind="solar")
    assert not validation.is_missing_some_years(3, 30, kind="solar")
    assert validation.is_missing_some_years(3, 30, kind="lunar")
    assert validation.is_missing_some_years(3, 1, kind="lunar", leap=True)
    assert not validation.is_missing_some_years(3, 1, kind="lunar")


def test_a_31st_is_certainly_solar() -> None:
    assert not validation.is_solar_as_lunar_possible(date(1950, 8, 31))
    assert validation.is_solar_as_lunar_possible(date(1950, 8, 15))
