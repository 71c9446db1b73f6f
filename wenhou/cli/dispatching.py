"""`wenhou dispatch`: hand over what is due, now and from this shell."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import typer

from scheduler.dispatch import Dispatcher
from wenhou.bootstrap import open_carriers, using_context
from wenhou.cli.output import AsJson, print_facts
from wenhou.settings import load_settings

app = typer.Typer()


@app.command()
def dispatch(
    *,
    until_empty: Annotated[
        bool,
        typer.Option(
            "--until-empty", help="Go on until nothing is due, waiting out undo times and back-off."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Hand over what is due now."""
    settings = load_settings()
    with using_context(settings) as context:
        carriers = open_carriers(context, settings)
        hands = Dispatcher(context, carriers, lease=timedelta(seconds=settings.lease_seconds))
        try:
            tally = hands.run_until_empty() if until_empty else hands.run_once()
        finally:
            hands.close()
            carriers.close()
    print_facts(tally.as_json(), as_json=as_json)
