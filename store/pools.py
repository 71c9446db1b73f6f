"""Whose work is about to expire, and who can still do it: the owner, who covers for them, then supervisors up the tree."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.hearing import Task
from store.models.messages import Message
from store.models.organisation import Delegation, Org, User
from store.models.steering import QueueWarning
from wenhou.core.actors import Role
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Expiring:
    """Work of one queue: an advisor's, or (`advisor_id` None) the pool of an org. `first_at`: the nearest end.

    `kind`: `approvals` expire, `tasks` fall due.
    """

    kind: str
    advisor_id: uuid.UUID | None
    org_id: uuid.UUID | None
    amount: int
    first_at: datetime

    @property
    def key(self) -> str:
        """The queue's name."""
        owner = f"advisor:{self.advisor_id.hex}" if self.advisor_id else f"pool:{_hex(self.org_id)}"
        return f"{self.kind}:{owner}"


def list_expiring(session: Session, now: datetime, until: datetime) -> list[Expiring]:
    """Proposed messages that expire and open to-dos that fall due in (now, until], by queue, the nearest first."""
    messages = session.execute(
        select(Message.advisor_id, Message.org_id, func.count(), func.min(Message.expires_at))
        .where(Message.status == Status.PROPOSED, Message.expires_at > now, Message.expires_at <= until)
        .group_by(Message.advisor_id, Message.org_id)
    )
    tasks = session.execute(
        select(Task.assignee_id, Task.org_id, func.count(), func.min(Task.due_at))
        .where(Task.state == "open", Task.due_at > now, Task.due_at <= until)
        .group_by(Task.assignee_id, Task.org_id)
    )
    merged: dict[str, Expiring] = {}
    for kind, rows in (("approvals", messages), ("tasks", tasks)):
        for owner, org, amount, first_at in rows:
            one = Expiring(kind=kind, advisor_id=owner, org_id=org, amount=amount, first_at=first_at)
            old = merged.get(one.key)
            merged[one.key] = one if old is None else _together(old, one)
    return sorted(merged.values(), key=lambda one: (one.first_at, one.key))


def people_for(
    session: Session, advisor_id: uuid.UUID | None, org_id: uuid.UUID | None, now: datetime
) -> list[User]:
    """Who can do the work of a queue, in the order in which they are told; empty: nobody in the whole bank.

    The advisor or the pool's approver; while they are absent, or no longer there, who covers for them; then the
    supervisors of the org and of each one above it, those at work first.
    """
    org = session.get(Org, org_id) if org_id is not None else None
    owner_id = advisor_id or (org.pool_approver_id if org is not None else None)
    owner = session.get(User, owner_id) if owner_id is not None else None
    if org is None and owner is not None:
        org = session.get(Org, owner.org_id)
    found: list[User] = []
    if owner is not None:
        deputies = deputies_of(session, owner.id, now)
        found += deputies
        if owner.is_active and not is_absent(session, owner.id, now):
            found = [owner]
    found += supervisors_above(session, org, now)
    return list({one.id: one for one in found}.values())


def supervisors_above(session: Session, org: Org | None, now: datetime) -> list[User]:
    """Active supervisors of an org and of those above it, the nearest first, the absent ones last."""
    rows = session.execute(
        select(User, Org.path).join(Org, Org.id == User.org_id).where(User.is_active).order_by(User.login)
    )
    above = [
        (is_absent(session, user.id, now), -len(path), user.login, user)
        for user, path in rows
        if Role.SUPERVISOR in user.roles and (org is None or org.path.startswith(path))
    ]
    return [user for *_, user in sorted(above, key=lambda one: one[:3])]


def deputies_of(session: Session, user_id: uuid.UUID, now: datetime) -> list[User]:
    """Active people who cover for somebody at this moment and are not absent themselves."""
    rows = session.scalars(
        select(User)
        .join(Delegation, Delegation.deputy_id == User.id)
        .where(
            Delegation.absent_id == user_id,
            Delegation.starts_at <= now,
            Delegation.ends_at > now,
            User.is_active,
        )
        .order_by(User.login)
    )
    return [one for one in rows if not is_absent(session, one.id, now)]


def is_absent(session: Session, user_id: uuid.UUID, now: datetime) -> bool:
    """Whether somebody covers for a person now."""
    found = session.scalar(
        select(func.count(Delegation.id)).where(
            Delegation.absent_id == user_id, Delegation.starts_at <= now, Delegation.ends_at > now
        )
    )
    return bool(found)


def note_warning(
    session: Session, queue: str, on_day: date, stage: int, *, user_id: uuid.UUID | None, at: datetime
) -> bool:
    """Say that a queue's warning of a stage is given; False when it was before."""
    row = {
        "id": new_id(),
        "queue": queue,
        "on_day": on_day,
        "stage": stage,
        "user_id": user_id,
        "warned_at": at,
    }
    unique = ("queue", "on_day", "stage")
    return bool(insert_new(session, QueueWarning, [row], unique=unique, returning=QueueWarning.id))


def orgs_in_nobodys_hands(session: Session, now: datetime) -> Sequence[Org]:
    """Orgs whose pool nobody in the bank could approve: no approver at work and no supervisor at or above."""
    orgs = session.scalars(select(Org).order_by(Org.path)).all()
    return [org for org in orgs if not people_for(session, None, org.id, now)]


def _together(one: Expiring, other: Expiring) -> Expiring:
    """An advisor's customers may belong to several orgs: one queue all the same."""
    return Expiring(
        kind=one.kind,
        advisor_id=one.advisor_id,
        org_id=one.org_id or other.org_id,
        amount=one.amount + other.amount,
        first_at=min(one.first_at, other.first_at),
    )


def _hex(org_id: uuid.UUID | None) -> str:
    return org_id.hex if org_id is not None else "none"
