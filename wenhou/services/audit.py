"""The audit as acts: sealing, anchoring and proving it, and looks at what is confidential."""

from __future__ import annotations

import uuid
from datetime import date
from pathlib import Path

from store import access, anchors, audit
from wenhou.core.actors import SYSTEM, Actor, Role
from wenhou.core.errors import AccessDenied
from wenhou.services.context import Context


def seal_audit(context: Context) -> int:
    """Chain what was recorded since; the leader calls it each second. Returns how many rows."""
    with context.db.write() as session:
        return audit.seal(session, context.clock.real())


def anchor_audit(context: Context, path: Path) -> bool:
    """Write the chain's end to the anchors' file, unless it stands there already; whether a line was written."""
    known = anchors.read_anchors(path, context.vault.digest_key) if path.exists() else []
    with context.db.read() as session:
        newest = audit.newest_seal(session)
    if newest is None or (known and known[-1] == newest):
        return False
    anchors.write_anchor(path, context.vault.digest_key, newest, context.clock.real())
    return True


def verify_audit(context: Context, actor: Actor, path: Path | None = None) -> audit.AuditReport:
    """Prove the chain, with the anchors' file when given. Raises AccessDenied, InputError (an altered anchor)."""
    if actor.kind != "system" and not actor.has(Role.COMPLIANCE, Role.ADMINISTRATOR):
        msg = "the audit is verified by compliance or an administrator"
        raise AccessDenied(msg)
    known = anchors.read_anchors(path, context.vault.digest_key) if path is not None else []
    with context.db.read() as session:
        return audit.verify(session, known)


def look_at_restrictions(
    context: Context, actor: Actor, customer_id: uuid.UUID, on: date
) -> list[access.Restriction]:
    """Why a customer is left alone, as far as the actor may know; a look at a confidential kind is recorded."""
    with context.db.write() as session:
        found = access.list_restrictions(session, actor, customer_id, on)
        if any(row.confidential and row.kind is not None for row in found):
            now = context.clock.now()
            audit.record(session, now, actor, "restriction.look", "customer", customer_id)
        return found


def record_denial(context: Context, actor: Actor, kind: str, subject: uuid.UUID | str | None) -> None:
    """Somebody asked for what is out of their sight, or does not exist. Only ids are kept, never what they typed.

    `kind`: which page; `subject`: the id in its address, or a bank's number, kept as the customer's id if there is one.
    """
    with context.db.write() as session:
        found = subject if isinstance(subject, uuid.UUID) else None
        if isinstance(subject, str):
            customer = access.find_customer(session, SYSTEM, subject)
            found = customer.id if customer is not None else None
        audit.record(session, context.clock.now(), actor, "access.denied", kind, found)
