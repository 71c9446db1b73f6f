"""Ages and counts of years: 周岁, 虚岁, years with the bank, and which celebrations are milestones."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final, Literal

from wenhou.core.calendars.lunar import to_lunar
from wenhou.core.calendars.personal import (
    DEFAULT_RULES,
    PersonalDate,
    Rules,
    anchor_year,
    celebrated_on,
    find_first_day,
)
from wenhou.core.calendars.validation import LUNAR

# 周岁: years completed. 虚岁: one at birth, one more each Spring Festival.
Reckoning = Literal["full", "nominal"]

# Round ages, and the two the old count special (六十六, 八十八).
BIRTHDAY_MILESTONES: Final = frozenset({18, 30, 40, 50, 60, 66, 70, 77, 80, 88, 90, 99, 100})
ANNIVERSARY_MILESTONES: Final = frozenset({1, 5, 10, 15, 20, 25, 30, 40, 50})


def years_on(when: PersonalDate, celebration: date) -> int | None:
    """How many years a celebration marks: 0 on the day itself, 60 on the sixtieth birthday.

    None while the year is unknown. `celebration` must be a day on which it is kept (`next_on`, `keys_on`); a
    lunar date counts lunar years.
    """
    return None if when.year is None else anchor_year(when, celebration) - when.year


def full_age_on(when: PersonalDate, day: date, rules: Rules = DEFAULT_RULES) -> int | None:
    """周岁: years completed by `day`, counted at each year's celebration; None if unknown or not yet born."""
    first = find_first_day(when)
    if first is None or when.year is None or day < first:
        return None
    year = to_lunar(day).year if when.calendar == LUNAR else day.year
    reached = celebrated_on(when, year, rules)[0] <= day
    return max(0, year - when.year - (0 if reached else 1))


def nominal_age_on(when: PersonalDate, day: date) -> int | None:
    """虚岁: 1 from birth, one more from each Spring Festival on; None if unknown or before birth."""
    first = find_first_day(when)
    if first is None or day < first:
        return None
    return to_lunar(day).year - to_lunar(first).year + 1


def age_on(
    when: PersonalDate, day: date, rules: Rules = DEFAULT_RULES, *, reckoning: Reckoning = "full"
) -> int | None:
    """The age by the bank's reckoning; None if unknown."""
    return nominal_age_on(when, day) if reckoning == "nominal" else full_age_on(when, day, rules)


def find_milestone(
    when: PersonalDate,
    celebration: date,
    *,
    reckoning: Reckoning = "full",
    milestones: Iterable[int] = BIRTHDAY_MILESTONES,
) -> int | None:
    """The milestone this celebration marks (60), or None; also None while the year is unknown."""
    count = nominal_age_on(when, celebration) if reckoning == "nominal" else years_on(when, celebration)
    return count if count is not None and count in set(milestones) else None
