"""Who acts at the shell: production asks for the person's own token, elsewhere the local operator or `--as`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from store.models.organisation import User
from store.users import find_user, load_actor
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services.context import Context
from wenhou.services.installation import OPERATOR
from wenhou.services.sign_in import actor_of_token

TOKEN = "WENHOU_TOKEN"  # noqa: S105 - a variable's name

As = Annotated[
    str | None,
    typer.Option(
        "--as", metavar="USER", help="Act as this login; outside production only (there: WENHOU_TOKEN)."
    ),
]
"""The option of every command that does something in a person's name."""


def acting(context: Context, login: str | None) -> Actor:
    """The person at the shell. AccessDenied without a token in production, InputError for an unknown login."""
    if not context.production:
        return _by_login(context, login or OPERATOR)
    if login is not None:
        raise AccessDenied(f"--as is refused in production; put the person's own token into {TOKEN}")
    token = os.environ.get(TOKEN)
    if not token:
        raise AccessDenied(f"say who you are: put your own token into {TOKEN} (wenhou users token LOGIN)")
    actor, _scopes = actor_of_token(context, token)
    return actor


def acting_or_system(context: Context, login: str | None) -> Actor:
    """As `acting`; whoever holds the shell of a production machine without a token acts as the system itself."""
    if context.production and login is None and not os.environ.get(TOKEN):
        return SYSTEM
    return acting(context, login)


def find_person(context: Context, login: str) -> User:
    """The person of a login, active or not; raises InputError."""
    with context.db.read() as session:
        user = find_user(session, login)
    if user is None:
        raise InputError(f"there is no user {login}; `wenhou users list` names them")
    return user


def _by_login(context: Context, login: str) -> Actor:
    with context.db.read() as session:
        user = find_user(session, login)
        if user is None or not user.is_active:
            raise InputError(
                f"there is no active user {login}; `wenhou users list` names them", column="--as"
            )
        return load_actor(session, user, context.clock.now())
