"""The first rows of an installation: the head office and people."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from store.models.organisation import Org, User

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


def add_user(
    session: Session, *, login: str, name: str, roles: Sequence[str], org_id: uuid.UUID, at: datetime
) -> User:
    """A person without a password: may not sign in until one is set."""
    user = User(login=login, name=name, roles=[str(role) for role in roles], org_id=org_id, created_at=at)
    session.add(user)
    session.flush()
    return user
