"""`wenhou templates …`: the bank's own versions over what ships, their review, and who read which words.

The acts have a file of their own (`wenhou.cli.template_acts`), merged at the end.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from store.template_readers import ReadersWanted
from wenhou.bootstrap import using_context
from wenhou.cli import template_acts, template_preview
from wenhou.cli.output import AsJson, note, print_facts, print_json, print_rows
from wenhou.cli.people import As, acting_or_system
from wenhou.cli.template_options import FileLocale, Files, Key, Locale, Version, read_day
from wenhou.core.errors import InputError
from wenhou.services import template_life as life
from wenhou.services import template_reading as reading
from wenhou.services.campaign_reading import faults_of
from wenhou.services.context import Bank
from wenhou.services.template_checks import Checked, TemplateText, check_text, read_template_file
from wenhou.services.template_diffs import TextDiff, diff_versions
from wenhou.services.template_standing import check_together
from wenhou.services.word_diff import GONE, NEW

app = typer.Typer(
    no_args_is_help=True, help="Templates: the bank's own versions, their review, who read what."
)

_WRONG_INPUT = 2
_MARKS = {GONE: ("[-", "-]"), NEW: ("{+", "+}")}


@app.command("list")
def run_list(*, login: As = None, as_json: AsJson = False) -> None:
    """List templates: which version is in force, what waits, which live campaigns use them."""
    with using_context() as context:
        lines = reading.list_templates(context, acting_or_system(context, login))
    rows = [{**asdict(line), "waiting": _waiting(line.waiting)} for line in lines]
    if not as_json:
        rows = [
            {**row, "channels": " ".join(row["channels"]), "campaigns": " ".join(row["campaigns"])}
            for row in rows
        ]
    columns = ("key", "locale", "name", "purpose", "number", "origin", "wordings", "waiting", "campaigns")
    print_rows(rows, columns, as_json=as_json)


@app.command("show")
def run_show(
    key: Key, *, version: Version = None, locale: Locale = "zh-CN", login: As = None, as_json: AsJson = False
) -> None:
    """Show one version, the one in force unless a number is given: its state, channels, variants and history."""
    with using_context() as context:
        found = reading.show_template(
            context, acting_or_system(context, login), key, locale=locale, number=version
        )
    shown = found.version
    facts: dict[str, Any] = {
        "key": found.key,
        "locale": found.locale,
        "version": found.number,
        "origin": found.origin,
        "state": found.state,
        "is_in_force": found.is_in_force,
        "name": shown.name if shown else None,
        "purpose": shown.purpose if shown else None,
        "channels": list(shown.channels) if shown else [],
        "variants": [one.id for one in shown.variants] if shown else [],
        "placeholders": sorted(shown.placeholders) if shown else [],
        "campaigns": list(found.campaigns),
        "unreadable": found.unreadable or None,
    }
    if as_json:
        history = {
            "versions": [asdict(one) for one in found.versions],
            "decisions": [asdict(one) for one in found.decisions],
        }
        print_json({**facts, "source": found.source, **history})
        return
    lists = {name: " ".join(value) for name, value in facts.items() if isinstance(value, list)}
    print_facts({**facts, **lists}, as_json=False)
    typer.echo()
    print_rows(
        [asdict(one) for one in found.decisions], _DECISIONS, as_json=False, empty="Nobody decided yet."
    )


@app.command("validate")
def run_validate(
    files: Files,
    *,
    locale: FileLocale = None,
    store: Annotated[
        bool, typer.Option("--store", help="Also against this installation: other versions, live campaigns.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Check template files: every fault with file, line, column; SMS parts of each wording; exit 2 on a fault."""
    try:
        given = [read_template_file(file, locale) for file in files]
        found = _validated(given, store=store)
    except InputError as error:
        _print_faults(error, as_json=as_json)
        raise typer.Exit(_WRONG_INPUT) from None
    for remark in (remark for one in found for remark in one.remarks):
        note(remark)
    rows = [
        {
            "key": one.version.key,
            "locale": one.version.locale,
            "valid": True,
            "wordings": sum(variant.count for variant in one.version.variants),
            "sms_parts": max(one.parts.values(), default=0),
            "remarks": list(one.remarks),
        }
        for one in found
    ]
    print_rows(rows, ("key", "locale", "valid", "wordings", "sms_parts"), as_json=as_json)


@app.command("versions")
def run_versions(
    key: Key,
    *,
    locale: Annotated[str | None, typer.Option("--locale", help="Only of zh-CN or en.")] = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List a template's versions, the newest first: who wrote, submitted and decided; how many messages said it."""
    with using_context() as context:
        lines = reading.list_versions(context, acting_or_system(context, login), key, locale=locale)
    columns = (
        "number",
        "locale",
        "origin",
        "state",
        "is_in_force",
        "created_by",
        "submitted_by",
        "decided_by",
        "effective_from",
        "effective_until",
        "read_by",
    )
    print_rows([asdict(line) for line in lines], columns, as_json=as_json)


@app.command("diff")
def run_diff(
    key: Key,
    before: Annotated[int, typer.Argument(metavar="A", help="A version's number.")],
    after: Annotated[int, typer.Argument(metavar="B", help="Another version's number.")],
    *,
    locale: Locale = "zh-CN",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Print what differs between two versions, text by text: [-gone-] and {+new+}."""
    with using_context() as context:
        found = diff_versions(context, acting_or_system(context, login), key, before, after, locale=locale)
    if as_json:
        print_json(asdict(found))
        return
    for text in found.texts:
        sys.stdout.write(f"{_place(text)}\n{_marked(text)}\n\n")
    if not found.texts:
        note("Nothing differs.")


@app.command("export")
def run_export(key: Key, *, version: Version = None, locale: Locale = "zh-CN", login: As = None) -> None:
    """Print a version's document as it was written; the one in force unless a number is given."""
    with using_context() as context:
        actor = acting_or_system(context, login)
        sys.stdout.write(reading.export(context, actor, key, locale=locale, number=version))


@app.command("readers")
def run_readers(
    key: Key,
    *,
    version: Version = None,
    locale: Annotated[str | None, typer.Option("--locale", help="Only of zh-CN or en.")] = None,
    variant: Annotated[
        str | None, typer.Option(metavar="V", help="A variant (a) or one wording (a.2.5).")
    ] = None,
    first: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Messages for this day on.")
    ] = None,
    last: Annotated[
        str | None, typer.Option("--to", metavar="DATE", help="Until this day, included.")
    ] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Also what never left.")] = False,
    limit: Annotated[int, typer.Option(min=0, help="At most so many; 0: all.")] = 0,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """List which customers got which wording: day, channel, status, version and variant."""
    wanted = ReadersWanted(
        key=key,
        number=version,
        locale=locale,
        variant=variant,
        first_on=read_day(first, "--from"),
        last_on=read_day(last, "--to"),
        waiting=waiting,
        limit=limit,
    )
    with using_context() as context:
        found = reading.readers(context, acting_or_system(context, login), wanted)
    rows = [
        {**asdict(one), "message_id": str(one.message_id), "on_day": one.on_day.isoformat()} for one in found
    ]
    columns = (
        "customer",
        "on_day",
        "channel",
        "status",
        "locale",
        "number",
        "variant",
        "is_edited",
        "campaign",
    )
    print_rows(rows, columns, as_json=as_json, empty="Nobody.")


_DECISIONS = ("number", "decision", "version", "effective_from", "effective_until", "decided_by", "reason")


def _validated(given: Sequence[TemplateText], *, store: bool) -> list[Checked]:
    if store:
        with using_context() as context:
            return life.validate(context, given)
    found = [check_text(one, Bank()) for one in given]
    check_together(found)
    return found


def _place(text: TextDiff) -> str:
    return " · ".join(part for part in (text.variant, text.channel, text.part) if part)


def _marked(text: TextDiff) -> str:
    return "".join(
        f"{_MARKS[piece.kind][0]}{piece.text}{_MARKS[piece.kind][1]}" if piece.kind in _MARKS else piece.text
        for piece in text.pieces
    )


def _waiting(waiting: tuple[int, str] | None) -> str | None:
    return f"{waiting[0]} {waiting[1]}" if waiting else None


def _print_faults(error: InputError, *, as_json: bool) -> None:
    faults = faults_of(error)
    if not as_json:
        for fault in faults:
            note(str(fault))
        return
    rows = [
        {
            "file": fault.file,
            "line": fault.line,
            "column": fault.column,
            "sentence": fault.sentence,
            "valid": False,
        }
        for fault in faults
    ]
    print_json(rows)


# Commands with files of their own are merged here.
app.add_typer(template_acts.app)
app.add_typer(template_preview.app)
