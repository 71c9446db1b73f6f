"""`wenhou voices …`: how advisors sign and speak, and compliance's word on it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_facts, print_rows
from wenhou.cli.people import As, acting
from wenhou.services import voices
from wenhou.services.voice_checks import VoiceDraft
from wenhou.services.voice_files import read_voice_file
from wenhou.services.voices import AdvisorView, Version

app = typer.Typer(no_args_is_help=True, help="See and approve how advisors sign and speak.")
_COLUMNS = ("advisor", "name", "number", "state", "sign_off", "tone", "phrases", "since")
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The advisor.")]
Reason = Annotated[str, typer.Option(help="Why; the advisor reads it.")]


@app.command("list")
def run_list(
    *,
    state: Annotated[
        str | None, typer.Option(help="Only these: draft, submitted, approved, returned, withdrawn.")
    ] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List what is in force and what waits: of your part of the bank, or your own."""
    with using_context() as context:
        found = voices.list_voices(context, acting(context, login), state=state)
        rows = [{"advisor": one.advisor, "name": one.name, **_row(one.version)} for one in found]
    if not as_json:
        for row in rows:
            row["phrases"] = len(row["phrases"])
    print_rows(rows, _COLUMNS, as_json=as_json, empty="Nobody has a voice of their own yet.")


@app.command("show")
def run_show(
    advisor: Annotated[str | None, typer.Argument(metavar="LOGIN", help="The advisor; yourself.")] = None,
    *,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Show an advisor's voice: in force, open, and every version."""
    with using_context() as context:
        view = voices.read_voice(context, acting(context, login), advisor)
    _print(view, as_json=as_json)


@app.command("set")
def run_set(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", readable=False, help="Sign-off, tone and sentences (YAML)."),
    ] = None,
    *,
    sign_off: Annotated[str | None, typer.Option(help="How you sign, as 汉正街支行小陈.")] = None,
    tone: Annotated[str | None, typer.Option(help="plain, warm or formal.")] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Write your own voice as a draft: from a file, or sign-off and tone alone; the rest stays."""
    with using_context() as context:
        actor = acting(context, login)
        view = voices.read_voice(context, actor)
        base = view.open or view.in_force
        words = read_voice_file(file) if file else (base.words if base else VoiceDraft())
        draft = VoiceDraft(
            sign_off=words.sign_off if sign_off is None else sign_off.strip(),
            tone=words.tone if tone is None else tone.strip(),
            phrases=words.phrases,
        )
        view = voices.save_draft(context, actor, draft)
    _print(view, as_json=as_json)


@app.command("submit")
def run_submit(*, login: As = None, as_json: AsJson = False) -> None:
    """Hand your draft to compliance."""
    with using_context() as context:
        view = voices.submit(context, acting(context, login))
    _print(view, as_json=as_json)


@app.command("approve")
def run_approve(advisor: Login, *, login: As = None, as_json: AsJson = False) -> None:
    """Let what an advisor submitted come into force."""
    with using_context() as context:
        actor = acting(context, login)
        waiting = voices.find_waiting(context, actor, advisor)
        view = voices.approve(context, actor, waiting.id, waiting.digest)
    _print(view, as_json=as_json)


@app.command("return")
def run_return(advisor: Login, *, reason: Reason, login: As = None, as_json: AsJson = False) -> None:
    """Send back what an advisor submitted; what is in force stays."""
    with using_context() as context:
        actor = acting(context, login)
        view = voices.send_back(context, actor, voices.find_waiting(context, actor, advisor).id, reason)
    _print(view, as_json=as_json)


@app.command("withdraw")
def run_withdraw(advisor: Login, *, reason: Reason, login: As = None, as_json: AsJson = False) -> None:
    """Take an advisor's voice out of use at once."""
    with using_context() as context:
        actor = acting(context, login)
        view = voices.read_voice(context, actor, advisor)
        view = voices.withdraw(context, actor, view.advisor_id, reason)
    _print(view, as_json=as_json)


def _print(view: AdvisorView, *, as_json: bool) -> None:
    facts: dict[str, Any] = {
        "advisor": view.login,
        "name": view.name,
        "in_force": _row(view.in_force) if view.in_force else None,
        "open": _row(view.open) if view.open else None,
    }
    if as_json:
        print_facts({**facts, "versions": [_row(one) for one in view.versions]}, as_json=True)
        return
    for what in ("in_force", "open"):
        if facts[what]:
            facts[what] = f"version {facts[what]['number']}, {facts[what]['state']}"
    current = view.open or view.in_force
    words = current.words if current else VoiceDraft()
    print_facts({**facts, "sign_off": words.sign_off, "tone": words.tone}, as_json=False)
    for number, phrase in enumerate(words.phrases, 1):
        typer.echo(f"{number:>2}. {phrase.text}")
    if view.last_no is not None:
        note(f"version {view.last_no.number} was {view.last_no.state}: {view.last_no.reason}")


def _row(version: Version) -> dict[str, Any]:
    words = version.words
    since = version.ended_at or version.in_force_at or version.submitted_at or version.created_at
    return {
        "id": str(version.id),
        "number": version.number,
        "state": version.state,
        "sign_off": words.sign_off,
        "tone": words.tone,
        "phrases": [
            {
                "text": one.text,
                "templates": sorted(one.templates),
                "purposes": sorted(one.purposes),
                "solemn": one.solemn,
            }
            for one in words.phrases
        ],
        "decided_by": version.decided_by,
        "reason": version.reason,
        "since": since.isoformat(),
    }
