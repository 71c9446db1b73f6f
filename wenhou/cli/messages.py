"""`wenhou messages …`: references, states and times; never names, addresses or words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from store.listings import MessageLine, Wanted, list_attempts, list_message_events, list_message_lines
from store.template_readers import wording_of
from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.cli.stopping import read_id
from wenhou.core.errors import InputError
from wenhou.core.policy.sentences import gate_sentence
from wenhou.core.policy.trace import decode_trace
from wenhou.core.reasons import sentence
from wenhou.core.statuses import Status
from wenhou.services.reconciling import settle_unknown

app = typer.Typer(no_args_is_help=True, help="See messages and what happened to them.")
_COLUMNS = ("id", "customer", "campaign", "occurrence", "channel", "status", "reason", "due_at")


@app.command("list")
def run_list(
    *,
    status: Annotated[str | None, typer.Option(help="Only messages in this status.")] = None,
    campaign: Annotated[str | None, typer.Option(metavar="KEY", help="Only of this campaign.")] = None,
    customer: Annotated[str | None, typer.Option(metavar="REF", help="Only to this customer.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0: all.")] = 0,
    as_json: AsJson = False,
) -> None:
    """List messages by the time they are due."""
    if status is not None and status not in set(Status):
        raise InputError(f"{status!r} is no status; use one of {', '.join(Status)}", column="--status")
    wanted = Wanted(status=status, campaign=campaign, customer=customer, limit=limit)
    with using_context() as context, context.db.read() as session:
        rows = [as_row(line, context.bank.zone) for line in list_message_lines(session, wanted)]
    print_rows(rows, _COLUMNS, as_json=as_json, empty="No message.")


@app.command("show")
def run_show(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="The message's id.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one message: why it was planned so, what happened, each hand-over."""
    wanted = Wanted(message_id=read_id(message_id))
    with using_context() as context, context.db.read() as session:
        line = next(iter(list_message_lines(session, wanted)), None)
        if line is None:
            raise InputError(f"there is no message {message_id}")
        zone = context.bank.zone
        made_from = wording_of(session, line.id)
        events = [
            {"at": event.at.astimezone(zone).isoformat(), **_named(event, "event status reason actor")}
            for event in list_message_events(session, line.id)
        ]
        attempts = [
            {
                "opened_at": attempt.opened_at.astimezone(zone).isoformat(),
                **_named(attempt, "number channel provider account outcome code receipt"),
            }
            for attempt in list_attempts(session, line.id)
        ]
    names = ("template", "template_locale", "template_version", "template_origin", "variant")
    facts = as_row(line, zone) | dict(zip(names, made_from or (None,) * len(names), strict=True))
    if as_json:
        print_json({**facts, "gates": _gates(line), "events": events, "attempts": attempts})
        return
    print_facts({**facts, "why": sentence(line.reason) if line.reason else None}, as_json=False)
    typer.echo()
    print_rows(events, ("at", "event", "status", "reason", "actor"), as_json=False)
    if attempts:
        typer.echo()
        print_rows(attempts, tuple(attempts[0]), as_json=False)


@app.command("settle")
def run_settle(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="The message's id.")],
    *,
    was_sent: Annotated[bool, typer.Option("--sent/--not-sent", help="What became of it.")],
    known_by: Annotated[str, typer.Option("--by", help="provider_record, customer_said or other.")],
    login: As = None,
) -> None:
    """Say what became of a message whose outcome is unknown; never sends again."""
    with using_context() as context:
        actor = acting(context, login)
        status = settle_unknown(context, actor, read_id(message_id), was_sent=was_sent, known_by=known_by)
    note(f"The message is {status} now.")


def as_row(line: MessageLine, zone: ZoneInfo) -> dict[str, Any]:
    """The contract's shape of a message."""
    return {
        "id": str(line.id),
        "customer": line.customer,
        "campaign": line.campaign,
        "occurrence": line.planned_for.isoformat(),
        "purpose": line.purpose,
        "channel": line.channel,
        "status": line.status,
        "reason": line.reason,
        "due_at": line.due_at.astimezone(zone).isoformat(timespec="seconds"),
        "origin": line.origin,
        "level": line.level,
        "approvals": line.approvals,
    }


def _gates(line: MessageLine) -> list[dict[str, str]]:
    if line.trace is None:
        return []
    number, gates = decode_trace(line.trace)
    return [
        {
            "gate": gate.gate,
            "verdict": gate.verdict,
            "value": gate.value,
            "rule": f"policy {number}",
            "sentence": gate_sentence(gate),
        }
        for gate in gates
    ]


def _named(row: object, names: str) -> dict[str, Any]:
    pairs: Iterable[tuple[str, Any]] = ((name, getattr(row, name)) for name in names.split())
    return dict(pairs)
