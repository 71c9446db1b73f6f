"""A calendar file is applied whole, replaces the one before, is audited, and is in force in the same breath."""

from __future__ import annotations

from datetime import date
from threading import Thread

import pytest
from sqlalchemy import event, func, select

from store.calendars import find_edition
from store.models.organisation import CalendarOverride
from store.models.records import AuditRow
from wenhou.core.actors import Actor
from wenhou.core.calendars.dated import NOTHING_ENTERED, DatedCalendar
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services.calendars import apply_calendar, calendar_in_force, export_calendar
from wenhou.services.context import Context

SOUTH = """source: 分行来函 2027-01-20
customs:
- {festival: xiaonian, variant: south, org: WH}
festivals:
- {key: losar, days: [2027-02-07]}
workdays:
- {year: 2027, off: [2027-02-12], work: [2027-02-14]}
"""
SOUTH_ENTRIES = 3
EMPTY = "source: 全部撤销\n"


def in_force(context: Context) -> DatedCalendar:
    with context.db.read() as session:
        return calendar_in_force(session)


def count_rows(context: Context) -> int:
    with context.db.read() as session:
        return session.scalar(select(func.count()).select_from(CalendarOverride)) or 0


def test_a_new_store_has_nothing_entered(context: Context) -> None:
    assert in_force(context) is NOTHING_ENTERED


def test_an_applied_file_is_in_force_at_once(context: Context, people: dict[str, Actor]) -> None:
    assert in_force(context).number == 0

    applied = apply_calendar(context, people["operations"], SOUTH, "c.yaml")

    found = in_force(context)
    assert (applied.outcome, applied.number, applied.entries) == ("created", 1, SOUTH_ENTRIES)
    assert found.number == 1
    assert found.days_of_festival("xiaonian", 2027, "/HQ/WH/WH01/") == (date(2027, 1, 31),)
    assert found.days_of_festival("losar", 2027) == (date(2027, 2, 7),)
    assert not found.work_calendar().is_workday(date(2027, 2, 12))


def test_applying_the_same_again_changes_nothing(context: Context, people: dict[str, Actor]) -> None:
    apply_calendar(context, people["operations"], SOUTH, "c.yaml")
    before = count_rows(context)

    again = apply_calendar(context, people["operations"], "# 说明\n" + SOUTH, "renamed.yaml")

    assert (again.outcome, again.number) == ("unchanged", 1)
    assert count_rows(context) == before


def test_another_file_replaces_it_and_the_one_before_can_still_be_read(
    context: Context, people: dict[str, Actor]
) -> None:
    apply_calendar(context, people["operations"], SOUTH, "c.yaml")
    second = apply_calendar(context, people["operations"], EMPTY, "c.yaml")

    assert (second.number, second.entries) == (2, 0)
    assert in_force(context).variant_for("/HQ/WH/") == {}
    assert in_force(context).number == 2
    assert "xiaonian" in export_calendar(context, 1)
    assert "全部撤销" in export_calendar(context)
    third = apply_calendar(context, people["operations"], export_calendar(context, 1), "old.yaml")
    assert third.number == 3
    assert in_force(context).variant_for("/HQ/WH/") == {"xiaonian": "south"}


def test_what_is_exported_is_what_is_in_force(context: Context, people: dict[str, Actor]) -> None:
    apply_calendar(context, people["operations"], SOUTH, "c.yaml")

    again = apply_calendar(context, people["operations"], export_calendar(context), "again.yaml")

    assert again.outcome == "unchanged"


def test_each_edition_is_audited_with_its_number_and_no_words(
    context: Context, people: dict[str, Actor]
) -> None:
    apply_calendar(context, people["operations"], SOUTH, "c.yaml")

    with context.db.read() as session:
        (row,) = session.scalars(select(AuditRow).where(AuditRow.act == "calendar.apply"))
        edition = find_edition(session)
    assert edition is not None
    assert row.actor_id == people["operations"].user_id
    assert row.details == {"number": 1, "digest": edition.digest, "entries": SOUTH_ENTRIES}


def test_a_broken_file_changes_nothing(context: Context, people: dict[str, Actor]) -> None:
    apply_calendar(context, people["operations"], SOUTH, "c.yaml")
    before = count_rows(context)

    with pytest.raises(
        InputError, match=r"c\.yaml:3:40: org: there is no organisation 'WHX'; did you mean WH"
    ):
        apply_calendar(context, people["operations"], SOUTH.replace("org: WH", "org: WHX"), "c.yaml")

    assert count_rows(context) == before
    assert in_force(context).number == 1


def test_only_operations_and_compliance_change_the_banks_calendar(
    context: Context, people: dict[str, Actor]
) -> None:
    with pytest.raises(AccessDenied, match="operations"):
        apply_calendar(context, people["advisor"], SOUTH, "c.yaml")

    assert count_rows(context) == 0


def test_an_edition_that_never_was_cannot_be_exported(context: Context) -> None:
    with pytest.raises(InputError, match="nothing was entered yet"):
        export_calendar(context)
    with pytest.raises(InputError, match="there is no edition 7"):
        export_calendar(context, 7)


def test_a_chunk_of_planning_pays_one_small_query(context: Context, people: dict[str, Actor]) -> None:
    apply_calendar(context, people["operations"], SOUTH, "c.yaml")
    first = in_force(context)
    statements: list[str] = []

    def seen(*words: object) -> None:
        statements.append(str(words[2]))

    event.listen(context.db.engine, "before_cursor_execute", seen)
    try:
        again = in_force(context)
    finally:
        event.remove(context.db.engine, "before_cursor_execute", seen)

    assert again is first
    assert len([statement for statement in statements if "calendar_overrides" in statement]) == 1


def test_two_people_applying_at_once_make_two_editions(context: Context, people: dict[str, Actor]) -> None:
    files = [SOUTH, SOUTH.replace("2027-02-07", "2027-02-08"), EMPTY]
    numbers: list[int] = []

    def apply(text: str) -> None:
        numbers.append(apply_calendar(context, people["operations"], text, "c.yaml").number)

    threads = [Thread(target=apply, args=(text,)) for text in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == [1, 2, 3]
    with context.db.read() as session:
        entries = session.execute(
            select(CalendarOverride.version, func.count())
            .where(CalendarOverride.kind != "edition")
            .group_by(CalendarOverride.version)
        ).all()
    assert sorted(count for _number, count in entries) == [SOUTH_ENTRIES, SOUTH_ENTRIES]
