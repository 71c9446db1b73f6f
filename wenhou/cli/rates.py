"""`wenhou rates …`: the rates the bank has published, the only ones words may quote."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.services import published_rates
from wenhou.services.published_rates import Edition

app = typer.Typer(no_args_is_help=True, help="Keep the bank's published rates: the only ones words quote.")
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The announcement's number.")]


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The edition (YAML).")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Enter an edition as announced; it counts once a second person has approved it."""
    draft = published_rates.read_rates(file)
    with using_context() as context:
        outcome = published_rates.apply_rates(context, acting(context, login), draft)
    print_facts({"number": draft.number, "outcome": outcome, "rates": len(draft.lines)}, as_json=as_json)
    if outcome != "unchanged":
        note(f"Quoted only after compliance has run `wenhou rates approve {draft.number}`.")


@app.command("approve")
def run_approve(number: Number, *, login: As = None, as_json: AsJson = False) -> None:
    """Agree, as the second person, that these are the figures of the announcement."""
    with using_context() as context:
        anew = published_rates.approve_rates(context, acting(context, login), number)
    print_facts({"number": number, "state": "approved", "planned_anew": anew}, as_json=as_json)


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List the editions, the newest in force first."""
    with using_context() as context:
        rows = [_row(one) for one in published_rates.list_editions(context)]
    columns = ("number", "state", "published_on", "effective_on", "rates", "entered_by", "approved_by")
    print_rows(rows, columns, as_json=as_json, empty="No rates were entered.")


@app.command("show")
def run_show(number: Number, *, as_json: AsJson = False) -> None:
    """Show an edition with its figures."""
    with using_context() as context:
        found = published_rates.show_edition(context, number)
    if as_json:
        print_json(asdict(found))
        return
    print_facts({**_row(found), "source": found.source, "url": found.url}, as_json=False)
    lines = [asdict(line) for line in found.lines]
    print_rows(lines, ("key", "product", "term", "rate"), as_json=False)


def _row(one: Edition) -> dict[str, Any]:
    row = asdict(one)
    row.pop("lines")
    return {**row, "rates": len(one.lines)}
