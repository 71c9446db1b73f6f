"""`wenhou calendar YEAR`: what the days are."""

from __future__ import annotations

import sys
from datetime import date
from typing import Annotated, Any

import typer

from wenhou.bootstrap import open_clock
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.core.calendars.festivals import days_in
from wenhou.core.calendars.ics import list_entries, write_feed
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.errors import InputError
from wenhou.settings import load_settings

app = typer.Typer()
FIRST, LAST = 1901, 2100


@app.command()
def calendar(
    year: Annotated[int, typer.Argument(help="The solar year, 1901 to 2100.")],
    *,
    as_json: AsJson = False,
    ics: Annotated[bool, typer.Option("--ics", help="Print an iCalendar feed.")] = False,
) -> None:
    """Print the festivals, lunar dates and workdays of a year."""
    if not FIRST <= year <= LAST:
        raise InputError(f"{year} is outside the calendar; give a year from {FIRST} to {LAST}")
    work = WorkCalendar()
    if ics:
        stamp = open_clock(load_settings()).now()
        sys.stdout.write(write_feed(list_entries(year, work), name=f"问候 {year}", stamp=stamp))
        return
    days = [day.as_json() for day in days_in(year)]
    off, made_up = work.list_days_off(year), work.list_make_up_days(year)
    if as_json:
        print_json(_document(year, days, off, made_up, is_published=work.is_published(year)))
        return
    print_rows(days, ("on", "name", "lunar", "tone", "key"), as_json=False)
    note(f"weekdays off: {', '.join(f'{day:%m-%d}' for day in off) or '-'}")
    note(f"workdays at a weekend (调休): {', '.join(f'{day:%m-%d}' for day in made_up) or '-'}")
    if not work.is_published(year):
        note(
            f"The State Council has not published 调休 for {year}; add the notice to the calendar overrides."
        )


def _document(
    year: int, days: list[Any], off: list[date], made_up: list[date], *, is_published: bool
) -> dict[str, Any]:
    return {
        "year": year,
        "days": days,
        "days_off": [day.isoformat() for day in off],
        "make_up_workdays": [day.isoformat() for day in made_up],
        "published": is_published,
    }
