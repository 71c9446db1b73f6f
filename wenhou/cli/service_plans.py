"""`wenhou service-plans …`: what each tier is promised, and where it lacks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.errors import AccessDenied
from wenhou.services import service_plans as plans

app = typer.Typer(no_args_is_help=True, help="Promise each tier its contacts and see where they lack.")
_MOST = 10_000


@app.command("apply")
def run_apply(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[FILE]", help="YAML; without it, the plans that ship with Wenhou."),
    ] = None,
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Put plans in force; a tier that is not named has none any longer."""
    specs = (
        plans.read_plan_file(file) if file else plans.read_plans(plans.bundled_plans(), "service_plans.yaml")
    )
    with using_context() as context:
        outcomes = plans.apply_plans(context, acting(context, login), specs)
    rows = [{"tier": tier, "outcome": outcome} for tier, outcome in outcomes.items()]
    print_rows(rows, ("tier", "outcome"), as_json=as_json)


@app.command("show")
def run_show(*, as_json: AsJson = False) -> None:
    """Show the plans in force and how many customers' quarters are kept."""
    with using_context() as context:
        rows = [asdict(one) for one in plans.show_plans(context)]
    columns = ("tier", "name", "contacts", "by_person", "non_sales_percent", "contact", "customers", "kept")
    print_rows(rows, columns, as_json=as_json, empty="No tier has a plan; `wenhou service-plans apply`.")


@app.command("gaps")
def run_gaps(
    *,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="At most so many customers.")] = 1000,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List the customers you may see whose quarter lacks a contact, the widest gap first."""
    with using_context() as context:
        found = plans.list_gaps(context, acting(context, login), limit=limit)
    columns = ("customer", "tier", "promised", "made", "promised_by_person", "by_person", "non_sales")
    rows = [plans.as_json(one) for one in found]
    print_rows(rows, columns, as_json=as_json, empty="No gap is known this quarter.")


@app.command("run")
def run_now(*, login: As = None, as_json: AsJson = False) -> None:
    """Work out this quarter now and make the to-dos that lack, as the nightly job does."""
    with using_context() as context:
        if not plans.may_keep(acting(context, login)):
            raise AccessDenied("only operations runs this by hand")
        made = plans.plan_gaps(context, context.clock.now().astimezone(context.bank.zone).date())
    if as_json:
        print_json({"tasks": made})
    else:
        note(f"{made} to-dos were made.")
