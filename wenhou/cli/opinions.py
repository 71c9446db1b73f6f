"""`wenhou opinions …`: 消保审查, what the bank's consumer protection said of a campaign's words."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.days import read_day
from wenhou.cli.output import AsJson, print_facts, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.errors import InputError
from wenhou.core.opinions import Conclusion, Opinion
from wenhou.services import opinions
from wenhou.services.opinion_files import parse_material, read_opinion_file

app = typer.Typer(
    no_args_is_help=True, help="Keep the opinions of consumer protection on campaigns (消保审查)."
)
Campaign = Annotated[str, typer.Argument(metavar="CAMPAIGN", help="The campaign's key.")]


@app.command("add")
def run_add(
    campaign: Campaign,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", readable=False, help="The opinion (YAML); or options.")
    ] = None,
    *,
    number: Annotated[str | None, typer.Option(help="Its number.")] = None,
    reviewer: Annotated[str | None, typer.Option(help="Who reviewed.")] = None,
    valid_from: Annotated[str | None, typer.Option(metavar="DATE", help="Its first day; else today.")] = None,
    valid_until: Annotated[str | None, typer.Option(metavar="DATE", help="Its last day, included.")] = None,
    conclusion: Annotated[str, typer.Option(help="agree, agree_with_changes or refuse.")] = "agree",
    material: Annotated[
        list[str] | None,
        typer.Option(help="What was read: TEMPLATE@VERSION or NAME=SHA256; as often as needed."),
    ] = None,
    issuer_approval: Annotated[str | None, typer.Option(help="代销: the issuer's approval number.")] = None,
    remark: Annotated[str | None, typer.Option("--note", help="What to change, or why not.")] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Enter an opinion, a renewal or a refusal; compliance only. What waited for it is let go."""
    if file is not None:
        if any((number, reviewer, valid_from, valid_until, material, issuer_approval, remark)):
            raise InputError("give either a FILE or the options, not both")
        opinion = read_opinion_file(file)
    else:
        opinion = _from_options(
            {"number": number, "reviewer": reviewer, "valid_until": valid_until},
            first=read_day(valid_from, "--valid-from") if valid_from else None,
            conclusion=conclusion,
            materials=material or [],
            more={"issuer_approval": issuer_approval, "note": remark},
        )
    with using_context() as context:
        outcome, released = opinions.add_opinion(context, acting(context, login), campaign, opinion)
    facts = {"campaign": campaign, "number": opinion.number, "outcome": outcome, "released": released}
    print_facts(facts, as_json=as_json)


@app.command("list")
def run_list(
    campaign: Annotated[
        str | None, typer.Argument(metavar="[CAMPAIGN]", help="Of this campaign alone.")
    ] = None,
    *,
    expiring: Annotated[
        int | None, typer.Option(metavar="DAYS", min=0, help="Those that end within so many days.")
    ] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List opinions, the first to expire first."""
    with using_context() as context:
        found = opinions.list_opinions(context, acting(context, login), campaign=campaign, expiring=expiring)
    columns = (
        "campaign",
        "number",
        "reviewer",
        "conclusion",
        "valid_from",
        "valid_until",
        "state",
        "days_left",
    )
    print_rows([asdict(one) for one in found], columns, as_json=as_json, empty="There are no such opinions.")


@app.command("show")
def run_show(
    campaign: Campaign,
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="The opinion's number.")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Show an opinion with the materials that were read."""
    with using_context() as context:
        found = asdict(opinions.show_opinion(context, acting(context, login), campaign, number))
    if not as_json:
        found["materials"] = ", ".join(found["materials"])
    print_facts(found, as_json=as_json)


def _from_options(
    required: dict[str, str | None],
    *,
    first: date | None,
    conclusion: str,
    materials: list[str],
    more: dict[str, Any],
) -> Opinion:
    missing = [f"--{name.replace('_', '-')}" for name, value in required.items() if not (value or "").strip()]
    if missing:
        raise InputError(f"missing {', '.join(missing)}; or give a FILE")
    last = read_day(str(required["valid_until"]), "--valid-until")
    if conclusion not in set(Conclusion):
        raise InputError(
            f"{conclusion!r}: the conclusion is one of {', '.join(Conclusion)}", column="--conclusion"
        )
    said = Conclusion(conclusion)
    if said is not Conclusion.AGREE and not (more["note"] or "").strip():
        raise InputError(f"{said} needs --note: what is to be changed, or why not")
    if not materials and said is not Conclusion.REFUSE:
        raise InputError("missing --material: TEMPLATE@VERSION or NAME=SHA256, as often as needed")
    if first is not None and first > last:
        raise InputError(f"--valid-until {last} is before --valid-from {first}")
    return Opinion(
        number=str(required["number"]).strip(),
        reviewer=str(required["reviewer"]).strip(),
        valid_from=first,
        valid_until=last,
        conclusion=said,
        materials=tuple(parse_material(one) for one in materials),
        **{name: (value or "").strip() or None for name, value in more.items()},
    )
