"""Campaigns and delivery: what left, what did not, whether the accounts are well, and the button that stops it all."""

from __future__ import annotations

import uuid

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import refusal, tr
from console.sessions import actor, context, require_sign_in
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services import delivery, stopping

sending = Blueprint("sending", __name__)
sending.before_request(require_sign_in)


@sending.get("/delivery")
def overview() -> str:
    """Counts by status and campaign, accounts, stops."""
    return render_template(
        "delivery.html",
        delivery=delivery.read_delivery(context(), actor()),
        may_stop=stopping.may_stop(actor()),
    )


@sending.get("/fragments/delivery")
def fragment() -> AnyResponse | str:
    """The counts again when they moved."""
    found = delivery.read_delivery(context(), actor())
    if request.args.get("seen") == fingerprint(found):
        return Response(status=204)
    return render_template("_delivery.html", delivery=found)


@sending.get("/delivery/stop")
def confirm_stop() -> str:
    """The first click: what would stop, and the second click."""
    return render_template("stop.html", delivery=delivery.read_delivery(context(), actor()))


@sending.post("/delivery/stop")
def stop() -> AnyResponse:
    """The second click: stopped before the next call."""
    scope, value = request.form.get("scope", "all"), request.form.get("value", "")
    try:
        done = stopping.stop(context(), actor(), scope, value, request.form.get("reason", ""))
    except (InputError, AccessDenied) as error:
        flash(refusal(error), "error")
        return redirect(url_for("sending.overview"), 303)
    flash(
        tr(
            f"已停发：{done.waiting} 条停在原处，{done.in_flight} 条正在途中、无法收回。恢复需要另一位同事。",
            f"Stopped: {done.waiting} held, {done.in_flight} in flight. Resuming takes a second person.",
        ),
        "ok",
    )
    return redirect(url_for("sending.overview"), 303)


@sending.post("/delivery/stops/<uuid:stop_id>/resume")
def resume(stop_id: uuid.UUID) -> AnyResponse:
    """Ask to lift a stop, or lift it as the second person."""
    try:
        lifted = stopping.resume(context(), actor(), stop_id)
    except (Refused, AccessDenied) as error:
        flash(refusal(error), "error")
    else:
        flash(
            tr("已恢复发送。", "Sending again.")
            if lifted
            else tr("已申请恢复，需另一位同事确认。", "Asked; a second person must confirm."),
            "ok",
        )
    return redirect(url_for("sending.overview"), 303)


def fingerprint(found: delivery.Delivery) -> str:
    """Changes with any count."""
    return "-".join(f"{name}{amount}" for name, amount in sorted(found.statuses.items())) + str(
        len(found.stops)
    )
