"""`wenhou campaigns …`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from store.campaigns import list_campaigns
from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.errors import InputError
from wenhou.services import campaigns
from wenhou.services.campaign_files import CampaignDocument

app = typer.Typer(no_args_is_help=True, help="List, check, apply, export, pause and resume campaigns.")

Files = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE…", readable=False, help="Campaign files (YAML).")
]
Bundled = Annotated[bool, typer.Option("--bundled", help="The campaigns that ship with Wenhou.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The campaign's key.")]


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List campaigns with their state."""
    with using_context() as context, context.db.read() as session:
        rows = [
            {
                "key": found.key,
                "name": found.name,
                "purpose": found.document.get("purpose"),
                "state": found.state,
                "version": found.number,
            }
            for found in list_campaigns(session)
        ]
    empty = "No campaign yet; `wenhou campaigns apply --bundled` takes those that ship with Wenhou."
    print_rows(rows, ("key", "name", "purpose", "state", "version"), as_json=as_json, empty=empty)


@app.command("validate")
def run_validate(files: Files = None, *, bundled: Bundled = False, as_json: AsJson = False) -> None:
    """Check campaign files; says line and field of what is wrong."""
    documents = _read(files, bundled=bundled)
    rows = [{"key": one.campaign.key, "name": one.campaign.name_zh, "valid": True} for one in documents]
    print_rows(rows, ("key", "name", "valid"), as_json=as_json)


@app.command("apply")
def run_apply(
    files: Files = None, *, bundled: Bundled = False, login: As = None, as_json: AsJson = False
) -> None:
    """Make campaigns live in this version; the same file again changes nothing."""
    documents = _read(files, bundled=bundled)
    with using_context() as context:
        applied = campaigns.apply_campaigns(context, acting(context, login), documents)
    print_rows([asdict(one) for one in applied], ("key", "version", "outcome"), as_json=as_json)


@app.command("export")
def run_export(key: Key) -> None:
    """Print a campaign's YAML as it was applied."""
    with using_context() as context:
        sys.stdout.write(campaigns.export_campaign(context, key))


@app.command("pause")
def run_pause(
    key: Key, *, reason: Annotated[str, typer.Option(help="Why, for those who come after.")], login: As = None
) -> None:
    """Let nothing of a campaign leave; its messages stay."""
    with using_context() as context:
        campaigns.pause_campaign(context, acting(context, login), key, reason)
    note(f"{key} is paused.")


@app.command("resume")
def run_resume(key: Key, *, login: As = None) -> None:
    """Let a paused campaign go on."""
    with using_context() as context:
        campaigns.resume_campaign(context, acting(context, login), key)
    note(f"{key} goes on.")


def _read(files: list[Path] | None, *, bundled: bool) -> list[CampaignDocument]:
    if not files and not bundled:
        raise InputError("name a campaign file, or --bundled for those that ship with Wenhou")
    documents = campaigns.bundled_campaigns() if bundled else []
    for file in files or []:
        documents += campaigns.read_file(file)
    return documents
