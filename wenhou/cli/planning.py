"""`wenhou plan` and `wenhou explain`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Annotated, Any

import typer

from scheduler.explaining import judging_with
from scheduler.planning import Planner
from wenhou.bootstrap import open_carriers, using_context
from wenhou.cli.days import read_day
from wenhou.cli.output import AsJson, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.errors import InputError
from wenhou.services.explain_why import explain as explain_why
from wenhou.settings import load_settings

plan, explain = typer.Typer(), typer.Typer()
LONGEST_DAYS = 400
_VERDICTS = {"pass": "通过", "hold": "暂缓", "skip": "不发"}


@plan.command()
def run_plan(
    *,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="One day; without any, today as the scheduler would.")
    ] = None,
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day.")] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="DATE", help="The last day.")] = None,
    campaign: Annotated[str | None, typer.Option(metavar="KEY", help="Only this campaign.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, and keep nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Plan messages for a day or some days; planning twice plans once."""
    settings = load_settings()
    with using_context(settings) as context:
        today = context.clock.now().astimezone(context.bank.zone).date()
        start, end = _days(on, first, last, today)
        carriers = open_carriers(context, settings)
        try:
            report = Planner(context, carriers).plan(start, end, campaign=campaign, dry_run=dry_run)
        finally:
            carriers.close()
    document = report.as_json()
    if as_json:
        print_json(document)
        return
    rows = [_spoken(row) for row in document["occurrences"] if row["audience"]]
    print_rows(
        rows,
        ("campaign", "key", "step", "audience", "proposed", "scheduled", "tasks", "skipped"),
        as_json=False,
        empty="No campaign meets anybody on these days.",
    )


@explain.command()
def run_explain(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The bank's customer number.")],
    *,
    campaign: Annotated[str, typer.Option(metavar="KEY", help="The campaign.")],
    on: Annotated[str, typer.Option(metavar="DATE", help="The day.")],
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Say gate by gate why a customer gets a message or does not."""
    settings = load_settings()
    with using_context(settings) as context:
        carriers = open_carriers(context, settings)
        try:
            actor = acting(context, login)
            asking = replace(context, judge_one=judging_with(carriers))
            found = explain_why(asking, actor, ref, campaign, read_day(on, "--on"))
        finally:
            carriers.close()
    document = found.as_json()
    if as_json:
        print_json(document)
        return
    typer.echo(found.sentence_zh)
    typer.echo()
    rows = [{**gate, "verdict": _VERDICTS[gate["verdict"]]} for gate in document["gates"]]
    print_rows(rows, ("name", "verdict", "value", "rule", "sentence"), as_json=False)


def _days(on: str | None, first: str | None, last: str | None, today: date) -> tuple[date, date]:
    if on is not None and (first or last):
        raise InputError("give either --on or --from and --to")
    if on is not None:
        day = read_day(on, "--on")
        return day, day
    start = read_day(first, "--from") if first else today
    end = read_day(last, "--to") if last else start
    if end < start:
        raise InputError(f"--to {end} lies before --from {start}")
    if (end - start).days > LONGEST_DAYS:
        raise InputError(f"plan at most {LONGEST_DAYS} days at a time")
    return start, end


def _spoken(row: dict[str, Any]) -> dict[str, Any]:
    skipped = ", ".join(f"{reason} {count}" for reason, count in row["skipped"].items())
    return {**row, "skipped": skipped or "-"}
