"""Proving who one is: passwords (argon2id), lock-out, sessions and API tokens."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from store.audit import record
from store.database import Session
from store.models.organisation import ApiToken, User
from store.users import find_token, find_user, find_user_by_id, load_actor
from wenhou.core.actors import SYSTEM, Actor, Role
from wenhou.core.errors import AccessDenied, Refused, WenhouError
from wenhou.services.context import Context

TRIES = 5
LOCKED_FOR = timedelta(minutes=10)
TOKEN_PREFIX = "wh_"  # noqa: S105 - how a token of ours is told from another in a leak
_SEEN_AGAIN = timedelta(minutes=1)
"""A token's last use is written at most this often: not one write a request."""
_WRONG = "login or password is wrong"


class SignInRefused(WenhouError):
    """Login or password wrong, or the login locked; the sentence never says which of login and password."""

    code = "sign_in"


def sign_in(context: Context, login: str, password: str) -> Actor:
    """The person with this login and password; raises SignInRefused.

    Five wrong passwords in a row lock the login for ten minutes (wall time), right ones included. An unknown login
    costs as much time as a wrong password. Every try is audited.
    """
    hashed = _stored_hash(context, login)
    fits = _fits(hashed, password)
    real = context.clock.real()
    with context.db.write() as session:
        user = find_user(session, login, lock=True)
        if user is None or not user.is_active:
            record(session, context.clock.now(), SYSTEM, "sign_in.unknown", "user", None)
            refusal: str | None = _WRONG
        else:
            refusal = _judge(session, context, user, fits=fits and hashed == user.password_hash, real=real)
        if refusal is None and user is not None:
            return load_actor(session, user, context.clock.now())
    raise SignInRefused(refusal or _WRONG)


def actor_of(context: Context, user_id: uuid.UUID, *, epoch: int | None = None) -> Actor:
    """The actor of a session: raises AccessDenied when the person is inactive or the session's epoch is over."""
    with context.db.read() as session:
        user = find_user_by_id(session, user_id)
        if user is None or not user.is_active or (epoch is not None and epoch != user.session_epoch):
            msg = "this session is over; sign in again"
            raise AccessDenied(msg)
        return load_actor(session, user, context.clock.now())


def session_epoch(context: Context, user_id: uuid.UUID) -> int:
    """What a new session carries; a later one ends it."""
    with context.db.read() as session:
        user = find_user_by_id(session, user_id)
        if user is None:
            msg = "there is no such person"
            raise AccessDenied(msg)
        return user.session_epoch


def issue_token(
    context: Context,
    actor: Actor,
    user_id: uuid.UUID,
    name: str,
    *,
    scopes: Sequence[str] = (),
    expires_at: datetime | None = None,
) -> str:
    """A new API token of a person, shown this once; the actor is that person or an administrator."""
    if actor.kind != "system" and actor.user_id != user_id and not actor.has(Role.ADMINISTRATOR):
        msg = "a token is made by its owner or an administrator"
        raise AccessDenied(msg)
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    now = context.clock.now()
    with context.db.write() as session:
        user = find_user_by_id(session, user_id)
        if user is None or not user.is_active:
            msg = "there is no such person, or they left"
            raise AccessDenied(msg)
        row = ApiToken(
            user_id=user_id,
            name=name,
            token_hash=_token_hash(token),
            scopes=list(scopes),
            created_at=now,
            expires_at=expires_at,
        )
        session.add(row)
        session.flush()
        record(
            session,
            now,
            actor,
            "token.issue",
            "api_token",
            row.id,
            {"user": user_id.hex, "scopes": [*scopes]},
        )
    return token


def revoke_token(context: Context, actor: Actor, token_id: uuid.UUID) -> None:
    """A token is over at once; by its owner or an administrator."""
    now = context.clock.now()
    with context.db.write() as session:
        row = session.get(ApiToken, token_id)
        may = actor.kind == "system" or actor.has(Role.ADMINISTRATOR)
        if row is None or not (may or row.user_id == actor.user_id):
            msg = "there is no such token"
            raise AccessDenied(msg)
        if row.revoked_at is not None:
            msg = "this token is revoked already"
            raise Refused(msg)
        row.revoked_at = now
        record(session, now, actor, "token.revoke", "api_token", row.id)


def actor_of_token(context: Context, token: str) -> tuple[Actor, frozenset[str]]:
    """Whose token this is and its scopes; raises AccessDenied for one unknown, expired, revoked or ownerless."""
    now = context.clock.now()
    with context.db.read() as session:
        found = find_token(session, _token_hash(token))
        if found is None or not _is_good(*found, now):
            msg = "this token is not valid"
            raise AccessDenied(msg)
        row, user = found
        actor = load_actor(session, user, now)
    if row.last_used_at is None or now - row.last_used_at >= _SEEN_AGAIN:
        with context.db.write() as session:
            session.get_one(ApiToken, row.id).last_used_at = now
    return actor, frozenset(row.scopes)


def hash_password(password: str) -> str:
    """The argon2id hash of a password, its parameters inside."""
    return _hasher().hash(password)


def _judge(session: Session, context: Context, user: User, *, fits: bool, real: datetime) -> str | None:
    """Count the try on the person's row; the sentence of a refusal, or None."""
    now = context.clock.now()
    if user.locked_until is not None and user.locked_until > real:
        record(session, now, SYSTEM, "sign_in.locked", "user", user.id)
        minutes = -(-int((user.locked_until - real).total_seconds()) // 60) or 1
        return f"too many wrong passwords; try again in {minutes} minutes"
    if not fits:
        user.failed_sign_ins += 1
        if user.failed_sign_ins >= TRIES:
            user.failed_sign_ins, user.locked_until = 0, real + LOCKED_FOR
        record(session, now, SYSTEM, "sign_in.failed", "user", user.id)
        return _WRONG
    user.failed_sign_ins, user.locked_until = 0, None
    record(session, now, Actor(kind="user", user_id=user.id), "sign_in.done", "user", user.id)
    return None


def _stored_hash(context: Context, login: str) -> str | None:
    with context.db.read() as session:
        user = find_user(session, login)
        return user.password_hash if user is not None else None


def _fits(hashed: str | None, password: str) -> bool:
    """Whether the password fits; outside any transaction, for it takes a tenth of a second by design."""
    try:
        _hasher().verify(hashed or _nobodys_hash(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobodys_hash() -> str:
    """What an unknown login's password is compared with, so that it takes as long."""
    return hash_password(secrets.token_urlsafe(16))


def _token_hash(token: str) -> bytes:
    """Tokens are 256 random bits: a plain hash cannot be guessed backwards."""
    return hashlib.sha256(token.encode()).digest()


def _is_good(row: ApiToken, user: User, now: datetime) -> bool:
    return user.is_active and row.revoked_at is None and (row.expires_at is None or row.expires_at > now)
