"""Days of mourning in the store: which are in force where, and what they silenced."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign, Occurrence
from store.models.customers import Customer
from store.models.messages import Message
from store.models.organisation import Org
from store.models.steering import Mourning as MourningRow
from store.sight import message_scope
from store.transitions import Change, change_status
from wenhou.core.actors import Actor
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING, Event, Status

REASON = "mourning"
RESTING = (Purpose.CARE, Purpose.MARKETING)
"""Purposes that rest; festive words rest whatever their purpose, which only reading them tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mourning:
    """A mourning in force: for orgs at or below `org_path` (None: the whole bank), both days included."""

    org_path: str | None
    from_on: date
    until_on: date

    def covers(self, org_path: str | None) -> bool:
        """Whether it rests words to customers of that org; who belongs to no org is meant by the whole bank's alone."""
        return self.org_path is None or (org_path or "").startswith(self.org_path)


def mournings_in_force(session: Session, day: date) -> list[Mourning]:
    """Those that nobody ended and that hold on a day. Usually one look at nothing."""
    rows = session.execute(
        select(Org.path, MourningRow.from_on, MourningRow.until_on)
        .outerjoin(Org, Org.id == MourningRow.org_id)
        .where(MourningRow.until_on >= day, MourningRow.from_on <= day, MourningRow.ended_at.is_(None))
        .order_by(MourningRow.id)
    )
    return [Mourning(org_path=row.path, from_on=row.from_on, until_on=row.until_on) for row in rows]


def is_solemn(session: Session, org_path: str | None, day: date) -> bool:
    """Whether words to customers of an org are to be judged as on a solemn day."""
    return any(one.covers(org_path) for one in mournings_in_force(session, day))


def rests_until(mournings: Sequence[Mourning], org_path: str | None, day: date) -> date | None:
    """The last day, through mournings that meet or overlap, on which words rest; None: they do not on `day`."""
    last: date | None = None
    reached = day
    while True:
        ends = [
            one.until_on
            for one in mournings
            if one.covers(org_path) and one.from_on <= reached and one.until_on >= reached
        ]
        if not ends:
            return last
        last = max(ends)
        reached = last + timedelta(days=1)


def list_standing(session: Session, day: date) -> list[Mourning]:
    """Those that nobody ended and that are not over before a day: in force or still to come."""
    rows = session.execute(
        select(Org.path, MourningRow.from_on, MourningRow.until_on)
        .outerjoin(Org, Org.id == MourningRow.org_id)
        .where(MourningRow.until_on >= day, MourningRow.ended_at.is_(None))
        .order_by(MourningRow.from_on)
    )
    return [Mourning(org_path=row.path, from_on=row.from_on, until_on=row.until_on) for row in rows]


def add_mourning(
    session: Session,
    *,
    org_id: uuid.UUID | None,
    days: tuple[date, date],
    reason: str,
    by: uuid.UUID | None,
    at: datetime,
) -> MourningRow:
    """Write one; it counts when the transaction commits."""
    row = MourningRow(
        id=new_id(),
        org_id=org_id,
        from_on=days[0],
        until_on=days[1],
        reason=reason,
        started_by=by,
        started_at=at,
    )
    session.add(row)
    session.flush()
    return row


def get_mourning(session: Session, mourning_id: uuid.UUID) -> MourningRow | None:
    """One, locked for the transaction."""
    lock = session.get_bind().dialect.name == "postgresql"
    return session.get(MourningRow, mourning_id, with_for_update=lock)


def list_mournings(session: Session) -> Sequence[tuple[MourningRow, Org | None]]:
    """All there ever were, the newest first, with their org."""
    rows = session.execute(
        select(MourningRow, Org)
        .outerjoin(Org, Org.id == MourningRow.org_id)
        .order_by(MourningRow.from_on.desc(), MourningRow.id.desc())
    )
    return [(row, org) for row, org in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """One message that mourning kept back. `state`: `skipped`, `held` until it is over, `will_rest` when its time comes."""

    campaign: str
    on_day: date
    state: str
    customer: str


def list_silenced(session: Session, actor: Actor, row: MourningRow, *, today: date) -> Iterator[Silenced]:
    """What a mourning kept back, of the customers the actor may see, campaign by campaign; raises AccessDenied.

    What waits and would be kept back counts as well while the mourning is in force.
    """
    stands = row.ended_at is None and row.until_on >= today
    waits = and_(Message.status.in_(PENDING), Message.purpose.in_(RESTING), Message.origin == "campaign")
    statement = (
        select(Campaign.key, Message.planned_for, Message.status, Message.reason, Customer.external_ref)
        .join(Occurrence, Occurrence.id == Message.occurrence_id)
        .join(Campaign, Campaign.id == Occurrence.campaign_id)
        .join(Customer, Customer.id == Message.customer_id)
        .where(
            Occurrence.on_day.between(row.from_on, row.until_on),
            or_(Message.reason == REASON, waits) if stands else Message.reason == REASON,
            message_scope(actor),
        )
        .order_by(Campaign.key, Message.planned_for, Customer.external_ref)
    )
    below = _below(session, row.org_id)
    if below is not None:
        statement = statement.where(Message.org_id.in_(below))
    for found in session.execute(statement.execution_options(yield_per=500)):
        rests = "held" if found.reason == REASON else "will_rest"
        state = rests if found.status in PENDING else "skipped"
        yield Silenced(campaign=found.key, on_day=found.planned_for, state=state, customer=found.external_ref)


def free_held(session: Session, row: MourningRow, *, at: datetime) -> int:
    """Up to 500 messages that an ended mourning held fall due as they would have; the gates decide anew. 0: none left."""
    statement = select(Message.id, Message.status, Message.not_before).where(
        Message.reason == REASON,
        Message.status.in_(PENDING),
        Message.due_at > at,
        Message.not_before < Message.due_at,
    )
    below = _below(session, row.org_id)
    if below is not None:
        statement = statement.where(Message.org_id.in_(below))
    changes = [
        Change(
            message_id=found.id,
            was=Status(found.status),
            event=Event.RESCHEDULE,
            actor="system",
            sets={"due_at": max(found.not_before, at)},
        )
        for found in session.execute(statement.limit(500))
    ]
    return len(change_status(session, changes, at))


def _below(session: Session, org_id: uuid.UUID | None) -> Select[uuid.UUID] | None:
    """The orgs a mourning is meant for; None: all, and those of no org."""
    if org_id is None:
        return None
    path = session.get_one(Org, org_id).path
    return select(Org.id).where(func.substr(Org.path, 1, len(path)) == path)
