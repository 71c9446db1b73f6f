"""`wenhou quotas …`: platforms' limits, dated, and what is gone of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json
from wenhou.cli.people import As, acting
from wenhou.services.quotas import QuotaReport, apply_quotas, read_quotas, report_quotas

app = typer.Typer(no_args_is_help=True, help="See and enter platforms' limits.")


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List every limit with what is reserved and taken of it today."""
    with using_context() as context:
        found = report_quotas(context)
    if as_json:
        print_json([one.as_json() for one in found])
        return
    for one in found:
        typer.echo(_line(one))


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The limits (YAML).")],
    *,
    as_json: AsJson = False,
    login: As = None,
) -> None:
    """Enter limits; two for the same thing must not overlap. What the file leaves out stays as it is."""
    entries = read_quotas(file)
    with using_context() as context:
        figures = apply_quotas(context, acting(context, login), entries)
    if as_json:
        print_json(figures)
    else:
        note(", ".join(f"{amount} {word}" for word, amount in figures.items()))


def _line(one: QuotaReport) -> str:
    spec = one.spec
    period = (
        f"{spec.days} rolling {'day' if spec.days == 1 else 'days'}"
        if spec.period == "rolling"
        else spec.period
    )
    gone = "each customer" if one.taken is None else f"{one.taken} taken, {one.reserved} reserved"
    until = f"-{spec.until_on}" if spec.until_on else ""
    state = "" if one.in_force else "  (not in force)"
    return (
        f"{spec.provider:10} {spec.account:12} {spec.kind:20} {spec.amount:>9} a {period}: {gone}"
        f"  [{spec.from_on}{until}, {spec.confidence}]{state}"
    )
