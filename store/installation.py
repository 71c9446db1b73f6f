"""The first rows of an installation: the head office and people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.organisation import ApiToken, Delegation, Org, User
from wenhou.core.actors import Actor

HEAD_OFFICE_CODE = "HQ"


def find_head_office(session: Session) -> Org | None:
    """The root of the bank's tree, or None in a new store."""
    return session.scalar(select(Org).where(Org.kind == "head_office").order_by(Org.id).limit(1))


def make_head_office(session: Session, *, name: str, at: datetime) -> Org:
    """The root of the bank's tree."""
    head = Org(
        code=HEAD_OFFICE_CODE, name=name, kind="head_office", path=f"/{HEAD_OFFICE_CODE}/", created_at=at
    )
    session.add(head)
    session.flush()
    return head


def find_user(session: Session, login: str) -> User | None:
    """A person by login, active or not."""
    return session.scalar(select(User).where(User.login == login))


def add_user(
    session: Session, *, login: str, name: str, roles: Sequence[str], org_id: uuid.UUID, at: datetime
) -> User:
    """A person without a password: may not sign in until one is set."""
    user = User(login=login, name=name, roles=[str(role) for role in roles], org_id=org_id, created_at=at)
    session.add(user)
    session.flush()
    return user


def find_actor_by_login(session: Session, login: str, now: datetime) -> Actor | None:
    """The active person of a login as one who acts."""
    user = find_user(session, login)
    return _actor(session, user, now) if user is not None and user.is_active else None


def find_actor_by_token(session: Session, token_hash: bytes, now: datetime) -> Actor | None:
    """The active person of a token that is in force."""
    token = session.scalar(
        select(ApiToken).where(ApiToken.token_hash == token_hash, ApiToken.revoked_at.is_(None))
    )
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    user = session.get(User, token.user_id)
    return _actor(session, user, now) if user is not None and user.is_active else None


def _actor(session: Session, user: User, now: datetime) -> Actor:
    covered = session.scalars(
        select(Delegation.absent_id).where(
            Delegation.deputy_id == user.id, Delegation.starts_at <= now, Delegation.ends_at > now
        )
    )
    return Actor(
        kind="user",
        user_id=user.id,
        name=user.name,
        roles=frozenset(user.roles),
        org_path=session.get_one(Org, user.org_id).path,
        covers=frozenset(covered),
    )
