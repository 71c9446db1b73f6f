"""`wenhou campaigns …`."""

from __future__ import annotations

import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from store.campaigns import list_campaigns, newest_states
from wenhou.bootstrap import using_context
from wenhou.cli.days import bank_today, read_day
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting, acting_or_system
from wenhou.core.errors import InputError
from wenhou.core.intervals import Share
from wenhou.services import campaign_life, campaign_views, campaigns, comparisons
from wenhou.services.campaign_files import CampaignDocument
from wenhou.services.campaign_reading import faults_of
from wenhou.services.campaign_surroundings import surroundings_of

app = typer.Typer(no_args_is_help=True, help="Campaigns: files, versions, approval, pausing and ending.")

Files = Annotated[
    list[Path] | None, typer.Argument(metavar="FILE…", readable=False, help="Campaign files (YAML).")
]
Bundled = Annotated[bool, typer.Option("--bundled", help="The campaigns that ship with Wenhou.")]
Key = Annotated[str, typer.Argument(metavar="KEY", help="The campaign's key.")]
Number = Annotated[int, typer.Argument(metavar="N", help="A version's number.")]
_WRONG_INPUT = 2


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List campaigns with their state; `waiting` is a version that is not in force yet."""
    with using_context() as context, context.db.read() as session:
        newest = newest_states(session)
        rows = [
            {
                "key": found.key,
                "name": found.name,
                "purpose": found.purpose,
                "state": found.state,
                "version": found.number,
                "waiting": _waiting(found.number, newest.get(found.id)),
            }
            for found in list_campaigns(session)
        ]
    empty = "No campaign yet; `wenhou campaigns apply --bundled` takes those that ship with Wenhou."
    columns = ("key", "name", "purpose", "state", "version", "waiting")
    print_rows(rows, columns, as_json=as_json, empty=empty)


@app.command("validate")
def run_validate(
    files: Files = None,
    *,
    bundled: Bundled = False,
    store: Annotated[
        bool,
        typer.Option(
            "--store", help="Also against this installation: products, orgs, policy, other campaigns."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check campaign files: every fault with file, line, column and what would be right; exit 2."""
    try:
        documents = _read(files, bundled=bundled, store=store)
    except InputError as error:
        _print_faults(error, as_json=as_json)
        raise typer.Exit(_WRONG_INPUT) from None
    for document in documents:
        for remark in document.remarks:
            note(remark)
    rows = [
        {
            "key": one.campaign.key,
            "name": one.campaign.name_zh,
            "valid": True,
            "remarks": list(one.remarks),
        }
        for one in documents
    ]
    print_rows(rows, ("key", "name", "valid"), as_json=as_json)


@app.command("apply")
def run_apply(
    files: Files = None, *, bundled: Bundled = False, login: As = None, as_json: AsJson = False
) -> None:
    """Keep campaigns as new checked versions, live at once unless a second person must approve; all or none."""
    documents = _read(files, bundled=bundled, store=True)
    with using_context() as context:
        applied = campaigns.apply_campaigns(context, acting(context, login), documents)
    print_rows([asdict(one) for one in applied], ("key", "version", "outcome", "state"), as_json=as_json)
    waiting = [one.key for one in applied if one.state == "checked"]
    if waiting:
        note(f"A second person approves first: wenhou campaigns approve {' / '.join(waiting)}")


@app.command("show")
def run_show(key: Key, *, login: As = None, as_json: AsJson = False) -> None:
    """Say what a campaign does: when, to whom, in which steps, under whose approval."""
    with using_context() as context:
        found = campaign_views.show_campaign(context, acting_or_system(context, login), key)
    line = found.line
    facts = {
        "key": line.key,
        "name": line.name,
        "name_en": line.name_en,
        "purpose": line.purpose,
        "state": line.state,
        "paused_reason": line.paused_reason,
        "version": line.version,
        "waiting": _waiting(line.version, line.waiting),
        "readable": found.spec is not None,
        "trigger": line.trigger[0],
        "trigger_en": line.trigger[1],
        "audience": found.audience[0],
        "audience_en": found.audience[1],
        "approval": found.approval[0],
        "late": found.late[0],
    }
    if as_json:
        steps = [{"zh-CN": zh, "en": en} for zh, en in found.steps]
        print_json({**facts, "steps": steps, "versions": [asdict(one) for one in found.versions]})
        return
    numbered = {f"step_{place}": zh for place, (zh, _) in enumerate(found.steps, 1)}
    print_facts({**facts, **numbered}, as_json=False)


@app.command("check")
def run_check(key: Key, *, login: As = None) -> None:
    """Check the newest draft, so that it can be approved."""
    with using_context() as context:
        number = campaign_life.check_draft(context, acting(context, login), key)
    note(f"{key} {number} is checked.")


@app.command("approve")
def run_approve(key: Key, *, login: As = None) -> None:
    """Agree, as a second person, to the newest checked version."""
    with using_context() as context:
        number = campaign_life.approve(context, acting(context, login), key)
    note(f"{key} {number} is approved.")


@app.command("live")
def run_live(key: Key, *, login: As = None) -> None:
    """Put the newest version into force."""
    with using_context() as context:
        number = campaign_life.go_live(context, acting(context, login), key)
    note(f"{key} {number} is live.")


@app.command("pause")
def run_pause(
    key: Key, *, reason: Annotated[str, typer.Option(help="Why, for those who come after.")], login: As = None
) -> None:
    """Let nothing of a campaign leave; its messages stay."""
    with using_context() as context:
        campaign_life.pause_campaign(context, acting(context, login), key, reason)
    note(f"{key} is paused.")


@app.command("resume")
def run_resume(key: Key, *, login: As = None) -> None:
    """Let a paused campaign go on."""
    with using_context() as context:
        campaign_life.resume_campaign(context, acting(context, login), key)
    note(f"{key} goes on.")


@app.command("finish")
def run_finish(key: Key, *, login: As = None) -> None:
    """End a campaign: nothing more is planned, and what still waits is cancelled."""
    with using_context() as context:
        cancelled = campaign_life.finish_campaign(context, acting(context, login), key)
    note(f"{key} has ended; {cancelled} messages were cancelled.")


@app.command("versions")
def run_versions(key: Key, *, login: As = None, as_json: AsJson = False) -> None:
    """List a campaign's versions, the newest first: who wrote, who approved, from when until when."""
    with using_context() as context:
        rows = campaign_views.list_history(context, acting_or_system(context, login), key)
    columns = (
        "number",
        "state",
        "is_current",
        "created_by",
        "created_at",
        "approved_by",
        "live_at",
        "ended_at",
    )
    print_rows(rows, columns, as_json=as_json)


@app.command("diff")
def run_diff(
    key: Key,
    before: Number,
    after: Annotated[int, typer.Argument(metavar="M", help="Another version's number.")],
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Print what differs in meaning between two versions; comments and order do not count."""
    with using_context() as context:
        said = campaign_views.diff_versions(context, acting_or_system(context, login), key, before, after)
    if as_json:
        print_json({"key": key, "before": before, "after": after, "diff": said.splitlines()})
        return
    sys.stdout.write(said)
    if not said:
        note("Nothing differs.")


@app.command("compare")
def run_compare(
    key: Key,
    *,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="First day; without it, a year back.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Last day; without it, today.")
    ] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Compare the two wordings of an A/B: people, shares and 95 % intervals, and whether they show a difference."""
    with using_context() as context:
        today = bank_today(context)
        first = read_day(since, "--from") if since else today - timedelta(days=365)
        found = comparisons.compare(
            context,
            acting_or_system(context, login),
            key,
            since=first,
            until=read_day(until, "--to") if until else today,
        )
    if as_json:
        print_json([one.as_json() for one in found])
        return
    for one in found:
        arms = one.as_json()["arms"]
        note(
            f"Step {one.step}: {one.percent} % read B. People handed over less than 7 days ago are not judged yet."
        )
        print_rows(arms, ("arm", "template", "handed_over", "young"), as_json=False)
        for measure in one.measures:
            sys.stdout.write(
                f"  {measure.sentence('en')} · A {_spoken(measure.first)} · B {_spoken(measure.other)}\n"
            )


@app.command("export")
def run_export(
    key: Key,
    *,
    canonical: Annotated[
        bool, typer.Option("--canonical", help="Written anew, every step and field in one order.")
    ] = False,
) -> None:
    """Print a campaign's YAML: the author's own text where it stands unchanged, comments and all."""
    with using_context() as context:
        sys.stdout.write(campaigns.export_campaign(context, key, canonical=canonical))


def _spoken(share: Share) -> str:
    """`12/340, 3.5 % (2.0 to 6.1)`, or that there is nobody."""
    if share.value is None:
        return "nobody"
    low, high = (100 * end for end in share.interval)
    return f"{share.part}/{share.whole}, {100 * share.value:.1f} % ({low:.1f} to {high:.1f})"


def _waiting(number: int, newest: tuple[int, str] | None) -> str | None:
    if newest is None or newest[0] == number or newest[1] == "retired":
        return None
    return f"{newest[0]} {newest[1]}"


def _print_faults(error: InputError, *, as_json: bool) -> None:
    faults = faults_of(error)
    if not as_json:
        for fault in faults:
            note(str(fault))
        return
    print_json(
        [
            {
                "file": fault.file,
                "line": fault.line,
                "column": fault.column,
                "sentence": fault.sentence,
                "valid": False,
            }
            for fault in faults
        ]
    )


def _read(files: list[Path] | None, *, bundled: bool, store: bool) -> list[CampaignDocument]:
    if not files and not bundled:
        raise InputError("name a campaign file, or --bundled for those that ship with Wenhou")
    if not store:
        return campaigns.read_files(files or (), bundled=bundled)
    with using_context() as context, context.db.read() as session:
        surroundings = surroundings_of(context, session)
    return campaigns.read_files(files or (), surroundings=surroundings, bundled=bundled)
