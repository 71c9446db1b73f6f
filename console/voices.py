"""我的落款: how an advisor signs and speaks; for compliance, whose voice waits and what changed in it."""

from __future__ import annotations

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import refusal, tr
from console.sessions import actor, context, require_sign_in
from wenhou.core.actors import Role
from wenhou.core.errors import InputError, Refused
from wenhou.core.voices import MAX_PHRASES, Phrase
from wenhou.services import voice_previews
from wenhou.services import voices as acts
from wenhou.services.voice_checks import VoiceDraft, VoiceFault
from wenhou.services.voices import AdvisorView, VoiceRefused

voices = Blueprint("voices", __name__)
voices.before_request(require_sign_in)
_EMPTY_ROWS = 3


@voices.get("/voice")
def mine() -> AnyResponse | str:
    """One's own voice; who has none and decides on others' goes to the list."""
    if not actor().has(Role.ADVISOR):
        return redirect(url_for("voices.index"))
    view = acts.read_voice(context(), actor())
    current = view.open or view.last_no or view.in_force
    return _page(view, current.words if current else VoiceDraft())


@voices.post("/voice")
def write() -> AnyResponse | tuple[str, int]:
    """Keep the draft, or keep it and hand it to compliance; what was typed stays on the page when it is refused."""
    typed = _typed()
    try:
        acts.save_draft(context(), actor(), typed)
        if request.form.get("act") == "submit":
            acts.submit(context(), actor())
            flash(
                tr("已提交合规，批准之前仍用现在的。", "Handed to compliance; until then nothing changes."),
                "ok",
            )
        else:
            flash(tr("草稿已保存。", "The draft is kept."), "ok")
    except Refused as error:
        view = acts.read_voice(context(), actor())
        faults = error.faults if isinstance(error, VoiceRefused) else ()
        if not faults:
            flash(refusal(error), "error")
        return _page(view, typed, faults), 409
    return redirect(url_for("voices.mine"), 303)


@voices.get("/voices")
def index() -> str:
    """Whose voice waits or is in force, in one's part of the bank."""
    return render_template("voices.html", lines=acts.list_voices(context(), actor()))


@voices.get("/voices/<login>")
def one(login: str) -> str:
    """An advisor's voice whole: what waits beside what is in force, with three texts."""
    view = acts.read_voice(context(), actor(), login)
    shown = view.open or view.in_force
    words = shown.words if shown else VoiceDraft()
    return render_template(
        "voice_one.html",
        view=view,
        shown=shown,
        samples=voice_previews.samples(context(), actor(), words, name=view.name),
        difference=voice_previews.difference(view.in_force.words if view.in_force else None, words),
    )


@voices.post("/voices/<login>/<word>")
def decide(login: str, word: str) -> AnyResponse:
    """Approve the words that were on the screen, send them back, or take what is in force out of use."""
    reason, where = request.form.get("reason", ""), url_for("voices.one", login=login)
    try:
        view = acts.read_voice(context(), actor(), login)
        waiting = uuid.UUID(request.form["version"]) if "version" in request.form else None
        if word == "approve" and waiting is not None:
            acts.approve(context(), actor(), waiting, request.form.get("digest", ""))
            flash(tr("已批准，从现在起使用。", "Approved and in force."), "ok")
        elif word == "return" and waiting is not None:
            acts.send_back(context(), actor(), waiting, reason)
            flash(tr("已退回。", "Sent back."), "ok")
        elif word == "withdraw":
            acts.withdraw(context(), actor(), view.advisor_id, reason)
            flash(tr("已停用。", "Out of use."), "ok")
    except (Refused, InputError) as error:
        flash(refusal(error), "error")
    return redirect(where, 303)


def _page(view: AdvisorView, words: VoiceDraft, faults: tuple[VoiceFault, ...] = ()) -> str:
    rows = min(len(words.phrases) + _EMPTY_ROWS, MAX_PHRASES)
    empty = [Phrase(text="")] * (rows - len(words.phrases))
    return render_template(
        "voice.html",
        view=view,
        words=words,
        phrases=[*words.phrases, *empty],
        faults=faults,
        samples=() if faults else voice_previews.samples(context(), actor(), words),
    )


def _typed() -> VoiceDraft:
    phrases = []
    for number in range(1, MAX_PHRASES + 1):
        text = request.form.get(f"phrase-{number}", "").strip()
        if text:
            keys = (
                request.form.get(f"templates-{number}", "").replace("，", ",").replace("、", ",").split(",")
            )
            phrases.append(
                Phrase(
                    text=text,
                    templates=frozenset(key.strip() for key in keys if key.strip()),
                    purposes=frozenset(request.form.getlist(f"purposes-{number}")),
                    solemn=f"solemn-{number}" in request.form,
                )
            )
    return VoiceDraft(
        sign_off=request.form.get("sign_off", "").strip(),
        tone=request.form.get("tone", "").strip(),
        phrases=tuple(phrases),
    )
