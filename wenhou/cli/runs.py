"""`wenhou runs …`: a campaign on a day, its waves and what came of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

import typer

from store.runs import RunRow, count_statuses, list_runs
from wenhou.bootstrap import using_context
from wenhou.cli.days import bank_today, read_day
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.services import run_figures, waves

app = typer.Typer(no_args_is_help=True, help="See runs, their waves and figures; let a wave go.")
On = Annotated[str | None, typer.Option("--on", metavar="DATE", help="The run's day; without it, today.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The campaign.")]
_BACK = timedelta(days=14)
_AHEAD = timedelta(days=7)


@app.command("list")
def run_list(
    *,
    campaign: Annotated[str | None, typer.Option(metavar="KEY", help="Only of this campaign.")] = None,
    on: Annotated[
        str | None,
        typer.Option("--on", metavar="DATE", help="Only this day; else two weeks back, one ahead."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List runs, the newest day first, with where their messages stand."""
    with using_context() as context:
        today = bank_today(context)
        since, until = (read_day(on, "--on"), read_day(on, "--on")) if on else (today - _BACK, today + _AHEAD)
        with context.db.read() as session:
            rows = [
                {
                    **_facts(run),
                    "messages": {key[1]: amount for key, amount in count_statuses(session, run.id).items()},
                }
                for run in list_runs(session, since=since, until=until, campaign=campaign)
            ]
    columns = ("campaign", "on", "campaign_state", "audience", "messages", "paused_reason")
    print_rows(rows, columns, as_json=as_json, empty="No run in these days.")


@app.command("show")
def run_show(key: Key, *, on: On = None, as_json: AsJson = False) -> None:
    """Show one run: each wave's figures with their denominators, and when it stopped itself."""
    with using_context() as context:
        run = run_figures.find_run(context, key, read_day(on, "--on") if on else bank_today(context))
        parts = run_figures.list_wave_rows(context, run)
        stops = run_figures.list_stop_rows(context, run)
    if as_json:
        print_json({**_facts(run), "waves": parts, "stops": stops})
        return
    print_facts(_facts(run), as_json=False)
    typer.echo()
    columns = (
        "wave",
        "state",
        "planned",
        "open",
        "tried",
        "failed",
        "undelivered",
        "handed_over",
        "opted_out",
    )
    print_rows(parts, (*columns, "complained", "released_at"), as_json=False)
    if stops:
        typer.echo()
        print_rows(stops, ("stopped_at", "reason", "resumed_at"), as_json=False)


@app.command("release")
def run_release(
    key: Key,
    *,
    on: On = None,
    reason: Annotated[str, typer.Option(help="Why, whatever the figures say.")] = "",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Let the next wave of a run go on your own word; recorded."""
    with using_context() as context:
        day = read_day(on, "--on") if on else bank_today(context)
        number = waves.release_next(context, acting(context, login), key, day, reason)
    if as_json:
        print_json({"campaign": key, "on": day.isoformat(), "wave": number})
    else:
        note(f"Wave {number} may leave.")


def _facts(run: RunRow) -> dict[str, Any]:
    return {
        "id": str(run.id),
        "campaign": run.campaign,
        "name": run.name,
        "on": run.on_day.isoformat(),
        "campaign_state": run.campaign_state,
        "paused_reason": run.paused_reason,
        "state": run.run_state,
        "audience": run.audience,
        "planned_through": run.planned_through.isoformat() if run.planned_through else None,
    }
