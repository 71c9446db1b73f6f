"""Signing in and out, language and light."""

from __future__ import annotations

import uuid

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response as AnyResponse

from console.presenting import LOCALE_COOKIE, THEME_COOKIE, tr
from console.sessions import Person, context, settings
from wenhou.core.actors import Actor
from wenhou.services import sign_in

gate = Blueprint("gate", __name__)
_YEAR = 31_536_000


@gate.get("/sign-in")
def sign_in_page() -> AnyResponse | str:
    """The form, and the demo's one-click people where the demo gives some."""
    if current_user.is_authenticated:
        return redirect(url_for("desk.today"))
    return render_template("sign_in.html", login="")


@gate.post("/sign-in")
def do_sign_in() -> AnyResponse | tuple[str, int]:
    """Check login and password."""
    login = request.form.get("login", "").strip()
    try:
        actor = sign_in.sign_in(context(), login, request.form.get("password", ""))
    except sign_in.SignInRefused:
        flash(tr("用户名或密码不对；连续输错会锁定十分钟。", "Login or password is wrong."), "error")
        return render_template("sign_in.html", login=login), 401
    return _begin(actor)


@gate.post("/sign-in/as/<uuid:user_id>")
def sign_in_as(user_id: uuid.UUID) -> AnyResponse:
    """One click, for the demo's people only."""
    if user_id not in {account.user_id for account in settings().demo_accounts}:
        abort(404)
    logout_user()
    return _begin(sign_in.actor_of(context(), user_id))


@gate.post("/sign-out")
def sign_out() -> AnyResponse:
    """End this session, with all it kept."""
    logout_user()
    session.clear()
    return redirect(url_for("gate.sign_in_page"))


@gate.get("/language/<word>")
def language(word: str) -> AnyResponse:
    """Read in Chinese or English from now on."""
    return _remember(LOCALE_COOKIE, "en" if word == "en" else "zh-CN")


@gate.get("/light/<word>")
def light(word: str) -> AnyResponse:
    """Light, dark or as the device is."""
    return _remember(THEME_COOKIE, word if word in ("light", "dark") else "auto")


def _begin(actor: Actor) -> AnyResponse:
    if actor.user_id is None:
        abort(404)
    session.clear()  # nothing of whoever sat here before, their form token as little as their last act
    login_user(Person(actor, sign_in.session_epoch(context(), actor.user_id)))
    return redirect(_inside(request.args.get("next")) or url_for("desk.today"), 303)


def _remember(name: str, value: str) -> Response:
    response: Response = make_response(
        redirect(_inside(request.args.get("next")) or url_for("desk.today"), 303)
    )
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        samesite="Lax",
        secure=settings().secure_cookies,
        httponly=name != THEME_COOKIE,
    )
    return response


def _inside(path: str | None) -> str | None:
    """A path of ours, never another host's: browsers drop tabs and line ends, so that /<tab>/host leads to a host."""
    if path and path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable():
        return path
    return None
