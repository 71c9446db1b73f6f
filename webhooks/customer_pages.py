"""Customers' pages behind signed links: preferences (with RFC 8058 one-click) and rating in one tap.

A GET changes nothing, because mail scanners follow links. An unknown or altered token is answered like any other, with
one sentence that reveals nothing.
"""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from webhooks.page_words import LOCALES, PageWords, words_for
from wenhou.core.hearing.intents import SCALES
from wenhou.core.purposes import PURPOSE_NAMES, Purpose
from wenhou.services import feedback, preferences
from wenhou.services.context import Context
from wenhou.services.links import read_preferences, read_rating
from wenhou.services.preferences import STOPPABLE

_ONE_CLICK = ("List-Unsubscribe", "One-Click")


def make_pages(context: Context) -> Blueprint:
    """The blueprint of the pages; exempt from CSRF protection, the token in the path is the proof."""
    blueprint = Blueprint("customer_pages", __name__, template_folder="pages")
    pages = _Pages(context)
    blueprint.add_url_rule("/p/<token>", "preferences", pages.preferences, methods=["GET", "POST"])
    blueprint.add_url_rule("/f/<token>", "rating", pages.rating, methods=["GET", "POST"])
    return blueprint


class _Pages:
    """The views, with what they need."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def preferences(self, token: str) -> Response:
        """Show, change, or one-click stop."""
        link = read_preferences(self._context.vault, token)
        name, value = _ONE_CLICK
        if request.method == "POST" and request.form.get(name) == value:
            if link is not None:
                preferences.one_click(self._context, link)
            return _plain("ok")
        saved = False
        if request.method == "POST" and link is not None:
            stop_all = "stop_all" in request.form
            chosen = set() if stop_all else set(request.form.getlist("purpose"))
            wanted = [purpose for purpose in STOPPABLE if purpose.value in chosen]
            preferences.change(self._context, link, wanted, via="page")
            saved = True
        now = preferences.read(self._context, link) if link is not None else None
        if now is None:
            return self._nothing()
        words = _words(now.locale)
        rows = [
            (purpose.value, _name(purpose, words), words.about[purpose], now.allowed[purpose])
            for purpose in STOPPABLE
        ]
        return self._page("customer/preferences.html", words, rows=rows, saved=saved)

    def rating(self, token: str) -> Response:
        """Show the scale; a tap on it posts the score."""
        message_id = read_rating(self._context.vault, token)
        score = request.form.get("score", "")
        if request.method == "POST" and message_id is not None and score.isdecimal() and len(score) <= 2:
            asked = feedback.find_asked(self._context, message_id)
            rated = feedback.rate_by_link(self._context, message_id, int(score))
            if asked is not None and rated:
                low = feedback.CALL_AT["nps" if asked[0] == "nps" else "csat"]
                return self._page("customer/rated.html", _words(asked[1]), high=int(score) > low)
        asked = feedback.find_asked(self._context, message_id) if message_id is not None else None
        if asked is None:
            return self._nothing()
        scale = SCALES["nps"] if asked[0] == "nps" else SCALES["csat"]
        return self._page("customer/rating.html", _words(asked[1]), scale=list(scale))

    def _nothing(self) -> Response:
        return self._page("customer/nothing.html", _words("zh-CN"))

    def _page(self, template: str, words: PageWords, **values: object) -> Response:
        bank = self._context.bank
        response = make_response(render_template(template, words=words, bank=bank, **values))
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        )
        return response


def _words(locale: str) -> PageWords:
    chosen = request.args.get("lang", "")
    return words_for(chosen if chosen in LOCALES else locale)


def _name(purpose: Purpose, words: PageWords) -> str:
    return PURPOSE_NAMES[purpose][0 if words.locale == "zh-CN" else 1]


def _plain(said: str) -> Response:
    return Response(said, content_type="text/plain; charset=utf-8")
