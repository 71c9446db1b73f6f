"""What is done to words: looked at while they are typed, kept, handed in, decided on, put back; and the rules."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import channel, refusal, tr
from console.sessions import actor, context, require_sign_in
from console.words import check_rules, page, wanted_of
from wenhou.core.errors import InputError, Refused
from wenhou.services import lint_rules, live_words
from wenhou.services import template_life as life
from wenhou.services.campaign_reading import faults_of
from wenhou.services.template_checks import TemplateText
from wenhou.services.template_standing import Acted, Span, VersionRef
from wenhou.services.wording import Edit

words_acts = Blueprint("words_acts", __name__)
words_acts.before_request(require_sign_in)
_Fault = tuple[int | None, int | None, str]
"""Line, column, sentence."""
_JUDGED = re.compile(
    r"^variant (?P<wording>\S+), (?P<channel>\w+): (?:[a-z_0-9]+: )?(?P<zh>.*?) \((?P<en>[^()]*)\)"
    r"(?: “(?P<found>.*)”)?$",
    re.DOTALL,
)
"""What a rule says of one wording on one channel, as template_checks writes it."""


@words_acts.post("/words/<key>/check")
def check(key: str) -> Response:
    """A document as it stands: its faults with places, and each channel as it would read."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    wanted = wanted_of(key)
    try:
        found = live_words.check_draft(context(), actor(), replace(wanted, text=text))
    except Refused as error:
        return _answer([(None, None, refusal(error))], "")
    faults = _gathered(map(_told, found.faults))
    remarks = [said for _, _, said in _gathered((None, None, one) for one in found.remarks)]
    html = render_template("_words_live.html", shown=found.preview, remarks=remarks, is_draft=True)
    return _answer(faults, html)


@words_acts.post("/queue/<uuid:message_id>/check")
def check_message(message_id: uuid.UUID) -> Response:
    """A message's channels as they are typed: what stops, lifts or only shows; units and parts."""
    try:
        channels = live_words.check_edit(context(), actor(), message_id, _typed())
    except Refused as error:
        return jsonify(is_sound=False, said=refusal(error), channels={})
    return jsonify(
        is_sound=all(one.may_save for one in channels),
        said="",
        channels={one.channel: render_template("_words_check.html", found=one) for one in channels},
    )


@words_acts.post("/words/<key>/save")
def save(key: str) -> AnyResponse | tuple[str, int] | Response:
    """Keep the text as a draft, and hand it in where that was asked; nothing is kept while it is broken."""
    text = request.form.get("text", "").replace("\r\n", "\n")
    tongue = _tongue()
    given = TemplateText(text=text, locale=tongue, file="")
    seen = request.form.get("seen")
    try:
        (acted,) = life.save_drafts(context(), actor(), [given], seen=seen)
        if request.form.get("act") == "submit":
            life.submit(context(), actor(), _ref(acted.key), note=request.form.get("note", ""))
    except InputError as error:
        flash(tr("没有保存，错在下面。", "Nothing was kept; the faults stand below."), "error")
        return page(key, tab="edit", text=text, faults=tuple(_gathered(map(_told, faults_of(error))))), 409
    except Refused as error:
        flash(refusal(error), "error")
        return page(key, tab="edit", text=text), 409
    flash(_kept(acted), "ok")
    tab = "versions" if request.form.get("act") == "submit" else "edit"
    return redirect(url_for("words.one", key=acted.key, locale=tongue, tab=tab), 303)


@words_acts.post("/words/<key>/<int:number>/<word>")
def decide(key: str, number: int, word: str) -> AnyResponse:
    """Hand a version in, approve it from a day on, send it back, retire it, or put it in force again."""
    acts: dict[str, Callable[[VersionRef, str], Acted]] = {
        "submit": lambda ref, reason: life.submit(context(), actor(), ref, note=reason),
        "approve": lambda ref, reason: life.approve(context(), actor(), ref, _span(), reason=reason),
        "reject": lambda ref, reason: life.reject(context(), actor(), ref, reason),
        "retire": lambda ref, reason: life.retire(context(), actor(), ref, reason),
        "roll-back": lambda ref, reason: life.roll_back(context(), actor(), ref, reason, span=_span()),
    }
    if word not in acts:
        raise NotFound
    reason = request.form.get("reason", "")
    back = url_for("words.one", key=key, locale=_tongue(), tab="versions")
    _try(lambda: acts[word](_ref(key, number), reason), _done(word, number))
    return redirect(back, 303)


@words_acts.post("/words/rules/<int:number>/<word>")
def decide_rules(number: int, word: str) -> AnyResponse:
    """Put an edition of the rules in force, or send it back with a reason."""
    check_rules()
    if word == "approve":
        _try(
            lambda: lint_rules.approve_rules(context(), actor(), number),
            tr(
                f"第 {number} 版规则已生效，正在重新检查在用的文字。",
                f"Edition {number} is in force; standing words are judged again.",
            ),
        )
    elif word == "reject":
        reason = request.form.get("reason", "")
        _try(
            lambda: lint_rules.reject_rules(context(), actor(), number, reason),
            tr(f"第 {number} 版规则已退回。", f"Edition {number} is sent back."),
        )
    else:
        raise NotFound
    return redirect(url_for("words.rules", edition=number), 303)


def _try(do: Callable[[], object], said: str) -> None:
    try:
        do()
    except InputError as error:
        for fault in faults_of(error):
            flash(_sentence(fault), "error")
    except Refused as error:
        flash(refusal(error), "error")
    else:
        flash(said, "ok")


def _done(word: str, number: int) -> str:
    said = {
        "submit": ("已送审，请另一位合规同事决定。", "Handed in; a second person of compliance decides."),
        "approve": ("已批准。", "Approved."),
        "reject": ("已退回。", "Sent back."),
        "retire": ("已停用。", "Retired."),
        "roll-back": (f"第 {number} 版重新生效。", f"Version {number} is in force again."),
    }
    return tr(*said[word])


def _kept(acted: Acted) -> str:
    if acted.outcome == "unchanged":
        return tr(
            f"和第 {acted.version} 版一样，没有新存。",
            f"The same as version {acted.version}; nothing was added.",
        )
    return tr(f"草稿已保存：第 {acted.version} 版。", f"Kept as a draft: version {acted.version}.")


def _gathered(told: Iterable[_Fault]) -> list[_Fault]:
    """The faults as people read them. One turn stands in many wordings: what a rule says of it is said once."""
    wheres: dict[tuple[object, str], list[str]] = {}
    places: dict[tuple[object, str], tuple[int | None, int | None]] = {}
    for line, column, sentence in told:
        said, where = _read(sentence)
        key = (None if where else (line, column), said)
        places.setdefault(key, (line, column))
        wheres.setdefault(key, []).append(where)
    return [(*place, _shared(key[1], wheres[key])) for key, place in places.items()]


def _read(sentence: str) -> tuple[str, str]:
    """What is said in the page's language and, of a rule, which wording on which channel it is said of."""
    judged = _JUDGED.match(sentence)
    if judged is None:
        return refusal(sentence), ""
    found = f"“{judged['found']}”{tr('：', ': ')}" if judged["found"] else ""
    return found + tr(judged["zh"], judged["en"]), f"{channel(judged['channel'])} {judged['wording']}"


def _shared(said: str, wheres: list[str]) -> str:
    if not wheres[0]:
        return said
    more = len(wheres) - 1
    rest = tr(f"，另有 {more} 处", f" and {more} more") if more else ""
    return tr(f"{said}（{wheres[0]}{rest}）", f"{said} ({wheres[0]}{rest})")


def _told(error: InputError) -> _Fault:
    return error.line, error.column if isinstance(error.column, int) else None, error.sentence


def _sentence(error: InputError) -> str:
    ((line, column, said),) = _gathered([_told(error)])
    place = tr(f"第 {line} 行第 {column or 1} 列：", f"line {line}, column {column or 1}: ") if line else ""
    return f"{place}{said}"


def _answer(faults: list[_Fault], html: str) -> Response:
    is_sound = not faults
    return jsonify(
        is_sound=is_sound,
        faults=[{"line": line, "column": column, "sentence": said} for line, column, said in faults],
        html=html,
        said=(
            tr("没有错误，可以保存。", "No faults; it can be kept.")
            if is_sound
            else tr(f"{len(faults)} 处错误，不能保存。", f"{len(faults)} to mend before it can be kept.")
        ),
    )


def _typed() -> dict[str, Edit]:
    """The free words of the form, by channel; filed texts are only judged when they are kept."""
    prefix = "text-"
    return {
        name.removeprefix(prefix): Edit(
            text=value, subject=request.form.get(f"subject-{name.removeprefix(prefix)}")
        )
        for name, value in request.form.items()
        if name.startswith(prefix)
    }


def _tongue() -> str:
    return "en" if request.form.get("locale") == "en" else "zh-CN"


def _ref(key: str, number: int | None = None) -> VersionRef:
    return VersionRef(key=key, locale=_tongue(), number=number)


def _span() -> Span:
    return Span(first_on=_day("first"), until_on=_day("until"))


def _day(name: str) -> date | None:
    said = request.form.get(name, "").strip()
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise InputError(
            f"“{said}”不是日期，请写成2027-03-01 (no day: write it as 2027-03-01)", column=name
        ) from None
