"""The options by which an import counts as the arrival of an expected feed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from wenhou.core.errors import InputError
from wenhou.services.feeds import Delivery

Feed = Annotated[
    str | None, typer.Option("--feed", metavar="KEY", help="This import is the day's delivery of a feed.")
]
Total = Annotated[
    str | None, typer.Option("--total", metavar="T", help="The control total the sender states.")
]
FeedDay = Annotated[
    str | None,
    typer.Option("--day", metavar="DATE", help="The day the delivery was expected on; by default today."),
]


def as_delivery(
    feed: str | None, rows: int, day: str | None, total: str | None, *, accept: bool = False
) -> Delivery | None:
    """The delivery the options speak of, or None without `--feed`."""
    if feed is None:
        if total is not None or day is not None:
            raise InputError("--total and --day belong to --feed KEY", column="--feed")
        return None
    return Delivery(key=feed, rows=rows, day=read_day(day), total=total, accept=accept)


def read_day(day: str | None) -> date | None:
    """A date as options give it; InputError for anything else."""
    if day is None:
        return None
    try:
        return date.fromisoformat(day)
    except ValueError as error:
        raise InputError(f"{day!r} is no date; give one like 2027-01-30", column="--day") from error
