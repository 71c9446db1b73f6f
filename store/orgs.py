"""The bank's tree: 总行–分行–支行–网点, each node's path naming all above it."""

from __future__ import annotations

import re
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.models.organisation import Org
from wenhou.core.errors import InputError

_CODE = re.compile(r"[\w.-]{1,40}")


def find_org(session: Session, code: str) -> Org | None:
    """An org by the bank's code."""
    return session.scalars(select(Org).where(Org.code == code)).one_or_none()


def get_org(session: Session, code: str) -> Org:
    """As `find_org`; raises InputError, which names the code."""
    found = find_org(session, code)
    if found is None:
        msg = f"there is no org with the code {code}"
        raise InputError(msg, code="unknown_org")
    return found


def list_orgs(session: Session, path: str = "/") -> Sequence[Org]:
    """A part of the tree, parents before children."""
    below = func.substr(Org.path, 1, len(path)) == path
    return session.scalars(select(Org).where(below).order_by(Org.path)).all()


def paths_of(session: Session, ids: Collection[uuid.UUID | None]) -> dict[uuid.UUID, str]:
    """Org → its path, of those that exist."""
    wanted = {one for one in ids if one is not None}
    rows = session.execute(select(Org.id, Org.path).where(Org.id.in_(wanted))) if wanted else ()
    return {row.id: row.path for row in rows}


def find_org_by_id(session: Session, org_id: uuid.UUID) -> Org | None:
    """An org by id."""
    return session.get(Org, org_id)


def add_org(session: Session, *, code: str, name: str, kind: str, parent: Org | None, at: datetime) -> Org:
    """A node below its parent; raises InputError for a code that is taken or cannot stand in a path."""
    if not _CODE.fullmatch(code):
        msg = f"the org code {code!r} may hold letters, digits, '.', '-' and '_' only, at most 40"
        raise InputError(msg, code="org_code")
    if find_org(session, code) is not None:
        msg = f"the org code {code} is taken"
        raise InputError(msg, code="org_code")
    above = parent.path if parent is not None else "/"
    org = Org(
        code=code,
        name=name,
        kind=kind,
        parent_id=parent.id if parent is not None else None,
        path=f"{above}{code}/",
        created_at=at,
    )
    session.add(org)
    session.flush()
    return org
