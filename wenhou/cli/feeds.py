"""`wenhou feeds …`: data expected daily, and what waits while it is late."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.feed_options import FeedDay, Total, read_day
from wenhou.cli.output import AsJson, note, print_facts, print_rows
from wenhou.cli.people import As, acting_or_system
from wenhou.services import feeds

app = typer.Typer(no_args_is_help=True, help="Declare data expected daily and note its arrival.")


@app.callback()
def group() -> None:
    """Declare data expected daily and note its arrival."""


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List the feeds: what is due, what came, what is late."""
    with using_context() as context:
        rows = [
            {
                "key": one.key,
                "name": one.name,
                "kind": one.kind,
                "expected_by": one.expected_by,
                "due_on": one.due_on,
                "accepted_on": one.last_accepted_on,
                "rows": one.last_rows,
                "state": "late" if one.is_late else "in time",
                "holds": list(one.holds) if as_json else ", ".join(one.holds),
            }
            for one in feeds.list_feeds(context)
        ]
    columns = ("key", "name", "expected_by", "due_on", "accepted_on", "rows", "state", "holds")
    print_rows(rows, columns, as_json=as_json, empty="No feeds are declared.")


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The feeds (YAML).")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Declare feeds from a file; those it does not name stay as they are."""
    specs = feeds.read_feeds(file)
    with using_context() as context:
        outcomes = feeds.apply_feeds(context, acting_or_system(context, login), specs)
    rows = [{"key": key, "outcome": outcome} for key, outcome in outcomes.items()]
    print_rows(rows, ("key", "outcome"), as_json=as_json)


@app.command("arrived")
def run_arrived(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The feed.")],
    *,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=0, help="How many rows were taken in.")],
    day: FeedDay = None,
    total: Total = None,
    accept: Annotated[
        bool, typer.Option("--accept", help="Take it as it is, though it is small or its total differs.")
    ] = False,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Note that a feed arrived; what waited for it goes on. Exit 1 when it was not accepted."""
    delivery = feeds.Delivery(key=key, rows=rows, day=read_day(day), total=total, accept=accept)
    with using_context() as context:
        arrival = feeds.record_arrival(context, acting_or_system(context, login), delivery)
    print_facts(
        {
            "key": arrival.key,
            "day": arrival.day.isoformat(),
            "rows": arrival.rows,
            "accepted": arrival.accepted,
            "problem": arrival.problem,
            "released": arrival.released,
        },
        as_json=as_json,
    )
    if not arrival.accepted:
        note(
            f"Not accepted: {feeds.problem_sentence(arrival.problem, 'en')}. Look, then repeat with --accept."
        )
        raise typer.Exit(1)
