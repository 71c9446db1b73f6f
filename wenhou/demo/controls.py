"""The demo's own page: move the business clock, kill the sender, see what is true afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from scheduler.bell import Bell
from scheduler.service import DISPATCH, PLANNING
from wenhou.core.clock import ShiftedClock
from wenhou.demo.interruption import Interruption
from wenhou.demo.stage import EVE, OPENING, ZONE

_SECONDS_BETWEEN_LOOKS = "1"


def make_controls(clock: ShiftedClock, bell: Bell, interruption: Interruption) -> Blueprint:
    """The blueprint at /demo; part of the console, so its forms carry the console's CSRF token."""
    controls = Blueprint("demo", __name__, template_folder="pages")

    @controls.get("/demo")
    def page() -> AnyResponse:
        now = clock.now().astimezone(ZONE)
        response: AnyResponse = make_response(
            render_template(
                "demo/controls.html",
                business_now=now,
                eve=EVE,
                can_jump=now < EVE,
                progress=interruption.progress,
            )
        )
        if interruption.progress.running:
            # With its address: a page shown at …#part would take a bare Refresh for a jump inside itself.
            response.headers["Refresh"] = f"{_SECONDS_BETWEEN_LOOKS}; url={url_for('demo.page')}"
        return response

    @controls.post("/demo/clock")
    def move() -> AnyResponse:
        target = _target(request.form.get("to", ""), clock.now().astimezone(ZONE))
        try:
            clock.move_to(target)
        except ValueError:
            flash("时间只能往前走。Business time only moves forward.", "error")
            return redirect(url_for("demo.page"), 303)
        bell.ring(PLANNING)
        bell.ring(DISPATCH)
        flash(f"现在是 {target:%Y-%m-%d %H:%M}。It is now {target:%Y-%m-%d %H:%M}.", "success")
        return redirect(url_for("demo.page"), 303)

    @controls.post("/demo/crash")
    def crash() -> AnyResponse:
        interruption.start()
        return redirect(url_for("demo.page"), 303)

    return controls


def _target(word: str, now: datetime) -> datetime:
    """Where a button leads."""
    if word == "hour":
        return now + timedelta(hours=1)
    if word == "day":
        tomorrow = now.date() + timedelta(days=1)
        return datetime.combine(tomorrow, OPENING.time(), tzinfo=ZONE)
    if word != "eve":
        abort(400)
    return EVE
