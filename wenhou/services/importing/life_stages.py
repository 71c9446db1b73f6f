"""The stage of life of a draft's customer, from the year and the birthday as they stand after this row."""

from __future__ import annotations

from store.vault import place
from wenhou.core.calendars.personal import PersonalDate
from wenhou.core.calendars.problems import CalendarError
from wenhou.core.calendars.validation import LUNAR, SOLAR
from wenhou.core.life_stage import MINORS, life_stage_on
from wenhou.services.importing.cells import Day
from wenhou.services.importing.days import BIRTHDAY, birth_year_of, open_year
from wenhou.services.importing.work import Subject, Work

_FIELDS = frozenset({"birth_year", "birthday", "birthday_solar", "birthday_lunar"})


def apply_life_stage(work: Work, subject: Subject) -> None:
    """Write the stage of a new customer, and of one whose dates or year this row moved; time alone is the daily job's.

    Coming of age has consequences, which are the daily job's: a minor stays one until it has run.
    """
    values = subject.draft.values
    if not _FIELDS & set(values):
        return
    before = (subject.standing or {}).get("life_stage")
    stage = life_stage_on(work.today, _birth_year(work, subject), list(_birthdays(work, subject)))
    if stage == before or (before in MINORS and stage not in MINORS):
        return
    if subject.is_new:
        work.batch.customers[-1]["life_stage"] = stage
    else:
        work.batch.customer_changes.setdefault(subject.id, {})["life_stage"] = stage
        subject.touched = True


def _birth_year(work: Work, subject: Subject) -> int | None:
    values = subject.draft.values
    if "birth_year" in values and values["birth_year"] is None:
        return None
    year = birth_year_of(values)
    stored = (subject.standing or {}).get("birth_year")
    if year is not None or stored is None:
        return year
    return int(work.keys[subject.id].open(place("customers", "birth_year", subject.id), stored))


def _birthdays(work: Work, subject: Subject) -> list[PersonalDate]:
    values = subject.draft.values
    given: dict[str, Day | None] = {}
    if "birthday" in values:
        day = values["birthday"]
        given = {SOLAR: None, LUNAR: None} if day is None else {day.calendar: day}
    for key, calendar in (("birthday_solar", SOLAR), ("birthday_lunar", LUNAR)):
        if key in values:
            given[calendar] = values[key]
    found: list[PersonalDate] = []
    for calendar in (SOLAR, LUNAR):
        known = work.known.dates.get((subject.id, BIRTHDAY, calendar))
        told = given.get(calendar)
        if told is not None:
            found += _date(calendar, told.month, told.day, told.is_leap_month, told.year)
        elif known is not None and calendar not in given:
            year = open_year(work, subject, known)
            found += _date(calendar, known.month, known.day, known.is_leap_month, year)
    return found


def _date(calendar: str, month: int, day: int, is_leap_month: bool, year: int | None) -> list[PersonalDate]:  # noqa: FBT001 - the columns of a date, in their order
    try:
        return [
            PersonalDate(
                kind=BIRTHDAY, calendar=calendar, month=month, day=day, is_leap_month=is_leap_month, year=year
            )
        ]
    except CalendarError:
        return []
