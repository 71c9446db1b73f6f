"""`wenhou stop` and `wenhou resume`: one person stops, two let go."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting, acting_or_system
from wenhou.core.errors import InputError
from wenhou.services import stopping

stop, resume = typer.Typer(), typer.Typer()


@stop.command()
def run_stop(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Everything.")] = False,
    purpose: Annotated[str | None, typer.Option(help="care, service, information or marketing.")] = None,
    org: Annotated[str | None, typer.Option(help="An org by its code, with all below it.")] = None,
    channel: Annotated[str | None, typer.Option(help="wechat, wecom, sms or email.")] = None,
    campaign: Annotated[str | None, typer.Option(help="A campaign by its key.")] = None,
    reason: Annotated[str, typer.Option(help="Why, for those who come after.")] = "",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Stop sending before the next call: everything, or a part."""
    named = {"purpose": purpose, "org": org, "channel": channel, "campaign": campaign}
    chosen = [(scope, value) for scope, value in named.items() if value is not None]
    if everything:
        chosen.append(("all", ""))
    if len(chosen) != 1:
        raise InputError("say one thing to stop: --all, --purpose, --org, --channel or --campaign")
    with using_context() as context:
        order = stopping.stop(context, acting_or_system(context, login), *chosen[0], reason)
    print_facts(asdict(order), as_json=as_json)


@resume.command()
def run_resume(
    stop_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="Which stop; without it the stops are listed.")
    ] = "",
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Ask to lift a stop or, as the second person, lift it."""
    with using_context() as context:
        if not stop_id:
            rows = [asdict(order) for order in stopping.list_stops(context)]
            columns = ("id", "scope", "value", "reason", "ordered_by", "ordered_at", "lift_asked_by")
            print_rows(rows, columns, as_json=as_json, empty="Nothing is stopped.")
            return
        lifted = stopping.resume(context, acting(context, login), read_id(stop_id))
    if as_json:
        print_json({"lifted": lifted})
    else:
        note("Lifted." if lifted else "Asked for; a second person lifts it with the same command.")


def read_id(text: str) -> uuid.UUID:
    """An id as printed by a list; raises InputError."""
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise InputError(f"{text!r} is no id; the lists print them") from error
