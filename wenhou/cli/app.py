"""The command line's root."""

from __future__ import annotations

from importlib.metadata import version as installed_version

import typer

app = typer.Typer(no_args_is_help=True, help="Wenhou: client-care outreach for banks.")


@app.callback()
def root() -> None:
    """Wenhou (问候): client-care outreach for banks."""


@app.command()
def version() -> None:
    """Print the installed version."""
    typer.echo(installed_version("wenhou"))
