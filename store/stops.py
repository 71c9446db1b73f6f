"""Orders to stop and paused campaigns: two small tables, read at release, at the claim and just before each call."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from store.models.campaigns import Campaign
from store.models.handover import Stop
from store.models.organisation import Org


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
    rows = session.execute(select(Stop.scope, Stop.value).where(Stop.lifted_at.is_(None))).all()
    paused = session.scalars(select(Campaign.id).where(Campaign.state == "paused")).all()
    if not rows and not paused:
        return Stops()
    found: dict[str, set[str]] = {}
    for scope, value in rows:
        found.setdefault(scope, set()).add(value)
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
