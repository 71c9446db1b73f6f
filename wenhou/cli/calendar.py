"""`wenhou calendar YEAR` and what an operator enters: what the days are, and where that is changed."""

from __future__ import annotations

import re
import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wenhou.bootstrap import has_store, open_clock, using_context
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.calendars.dated import NOTHING_ENTERED, DatedCalendar
from wenhou.core.calendars.festivals import FestivalDay
from wenhou.core.calendars.ics import list_entries, write_feed
from wenhou.core.calendars.lunar import Month, month_at, name_month_day
from wenhou.core.calendars.tables import FIRST_YEAR, LAST_YEAR
from wenhou.core.errors import InputError
from wenhou.services import calendars
from wenhou.services.calendar_feed import feed_url
from wenhou.services.text_files import read_text
from wenhou.settings import load_settings

FIRST, LAST = FIRST_YEAR + 1, LAST_YEAR
_NO_COMMAND = re.compile(r"-?\d.*|--(json|ics|feed-url|org).*")


class _YearOrCommand(TyperGroup):
    """`wenhou calendar 2027` is `wenhou calendar show 2027`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in the word that may be left out."""
        if args and _NO_COMMAND.fullmatch(args[0]):
            args = ["show", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_YearOrCommand,
    no_args_is_help=True,
    help="Print the festivals, lunar dates and workdays of a year; enter what no rule knows.",
)
File = Annotated[
    Path,
    typer.Argument(metavar="FILE", readable=False, help="The calendar (YAML); it replaces the one before."),
]


@app.command("show")
def run_show(
    year: Annotated[int | None, typer.Argument(metavar="YEAR", help="The solar year, 1901 to 2100.")] = None,
    *,
    org: Annotated[
        str | None, typer.Option("--org", metavar="CODE", help="As it is kept in this part of the bank.")
    ] = None,
    as_json: AsJson = False,
    ics: Annotated[bool, typer.Option("--ics", help="Print an iCalendar feed.")] = False,
    as_address: Annotated[
        bool, typer.Option("--feed-url", help="Print the address other calendars subscribe to.")
    ] = False,
) -> None:
    """Print the festivals, lunar dates and workdays of a year; `wenhou calendar 2027` will do."""
    if as_address:
        with using_context() as context:
            typer.echo(feed_url(context))
        return
    if year is None or not FIRST <= year <= LAST:
        given = "there is no year" if year is None else f"{year} is outside the calendar"
        raise InputError(f"{given}; give a year from {FIRST} to {LAST}")
    calendar, path = _in_force(org)
    if ics:
        stamp = open_clock(load_settings()).now()
        sys.stdout.write(write_feed(list_entries(year, calendar), name=f"问候 {year}", stamp=stamp))
        return
    _print_year(year, calendar, path, as_json=as_json)


@app.command("apply")
def run_apply(file: File, *, login: As = None, as_json: AsJson = False) -> None:
    """Put a calendar file into force at once; a broken one is refused whole, with every fault."""
    text = read_text(file)
    with using_context() as context:
        applied = calendars.apply_calendar(context, acting(context, login), text, str(file))
    facts = {"outcome": applied.outcome, "number": applied.number, "entries": applied.entries}
    print_facts(facts, as_json=as_json)


@app.command("validate")
def run_validate(file: File, *, as_json: AsJson = False) -> None:
    """Check a calendar file and change nothing."""
    text = read_text(file)
    with using_context() as context:
        checked = calendars.check_calendar(context, text, str(file))
    print_facts({"valid": True, "entries": len(checked.entries)}, as_json=as_json)


@app.command("export")
def run_export(
    *,
    number: Annotated[int | None, typer.Option("--number", help="An earlier edition, by its number.")] = None,
) -> None:
    """Print the calendar in force as a file that `apply` takes."""
    with using_context() as context:
        sys.stdout.write(calendars.export_calendar(context, number))


def _in_force(org: str | None) -> tuple[DatedCalendar, str | None]:
    """The calendar in force and the path of a part of the bank; before there is a store, nothing was entered."""
    settings = load_settings()
    if org is None and not has_store(settings):
        return NOTHING_ENTERED, None
    with using_context(settings) as context, context.db.read() as session:
        path = None if org is None else calendars.path_of(session, org)
        return calendars.calendar_in_force(session), path


def _print_year(year: int, calendar: DatedCalendar, path: str | None, *, as_json: bool) -> None:
    work = calendar.work_calendar(path)
    days = [_day(day, part, calendar) for day, part in calendar.days_in(year, path)]
    off, made_up = work.list_days_off(year), work.list_make_up_days(year)
    if as_json:
        document = _document(year, days, off, made_up)
        print_json(document | {"published": work.is_published(year), "edition": calendar.number})
        return
    print_rows(days, ("on", "name", "lunar", "tone", "key", "org"), as_json=False)
    for month in map(_month, _months_of(year)):
        if month["leap"]:
            note(f"leap month: {month['name']} from {month['first_day']}, {month['days']} days")
    note(f"weekdays off: {', '.join(f'{day:%m-%d}' for day in off) or '-'}")
    note(f"workdays at a weekend (调休): {', '.join(f'{day:%m-%d}' for day in made_up) or '-'}")
    if not work.is_published(year):
        note(
            f"调休 of {year} is not known here; enter the State Council's notice: wenhou calendar apply FILE"
        )


def _day(day: FestivalDay, part: str | None, calendar: DatedCalendar) -> dict[str, Any]:
    return {**day.as_json(), "org": part, "chosen_only": calendar.is_chosen_only(day.key)}


def _months_of(year: int) -> list[Month]:
    """Every lunar month that has a day in the solar year, in order; a leap month stands after its ordinary one."""
    month = month_at(date(year, 1, 1))
    last = date(year, 12, 31).toordinal()
    found = [month]
    while (start := month.start + month.length) <= last:
        month = month_at(date.fromordinal(start))
        found.append(month)
    return found


def _month(month: Month) -> dict[str, Any]:
    """A lunar month as data: which one, its name (闰十一月), its first solar day and how many days it has."""
    return {
        "lunar_year": month.year,
        "month": month.month,
        "leap": month.is_leap,
        "name": name_month_day(month.month, 1, leap=month.is_leap).removesuffix("初一"),
        "first_day": date.fromordinal(month.start).isoformat(),
        "days": month.length,
    }


def _document(year: int, days: list[Any], off: list[date], made_up: list[date]) -> dict[str, Any]:
    return {
        "year": year,
        "lunar_months": [_month(month) for month in _months_of(year)],
        "days": days,
        "days_off": [day.isoformat() for day in off],
        "make_up_workdays": [day.isoformat() for day in made_up],
    }
