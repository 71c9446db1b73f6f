"""Who is signed in: a session names the person and their epoch; roles and scope are read anew each request."""

from __future__ import annotations

import uuid
from typing import cast

from flask import Flask, current_app, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from werkzeug.wrappers import Response

from console.settings import ConsoleSettings
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied
from wenhou.services import sign_in
from wenhou.services.context import Context


class Person(UserMixin):  # type: ignore[misc]
    """A signed-in person as Flask-Login wants it."""

    def __init__(self, actor: Actor, epoch: int) -> None:
        self.actor = actor
        self._id = f"{actor.user_id}:{epoch}"

    def get_id(self) -> str:
        """What the session keeps: the person and the epoch that ends all their sessions at once."""
        return self._id


def manage(app: Flask, context: Context) -> None:
    """Set Flask-Login up for this console."""
    manager = LoginManager(app)
    manager.session_protection = "basic"

    def _load(stored: str) -> Person | None:
        try:
            user_id, epoch = stored.split(":")
            actor = sign_in.actor_of(context, uuid.UUID(user_id), epoch=int(epoch))
        except (AccessDenied, ValueError):
            return None
        return Person(actor, int(epoch))

    manager.user_loader(_load)


def require_sign_in() -> Response | None:
    """Before every view of a page of ours: to the sign-in, and back afterwards."""
    if current_user.is_authenticated:
        return None
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("gate.sign_in_page", next=wanted))


def actor() -> Actor:
    """The person of this request; views are behind a sign-in."""
    return cast("Person", current_user).actor


def context() -> Context:
    """The installation."""
    return cast("Context", current_app.extensions["wenhou"])


def settings() -> ConsoleSettings:
    """The console's settings."""
    return cast("ConsoleSettings", current_app.extensions["wenhou_console"])


def stamp() -> None:
    """Fix the request's business time and zone, so that one page has one now."""
    g.now = context().clock.now()
    g.zone = context().bank.zone
