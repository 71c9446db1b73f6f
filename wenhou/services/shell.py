"""Who the person at the shell is: by login outside production, by token in it."""

from __future__ import annotations

import hashlib

from store.installation import find_actor_by_login, find_actor_by_token
from wenhou.core.actors import Actor
from wenhou.core.errors import AccessDenied
from wenhou.services.context import Context


def actor_for_login(context: Context, login: str) -> Actor | None:
    """The active person of that login, with whom they cover today; outside production only."""
    if context.production:
        raise AccessDenied("in production everybody proves who they are with their own token")
    with context.db.read() as session:
        return find_actor_by_login(session, login, context.clock.now())


def actor_for_token(context: Context, token: str) -> Actor:
    """The active person whose token this is; raises AccessDenied."""
    digest = hashlib.sha256(token.encode()).digest()
    with context.db.read() as session:
        actor = find_actor_by_token(session, digest, context.clock.real())
    if actor is None:
        raise AccessDenied("this token is unknown, expired or withdrawn")
    return actor
