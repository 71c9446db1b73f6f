"""`wenhou mourning …`: the switch that lets festive, birthday and marketing words rest."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.days import read_day
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.cli.stopping import read_id
from wenhou.services import mourning

app = typer.Typer(no_args_is_help=True, help="Let festive, birthday and marketing words rest for some days.")


@app.command("start")
def run_start(
    *,
    first: Annotated[str, typer.Option("--from", metavar="DATE", help="The first day.")],
    last: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day, included.")],
    reason: Annotated[str, typer.Option(help="Why, for those who come after.")],
    org: Annotated[
        str | None, typer.Option(metavar="CODE", help="An org with all below it; else the whole bank.")
    ] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Start mourning: from the first day to the last only service and notices leave."""
    with using_context() as context:
        days = (read_day(first, "--from"), read_day(last, "--until"))
        row = mourning.start_mourning(context, acting(context, login), org=org, days=days, reason=reason)
    print_facts(asdict(row), as_json=as_json)


@app.command("end")
def run_end(
    mourning_id: Annotated[str, typer.Argument(metavar="ID", help="Which, as listed.")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """End mourning before its last day; what it held and is still in time falls due again."""
    with using_context() as context:
        freed = mourning.end_mourning(context, acting(context, login), read_id(mourning_id))
    if as_json:
        print_json({"id": mourning_id, "freed": freed})
    else:
        note(f"Ended; {freed} messages fall due again.")


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List mournings, the newest first."""
    with using_context() as context:
        rows = [asdict(row) for row in mourning.list_mournings(context)]
    columns = ("id", "org_name", "from_on", "until_on", "state", "reason")
    print_rows(rows, columns, as_json=as_json, empty="There was no mourning.")


@app.command("silenced")
def run_silenced(
    mourning_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="Which; without it, those in force or to come.")
    ] = "",
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List what rests: by campaign, day and state, with the customers you may see."""
    with using_context() as context:
        which = read_id(mourning_id) if mourning_id else None
        found = mourning.list_silenced(context, acting(context, login), which)
    columns = ("campaign", "on", "state", "count")
    print_rows([row.as_json() for row in found], columns, as_json=as_json, empty="Nothing rests.")
