"""What commands print: JSON for programs, a table for people, both on the standard output; notes go to the other one."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
"""The option of every command that lists."""
_WIDE = 240
"""Columns where no terminal says how wide it is: a line stays a line for grep."""


def print_json(value: object) -> None:
    """One JSON value, readable, Chinese as itself."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def print_rows(
    rows: Sequence[Mapping[str, Any]], columns: Iterable[str], *, as_json: bool, empty: str = "Nothing."
) -> None:
    """A list: all of it as JSON, or the named columns as a table."""
    if as_json:
        print_json([dict(row) for row in rows])
        return
    if not rows:
        note(empty)
        return
    names = list(columns)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name.replace("_", " "), overflow="fold", no_wrap=name in {"id", "key", "setting"})
    for row in rows:
        table.add_row(*("" if row.get(name) is None else str(row[name]) for name in names))
    Console(width=None if sys.stdout.isatty() else _WIDE, soft_wrap=False).print(table)


def print_facts(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """One thing: as JSON, or a fact a line."""
    if as_json:
        print_json(dict(facts))
        return
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        typer.echo(f"{name.replace('_', ' '):<{width}}  {'' if value is None else value}")


def note(sentence: str) -> None:
    """A word to the person at the shell, never part of the result."""
    typer.echo(sentence, err=True)
