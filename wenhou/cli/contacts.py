"""`wenhou contacts …`: contacts the bank's other systems made, and checking that an address is the customer's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.feed_options import Feed, FeedDay, Total, as_delivery
from wenhou.cli.output import AsJson, note, print_facts, print_json
from wenhou.cli.people import As, acting, acting_or_system
from wenhou.services.contact_checks import verify_contact
from wenhou.services.feeds import check_feed
from wenhou.services.foreign_contacts import read_contacts, take_in_contacts

app = typer.Typer(no_args_is_help=True, help="Take in contacts other systems made; verify addresses.")


@app.callback()
def group() -> None:
    """Take in contacts other systems made; verify addresses."""


@app.command("import")
def run_import(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", readable=False, help="CSV: source, source_id, customer, channel, purpose, at."
        ),
    ],
    *,
    feed: Feed = None,
    total: Total = None,
    day: FeedDay = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Import a CSV file of contacts made elsewhere: they count in caps; the same again changes nothing."""
    with using_context() as context:
        check_feed(context, feed)
        found, refusals = read_contacts(file, context.bank.zone)
        delivery = as_delivery(feed, len(found) + len(refusals), day, total)
        report = take_in_contacts(context, acting_or_system(context, login), found, delivery=delivery)
    report.rows += len(refusals)
    report.refusals = sorted([*refusals, *report.refusals], key=lambda refusal: refusal["line"])
    document = report.as_json()
    if as_json:
        print_json(document)
    else:
        print_facts({name: value for name, value in document.items() if name != "refusals"}, as_json=False)
        for refusal in report.refusals:
            note(f"line {refusal['line']}: {refusal['column']} {refusal['value']!r}: {refusal['reason']}")
    raise typer.Exit(2 if report.refusals else 0)


@app.command("verify")
def run_verify(
    ref: Annotated[str, typer.Argument(metavar="REF", help="The bank's customer number.")],
    *,
    channel: Annotated[str, typer.Option("--channel", help="Which address: sms, email, wechat …")] = "sms",
    login: As = None,
) -> None:
    """Say that a customer's own address was checked and is theirs."""
    with using_context() as context:
        count = verify_contact(context, acting(context, login), ref, channel)
    note(
        f"{ref}: {count} address verified on {channel}."
        if count == 1
        else f"{ref}: {count} addresses verified."
    )
