"""The bank's tree: adding nodes, and who approves for customers without an advisor."""

from __future__ import annotations

import uuid

from store import orgs
from store.audit import record
from store.users import find_user_by_id
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services.context import Context

KINDS = ("head_office", "branch", "sub_branch", "outlet")


def create_org(
    context: Context, actor: Actor, *, code: str, name: str, kind: str, parent_code: str | None = None
) -> uuid.UUID:
    """A node of the tree. Raises InputError, AccessDenied."""
    _require_administrator(actor)
    if kind not in KINDS:
        msg = f"unknown kind of org {kind}; known are {', '.join(KINDS)}"
        raise InputError(msg, code="org_kind")
    now = context.clock.now()
    with context.db.write() as session:
        parent = orgs.get_org(session, parent_code) if parent_code is not None else None
        org = orgs.add_org(session, code=code, name=name, kind=kind, parent=parent, at=now)
        record(session, now, actor, "org.create", "org", org.id, {"code": code})
        return org.id


def set_pool_approver(context: Context, actor: Actor, code: str, user_id: uuid.UUID | None) -> None:
    """Who approves for this org's customers without an advisor; None: nobody but its supervisors."""
    _require_administrator(actor)
    now = context.clock.now()
    with context.db.write() as session:
        org = orgs.get_org(session, code)
        if user_id is not None and find_user_by_id(session, user_id) is None:
            msg = "there is no such person"
            raise AccessDenied(msg)
        org.pool_approver_id = user_id
        record(
            session,
            now,
            actor,
            "org.pool_approver",
            "org",
            org.id,
            {"user": user_id.hex if user_id else None},
        )


def _require_administrator(actor: Actor) -> None:
    if actor.kind != "system" and not actor.has(Role.ADMINISTRATOR):
        msg = "only an administrator does this"
        raise AccessDenied(msg)
