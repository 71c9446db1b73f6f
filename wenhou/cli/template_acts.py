"""`wenhou templates apply … rollback`: the acts on the bank's own versions."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from wenhou.bootstrap import using_context
from wenhou.cli.output import AsJson, note, print_json, print_rows
from wenhou.cli.people import As, acting
from wenhou.cli.template_options import FileLocale, Files, From, Key, Locale, Reason, Until, Version, read_day
from wenhou.services import template_life as life
from wenhou.services.template_checks import read_template_file
from wenhou.services.template_standing import Acted, Span, VersionRef

app = typer.Typer()


@app.command("apply")
def run_apply(files: Files, *, locale: FileLocale = None, login: As = None, as_json: AsJson = False) -> None:
    """Keep files as drafts, all or none: an open draft is rewritten, else a new version is begun."""
    given = [read_template_file(file, locale) for file in files]
    with using_context() as context:
        kept = life.save_drafts(context, acting(context, login), given)
    for remark in (remark for one in kept for remark in one.remarks):
        note(remark)
    print_rows(
        [asdict(one) for one in kept], ("key", "locale", "version", "outcome", "state"), as_json=as_json
    )


@app.command("submit")
def run_submit(
    key: Key,
    *,
    version: Version = None,
    locale: Locale = "zh-CN",
    words: Annotated[str, typer.Option("--note", help="A word to the reviewer.")] = "",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Hand a draft in for review; from now on its words never change."""
    with using_context() as context:
        acted = life.submit(context, acting(context, login), _ref(key, locale, version), note=words)
    _say(acted, as_json=as_json)


@app.command("approve")
def run_approve(
    key: Key,
    *,
    version: Version = None,
    locale: Locale = "zh-CN",
    first: From = None,
    until: Until = None,
    reason: Reason = "",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Agree, as a second person of compliance; in force now unless a day is given."""
    span = _span(first, until)
    with using_context() as context:
        acted = life.approve(context, acting(context, login), _ref(key, locale, version), span, reason=reason)
    _say(acted, as_json=as_json)


@app.command("reject")
def run_reject(
    key: Key,
    *,
    reason: Reason,
    version: Version = None,
    locale: Locale = "zh-CN",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Say no to a submitted version, with a reason its writer reads."""
    with using_context() as context:
        acted = life.reject(context, acting(context, login), _ref(key, locale, version), reason)
    _say(acted, as_json=as_json)


@app.command("retire")
def run_retire(
    key: Key,
    *,
    reason: Reason,
    version: Version = None,
    locale: Locale = "zh-CN",
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Take away the bank's version in force (or the one named): what ships counts again. A draft is dropped."""
    with using_context() as context:
        acted = life.retire(context, acting(context, login), _ref(key, locale, version), reason)
    _say(acted, as_json=as_json)


@app.command("rollback")
def run_rollback(
    key: Key,
    *,
    to: Annotated[int, typer.Option("--to", metavar="N", help="The version to be in force again.")],
    reason: Reason,
    locale: Locale = "zh-CN",
    first: From = None,
    until: Until = None,
    login: As = None,
    as_json: AsJson = False,
) -> None:
    """Put an earlier approved version in force again, by a new decision of a second person."""
    span = _span(first, until)
    with using_context() as context:
        acted = life.roll_back(context, acting(context, login), _ref(key, locale, to), reason, span=span)
    _say(acted, as_json=as_json)


def _ref(key: str, locale: str, number: int | None) -> VersionRef:
    return VersionRef(key=key, locale=locale, number=number)


def _span(first: str | None, until: str | None) -> Span:
    return Span(first_on=read_day(first, "--from"), until_on=read_day(until, "--until"))


def _say(acted: Acted, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(acted))
        return
    note(f"{acted.key} ({acted.locale}) {acted.version} is {acted.state}.")
    if acted.effective_from is not None:
        until = f" until {acted.effective_until.isoformat()}" if acted.effective_until else ""
        note(f"It is in force from {acted.effective_from.isoformat()}{until}.")
    note(f"In force now: {acted.in_force if acted.in_force is not None else 'nothing'}.")
