"""`wenhou policy …`: the bank's send windows and contact caps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json
from wenhou.cli.people import As, acting
from wenhou.services.policies import apply_policy, describe_policy, read_policy

app = typer.Typer(no_args_is_help=True, help="See and change the bank's send windows and contact caps.")


@app.command("show")
def run_show(*, as_json: AsJson = False) -> None:
    """Show the policy in force; 0 is the one that ships."""
    with using_context() as context:
        found = describe_policy(context)
    if as_json:
        print_json(found)
        return
    typer.echo(f"policy {found['number']}")
    for purpose, window in found["windows"].items():
        workdays = ", workdays only" if window["workdays_only"] else ""
        typer.echo(f"  {purpose:12} {window['opens']}-{window['closes']}{workdays}")
    for zone, windows in found["zones"].items():
        for purpose, window in windows.items():
            typer.echo(f"  {purpose:12} {window['opens']}-{window['closes']} in {zone}")
    for cap in found["caps"]:
        purposes = ", ".join(cap["purposes"])
        when = f"a {cap['period']}" if "period" in cap else f"in {cap['days']} days"
        typer.echo(f"  at most {cap['most']} {when} ({cap['name']}: {purposes})")
    typer.echo(f"  at most {found['care_per_address_and_day']} greetings a day to one address")
    ratio = found["care_ratio"]
    if ratio:
        typer.echo(f"  {ratio['non_sales']} other contacts in {ratio['days']} days before each sales one")
    typer.echo(f"  {found['case_rest_days']} days of rest after a complaint is closed")
    typer.echo(f"  {found['care_after_cure_days']} days of rest after an overdue payment is cured")
    typer.echo(f"  products up to R{found['senior_max_risk']} for customers of 65 and older")
    typer.echo(f"  never held out: {', '.join(found['never_held_out_tiers']) or 'nobody'}")
    crowd = found["congestion"]
    if crowd["minutes"]:
        minutes = ", ".join(f":{minute:02}" for minute in crowd["minutes"])
        typer.echo(f"  clear of {minutes} ± {crowd['width']}, spread over {crowd['spread_minutes']} minutes")


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The policy (YAML).")],
    *,
    login: As = None,
) -> None:
    """Put a policy into force from now on; what it leaves out is as shipped."""
    document = read_policy(file)
    with using_context() as context:
        number = apply_policy(context, acting(context, login), document)
    note(f"Policy {number} is in force.")
