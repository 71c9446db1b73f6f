"""`wenhou forecast`: who would get what in the days to come; writes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from scheduler.foreseeing import LONGEST_DAYS, Forecast, Wanted, foresee
from wenhou.bootstrap import open_carriers, using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.reasons import sentence
from wenhou.settings import load_settings

app = typer.Typer()


@app.command()
def run_forecast(
    *,
    days: Annotated[int, typer.Option(min=1, max=LONGEST_DAYS, help="How many days, today included.")] = 30,
    campaign: Annotated[str | None, typer.Option(metavar="KEY", help="Only this campaign.")] = None,
    advisor: Annotated[
        str | None, typer.Option(metavar="LOGIN", help="Only this advisor's customers.")
    ] = None,
    limit: Annotated[int, typer.Option(min=0, help="List so many messages by name; all are counted.")] = 1000,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Say who would get what, when and by which channel, what would collide and which quotas would run out."""
    settings = load_settings()
    with using_context(settings) as context:
        first = context.clock.now().astimezone(context.bank.zone).date()
        last = first + timedelta(days=days - 1)
        wanted = Wanted(first=first, last=last, campaign=campaign, advisor=advisor, limit=limit)
        carriers = open_carriers(context, settings)
        try:
            found = foresee(context, carriers, acting(context, login), wanted)
        finally:
            carriers.close()
    if as_json:
        print_json(found.as_json())
    else:
        _print(found)


def _print(found: Forecast) -> None:
    document = found.as_json()
    columns = ("key", "campaign", "step", "audience", "proposed", "scheduled", "tasks", "skipped")
    rows = [{**row, "skipped": _listed(row["skipped"])} for row in document["occurrences"]]
    print_rows(rows, columns, as_json=False, empty="Nothing would go in these days.")
    if document["collisions"]:
        typer.echo()
        clashes = [
            {**row, "reason": sentence(row["reason"]), "examples": ", ".join(row["examples"])}
            for row in document["collisions"]
        ]
        print_rows(clashes, ("campaign", "reason", "count", "examples"), as_json=False)
    if document["at_most"]:
        typer.echo()
        print_rows(document["at_most"], ("on", "campaign", "step", "at_most"), as_json=False)
    if document["quotas"]:
        typer.echo()
        print_rows(document["quotas"], ("on", "channel", "quota", "wanted", "limit"), as_json=False)
    typer.echo()
    advisors = [{**row, "advisor": row["advisor"] or "(branch pool)"} for row in document["advisors"]]
    print_rows(advisors, ("advisor", "messages", "tasks"), as_json=False)
    note("Nothing was written. Steps that depend on answers are given as at most so many.")


def _listed(skipped: dict[str, Any]) -> str:
    return ", ".join(f"{reason} {count}" for reason, count in skipped.items()) or "-"
