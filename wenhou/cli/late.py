"""`wenhou late`: what was not planned or sent in time, and why."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated

import typer

from scheduler.lateness import expected_by
from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.core.errors import InputError
from wenhou.services import lateness
from wenhou.services.context import Context

app = typer.Typer()
_BACK = timedelta(days=7)


@app.command()
def run_late(
    *,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="A day or an instant; without it, seven days ago.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="What left in time too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Report what was sent late, skipped, asked again or never planned, and the outages."""
    with using_context() as context:
        start = _instant(context, since) if since else context.clock.now() - _BACK
        rows, outages = lateness.report_late(
            context, since=start, expected=expected_by(context), everything=everything
        )
    if as_json:
        print_json(
            {
                "since": start.isoformat(),
                "outages": [lateness.outage_json(one) for one in outages],
                "rows": [row.as_json() for row in rows],
            }
        )
        return
    for one in outages:
        note(
            f"The planner was down from {one.since.isoformat()} until {one.until.isoformat() if one.until else 'now'}."
        )
    columns = ("campaign", "on", "step", "policy", "due", "sent_in_time", "sent_late", "skipped_too_late")
    more = ("asked_again", "not_approved", "never_planned", "cause")
    print_rows([row.as_json() for row in rows], (*columns, *more), as_json=False, empty="Nothing was late.")


def _instant(context: Context, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(
            f"{text!r} is neither 2027-03-01 nor 2027-03-01T08:00",
            column="--since",
        ) from error
    if found.tzinfo is None:
        found = datetime.combine(
            found.date(), found.time() if "T" in text else time(), tzinfo=context.bank.zone
        )
    return found
