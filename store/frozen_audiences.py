"""An audience as it was approved: its members kept by the campaign's version, and how the rule has drifted since."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, func, insert, literal, select
from sqlalchemy.orm import Session

from store.audiences import compile_rule
from store.models.audiences import AudienceMember
from store.models.campaigns import Occurrence
from store.models.customers import Customer
from store.models.messages import Message
from store.types import Id
from wenhou.core.audience import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What the rule says today against who was in when it was fixed.

    `joined`: would be in today and are not; None where a run meets only some of its audience. `left`: are in and
    would not be today.
    """

    joined: int | None
    left: int
    frozen: int


def freeze_audience(
    session: Session, version_id: uuid.UUID, rule: Rule, now: datetime, zone: ZoneInfo | None = None
) -> int:
    """Keep who is in the audience now, once a version; how many it has. Frozen already: nothing changes."""
    if is_frozen(session, version_id):
        return _frozen_count(session, version_id)
    members = select(literal(version_id, Id), Customer.id).where(compile_rule(rule, now, zone, counting=True))
    session.execute(insert(AudienceMember).from_select(["campaign_version_id", "customer_id"], members))
    return _frozen_count(session, version_id)


def is_frozen(session: Session, version_id: uuid.UUID) -> bool:
    """Whether anybody was kept for this version; an audience of nobody counts as not frozen."""
    return bool(session.scalar(select(exists().where(AudienceMember.campaign_version_id == version_id))))


def frozen_audience(version_id: uuid.UUID) -> ColumnElement[bool]:
    """The condition that a customer was in the audience when this version was approved: for the planner."""
    return (
        exists()
        .where(AudienceMember.campaign_version_id == version_id, AudienceMember.customer_id == Customer.id)
        .correlate(Customer)
    )


def drift(
    session: Session, version_id: uuid.UUID, rule: Rule, now: datetime, zone: ZoneInfo | None = None
) -> Drift:
    """A frozen audience against its rule today."""
    return _drift(session, frozen_audience(version_id), compile_rule(rule, now, zone), is_whole=True)


def drift_of_run(
    session: Session,
    occurrence_id: uuid.UUID,
    rule: Rule,
    now: datetime,
    zone: ZoneInfo | None = None,
    *,
    is_whole: bool,
) -> Drift:
    """The customers of a planned run against its rule today.

    `is_whole`: the run meets its whole audience (a festival does, a birthday meets those whose day it is).
    """
    planned = (
        exists()
        .where(Message.occurrence_id == occurrence_id, Message.customer_id == Customer.id)
        .correlate(Customer)
    )
    return _drift(session, planned, compile_rule(rule, now, zone), is_whole=is_whole)


def runs_from(session: Session, campaign_id: uuid.UUID, day: date) -> list[tuple[uuid.UUID, date]]:
    """Planned runs of a campaign on this day or later: (run, day)."""
    rows = session.execute(
        select(Occurrence.id, Occurrence.on_day)
        .where(
            Occurrence.campaign_id == campaign_id, Occurrence.on_day >= day, Occurrence.state != "cancelled"
        )
        .order_by(Occurrence.on_day)
    )
    return [(row.id, row.on_day) for row in rows]


def _drift(
    session: Session, fixed: ColumnElement[bool], today: ColumnElement[bool], *, is_whole: bool
) -> Drift:
    return Drift(
        joined=_count(session, and_(today, ~fixed)) if is_whole else None,
        left=_count(session, and_(fixed, today.is_not(True))),
        frozen=_count(session, fixed),
    )


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(Customer).where(condition)) or 0


def _frozen_count(session: Session, version_id: uuid.UUID) -> int:
    which = AudienceMember.campaign_version_id == version_id
    return session.scalar(select(func.count()).select_from(AudienceMember).where(which)) or 0
