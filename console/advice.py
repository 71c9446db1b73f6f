"""产品建议卡: for a customer, which cards there are and whether each suits; a card whole; asking that it be sent."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import locale, refusal, tr
from console.sessions import actor, context, require_sign_in
from wenhou.core.actors import Role
from wenhou.core.advice import BLOCK_NAMES
from wenhou.core.errors import InputError, Refused
from wenhou.services import advice_cards, portrait

advice = Blueprint("advice", __name__)
advice.before_request(require_sign_in)


@advice.get("/customers/<ref>/advice")
def cards(ref: str) -> str:
    """The approved cards, each with its suitability for this customer."""
    found = advice_cards.list_cards(context(), actor(), customer=ref)
    return render_template("advice.html", customer=_customer(ref), cards=found)


@advice.get("/customers/<ref>/advice/<code>")
def card(ref: str, code: str) -> str:
    """One card: suitability on top, then four blocks of one size."""
    try:
        found = advice_cards.show_card(context(), actor(), code, customer=ref)
    except InputError as error:
        raise NotFound from error
    return render_template(
        "advice_card.html",
        customer=_customer(ref),
        card=found,
        said=found.said(locale()),
        names=BLOCK_NAMES,
        may_send=actor().has(Role.ADVISOR),
    )


@advice.post("/customers/<ref>/advice/<code>/send")
def send(ref: str, code: str) -> AnyResponse:
    """Ask that the card be sent as it was shown; the gates and two persons come after."""
    version = request.form.get("version", "")
    try:
        advice_cards.send_card(
            context(), actor(), ref, code, version=int(version) if version.isdecimal() else 0
        )
    except (Refused, InputError) as error:
        flash(refusal(error), "error")
    else:
        flash(
            tr(
                "已提交。生成后进入待审批，您和合规各看一遍才会发出。",
                "Asked for. Once written it waits in the queue: you and compliance read it before it leaves.",
            ),
            "ok",
        )
    return redirect(url_for("advice.card", ref=ref, code=code), 303)


def _customer(ref: str) -> portrait.Portrait:
    return portrait.read_portrait(context(), actor(), ref)
