"""Runs: a campaign on a day, its waves and what came of them; notices that somebody has read. Steered by command."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import tr
from console.sessions import actor, context, require_sign_in
from wenhou.core.errors import InputError
from wenhou.services import desk_notices, run_views

runs = Blueprint("runs", __name__)
runs.before_request(require_sign_in)


@runs.get("/runs")
def index() -> str:
    """Runs of these weeks, of one campaign when asked."""
    campaign = request.args.get("campaign") or None
    lines = run_views.list_lines(context(), actor(), campaign=campaign)
    return render_template("runs.html", lines=lines, campaign=campaign)


@runs.get("/runs/<key>/<on>")
def one(key: str, on: str) -> str:
    """One run whole."""
    try:
        found = run_views.read_run(context(), actor(), key, date.fromisoformat(on))
    except (InputError, ValueError):
        raise NotFound from None
    return render_template("run.html", found=found, run=found.line.run)


@runs.post("/notices/<uuid:notice_id>/read")
def put_away(notice_id: uuid.UUID) -> AnyResponse:
    """A notice is read and leaves the first page."""
    desk_notices.put_away(context(), actor(), notice_id)
    flash(tr("知道了，已收起。", "Put away."), "ok")
    return redirect(url_for("desk.today"), 303)
