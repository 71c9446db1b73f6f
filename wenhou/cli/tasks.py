"""`wenhou tasks …`: what a person is asked to do, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.cli.stopping import read_id
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services import tasks
from wenhou.services.context import Context
from wenhou.services.task_answers import ANSWERS, answer_task
from wenhou.services.tasks import TaskRow
from wenhou.services.today import people_of_tasks

app = typer.Typer(no_args_is_help=True, help="See your to-dos and say what came of them.")
_MOST = 10_000
_STATES = ("open", "done", "dropped")


@app.command("list")
def run_list(
    *,
    state: Annotated[str, typer.Option(help="open, done or dropped.")] = "open",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List to-dos: your own, covered ones, your pool's; the most urgent first."""
    if state not in _STATES:
        raise InputError(
            f"{state!r} is no state of a to-do; there are {', '.join(_STATES)}", column="--state"
        )
    with using_context() as context:
        found = tasks.list_all(context, acting(context, login), state=state, limit=_MOST)
        people = people_of_tasks(context, found)
        rows = [
            as_row(context, one, people.get(one.customer_id) if one.customer_id else None) for one in found
        ]
    columns = ("id", "kind", "name", "customer", "campaign", "due_at", "is_overdue")
    print_rows(rows, columns, as_json=as_json, empty="Nothing is to be done.")


@app.command("done")
def run_done(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="The to-do, as listed.")],
    *,
    outcome: Annotated[
        str, typer.Option(help="done, reached, or not_reached when the contact did not come about.")
    ] = "done",
    remark: Annotated[str, typer.Option("--note", help="What was said or agreed; kept sealed.")] = "",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Close a to-do; a call, visit, card or gift that came about counts as a contact."""
    with using_context() as context:
        try:
            tasks.complete_task(context, acting(context, login), read_id(task_id), outcome, remark)
        except AccessDenied as error:
            raise InputError(f"there is no to-do {task_id}; `wenhou tasks list` names them") from error
    if as_json:
        print_json({"id": task_id, "outcome": outcome})
    else:
        note("Closed.")


@app.command("answer")
def run_answer(
    task_id: Annotated[str, typer.Argument(metavar="ID", help="The to-do, as listed.")],
    answer: Annotated[str, typer.Argument(metavar="ANSWER", help="solar or lunar; right or wrong.")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Answer a to-do that asks: solar or lunar (a birthday), right or wrong (a number)."""
    with using_context() as context:
        try:
            answer_task(context, acting(context, login), read_id(task_id), answer)
        except AccessDenied as error:
            raise InputError(f"there is no to-do {task_id}; `wenhou tasks list` names them") from error
    if as_json:
        print_json({"id": task_id, "answer": answer})
    else:
        note("Answered.")


def as_row(context: Context, task: TaskRow, customer: tuple[str, str] | None) -> dict[str, Any]:
    """A to-do by its facts; of the customer the bank's number only."""
    return {
        "id": str(task.id),
        "kind": task.kind,
        "name": task.name,
        "customer": customer[1] if customer else None,
        "campaign": task.campaign,
        "step": task.step_key,
        "planned_for": task.planned_for.isoformat() if task.planned_for else None,
        "due_at": task.due_at.astimezone(context.bank.zone).isoformat(timespec="seconds"),
        "is_overdue": task.is_overdue and task.state == "open",
        "state": task.state,
        "answers": [answer for answer, _, _ in ANSWERS.get(task.kind, ())],
        "note": task.note,
    }
