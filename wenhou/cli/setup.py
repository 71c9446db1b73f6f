"""`wenhou init`, `wenhou check`, `wenhou version`: before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version as installed_version
from typing import Annotated, Any

import typer

from wenhou.bootstrap import initialise, open_accounts, open_context
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.probing import PROBED, probed_rows
from wenhou.core.errors import WenhouError
from wenhou.services import feeds
from wenhou.services.installation import OPERATOR
from wenhou.settings import Settings, describe, load_settings

init, check, version = typer.Typer(), typer.Typer(), typer.Typer()


@init.command()
def run_init(*, as_json: AsJson = False) -> None:
    """Make the store, its keys and the head office, or bring an older store up to date."""
    settings = load_settings()
    done = initialise(settings)
    facts = {
        "schema": "made or upgraded" if done.schema_changed else "up to date",
        "keys_made": done.keys_made,
        "head_office": "made" if done.head_office_made else "there already",
        "operator": OPERATOR if not settings.is_production else None,
    }
    print_facts(facts, as_json=as_json)


@check.command()
def run_check(
    *,
    offline: Annotated[
        bool, typer.Option("--offline", help="Look at the settings only; connect to no provider.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print every setting with its meaning and test store, keys and accounts; no customer is written to."""
    settings = load_settings()
    problems = _problems(settings)
    warnings = [] if problems else _warnings(settings)
    probed = [] if problems or offline else probed_rows(settings)
    problems += [
        f"{row['channel']} {row['provider']}/{row['account']}: {row['tried']}: {row['code']}; {row['what_to_do']}"
        for row in probed
        if row["ok"] is False
    ]
    if as_json:
        print_json(
            {"settings": describe(settings), "accounts": probed, "problems": problems, "warnings": warnings}
        )
    else:
        print_rows(describe(settings), ("setting", "value", "meaning"), as_json=False)
        if probed:
            print_rows(probed, PROBED, as_json=False)
        for problem in problems:
            note(f"✗ {problem}")
        for warning in warnings:
            note(f"! {warning}")
        if not problems:
            note("✓ store, keys and accounts are ready.")
    raise typer.Exit(1 if problems else 0)


@version.command()
def run_version() -> None:
    """Print the installed version."""
    typer.echo(installed_version("wenhou"))


def _warnings(settings: Settings) -> list[str]:
    """What is in order here but late elsewhere: data that was expected by now."""
    context = open_context(settings)
    try:
        return feeds.warnings(context, "en")
    finally:
        context.db.close()


def _problems(settings: Settings) -> list[str]:
    """Every problem, not only the first."""

    def open_and_close() -> None:
        open_context(settings).db.close()

    checks: tuple[Callable[[], Any], ...] = (open_and_close, lambda: open_accounts(settings))
    found: list[str] = []
    for attempt in checks:
        try:
            attempt()
        except WenhouError as error:
            found += getattr(error, "problems", None) or [str(error)]
    return found
