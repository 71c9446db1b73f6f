"""`wenhou demo`: the pretend bank."""

from __future__ import annotations

from typing import Annotated

import typer

from wenhou.cli.output import note
from wenhou.demo.run import run_demo

app = typer.Typer()


@app.command()
def demo(
    *,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port of its page.")] = 8000,
    customers: Annotated[int, typer.Option(min=20, max=20_000, help="How many customers it has.")] = 200,
) -> None:
    """Start a pretend bank with customers, staff and phones you can answer from."""
    note("Setting the stage: customers, campaigns, yesterday's messages …")
    run_demo(port, customers)
