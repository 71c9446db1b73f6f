"""Builds the console: one Flask application, made in a function, serving what the composition root hands it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, flash, redirect, render_template, request, url_for
from flask_login import current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from console import hearing as hearing_views
from console import presenting, security, sessions
from console import sending as sending_views
from console.advice import advice
from console.campaigns import campaigns
from console.comparing import compared
from console.desk import desk
from console.desk import fingerprint as today_fingerprint
from console.gate import gate
from console.hearing import hearing
from console.people import people
from console.runs import runs
from console.sending import sending
from console.settings import ConsoleSettings
from console.voices import voices
from console.words import edited_words, words
from console.words_acts import words_acts
from wenhou.core.errors import AccessDenied, Refused
from wenhou.services import audit
from wenhou.services import today as days
from wenhou.services.context import Context
from wenhou.services.today import Waiting

_LARGEST = 1_000_000
_SESSION = timedelta(hours=12)


def create_console(context: Context, settings: ConsoleSettings) -> Flask:
    """The console of an open installation. Never made at import: a module-level Flask would serve `templates/`."""
    app = Flask(
        "console", root_path=str(Path(__file__).parent), template_folder="pages", static_folder="static"
    )
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="wenhou_session",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        PERMANENT_SESSION_LIFETIME=_SESSION,
        MAX_CONTENT_LENGTH=_LARGEST,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session: a text typed over lunch is not lost
        WTF_CSRF_SSL_STRICT=settings.secure_cookies,
    )
    app.extensions["wenhou"] = context
    app.extensions["wenhou_console"] = settings
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    CSRFProtect(app)
    sessions.manage(app, context)
    security.protect(app)
    app.before_request(sessions.stamp)
    for blueprint in (
        gate,
        desk,
        people,
        advice,
        hearing,
        sending,
        campaigns,
        runs,
        voices,
        words,
        words_acts,
        *settings.extra_blueprints,
    ):
        app.register_blueprint(blueprint)
    _name_words(app)
    _answer_errors(app)
    return app


def _name_words(app: Flask) -> None:
    words = (
        "tr code who campaign_name channel purpose status reason why gate_name gate_words "
        "refusal stop_words run_state clock_time left is_soon day weekday is_chinese locale today now"
    ).split()

    app.jinja_env.globals.update(
        {word: getattr(presenting, word) for word in words}
    )  # macros see globals only

    @app.context_processor
    def _words() -> dict[str, Any]:
        return {
            "bank": sessions.settings().bank_name,
            "demo_accounts": sessions.settings().demo_accounts,
            "is_preparing": sessions.settings().is_preparing,
            "extra_links": sessions.settings().extra_links,
            "theme": request.cookies.get(presenting.THEME_COOKIE, "auto"),
            "waiting_now": _waiting,
            "today_seen": today_fingerprint,
            "thread_seen": hearing_views.fingerprint,
            "delivery_seen": sending_views.fingerprint,
            "edited_words": edited_words,
            "compared": compared,
        }


def _waiting() -> Waiting:
    if not current_user.is_authenticated:
        return Waiting(approvals=0, replies=0, cases=0, tasks=0)
    return days.count_waiting(sessions.context(), sessions.actor())


def _record_denial() -> None:
    """Who asked for what they may not see, by the id in the address; the answer is the same as for what is not there."""
    if current_user.is_authenticated:
        asked = next(iter((request.view_args or {}).values()), None)
        audit.record_denial(sessions.context(), sessions.actor(), (request.endpoint or "")[:40], asked)


def _answer_errors(app: Flask) -> None:
    @app.errorhandler(AccessDenied)
    def _denied(_error: AccessDenied) -> tuple[str, int]:
        _record_denial()
        return render_template("error.html", number=404), 404

    @app.errorhandler(Refused)
    def _refused(error: Refused) -> AnyResponse:
        flash(presenting.refusal(error), "error")
        return redirect(url_for("desk.today"), 303)

    @app.errorhandler(CSRFError)
    def _forged(_error: CSRFError) -> tuple[str, int]:
        return render_template("error.html", number=400), 400

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[str, int]:
        number = error.code or 500
        return render_template("error.html", number=number), number
