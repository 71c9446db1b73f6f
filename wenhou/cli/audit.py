"""`wenhou audit verify`: whether the record of acts is whole."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json
from wenhou.core.actors import SYSTEM
from wenhou.services.audit import verify_audit
from wenhou.settings import load_settings

app = typer.Typer(no_args_is_help=True, help="Prove that the record of acts is whole.")


@app.callback()
def group() -> None:
    """Prove that the record of acts is whole."""


@app.command("verify")
def run_verify(
    *,
    anchors: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Signed anchors kept outside the database; unset: WENHOU_AUDIT_ANCHORS."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Find changed, removed, inserted and cut off entries, and report the unsealed tail."""
    settings = load_settings()
    kept = settings.anchors_file
    with using_context(settings) as context:
        report = verify_audit(context, SYSTEM, anchors or (kept if kept.exists() else None))
    if as_json:
        print_json({**asdict(report), "sound": report.is_sound})
    else:
        for problem in report.problems:
            note(f"✗ {problem.sentence}")
        note(f"{report.sealed} entries sealed, {report.tail} not sealed yet, {report.anchors} anchors.")
        note("The record is whole." if report.is_sound else "The record is NOT whole.")
    raise typer.Exit(0 if report.is_sound else 1)
