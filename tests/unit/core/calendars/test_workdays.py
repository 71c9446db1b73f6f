"""Workdays, make-up days and the operator's table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.calendars import workdays
from wenhou.core.calendars.problems import CalendarError
from wenhou.core.calendars.workdays import WorkCalendar


def test_a_make_up_saturday_is_a_workday_and_a_holiday_monday_is_not() -> None:
    calendar = WorkCalendar()

    assert calendar.is_workday(date(2026, 2, 28))
    assert not calendar.is_workday(date(2026, 10, 5))
    assert len(calendar.list_make_up_days(2026)) == 6


def test_2027_knows_statutory_days_only_and_says_so() -> None:
    calendar = WorkCalendar()

    assert calendar.is_published(2026)
    assert not calendar.is_published(2027)
    assert not calendar.is_workday(date(2027, 2, 8))
    assert calendar.list_make_up_days(2027) == []


def test_the_operators_table_wins_over_every_package() -> None:
    table = workdays.parse_overrides("\ufeff# 2027 年通知\n2027-02-20,work\n2027-02-12, off ,春节\n")
    calendar = WorkCalendar(table.days, table.complete_years)

    assert calendar.is_workday(date(2027, 2, 20))
    assert not calendar.is_workday(date(2027, 2, 12))
    assert not calendar.is_published(2027)


def test_a_complete_notice_replaces_the_packages_for_its_year() -> None:
    table = workdays.parse_overrides("2027,complete\n2027-02-08,off\n2027-02-20,work")
    calendar = WorkCalendar(table.days, table.complete_years)

    assert calendar.is_published(2027)
    assert calendar.list_days_off(2027) == [date(2027, 2, 8)]
    assert calendar.list_make_up_days(2027) == [date(2027, 2, 20)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2027-02-30,off", "line 1"),
        ("2027-02-08,off\n2027-02-09,rest", "line 2"),
        ("2027-02-08", "line 1"),
        ("2027-02-08,off\n2027-02-08,work", "contradicts"),
    ],
)
def test_a_bad_row_is_refused_by_its_line(text: str, words: str) -> None:
    with pytest.raises(CalendarError, match=words):
        workdays.parse_overrides(text)


def test_workdays_are_counted_over_a_long_holiday() -> None:
    calendar = WorkCalendar()

    assert calendar.add_workdays(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert calendar.next_workday(date(2026, 9, 30)) == date(2026, 10, 8)
    assert calendar.add_workdays(date(2026, 10, 8), -1) == date(2026, 9, 30)
    assert calendar.add_workdays(date(2026, 10, 3), 0) == date(2026, 10, 3)
    assert calendar.on_or_after(date(2026, 10, 3)) == date(2026, 10, 8)
    assert calendar.on_or_after(date(2026, 10, 8)) == date(2026, 10, 8)


@given(
    start=st.dates(min_value=date(2004, 6, 1), max_value=date(2030, 1, 1)),
    count=st.integers(min_value=1, max_value=40),
)
def test_the_nth_workday_is_a_workday_with_exactly_n_between(start: date, count: int) -> None:
    calendar = WorkCalendar()

    day = calendar.add_workdays(start, count)

    assert calendar.is_workday(day)
    assert calendar.count_workdays(start + timedelta(days=1), day + timedelta(days=1)) == count


def test_a_table_without_any_workday_is_an_error_not_a_hang() -> None:
    calendar = WorkCalendar({date(2027, 1, 1) + timedelta(days=offset): False for offset in range(800)})

    with pytest.raises(CalendarError, match="no workday"):
        calendar.next_workday(date(2027, 1, 1))
