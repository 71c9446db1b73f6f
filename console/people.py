"""Customers, and why one of them was or was not written to."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, render_template, request

from console.presenting import locale, refusal
from console.sessions import actor, context, require_sign_in
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services import audit, delivery, explain_why, portrait

people = Blueprint("people", __name__)
_YEARS = range(1901, 2100)
people.before_request(require_sign_in)


@people.get("/customers")
def customers() -> str:
    """A list by name, number, or the last four digits of a phone."""
    search = request.args.get("q", "").strip()
    return render_template(
        "customers.html", lines=portrait.list_lines(context(), actor(), search), search=search
    )


@people.get("/customers/<ref>")
def customer(ref: str) -> str:
    """One customer whole."""
    return render_template("customer.html", customer=portrait.read_portrait(context(), actor(), ref))


@people.get("/why")
def why() -> str:
    """为什么没发给他？ One sentence, and every gate below it."""
    ref, key = request.args.get("ref", "").strip(), request.args.get("campaign", "").strip()
    campaigns = delivery.read_delivery(context(), actor()).campaigns
    found, problem = None, None
    if ref and key:
        try:
            found = explain_why.explain(context(), actor(), _ref(ref), key, _day(request.args.get("on", "")))
        except AccessDenied:
            audit.record_denial(context(), actor(), "people.why", _ref(ref))
            problem = refusal("没有这位客户，或不在您的范围内 (no such customer in your scope)")
        except InputError as error:
            problem = refusal(error)
    return render_template(
        "why.html", found=found, problem=problem, campaigns=campaigns, ref=ref, key=key, locale=locale()
    )


def _ref(text: str) -> str:
    """A number of the bank, or the one customer in sight with this name."""
    lines = portrait.list_lines(context(), actor(), text, limit=2)
    return lines[0].ref if len(lines) == 1 else text


def _day(text: str) -> date | None:
    """A day of the calendars we know; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in _YEARS else None
