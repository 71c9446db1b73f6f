"""`wenhou filed …`: what is filed with providers, in which state, and for which wording it stands."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from store.filed_texts import Filing
from wenhou.bootstrap import using_context
from wenhou.cli.days import read_day
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.services import filed_files

app = typer.Typer(no_args_is_help=True, help="Keep the texts and signatures filed with providers.")
_COLUMNS = ("provider", "account", "kind", "code", "org", "carrier", "state", "template", "wording", "since")


@app.command("list")
def run_list(
    *,
    provider: Annotated[str | None, typer.Option(help="Only of this provider.")] = None,
    account: Annotated[str | None, typer.Option(help="Only of this account.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every filing with its state, org and carrier."""
    with using_context() as context:
        rows = [_row(one) for one in filed_files.list_all(context, provider=provider, account=account)]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="Nothing is filed.")


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The filings (YAML).")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Enter filings; all of a file or none. What the file leaves out stays as it is."""
    entries = filed_files.read_filings(file)
    with using_context() as context:
        figures = filed_files.apply_filings(context, acting(context, login), entries)
    if as_json:
        print_json(figures)
    else:
        note(", ".join(f"{amount} {word}" for word, amount in figures.items()))


@app.command("show")
def run_show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The provider's code, or the signature.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show what is filed under a code: its text, its variables, its state for each org and carrier."""
    with using_context() as context:
        found = [_row(one) for one in filed_files.show(context, code)]
    if as_json:
        print_json(found)
        return
    typer.echo(found[0]["text"] or found[0]["code"])
    print_rows(found, _COLUMNS, as_json=False)


@app.command("state")
def run_state(
    code: Annotated[str, typer.Argument(metavar="CODE", help="The provider's code, or the signature.")],
    state: Annotated[str, typer.Argument(metavar="STATE", help="submitted, approved, refused or withdrawn.")],
    *,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="Since when; today.")] = None,
    org: Annotated[str | None, typer.Option(metavar="CODE", help="Only the filing of this org.")] = None,
    carrier: Annotated[str | None, typer.Option(help="Only the filing with this carrier.")] = None,
    reason: Annotated[str, typer.Option(help="What they said.")] = "",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Note what a provider or carrier decided; what is not approved is not planned."""
    with using_context() as context:
        day: date = read_day(on, "--on") if on else context.clock.now().astimezone(context.bank.zone).date()
        actor = acting(context, login)
        found = filed_files.set_state(
            context, actor, code, state, on=day, org=org, carrier=carrier, reason=reason
        )
    print_rows([_row(one) for one in found], _COLUMNS, as_json=as_json)


def _row(one: Filing) -> dict[str, Any]:
    days = (one.withdrawn_on, one.decided_on, one.submitted_on)
    return {
        "provider": one.provider,
        "account": one.account,
        "kind": one.kind,
        "code": one.code,
        "org": one.org,
        "carrier": one.carrier,
        "state": one.state,
        "template": one.template_key,
        "wording": one.wording,
        "locale": one.locale,
        "text": one.text,
        "variables": {name: {"max": most} for name, most in one.longest},
        "submitted": one.submitted_on.isoformat() if one.submitted_on else None,
        "decided": one.decided_on.isoformat() if one.decided_on else None,
        "withdrawn": one.withdrawn_on.isoformat() if one.withdrawn_on else None,
        "reason": one.reason,
        "since": next((day.isoformat() for day in days if day), None),
    }
