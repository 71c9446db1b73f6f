"""The people of the bank: who they are, whom they cover for, their tokens. Rules live in the services."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from store.models.organisation import ApiToken, Delegation, Org, User
from wenhou.core.actors import Actor


def find_user(session: Session, login: str, *, lock: bool = False) -> User | None:
    """A person by login, active or not; `lock` keeps others from the row until the unit of work ends."""
    statement = select(User).where(User.login == login)
    return session.scalars(statement.with_for_update() if lock else statement).one_or_none()


def find_user_by_id(session: Session, user_id: uuid.UUID) -> User | None:
    """A person by id, active or not."""
    return session.get(User, user_id)


def list_users(session: Session, *, org_path: str = "/") -> Sequence[User]:
    """People of a part of the tree by login."""
    below = select(Org.id).where(func.substr(Org.path, 1, len(org_path)) == org_path)
    return session.scalars(select(User).where(User.org_id.in_(below)).order_by(User.login)).all()


def load_actor(session: Session, user: User, now: datetime) -> Actor:
    """The actor this person is at this moment, with the absent people they cover for."""
    covers = session.scalars(
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
        covers=frozenset(covers),
    )


def end_sessions(session: Session, user_id: uuid.UUID) -> None:
    """Every session of this person that began before is over."""
    session.execute(
        update(User).where(User.id == user_id).values(session_epoch=User.session_epoch + 1),
        execution_options={"synchronize_session": "fetch"},
    )


def find_token(session: Session, token_hash: bytes) -> tuple[ApiToken, User] | None:
    """A token by its hash, with its owner; whether it is still good is the service's to say."""
    row = session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(ApiToken.token_hash == token_hash)
    ).one_or_none()
    return None if row is None else (row[0], row[1])


def list_tokens(session: Session, user_id: uuid.UUID) -> Sequence[ApiToken]:
    """A person's tokens, the newest first."""
    statement = select(ApiToken).where(ApiToken.user_id == user_id).order_by(ApiToken.id.desc())
    return session.scalars(statement).all()
