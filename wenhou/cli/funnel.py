"""`wenhou funnel`: how a run's audience became its messages, each customer in one box."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.days import read_day
from wenhou.cli.output import AsJson, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.services.funnels import funnel_of

app = typer.Typer()


@app.command()
def run_funnel(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The campaign.")],
    *,
    on: Annotated[str, typer.Option(metavar="DATE", help="The run's day.")],
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Count a run's audience by the first gate that said no; with and without an advisor apart."""
    day = read_day(on, "--on")
    with using_context() as context:
        funnel = funnel_of(context, acting(context, login), key, day)
    document: dict[str, Any] = {"campaign": key, "on": day.isoformat(), **funnel.as_json()}
    if as_json:
        print_json(document)
        return
    rows = [
        {
            "box": f"客群 ({key} {day})",
            "customers": funnel.audience,
            "有管户": document["with_advisor"],
            "无管户": document["without_advisor"],
            "left": funnel.audience,
        },
        *(
            {
                "box": row["name"],
                "customers": row["customers"],
                "有管户": row["with_advisor"],
                "无管户": row["without_advisor"],
                "left": row["left"],
            }
            for row in document["boxes"]
        ),
    ]
    print_rows(rows, ("box", "customers", "有管户", "无管户", "left"), as_json=False)
