"""`wenhou seeds …`: staff who read every real run with the customers."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.days import read_day
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.cli.stopping import read_id
from wenhou.services import seeds
from wenhou.services.run_figures import find_run

app = typer.Typer(no_args_is_help=True, help="Keep the list of staff who read every real run.")


@app.command("list")
def run_list(*, login: As = None, as_json: AsJson = False) -> None:
    """List the seeds, addresses masked."""
    with using_context() as context:
        rows = [asdict(row) for row in seeds.list_seeds(context, acting(context, login))]
    columns = ("id", "name", "channel", "address", "carrier", "org")
    print_rows(rows, columns, as_json=as_json, empty="The seed list is empty.")


@app.command("add")
def run_add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="A number, mail address or account id.")],
    *,
    name: Annotated[str, typer.Option(help="Whose it is.")],
    channel: Annotated[str, typer.Option(help="wechat, wecom, sms or email.")] = "sms",
    carrier: Annotated[str | None, typer.Option(help="The line's operator, as you call it.")] = None,
    org: Annotated[
        str | None, typer.Option(metavar="CODE", help="Only runs that reach this org or below.")
    ] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Add a seed; an address that is there already is brought up to date."""
    with using_context() as context:
        row = seeds.add_seed(
            context,
            acting(context, login),
            name=name,
            channel=channel,
            address=address,
            carrier=carrier,
            org=org,
        )
    print_facts(asdict(row), as_json=as_json)


@app.command("remove")
def run_remove(
    seed_id: Annotated[str, typer.Argument(metavar="ID", help="Which, as listed.")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Take a seed off the list."""
    with using_context() as context:
        seeds.remove_seed(context, acting(context, login), read_id(seed_id))
    if as_json:
        print_json({"removed": seed_id})
    else:
        note("Removed.")


@app.command("sent")
def run_sent(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The campaign.")],
    *,
    on: Annotated[str, typer.Option("--on", metavar="DATE", help="The run's day.")],
    as_json: AsJson = False,
) -> None:
    """List what a run sent to the seeds and what became of it."""
    with using_context() as context:
        run = find_run(context, key, read_day(on, "--on"))
        rows = seeds.list_sends(context, run.id)
    columns = ("seed", "carrier", "channel", "outcome", "receipt", "at")
    print_rows(rows, columns, as_json=as_json, empty="Nothing was sent to the seeds.")
