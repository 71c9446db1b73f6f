"""People: creating them, their passwords and roles, their absences. Administrators do it; everything is audited."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from store.audit import record
from store.database import Session
from store.models.organisation import Delegation, User
from store.orgs import find_org_by_id, get_org
from store.users import end_sessions, find_user, find_user_by_id
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services.context import Context
from wenhou.services.sign_in import hash_password

SHORTEST = 10
"""Characters of a password (length is what slows guessing down; no rules about its kinds of characters)."""


def create_user(
    context: Context,
    actor: Actor,
    *,
    login: str,
    name: str,
    org_code: str,
    roles: Iterable[Role | str],
    password: str | None = None,
    employee_no: str | None = None,
) -> uuid.UUID:
    """A new person; without a password they cannot sign in yet. Raises InputError, AccessDenied."""
    _require_administrator(actor)
    wanted = _known_roles(roles)
    hashed = _hashed(password) if password is not None else None
    now = context.clock.now()
    with context.db.write() as session:
        if find_user(session, login) is not None:
            msg = f"the login {login} is taken"
            raise InputError(msg, code="login_taken")
        user = User(
            login=login,
            name=name,
            employee_no=employee_no,
            org_id=get_org(session, org_code).id,
            roles=wanted,
            password_hash=hashed,
            created_at=now,
        )
        session.add(user)
        session.flush()
        record(session, now, actor, "user.create", "user", user.id, {"roles": wanted, "org": org_code})
        return user.id


def set_password(context: Context, actor: Actor, user_id: uuid.UUID, password: str) -> None:
    """One's own password, or anybody's by an administrator; ends every session and any lock."""
    if actor.user_id != user_id:
        _require_administrator(actor)
    hashed = _hashed(password)
    now = context.clock.now()
    with context.db.write() as session:
        user = _get(session, user_id)
        user.password_hash = hashed
        user.failed_sign_ins, user.locked_until = 0, None
        end_sessions(session, user_id)
        record(session, now, actor, "user.password", "user", user_id)


def set_roles(context: Context, actor: Actor, user_id: uuid.UUID, roles: Iterable[Role | str]) -> None:
    """What a person may do from now on; ends every session. Nobody gives themselves a role."""
    _require_administrator(actor)
    if actor.user_id == user_id:
        msg = "nobody changes their own roles; ask another administrator"
        raise AccessDenied(msg)
    wanted = _known_roles(roles)
    now = context.clock.now()
    with context.db.write() as session:
        user = _get(session, user_id)
        details = {"from": list(user.roles), "to": wanted}
        user.roles = wanted
        end_sessions(session, user_id)
        record(session, now, actor, "user.roles", "user", user_id, details)


def deactivate(context: Context, actor: Actor, user_id: uuid.UUID) -> None:
    """A person who left: no sign-in, no token, no session from now on. What they did stays theirs."""
    _require_administrator(actor)
    now = context.clock.now()
    with context.db.write() as session:
        _get(session, user_id).is_active = False
        end_sessions(session, user_id)
        record(session, now, actor, "user.deactivate", "user", user_id)


def delegate(
    context: Context,
    actor: Actor,
    *,
    absent_id: uuid.UUID,
    deputy_id: uuid.UUID,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
) -> uuid.UUID:
    """Absence cover, by the absent person, their supervisor or an administrator. Raises InputError, AccessDenied."""
    allowed = actor.kind == "system" or actor.user_id == absent_id
    if not allowed and not actor.has(Role.SUPERVISOR, Role.ADMINISTRATOR):
        msg = "an absence is entered by the person, a supervisor or an administrator"
        raise AccessDenied(msg)
    if absent_id == deputy_id or ends_at <= starts_at:
        msg = "a cover needs another person, and an end after its beginning"
        raise InputError(msg, code="delegation")
    now = context.clock.now()
    with context.db.write() as session:
        absent, deputy = _get(session, absent_id), _get(session, deputy_id)
        _require_in_sight(session, actor, absent)
        row = Delegation(
            absent_id=absent.id, deputy_id=deputy.id, starts_at=starts_at, ends_at=ends_at, reason=reason
        )
        session.add(row)
        session.flush()
        details = {"absent": absent_id.hex, "deputy": deputy_id.hex}
        record(session, now, actor, "delegation.create", "delegation", row.id, details)
        return row.id


def _require_administrator(actor: Actor) -> None:
    if actor.kind != "system" and not actor.has(Role.ADMINISTRATOR):
        msg = "only an administrator does this"
        raise AccessDenied(msg)


def _require_in_sight(session: Session, actor: Actor, user: User) -> None:
    """A supervisor enters absences of their own part of the tree only."""
    if actor.kind == "system" or actor.user_id == user.id or actor.has(Role.ADMINISTRATOR):
        return
    if not _path_of(session, user).startswith(actor.org_path):
        msg = "there is no such person"
        raise AccessDenied(msg)


def _path_of(session: Session, user: User) -> str:
    """The org path of a person."""
    org = find_org_by_id(session, user.org_id)
    return org.path if org is not None else ""


def _get(session: Session, user_id: uuid.UUID) -> User:
    user = find_user_by_id(session, user_id)
    if user is None:
        msg = "there is no such person"
        raise AccessDenied(msg)
    return user


def _known_roles(roles: Iterable[Role | str]) -> list[str]:
    wanted = sorted({str(role) for role in roles})
    unknown = [role for role in wanted if role not in set(Role)]
    if unknown:
        msg = f"unknown role {unknown[0]}; known are {', '.join(Role)}"
        raise InputError(msg, code="unknown_role")
    return wanted


def _hashed(password: str) -> str:
    if len(password) < SHORTEST:
        msg = f"a password needs at least {SHORTEST} characters"
        raise InputError(msg, code="password_short")
    return hash_password(password)
