"""`wenhou lint-rules …`: the bank's own compliance rules, in editions that a second person decides."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from templates.compliance.rules import RULES_FILE
from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_rows
from wenhou.cli.people import As, acting
from wenhou.services import lint_rules
from wenhou.services.relinting import judge_standing_words
from wenhou.services.text_files import read_text

app = typer.Typer(
    no_args_is_help=True, help="The bank's own compliance rules: editions, decisions, findings."
)
Number = Annotated[int, typer.Argument(metavar="N", help="An edition's number.")]


@app.command("list")
def run_list(*, as_json: AsJson = False) -> None:
    """List the editions, the newest first; without any, the rules that ship are in force."""
    with using_context() as context:
        rows = [
            {**asdict(one), **{name: _iso(getattr(one, name)) for name in ("submitted_at", "decided_at")}}
            for one in lint_rules.list_editions(context)
        ]
    columns = ("number", "state", "is_in_force", "is_running", "note", "submitted_by", "decided_by", "judged")
    print_rows(rows, columns, as_json=as_json, empty="The rules that ship are in force.")


@app.command("show")
def run_show(
    number: Annotated[
        int | None,
        typer.Argument(metavar="[N]", help="An edition's number; without it, the rules that ship."),
    ] = None,
) -> None:
    """Print a rule file, to be changed and handed in with `apply`."""
    if number is None:
        sys.stdout.write(RULES_FILE.read_text(encoding="utf-8"))
        return
    with using_context() as context:
        sys.stdout.write(lint_rules.source_of(context, number))


@app.command("apply")
def run_apply(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="A rule file (YAML).")],
    *,
    why: Annotated[str, typer.Option("--note", metavar="TEXT", help="Why the rules change.")],
    login: As = None,
) -> None:
    """Hand in a rule file; it counts once another person of compliance has approved it."""
    source = read_text(file)
    with using_context() as context:
        number = lint_rules.submit_rules(context, acting(context, login), source, file=str(file), note=why)
    note(f"Edition {number} waits for compliance: wenhou lint-rules diff {number}, then approve {number}.")


@app.command("diff")
def run_diff(number: Number, *, as_json: AsJson = False) -> None:
    """Say rule by rule what an edition changes against the rules in force."""
    with using_context() as context:
        rows = [asdict(one) for one in lint_rules.compare_rules(context, number)]
    print_rows(rows, ("rule", "change", "fields"), as_json=as_json, empty="Nothing differs.")


@app.command("approve")
def run_approve(number: Number, *, login: As = None) -> None:
    """Put an edition in force and judge everything by it that has not left yet."""
    with using_context() as context:
        lint_rules.approve_rules(context, acting(context, login), number)
        done = judge_standing_words(context)
    note(
        f"In force. {done.judged} unsent messages judged, {done.voided} sent back; wenhou lint-rules findings {number}."
    )


@app.command("reject")
def run_reject(
    number: Number,
    *,
    reason: Annotated[str, typer.Option(metavar="TEXT", help="Why.")],
    login: As = None,
) -> None:
    """Send an edition back; it never counts."""
    with using_context() as context:
        lint_rules.reject_rules(context, acting(context, login), number, reason)


@app.command("findings")
def run_findings(number: Number, *, as_json: AsJson = False) -> None:
    """List what an edition found in templates, articles and unsent messages, and who has to act."""
    with using_context() as context:
        rows = [asdict(one) for one in lint_rules.list_findings(context, number)]
    columns = ("kind", "subject", "rule", "level", "owner", "has_voided", "sentence_zh")
    print_rows(rows, columns, as_json=as_json, empty="Nothing was found.")


def _iso(instant: object) -> str | None:
    return instant.isoformat() if hasattr(instant, "isoformat") else None
