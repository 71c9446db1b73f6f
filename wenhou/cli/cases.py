"""`wenhou cases …`: complaints and questions with their clocks; words only on the console."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from store.access import get_case, list_cases
from store.cases import list_events
from store.models.hearing import Case
from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.errors import AccessDenied, InputError

app = typer.Typer(no_args_is_help=True, help="See complaints and questions and their clocks.")
_OPEN, _DONE = ("open", "answered", "waiting"), ("solved", "closed")
_COLUMNS = ("number", "kind", "severity", "state", "opened_at", "first_answer_due_at", "solution_due_at")
_MOST = 10_000


@app.command("list")
def run_list(
    *,
    everything: Annotated[bool, typer.Option("--all", help="Solved and closed ones too.")] = False,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List open cases, the nearest promise first."""
    with using_context() as context:
        actor = acting(context, login)
        with context.db.read() as session:
            states = _OPEN + _DONE if everything else _OPEN
            found = list_cases(session, actor, states=states, limit=_MOST)
            rows = [as_row(case, context.bank.zone) for case in found]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="No case is open.")


@app.command("show")
def run_show(
    number: Annotated[str, typer.Argument(metavar="ID", help="The case's number.")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Show one case, its clocks and its steps."""
    with using_context() as context:
        actor, zone = acting(context, login), context.bank.zone
        with context.db.read() as session:
            try:
                case = get_case(session, actor, number)
            except AccessDenied as error:
                raise InputError(f"there is no case {number}; `wenhou cases list` names them") from error
            facts = as_row(case, zone)
            steps = [
                {
                    "at": event.at.astimezone(zone).isoformat(),
                    "kind": event.kind,
                    "visibility": event.visibility,
                }
                for event in list_events(session, case.id)
            ]
    if as_json:
        print_json({**facts, "events": steps})
        return
    print_facts(facts, as_json=False)
    typer.echo()
    print_rows(steps, ("at", "kind", "visibility"), as_json=False)


def as_row(case: Case, zone: ZoneInfo) -> dict[str, Any]:
    """A case by its facts, without words."""
    clocks = (
        "opened_at",
        "first_answer_due_at",
        "solution_due_at",
        "first_answered_at",
        "solved_at",
        "closed_at",
    )
    facts: dict[str, Any] = {"id": str(case.id), "number": case.number, "kind": case.kind}
    facts |= {"category": case.category, "severity": case.severity, "state": case.state}
    for name in clocks:
        at = getattr(case, name)
        facts[name] = at.astimezone(zone).isoformat(timespec="seconds") if at else None
    return facts | {"regulator_due_on": case.regulator_due_on.isoformat()}
