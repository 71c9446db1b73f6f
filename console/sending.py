"""Campaigns and delivery: what left, what did not, whether the accounts are well, and the button that stops it all."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import refusal, tr
from console.sessions import actor, context, require_sign_in
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services import delivery, reconciling, stopping

sending = Blueprint("sending", __name__)
sending.before_request(require_sign_in)


@sending.get("/delivery")
def overview() -> str:
    """Counts by status and campaign, accounts, stops, and what nobody knows the outcome of."""
    return render_template(
        "delivery.html",
        unknown=reconciling.list_unknown(context(), actor()),
        known_by=reconciling.KNOWN_BY,
        **_standing(),
    )


@sending.get("/fragments/delivery")
def fragment() -> AnyResponse | str:
    """The counts again when they moved."""
    standing = _standing()
    if request.args.get("seen") == fingerprint(standing["delivery"]):
        return Response(status=204)
    return render_template("_delivery.html", **standing)


@sending.get("/delivery/stop")
def confirm_stop() -> AnyResponse | str:
    """The first click: what would stop, all or a part, and the second click."""
    scope, _, value = request.args.get("what", "all").partition(":")
    try:
        foreseen = stopping.foresee(context(), actor(), scope, value)
    except InputError as error:
        flash(refusal(error), "error")
        return redirect(url_for("sending.confirm_stop"), 303)
    choices = stopping.list_choices(context(), actor())
    return render_template("stop.html", scope=scope, value=value, foreseen=foreseen, choices=choices)


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


@sending.post("/delivery/accounts/resume")
def resume_account() -> AnyResponse:
    """Let a paused account carry messages again."""
    provider, account = request.form.get("provider", ""), request.form.get("account", "")
    try:
        reconciling.resume_channel(context(), actor(), provider, account)
    except InputError as error:
        flash(refusal(error), "error")
    else:
        flash(tr("通道已恢复，停下的消息接着发。", "The account carries messages again."), "ok")
    return redirect(url_for("sending.overview"), 303)


@sending.post("/delivery/accounts/pause")
def pause_account() -> AnyResponse:
    """Let an account carry nothing until somebody resumes it."""
    provider, account = request.form.get("provider", ""), request.form.get("account", "")
    try:
        reconciling.pause_channel(context(), actor(), provider, account, "console")
    except InputError as error:
        flash(refusal(error), "error")
    else:
        flash(tr("通道已暂停，没发出的都留着。", "The account is paused; what did not leave waits."), "ok")
    return redirect(url_for("sending.overview"), 303)


@sending.post("/delivery/unknown/<uuid:message_id>")
def settle(message_id: uuid.UUID) -> AnyResponse:
    """Say what became of a message that left without an answer."""
    was_sent = request.form.get("was") == "sent"
    try:
        reconciling.settle_unknown(
            context(), actor(), message_id, was_sent=was_sent, known_by=request.form.get("known_by", "")
        )
    except (Refused, InputError) as error:
        flash(refusal(error), "error")
    else:
        flash(
            tr("已记为“已发出”。", "Noted as sent.")
            if was_sent
            else tr("已记为“没有发出”，不会补发。", "Noted as not sent; it is not sent again."),
            "ok",
        )
    return redirect(url_for("sending.overview") + "#unknown", 303)


def _standing() -> dict[str, Any]:
    person = actor()
    return {
        "delivery": delivery.read_delivery(context(), person),
        "may_stop": stopping.may_stop(person),
        "may_resume": reconciling.may_resume(person),
        "me": person.user_id,
    }


def fingerprint(found: delivery.Delivery) -> str:
    """Changes with any count, stop or account."""
    counts = [f"{name}{amount}" for name, amount in sorted(found.statuses.items())]
    stops = [f"{stop.id.hex[-6:]}{stop.lift_asked_by is not None:d}" for stop in found.stops]
    accounts = [
        f"{one.ill is not None:d}{one.errors_in_row}{one.last_success_at and one.last_success_at:%H%M}"
        for one in found.accounts
    ]
    return "-".join([*counts, *stops, *accounts])
