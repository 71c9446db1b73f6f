"""Personal dates of a draft against those that stand: birthdays in either calendar, the day the account was opened."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, Final

from store.customer_reads import KnownDate
from store.vault import place
from wenhou.core.calendars.validation import LUNAR, SOLAR, is_solar_as_lunar_possible
from wenhou.services.importing.cells import Day
from wenhou.services.importing.work import CalendarQuestion, Subject, Work

BIRTHDAY, OPENING = "birthday", "account_opening"
_ANSWERED: Final = "advisor"
"""Source of a date whose calendar the advisor asked about: a file does not ask again."""

Wanted = dict[tuple[str, str], Day | None]
"""(kind, calendar) → the day, or None to clear."""


def apply_days(work: Work, subject: Subject) -> bool:
    """Add, change and drop the dates this draft speaks of; whether any moved (a new customer's always do)."""
    before, subject.touched = subject.touched, False
    _apply_days(work, subject)
    moved = subject.touched or subject.is_new
    subject.touched = subject.touched or before
    return moved


def _apply_days(work: Work, subject: Subject) -> None:
    values = subject.draft.values
    celebrated = values.get("birthday_celebrated")
    wanted = _wanted(values)
    for (kind, calendar), day in wanted.items():
        known = work.known.dates.get((subject.id, kind, calendar))
        if day is None:
            if known is not None:
                work.batch.dropped_dates.append(known.id)
                subject.touched = True
        elif known is None and _was_answered(work, subject, kind, day):
            continue
        elif known is None:
            _add(work, subject, kind, day, celebrated=_celebrates(celebrated, calendar, kind, wanted))
        else:
            _compare(work, subject, kind, day, known)
    if not subject.is_new:
        _choose_calendar(work, subject, wanted, celebrated)


def birth_year_of(values: dict[str, Any]) -> int | None:
    """The year of birth a draft gives: its own column, else a solar birthday's."""
    if values.get("birth_year") is not None:
        return int(values["birth_year"])
    for key in ("birthday_solar", "birthday"):
        day = values.get(key)
        if day is not None and day.calendar == SOLAR and day.year is not None:
            return int(day.year)
    return None


def _wanted(values: dict[str, Any]) -> Wanted:
    wanted: Wanted = {}
    if "birthday" in values:
        day = values["birthday"]
        if day is None:
            wanted[BIRTHDAY, SOLAR] = wanted[BIRTHDAY, LUNAR] = None
        else:
            wanted[BIRTHDAY, day.calendar] = day
    for key, calendar in (("birthday_solar", SOLAR), ("birthday_lunar", LUNAR)):
        if key in values:
            wanted[BIRTHDAY, calendar] = values[key]
    if "opened_on" in values:
        on = values["opened_on"]
        wanted[OPENING, SOLAR] = (
            None if on is None else Day(calendar=SOLAR, year=on.year, month=on.month, day=on.day)
        )
    return wanted


def _celebrates(choice: str | None, calendar: str, kind: str, wanted: Wanted) -> bool:
    """Whoever gave a lunar birthday keeps that one: one greeting a year, unless they say both."""
    if kind != BIRTHDAY or choice == "both":
        return True
    if choice is not None:
        return calendar == choice
    return calendar == LUNAR or wanted.get((BIRTHDAY, LUNAR)) is None


def _choose_calendar(work: Work, subject: Subject, wanted: Wanted, choice: str | None) -> None:
    """Which of two birthdays is kept: as the column says, or the lunar one when it has just been added."""
    lunar_is_new = wanted.get((BIRTHDAY, LUNAR)) is not None and (
        (subject.id, BIRTHDAY, LUNAR) not in work.known.dates
    )
    for calendar in (SOLAR, LUNAR):
        known = work.known.dates.get((subject.id, BIRTHDAY, calendar))
        if known is None or (choice is None and not lunar_is_new):
            continue
        keeps = choice in {calendar, "both"} if choice is not None else calendar == LUNAR
        if known.celebrated != keeps:
            work.batch.date_changes.append((known.id, {"celebrated": keeps, "updated_at": work.at}))
            subject.touched = True


def _was_answered(work: Work, subject: Subject, kind: str, day: Day) -> bool:
    """Whether this is the certificate's date again that the advisor found to be a lunar one."""
    lunar = work.known.dates.get((subject.id, BIRTHDAY, LUNAR))
    if kind != BIRTHDAY or day.calendar != SOLAR or lunar is None or lunar.source != _ANSWERED:
        return False
    return (lunar.month, lunar.day) == (day.month, day.day)


def _add(work: Work, subject: Subject, kind: str, day: Day, *, celebrated: bool) -> None:
    source = _source(subject, kind)
    row_id = work.next_id()
    work.batch.dates.append(
        {
            "id": row_id,
            "customer_id": subject.id,
            "kind": kind,
            "label": "",
            "calendar": day.calendar,
            "month": day.month,
            "day": day.day,
            "is_leap_month": day.is_leap_month,
            "year": _sealed_year(work, subject, row_id, day.year),
            "celebrated": celebrated,
            "source": source,
            "certainty": _certainty(work, subject, kind, day, source),
            "created_at": work.at,
            "updated_at": work.at,
        }
    )
    subject.touched = True
    _question(work, subject, day)


def _compare(work: Work, subject: Subject, kind: str, day: Day, known: KnownDate) -> None:
    year = open_year(work, subject, known)
    same = (known.month, known.day, known.is_leap_month) == (day.month, day.day, day.is_leap_month)
    same = same and day.year in {None, year}
    source = _source(subject, kind)
    said = kind == BIRTHDAY and "birthday_source" in subject.draft.values
    if known.source == "customer" and source != "customer":
        if not same:
            _warn_kept(work, subject, day)
        return
    if known.source == _ANSWERED and source != "customer" and same:
        return
    changes: dict[str, Any] = {}
    if not same:
        changes = {"month": day.month, "day": day.day, "is_leap_month": day.is_leap_month}
        if day.year is not None:
            changes["year"] = _sealed_year(work, subject, known.id, day.year)
        _question(work, subject, day)
    if said or not same:
        told = {"source": source, "certainty": _certainty(work, subject, kind, day, source)}
        before = {"source": known.source, "certainty": known.certainty}
        changes |= {name: value for name, value in told.items() if before[name] != value}
    if changes:
        work.batch.date_changes.append((known.id, changes | {"updated_at": work.at}))
        subject.touched = True


def _source(subject: Subject, kind: str) -> str:
    return str(subject.draft.values.get("birthday_source", "file")) if kind == BIRTHDAY else "file"


def _certainty(work: Work, subject: Subject, kind: str, day: Day, source: str) -> str:
    """How sure we are. A certificate's solar date of an older customer is often the lunar one, so its advisor is asked."""
    if day.question is not None:
        return "questioned"
    if kind == OPENING or source == "customer":
        return "certain"
    if source != "certificate":
        return "assumed"
    old = day.calendar == SOLAR and day.year is not None and day.year <= work.ask_calendar_until
    if not old or not is_solar_as_lunar_possible(date(day.year or 0, day.month, day.day)):
        return "certain"
    if _calendar_is_known(work, subject):
        return "assumed"
    work.questions.append(CalendarQuestion(customer_id=subject.id, month=day.month, day=day.day))
    return "questioned"


def _calendar_is_known(work: Work, subject: Subject) -> bool:
    """Whether the bank knows which birthday is kept: it says so, or it gives the lunar one."""
    values = subject.draft.values
    if values.get("birthday_celebrated") is not None or values.get("birthday_lunar") is not None:
        return True
    return (subject.id, BIRTHDAY, LUNAR) in work.known.dates


def _question(work: Work, subject: Subject, day: Day) -> None:
    if day.question is not None:
        keys = ("birthday_solar", "birthday_lunar", "birthday")
        key = next((name for name in keys if subject.draft.values.get(name) is day), "opened_on")
        work.warnings.append(subject.draft.finding(key, day.question.zh, day.question.en))


def _warn_kept(work: Work, subject: Subject, day: Day) -> None:
    key = f"birthday_{day.calendar}"
    key = key if key in subject.draft.values else "birthday"
    work.warnings.append(
        subject.draft.finding(
            key,
            "与客户本人告知的日期不同，保留客户本人的；如客户更正，请将“生日来源”填为“本人”",
            "differs from the date the customer told us, which stays; if they corrected it, set 生日来源 to 本人",
        )
    )


def _sealed_year(work: Work, subject: Subject, row_id: uuid.UUID, year: int | None) -> bytes | None:
    if year is None:
        return None
    return work.keys[subject.id].seal(place("personal_dates", "year", row_id), str(year).encode())


def open_year(work: Work, subject: Subject, known: KnownDate) -> int | None:
    """The year of a stored date, opened."""
    if known.year is None:
        return None
    return int(work.keys[subject.id].open(place("personal_dates", "year", known.id), known.year))
