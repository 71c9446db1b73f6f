"""Orders to stop: one small table, read at release, at the claim and just before each call."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign
from store.models.handover import Stop
from store.models.messages import Message
from store.models.organisation import Org, User
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status

_IN_FORCE = select(Stop.scope, Stop.value).where(Stop.lifted_at.is_(None))
_PAUSED = select(Campaign.id).where(Campaign.state == "paused")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What is stopped now. `campaigns` holds the paused ones too, `orgs` every org below a stopped one."""

    everything: bool = False
    purposes: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    campaigns: frozenset[uuid.UUID] = frozenset()
    orgs: frozenset[uuid.UUID] = frozenset()

    def covers(
        self, *, purpose: str, channel: str, campaign_id: uuid.UUID | None, org_id: uuid.UUID | None
    ) -> bool:
        """Whether a message of this kind must not leave."""
        return (
            self.everything
            or purpose in self.purposes
            or channel in self.channels
            or (campaign_id is not None and campaign_id in self.campaigns)
            or (org_id is not None and org_id in self.orgs)
        )


def current_stops(session: Session) -> Stops:
    """The orders in force; usually two looks at nothing."""
    rows = session.execute(_IN_FORCE).all()
    paused = session.scalars(_PAUSED).all()
    if not rows and not paused:
        return Stops()
    found: dict[str, set[str]] = {}
    for scope, value in rows:
        found.setdefault(scope, set()).add(value)
    return _gathered(session, found, paused)


def of_order(session: Session, scope: str, value: str) -> Stops:
    """What one order alone would stop; `value` is the id of an org or a campaign."""
    return _gathered(session, {scope: {value}}, ())


def _gathered(session: Session, found: Mapping[str, set[str]], paused: Iterable[uuid.UUID]) -> Stops:
    return Stops(
        everything="all" in found,
        purposes=frozenset(found.get("purpose", ())),
        channels=frozenset(found.get("channel", ())),
        campaigns=frozenset(paused) | {uuid.UUID(value) for value in found.get("campaign", ())},
        orgs=_orgs_below(session, found.get("org", set())),
    )


def _orgs_below(session: Session, ids: set[str]) -> frozenset[uuid.UUID]:
    if not ids:
        return frozenset()
    paths = session.scalars(select(Org.path).where(Org.id.in_([uuid.UUID(value) for value in ids]))).all()
    if not paths:
        return frozenset()
    return frozenset(
        session.scalars(select(Org.id).where(or_(*(Org.path.startswith(path) for path in paths))))
    )


def resolve(session: Session, scope: str, value: str) -> str | None:
    """The id, as text, of an org by code or a campaign by key (or of either by id); None for what is unknown."""
    if scope not in ("org", "campaign"):
        return None
    model, name = (Org, Org.code) if scope == "org" else (Campaign, Campaign.key)
    found = session.scalar(select(model.id).where(name == value))
    if found is None:
        try:
            found = session.scalar(select(model.id).where(model.id == uuid.UUID(value)))
        except ValueError:
            return None
    return str(found) if found is not None else None


def order(
    session: Session, *, scope: str, value: str, reason: str, by: uuid.UUID | None, at: datetime
) -> uuid.UUID:
    """Write an order to stop; effective when the transaction commits."""
    row = Stop(id=new_id(), scope=scope, value=value, reason=reason or None, ordered_by=by, ordered_at=at)
    session.add(row)
    session.flush()
    return row.id


def get_order(session: Session, stop_id: uuid.UUID) -> Stop | None:
    """One order, locked for the transaction."""
    return session.get(Stop, stop_id, with_for_update=session.get_bind().dialect.name == "postgresql")


def list_orders(session: Session) -> list[tuple[Stop, str, str]]:
    """(order, what it names, who gave it) of all in force, newest first."""
    rows = session.execute(
        select(Stop, User.name)
        .outerjoin(User, User.id == Stop.ordered_by)
        .where(Stop.lifted_at.is_(None))
        .order_by(Stop.id.desc())
    )
    return [(row, _spoken(session, row), person or "") for row, person in rows]


def count_covered(session: Session, stops: Stops) -> tuple[int, int]:
    """(scheduled and held by these orders, calls under way)."""
    held = 0
    rows = session.execute(
        select(Message.purpose, Message.channel, Message.campaign_id, Message.org_id, func.count())
        .where(Message.status == Status.SCHEDULED)
        .group_by(Message.purpose, Message.channel, Message.campaign_id, Message.org_id)
    )
    for purpose, channel, campaign_id, org_id, amount in rows:
        if stops.covers(purpose=purpose, channel=channel or "", campaign_id=campaign_id, org_id=org_id):
            held += amount
    flying = session.scalar(select(func.count()).where(Message.status == Status.SENDING)) or 0
    return held, flying


def _spoken(session: Session, row: Stop) -> str:
    if row.scope == "org":
        return session.scalar(select(Org.name).where(Org.id == uuid.UUID(row.value))) or row.value
    if row.scope == "campaign":
        return session.scalar(select(Campaign.name).where(Campaign.id == uuid.UUID(row.value))) or row.value
    return row.value
