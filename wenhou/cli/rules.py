"""`wenhou tiers …` and `wenhou tags …`: the bank's standing rules that sort and tag customers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_rows
from wenhou.cli.people import As, acting
from wenhou.core.audience_sentences import EN, ZH, sentence
from wenhou.core.errors import InputError
from wenhou.services import audiences, tagging, tiers
from wenhou.services.rule_files import bundled_tiers, read_tags, read_tiers
from wenhou.services.text_files import read_text

tiers_app = typer.Typer(no_args_is_help=True, help="Sort customers into tiers by the bank's rules.")
tags_app = typer.Typer(no_args_is_help=True, help="Hang tags on customers by rule.")
File = Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="The rules (YAML).")]
FileOrNone = Annotated[Path | None, typer.Argument(metavar="FILE", readable=False, help="The rules (YAML).")]
_TIER_COLUMNS = ("kind", "name", "rule")
_COUNT_COLUMNS = ("kind", "name", "customers")


@tiers_app.command("show")
def show_tiers(
    *,
    as_yaml: Annotated[bool, typer.Option("--yaml", help="The file as applied.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the rules in force as sentences; before there are any, those that ship with Wenhou."""
    with using_context() as context:
        sheet, number = tiers.tiers_in_force(context)
    if as_yaml:
        sys.stdout.write(sheet.source)
        return
    rows: list[dict[str, Any]] = [
        {
            "edition": number,
            "kind": axis.column,
            "name": step.name,
            "rule": sentence(step.rule, ZH),
            "rule_en": sentence(step.rule, EN),
        }
        for axis in sheet.axes
        for step in axis.steps
    ]
    print_rows(rows, _TIER_COLUMNS, as_json=as_json)
    if number == 0:
        note("Not in force: these ship with Wenhou. `wenhou tiers apply --bundled` takes them.")


@tiers_app.command("apply")
def apply_tiers(
    file: FileOrNone = None,
    *,
    bundled: Annotated[bool, typer.Option("--bundled", help="The rules that ship with Wenhou.")] = False,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Take new rules for tiers and work out every customer's."""
    if (file is None) != bundled:
        raise InputError("name a file with tiers, or --bundled for those that ship with Wenhou")
    with using_context() as context:
        actor = acting(context, login)
        with context.db.read() as session:
            words = audiences.vocabulary(session)
        text = bundled_tiers() if file is None else read_text(file)
        tiers.apply_tiers(context, actor, read_tiers(text, str(file or "tiers.yaml"), words))
        counts = tiers.recompute_tiers(context, actor=actor)
    _print_counts(counts, as_json=as_json)


@tiers_app.command("recompute")
def recompute_tiers(*, login: As = None, as_json: AsJson = False) -> None:
    """Work out every customer's tiers by the rules in force."""
    with using_context() as context:
        actor = acting(context, login)
        tiers.check_may_tier(actor)
        counts = tiers.recompute_tiers(context, actor=actor)
    _print_counts(counts, as_json=as_json)


@tags_app.command("show")
def show_tags(*, as_json: AsJson = False) -> None:
    """Show the automatic tags with their rules as sentences."""
    with using_context() as context:
        found = tagging.tags_in_force(context)
    rows = (
        [
            {"edition": found[1], "tag": tag, "rule": sentence(rule, ZH), "rule_en": sentence(rule, EN)}
            for tag, rule in found[0].rules
        ]
        if found
        else []
    )
    print_rows(
        rows, ("tag", "rule"), as_json=as_json, empty="No automatic tag yet; `wenhou tags apply FILE`."
    )


@tags_app.command("apply")
def apply_tags(file: File, *, login: As = None, as_json: AsJson = False) -> None:
    """Take new rules for tags and work out every customer's."""
    with using_context() as context:
        actor = acting(context, login)
        with context.db.read() as session:
            words = audiences.vocabulary(session)
        tagging.apply_tags(context, actor, read_tags(read_text(file), str(file), words))
        found = tagging.recompute_tags(context, actor=actor)
    rows = [{"tag": one.tag, "added": one.added, "removed": one.removed} for one in found]
    print_rows(rows, ("tag", "added", "removed"), as_json=as_json)


def _print_counts(counts: tiers.Counts, *, as_json: bool) -> None:
    rows = [
        {"kind": axis, "name": name or None, "customers": amount}
        for axis, found in counts.items()
        for name, amount in found.items()
    ]
    print_rows(rows, _COUNT_COLUMNS, as_json=as_json)
    note("Customers whose value changed; a value the bank's file gave stays as it is.")
