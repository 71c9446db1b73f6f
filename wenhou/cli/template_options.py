"""Options and arguments that the commands on templates share."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from wenhou.core.errors import InputError

Key = Annotated[str, typer.Argument(metavar="KEY", help="The template's key.")]
Files = Annotated[list[Path], typer.Argument(metavar="FILE…", readable=False, help="Template files (YAML).")]
FileLocale = Annotated[
    str | None, typer.Option("--locale", help="zh-CN or en; else by the file's name (en.yaml), else zh-CN.")
]
Locale = Annotated[str, typer.Option("--locale", help="zh-CN or en.")]
Version = Annotated[int | None, typer.Option("--version", metavar="N", help="A version's number.")]
Reason = Annotated[str, typer.Option(help="Why, for those who come after.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="In force from the midnight this day begins with."),
]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="In force until the midnight this day begins with."),
]


def read_day(said: str | None, option: str) -> date | None:
    """A day as written; InputError when it is none."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise InputError(f"{said!r} is no day; write it as 2027-02-06", column=option) from None
