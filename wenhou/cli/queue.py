"""`wenhou queue …`: what waits for approval, decided with the same rules as on the console."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Annotated

import typer

from store.access import list_queue
from store.campaigns import list_campaigns
from store.listings import Wanted, list_message_lines
from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.cli.stopping import read_id
from wenhou.core.errors import InputError, Refused
from wenhou.services import approvals
from wenhou.services.approvals import AllFilter
from wenhou.services.context import Context

app = typer.Typer(no_args_is_help=True, help="See and decide what waits for approval.")
Campaign = Annotated[str | None, typer.Option(metavar="KEY", help="Only of this campaign.")]
_MOST = 100_000


@app.command("list")
def run_list(*, campaign: Campaign = None, login: As = None, as_json: AsJson = False) -> None:
    """List what waits for you, the nearest first."""
    with using_context() as context:
        actor = acting(context, login)
        with context.db.read() as session:
            keys = {found.id: found.key for found in list_campaigns(session)}
            rows = [
                {
                    "id": str(message.id),
                    "customer": customer.external_ref,
                    "campaign": keys.get(message.campaign_id) if message.campaign_id else None,
                    "occurrence": message.planned_for.isoformat(),
                    "purpose": message.purpose,
                    "channel": message.channel,
                    "status": message.status,
                    "reason": message.reason,
                    "due_at": message.due_at.astimezone(context.bank.zone).isoformat(timespec="seconds"),
                    "level": message.level,
                    "approvals": message.approvals,
                }
                for message, customer in list_queue(session, actor, campaign=campaign, limit=_MOST)
            ]
    columns = ("id", "customer", "campaign", "channel", "due_at", "level", "approvals")
    print_rows(rows, columns, as_json=as_json, empty="Nothing waits for you.")


@app.command("approve")
def run_approve(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID…", help="Messages, as listed.")] = None,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="All that one person may approve unseen.")
    ] = False,
    campaign: Campaign = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Approve the words as they stand. Two-person levels want a second person, and on the console in production."""
    if bool(ids) == everything:
        raise InputError("name messages, or --all")
    with using_context() as context:
        actor = acting(context, login)
        if everything:
            chosen = AllFilter(campaign_id=_campaign_id(context, campaign), limit=_MOST)
            done = approvals.approve_all(context, actor, chosen)
            approved, left = done.approved, {why: str(count) for why, count in done.left.items()}
        else:
            items = [
                (message_id, approvals.current_hash(context, actor, message_id))
                for message_id in map(read_id, ids or [])
            ]
            _require_one_person_levels(context, [message_id for message_id, _ in items])
            many = approvals.approve_many(context, actor, items)
            approved, left = len(many.approved), {str(key): why for key, why in many.refused.items()}
    if as_json:
        print_json({"approved": approved, "left": left})
    else:
        note(f"Approved: {approved}.")
        for subject, why in left.items():
            note(f"Left: {subject}: {why}")
    raise typer.Exit(1 if left and not everything else 0)


@app.command("reject")
def run_reject(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="The message, as listed.")],
    *,
    reason: Annotated[str, typer.Option(help=f"One of {', '.join(approvals.REJECT_REASONS)}.")],
    login: As = None,
) -> None:
    """Say no to a message; it ends as rejected."""
    if reason not in approvals.REJECT_REASONS:
        raise InputError(f"use one of {', '.join(approvals.REJECT_REASONS)}", column="--reason")
    with using_context() as context:
        approvals.reject(context, acting(context, login), read_id(message_id), reason)
    note("Rejected.")


def _campaign_id(context: Context, key: str | None) -> uuid.UUID | None:
    if key is None:
        return None
    with context.db.read() as session:
        for found in list_campaigns(session):
            if found.key == key:
                return found.id
    raise InputError(f"there is no campaign {key}; `wenhou campaigns list` names them", column="--campaign")


def _require_one_person_levels(context: Context, ids: Iterable[uuid.UUID]) -> None:
    """In production the shell decides on one-person levels only: the others are read on the console."""
    if not context.production:
        return
    with context.db.read() as session:
        for message_id in ids:
            line = next(iter(list_message_lines(session, Wanted(message_id=message_id))), None)
            if line is not None and line.level > 1:
                raise Refused(f"{message_id} needs two people; approve it on the console", code="two_persons")
