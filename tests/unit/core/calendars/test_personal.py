"""Who is due: the index tuples of a day, and the next day of a date, agree for every day under every rule."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wenhou.core.calendars import personal
from wenhou.core.calendars.ages import years_on
from wenhou.core.calendars.lunar import has_ever, leap_month_of, to_lunar
from wenhou.core.calendars.personal import (
    DateKey,
    LeapDayRule,
    LeapMonthRule,
    MissingThirtiethRule,
    PersonalDate,
    Rules,
)
from wenhou.core.calendars.problems import CalendarError
from wenhou.core.calendars.validation import is_solar_as_lunar_possible

ALL_RULES = [
    Rules(leap_month=leap, missing_29_feb=feb, missing_30=thirtieth)
    for leap, feb, thirtieth in itertools.product(
        get_args(LeapMonthRule), get_args(LeapDayRule), get_args(MissingThirtiethRule)
    )
]
SOLAR_KEYS = [
    DateKey(calendar="solar", month=day.month, day=day.day)
    for day in (date(2000, 1, 1) + timedelta(days=offset) for offset in range(366))
]
LUNAR_KEYS = [
    DateKey(calendar="lunar", month=month, day=day, is_leap_month=leap)
    for month, day, leap in itertools.product(range(1, 13), range(1, 31), (False, True))
]


def birthday(key: DateKey, year: int | None = None) -> PersonalDate:
    return PersonalDate(
        kind="birthday",
        calendar=key.calendar,
        month=key.month,
        day=key.day,
        is_leap_month=key.is_leap_month,
        year=year,
    )


def solar_birth(born: date) -> PersonalDate:
    return birthday(DateKey(calendar="solar", month=born.month, day=born.day), born.year)


def lunar_birth(born: date) -> PersonalDate:
    on = to_lunar(born)
    key = DateKey(calendar="lunar", month=on.month, day=on.day, is_leap_month=on.is_leap_month)
    return birthday(key, on.year)


@pytest.mark.parametrize("rules", ALL_RULES, ids=str)
def test_every_possible_date_is_met_exactly_once_a_year_twice_only_under_both(rules: Rules) -> None:
    met: dict[tuple[DateKey, int], list[date]] = defaultdict(list)
    day = date(1985, 1, 1)
    while day < date(2040, 3, 1):
        keys = personal.keys_on(day, rules)
        assert len(keys) == len(set(keys)) <= 6
        for key in keys:
            met[key, personal.anchor_year(key, day)].append(day)
        day += timedelta(days=1)

    for key, year in itertools.product((*SOLAR_KEYS, *LUNAR_KEYS), range(1986, 2039)):
        twice = key.is_leap_month and rules.leap_month == "both" and leap_month_of(year) == key.month
        assert len(met[key, year]) == (2 if twice else 1), (key, year)
        assert tuple(met[key, year]) == personal.celebrated_on(key, year, rules)


possible_keys = st.sampled_from(
    [*SOLAR_KEYS, *(key for key in LUNAR_KEYS if has_ever(key.month, key.day, leap=key.is_leap_month))]
)


@given(
    key=possible_keys,
    start=st.dates(min_value=date(1902, 1, 1), max_value=date(2097, 1, 1)),
    rules=st.sampled_from(ALL_RULES),
)
def test_next_on_is_the_first_day_whose_keys_hold_the_date(key: DateKey, start: date, rules: Rules) -> None:
    day = start
    while key not in personal.keys_on(day, rules):
        day += timedelta(days=1)

    assert personal.next_on(birthday(key), start, rules) == day
    assert personal.is_due(birthday(key), day, rules)


@given(
    day=st.dates(min_value=date(1901, 1, 1), max_value=date(2100, 12, 1)), rules=st.sampled_from(ALL_RULES)
)
def test_every_key_of_a_day_says_itself_that_it_is_kept_that_day(day: date, rules: Rules) -> None:
    for key in personal.keys_on(day, rules):
        assert day in personal.celebrated_on(key, personal.anchor_year(key, day), rules)


@given(
    key=possible_keys,
    year=st.integers(min_value=1901, max_value=2099),
    rules=st.sampled_from(ALL_RULES),
)
def test_every_day_a_date_is_kept_on_has_its_key(key: DateKey, year: int, rules: Rules) -> None:
    for day in personal.celebrated_on(key, year, rules):
        assert key in personal.keys_on(day, rules)
        assert personal.anchor_year(key, day) == year


@given(
    born=st.dates(min_value=date(1925, 1, 1), max_value=date(2030, 1, 1)),
    is_lunar=st.booleans(),
    rules=st.sampled_from([rules for rules in ALL_RULES if rules.leap_month != "both"]),
)
def test_every_birthday_is_met_exactly_once_in_each_birth_year(
    born: date, is_lunar: bool, rules: Rules
) -> None:
    when = lunar_birth(born) if is_lunar else solar_birth(born)
    assert when.year is not None
    rounds = []
    day = born + timedelta(days=1)
    while day < born + timedelta(days=60 * 366) and day.year < 2099:
        day = personal.next_on(when, day, rules)
        rounds.append(personal.anchor_year(when, day) - when.year)
        assert years_on(when, day) == rounds[-1]
        day += timedelta(days=1)

    # A first "next" may still belong to the year of birth: 三十 kept on the day after, 闰月 of the second kind.
    assert rounds in ([*range(1, len(rounds) + 1)], [*range(len(rounds))])


@given(
    born=st.dates(min_value=date(1935, 1, 1), max_value=date(2012, 1, 1)),
    years=st.integers(min_value=1, max_value=80),
    as_written=st.booleans(),
)
def test_switching_calendars_stays_in_one_birth_year(born: date, years: int, as_written: bool) -> None:
    """By converting the day of birth, or by taking the numbers on an identity card for a lunar date."""
    solar = solar_birth(born)
    lunar = lunar_birth(born)
    if as_written and is_solar_as_lunar_possible(born):
        lunar = replace(lunar, month=born.month, day=born.day, is_leap_month=False, year=born.year)
    assert solar.year is not None
    assert lunar.year is not None

    kept = personal.celebrated_on(solar, solar.year + years)[0]

    assert personal.is_same_birth_year(kept, personal.celebrated_on(lunar, lunar.year + years)[0])
    for other in (years - 1, years + 1):
        if lunar.year + other <= 2099:
            assert not personal.is_same_birth_year(kept, personal.celebrated_on(lunar, lunar.year + other)[0])


@given(
    key=possible_keys,
    day=st.dates(min_value=date(1902, 1, 1), max_value=date(2097, 1, 1)),
    lead=st.integers(min_value=0, max_value=60),
    rules=st.sampled_from(ALL_RULES),
)
def test_days_before_it_the_same_date_is_announced(key: DateKey, day: date, lead: int, rules: Rules) -> None:
    """A lead only shifts the look-up: planning on D asks for the keys of D + lead."""
    kept = personal.next_on(birthday(key), day + timedelta(days=lead), rules)

    planned_for = kept - timedelta(days=lead)
    assert planned_for >= day
    assert key in personal.keys_on(planned_for + timedelta(days=lead), rules)


@given(
    born=st.dates(min_value=date(1930, 1, 1), max_value=date(2020, 1, 1)),
    later=st.integers(min_value=-1000, max_value=20_000),
    rules=st.sampled_from(ALL_RULES),
)
def test_with_a_known_lunar_year_nobody_is_met_before_birth(born: date, later: int, rules: Rules) -> None:
    when = lunar_birth(born)
    assert personal.find_first_day(when) == born

    day = personal.next_on(when, born + timedelta(days=later), rules)

    assert day >= born
    assert day >= born + timedelta(days=later)
    assert personal.is_due(when, day, rules)


def test_the_29th_of_february_is_kept_by_the_banks_rule() -> None:
    leap_day = DateKey(calendar="solar", month=2, day=29)

    assert leap_day in personal.keys_on(date(2027, 2, 28))
    assert leap_day not in personal.keys_on(date(2027, 3, 1))
    assert leap_day in personal.keys_on(date(2027, 3, 1), Rules(missing_29_feb="mar_1"))
    assert leap_day not in personal.keys_on(date(2028, 2, 28))
    assert leap_day in personal.keys_on(date(2028, 2, 29))


def test_a_thirtieth_is_kept_on_the_29th_of_a_short_month() -> None:
    eve = DateKey(calendar="lunar", month=12, day=30)

    assert eve in personal.keys_on(date(2027, 2, 5))
    assert eve in personal.keys_on(date(2027, 2, 6), Rules(missing_30="next_day"))
    assert personal.anchor_year(eve, date(2027, 2, 5)) == 2026
    assert personal.anchor_year(eve, date(2027, 2, 6)) == 2026


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("first", (date(2028, 5, 28),)),
        ("second", (date(2028, 6, 27),)),
        ("both", (date(2028, 5, 28), date(2028, 6, 27))),
    ],
)
def test_a_leap_month_birth_follows_the_rule_in_leap_years(
    rule: LeapMonthRule, days: tuple[date, ...]
) -> None:
    born = DateKey(calendar="lunar", month=5, day=5, is_leap_month=True)
    rules = Rules(leap_month=rule)

    assert personal.celebrated_on(born, 2028, rules) == days
    assert personal.celebrated_on(born, 2027, rules) == (date(2027, 6, 9),)
    labels = [personal.anchor_label(born, day, rules) for day in days]
    assert labels == ["2028", "2028b"][: len(days)]


def test_a_birth_in_the_ordinary_month_is_never_kept_in_the_leap_month() -> None:
    born = DateKey(calendar="lunar", month=5, day=5)

    for rules in ALL_RULES:
        assert personal.celebrated_on(born, 2028, rules) == (date(2028, 5, 28),)


def test_the_leap_eleventh_month_of_2033_is_met() -> None:
    born = DateKey(calendar="lunar", month=11, day=1, is_leap_month=True)

    assert born in personal.keys_on(date(2033, 12, 22))
    assert personal.anchor_year(born, date(2033, 12, 22)) == 2033


def test_a_lunar_birthday_in_january_belongs_to_the_lunar_year_that_ends() -> None:
    laba = DateKey(calendar="lunar", month=12, day=8)

    assert laba in personal.keys_on(date(2027, 1, 15))
    assert personal.anchor_label(laba, date(2027, 1, 15)) == "2026"


@pytest.mark.parametrize(
    ("calendar", "year", "month", "day"),
    [("solar", 2027, 2, 29), ("solar", None, 4, 31), ("lunar", 2026, 2, 30), ("julian", None, 1, 1)],
)
def test_an_impossible_personal_date_cannot_be_made(
    calendar: str, year: int | None, month: int, day: int
) -> None:
    with pytest.raises(CalendarError):
        PersonalDate(kind="birthday", calendar=calendar, month=month, day=day, year=year)


def test_a_word_that_is_no_rule_is_refused_with_the_legal_ones() -> None:
    with pytest.raises(ValueError, match="first, second, both"):
        Rules(leap_month="third")  # type: ignore[arg-type]
