"""`wenhou articles …`: policy news and know-how."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.actors import Role
from wenhou.services import articles

app = typer.Typer(no_args_is_help=True, help="Take in policy news and know-how.")
Key = Annotated[str, typer.Argument(metavar="KEY", help="The article's key.")]


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The article (YAML).")],
    *,
    review: Annotated[bool, typer.Option("--review", help="Review it as well; compliance only.")] = False,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Save an article as a draft; it is told once compliance has reviewed it."""
    draft = articles.read_article(file)
    with using_context() as context:
        actor = acting(context, login)
        outcome = articles.write_article(context, actor, draft)
        reviewed = review and outcome != "unchanged"
        if reviewed:
            articles.review_article(context, actor, draft.key)
    print_facts({"key": draft.key, "outcome": outcome, "reviewed": reviewed}, as_json=as_json)
    if not reviewed and outcome != "unchanged":
        note(f"Not told before {Role.COMPLIANCE} has run `wenhou articles review {draft.key}`.")


@app.command("review")
def run_review(key: Key, *, login: As = None) -> None:
    """Agree to an article: it may be told from its effective day on."""
    with using_context() as context:
        stopped = articles.review_article(context, acting(context, login), key)
    note(f"{key} is reviewed." + (f" {stopped} messages of the older one were cancelled." if stopped else ""))


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List the articles with their states and days."""
    with using_context() as context:
        rows = articles.list_all(context)
    columns = ("key", "title", "state", "effective_on", "expires_on", "supersedes")
    print_rows(rows, columns, as_json=as_json, empty="There are no articles.")


@app.command("readers")
def run_readers(key: Key, *, login: As = None, as_json: AsJson = False) -> None:
    """List who got an article: those to be told when it was wrong or is superseded."""
    with using_context() as context:
        found = articles.list_readers(context, acting(context, login), key)
    rows = [
        {
            "customer": one.customer_ref,
            "name": one.customer_name,
            "channel": one.channel,
            "status": one.status,
            "sent_at": one.sent_at.isoformat() if one.sent_at else None,
            "message": str(one.message_id),
        }
        for one in found
    ]
    columns = ("customer", "name", "channel", "status", "sent_at", "message")
    print_rows(rows, columns, as_json=as_json, empty="Nobody got it.")


@app.command("withdraw")
def run_withdraw(key: Key, *, login: As = None) -> None:
    """Take an article back and cancel what has not left."""
    with using_context() as context:
        count = articles.withdraw_article(context, acting(context, login), key)
    note(f"{key} is withdrawn; {count} messages were cancelled.")
