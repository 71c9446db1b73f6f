"""`wenhou receipts …`: what nobody knows the outcome of, and what providers told of hand-overs nobody knows."""

from __future__ import annotations

from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.services import closing_unknown

app = typer.Typer(no_args_is_help=True, help="See outcomes nobody knows, and receipts that match nothing.")


@app.callback()
def group() -> None:
    """See outcomes nobody knows, and receipts that match nothing."""


@app.command("unknown")
def run_unknown(*, login: As = None, as_json: AsJson = False) -> None:
    """Count messages whose outcome is unknown, by campaign; `closed`: past their account's deadline for receipts."""
    with using_context() as context:
        groups = closing_unknown.count_unknown(context, acting(context, login))
    rows = [{"campaign": one.campaign, "waiting": one.waiting, "closed": one.closed} for one in groups]
    print_rows(rows, ("campaign", "waiting", "closed"), as_json=as_json, empty="Every outcome is known.")


@app.command("unmatched")
def run_unmatched(
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 100,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List receipts of hand-overs that nobody here knows, the newest first; kept ninety days."""
    with using_context() as context:
        total, found = closing_unknown.list_unmatched(context, acting(context, login), limit)
        zone = context.bank.zone
    rows = [
        {
            "id": str(one.callback_id),
            "provider": one.provider,
            "account": one.account,
            "reference": one.reference,
            "state": one.state,
            "at": one.parked_at.astimezone(zone).isoformat(timespec="seconds"),
        }
        for one in found
    ]
    if as_json:
        print_json({"total": total, "receipts": rows})
        return
    columns = ("id", "provider", "account", "reference", "state", "at")
    print_rows(rows, columns, as_json=False, empty="Every receipt found its message.")
    if total > len(rows):
        note(f"{total} in all.")
