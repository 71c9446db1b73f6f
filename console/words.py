"""文字: the templates customers are written with, what each reads like, its versions and its readers; and the rules.

Advisors and supervisors read; operations and compliance write; compliance decides. What is posted is in
`console.words_acts`.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, flash, render_template, request
from werkzeug.exceptions import NotFound

from console.presenting import locale, purpose, refusal
from console.security import MAIL_POLICY
from console.sessions import actor, context, require_sign_in
from store.template_readers import ReadersWanted
from templates.mail.letter_1 import content_id
from wenhou.core.actors import Role
from wenhou.core.channels import EMAIL
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services import lint_rules, template_diffs
from wenhou.services import template_reading as reading
from wenhou.services.media import get_media
from wenhou.services.preview_types import ChannelLook, Preview, Wanted
from wenhou.services.queue_items import Item
from wenhou.services.template_preview import preview
from wenhou.services.template_reading import TemplateLine, WholeTemplate

words = Blueprint("words", __name__)
words.before_request(require_sign_in)
TABS = ("preview", "versions", "readers", "edit")
_MOST_READERS = 200


@words.get("/words")
def index() -> str:
    """Every template: what for, on which channels, which version, what waits, what the newest rules found in it."""
    lines = reading.list_templates(context(), actor())
    wanted = request.args.get("q", "").strip()
    meant = {
        one.key
        for one in lines
        if wanted.lower() in f"{one.key} {one.name} {purpose(one.purpose)} {one.locale}".lower()
    }
    groups: dict[str, list[TemplateLine]] = {}
    for line in lines:
        if line.key in meant:  # found by its name in one language, a template shows both
            groups.setdefault(line.key, []).append(line)
    waiting = [several for several in groups.values() if any(line.waiting for line in several)]
    rest = [several for several in groups.values() if several not in waiting]
    return render_template(
        "words.html", unfinished=waiting, rest=rest, all=len(lines), q=wanted, findings=_findings()
    )


@words.get("/words/rules")
def rules() -> str:
    """Editions of the compliance rules: what each changes, who decided, what it found and whose it is."""
    check_rules()
    editions = lint_rules.list_editions(context())
    number = request.args.get("edition", type=int) or (editions[0].number if editions else None)
    found: dict[str, Any] = {"shown": None, "changes": (), "findings": ()}
    if number is not None:
        try:
            found = {
                "shown": next((one for one in editions if one.number == number), None),
                "changes": lint_rules.compare_rules(context(), number),
                "findings": lint_rules.list_findings(context(), number),
            }
        except InputError:
            raise NotFound from None
    return render_template("words_rules.html", editions=editions, **found)


@words.get("/words/<key>")
def one(key: str) -> str:
    """One template: preview, versions, readers or the editor, by `tab`."""
    return page(key)


@words.get("/words/<key>/mail")
def mail(key: str) -> Response:
    """The mail of a preview as its reader sees it, locked in."""
    try:
        shown = preview(context(), actor(), wanted_of(key))
    except (InputError, Refused):
        raise NotFound from None
    look = next((one for one in shown.channels if one.channel == EMAIL), None)
    response = Response(_with_images(look) if look else "", mimetype="text/html")
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@words.get("/words/media/<digest>")
def media(digest: str) -> Response:
    """An image that goes with words: only what compliance approved is kept under a digest."""
    try:
        row, body = get_media(context(), digest)
    except InputError:
        raise NotFound from None
    return Response(body, mimetype=row.mime)


def page(key: str, *, tab: str | None = None, text: str | None = None, faults: tuple[Any, ...] = ()) -> str:
    """The template's page. `text`: what was typed and not kept; it stays on the page with its `faults`."""
    tab = tab or request.args.get("tab", "preview")
    tongue = "en" if request.values.get("locale") == "en" else "zh-CN"
    number = request.args.get("number", type=int)
    try:
        found = reading.show_template(context(), actor(), key, locale=tongue, number=number)
    except InputError:
        raise NotFound from None
    tab = tab if tab in TABS and (tab != "edit" or found.may_write) else "preview"
    more: dict[str, Any] = {}
    if tab == "preview":
        more = _preview(key, tongue)
    elif tab == "versions":
        more = {"difference": _difference(key, tongue), "decidable": _decidable(found)}
    elif tab == "readers":
        more = _readers(key, tongue)
    else:
        more = _editor(found, text, faults)
    locales = [one.locale for one in reading.list_templates(context(), actor()) if one.key == key]
    return render_template("words_one.html", found=found, tab=tab, tabs=_tabs(found), locales=locales, **more)


def wanted_of(key: str) -> Wanted:
    """What the address asks to see."""
    values = request.values
    said = values.get("on", "").strip()
    try:
        on = date.fromisoformat(said) if said else None
    except ValueError:
        on = None
    number = values.get("number", "")
    return Wanted(
        key=key,
        locale="en" if values.get("locale") == "en" else "zh-CN",
        number=int(number) if number.isdecimal() and len(number) < 9 else None,
        customer=values.get("customer", "").strip() or None,
        on=on,
        wording=values.get("wording", "").strip() or None,
    )


def edited_words(item: Item) -> tuple[template_diffs.TextDiff, ...]:
    """What a person changed in a message's words, text by text; empty where nobody did."""
    if item.editor is None:
        return ()
    return template_diffs.edit_diff(context(), actor(), item.row.id).texts


def check_rules() -> None:
    """Rules are looked at by operations and compliance."""
    if not actor().has(Role.OPERATIONS, Role.COMPLIANCE):
        raise AccessDenied("only operations and compliance look at rules")


def _with_images(look: ChannelLook) -> str:
    """A mail's HTML with its images inside: a frame that may load nothing shows them all the same."""
    html = look.html or ""
    for digest in look.media:
        row, body = get_media(context(), digest)
        html = html.replace(
            f"cid:{content_id(digest)}", f"data:{row.mime};base64,{base64.b64encode(body).decode()}"
        )
    return html


def _tabs(found: WholeTemplate) -> list[str]:
    return [
        tab for tab in TABS if (tab != "edit" or found.may_write) and (tab != "readers" or _may_see_readers())
    ]


def _may_see_readers() -> bool:
    return actor().has(Role.OPERATIONS, Role.COMPLIANCE, Role.SUPERVISOR)


def _preview(key: str, tongue: str) -> dict[str, Any]:
    wanted = replace(wanted_of(key), locale=tongue)
    why = ""
    shown: Preview | None = None
    try:
        shown = preview(context(), actor(), wanted)
    except AccessDenied as error:
        # Out of sight or not there: the page says the same, and the samples are shown.
        flash(refusal(error) if wanted.customer is None else _no_such(wanted.customer), "error")
        shown = preview(context(), actor(), replace(wanted, customer=None))
    except (InputError, Refused) as error:
        why = refusal(error)
    return {"shown": shown, "wanted": wanted, "why": why}


def _no_such(ref: str) -> str:
    zh, en = f"没有您能看到的客户 {ref}，以下是示例。", f"No customer {ref} in your sight; samples below."
    return en if locale() == "en" else zh


def _decidable(found: WholeTemplate) -> set[int]:
    """Submitted versions that this person may decide on."""
    waiting = [one.number for one in found.versions if one.state == "submitted"]
    return {
        number
        for number in waiting
        if reading.show_template(context(), actor(), found.key, locale=found.locale, number=number).may_decide
    }


def _difference(key: str, tongue: str) -> template_diffs.VersionDiff | None:
    before, after = request.args.get("before", type=int), request.args.get("after", type=int)
    if before is None or after is None:
        return None
    try:
        return template_diffs.diff_versions(context(), actor(), key, before, after, locale=tongue)
    except InputError:
        raise NotFound from None


def _readers(key: str, tongue: str) -> dict[str, Any]:
    wanted = wanted_of(key)
    found = reading.readers(
        context(),
        actor(),
        ReadersWanted(
            key=key,
            number=wanted.number,
            locale=tongue,
            variant=wanted.wording,
            waiting=True,
            limit=_MOST_READERS,
        ),
    )
    return {"readers": found, "most": _MOST_READERS, "wanted": wanted}


def _editor(found: WholeTemplate, text: str | None, faults: tuple[Any, ...]) -> dict[str, Any]:
    """The draft there is, else the version on the page to begin with."""
    draft = next((one for one in found.versions if one.state == "draft"), None)
    source = found.source
    if draft is not None and draft.number != found.number:
        source = reading.export(context(), actor(), found.key, locale=found.locale, number=draft.number)
    seen = request.form.get("seen", found.seen) if text is not None else found.seen
    return {"text": source if text is None else text, "draft": draft, "faults": faults, "seen": seen}


def _findings() -> dict[str, int]:
    """What the rules in force found in each template, for who may look at rules."""
    if not actor().has(Role.OPERATIONS, Role.COMPLIANCE):
        return {}
    newest = next((one for one in lint_rules.list_editions(context()) if one.is_in_force), None)
    counts: dict[str, int] = {}
    for one in lint_rules.list_findings(context(), newest.number) if newest else ():
        if one.kind == "template":
            key = one.subject.partition("/")[0]
            counts[key] = counts.get(key, 0) + 1
    return counts
