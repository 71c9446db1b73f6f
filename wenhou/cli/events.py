"""`wenhou events import FILE`: what happened at the bank."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.feed_options import Feed, FeedDay, Total, as_delivery
from wenhou.cli.output import AsJson, note, print_facts, print_json
from wenhou.cli.people import As, acting_or_system
from wenhou.services import events
from wenhou.services.event_files import read_events
from wenhou.services.feeds import check_feed

app = typer.Typer(
    no_args_is_help=True,
    help="Take in business events: account opened, loan granted, service done and others.",
)


@app.callback()
def group() -> None:
    """Take in business events: account opened, loan granted, service done and others."""


@app.command("import")
def run_import(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", readable=False, help="CSV: source_id, kind, customer, happened_at …"),
    ],
    *,
    feed: Feed = None,
    total: Total = None,
    day: FeedDay = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Import a CSV file of events; the same event again changes nothing, other facts correct it."""
    with using_context() as context:
        check_feed(context, feed)
        found, refusals = read_events(file, context.bank.zone)
        rows = len(found) + len(refusals)
        delivery = as_delivery(feed, rows, day, total)
        report = events.take_in(context, acting_or_system(context, login), found, delivery=delivery)
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
