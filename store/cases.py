"""Cases: their numbers, who may carry one, what happened to it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from store.models.customers import Customer
from store.models.hearing import Case, CaseEvent
from store.models.organisation import Org, Team, User
from store.sealing import Sealer
from wenhou.core.ids import new_id

OPEN = ("open", "answered", "waiting")
"""States in which a complaint holds care and marketing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCaseEvent:
    """One step of a case; `text` is sealed with the customer's key where there is one."""

    case_id: uuid.UUID
    customer_id: uuid.UUID | None
    kind: str
    at: datetime
    text: str = ""
    is_public: bool = False
    actor_id: uuid.UUID | None = None
    message_id: uuid.UUID | None = None
    id: uuid.UUID = field(default_factory=new_id)


def next_number(session: Session, day: date) -> str:
    """`TS20270130-0001`: the next number of a day. Writers queue here until their transaction ends."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('wenhou.case_number'))"))
    head = f"TS{day:%Y%m%d}-"
    last = session.scalar(select(func.max(Case.number)).where(Case.number.startswith(head)))
    return f"{head}{int(last.removeprefix(head)) + 1 if last else 1:04d}"


def find_open(session: Session, customer_id: uuid.UUID, kind: str) -> Case | None:
    """The customer's open case of a kind, oldest first: a second complaint joins it."""
    return session.scalars(
        select(Case)
        .where(Case.customer_id == customer_id, Case.kind == kind, Case.state.in_(OPEN))
        .order_by(Case.id)
        .limit(1)
    ).first()


def find_open_of_thread(session: Session, conversation_id: uuid.UUID, kind: str) -> Case | None:
    """The open case of a thread whose customer nobody knows yet."""
    return session.scalars(
        select(Case)
        .where(Case.conversation_id == conversation_id, Case.kind == kind, Case.state.in_(OPEN))
        .order_by(Case.id)
        .limit(1)
    ).first()


def add_case_event(session: Session, sealer: Sealer, new: NewCaseEvent) -> CaseEvent:
    """Append one step."""
    event = CaseEvent(
        id=new.id,
        case_id=new.case_id,
        kind=new.kind,
        visibility="public" if new.is_public else "internal",
        text=sealer.seal("case_events", "text", new.id, new.text, new.customer_id) if new.text else None,
        actor_id=new.actor_id,
        message_id=new.message_id,
        at=new.at,
    )
    session.add(event)
    session.flush()
    return event


def find_handler(session: Session, customer: Customer | None, never: Collection[uuid.UUID]) -> User | None:
    """Who carries a complaint: the advisor's team's supervisor, the nearest supervisor up the tree, the deputy.

    Never anybody in `never` (whom it is about). None: nobody fits, and it goes to the org's pool.
    """
    for candidate in (
        *_team_supervisors(session, customer),
        *_supervisors_above(session, customer),
        *_deputies(session, customer),
    ):
        if candidate.is_active and candidate.id not in never:
            return candidate
    return None


def list_of_entry(session: Session, entry_id: uuid.UUID) -> Sequence[Case]:
    """The open cases that an entry opened."""
    return session.scalars(select(Case).where(Case.origin_entry_id == entry_id, Case.state.in_(OPEN))).all()


def list_events(session: Session, case_id: uuid.UUID) -> Sequence[CaseEvent]:
    """The steps of a case in their order."""
    return session.scalars(select(CaseEvent).where(CaseEvent.case_id == case_id).order_by(CaseEvent.id)).all()


def _team_supervisors(session: Session, customer: Customer | None) -> Sequence[User]:
    if customer is None or customer.main_advisor_id is None:
        return ()
    return session.scalars(
        select(User)
        .join(Team, Team.supervisor_id == User.id)
        .where(Team.id == select(User.team_id).where(User.id == customer.main_advisor_id).scalar_subquery())
    ).all()


def _supervisors_above(session: Session, customer: Customer | None) -> list[User]:
    """Supervisors of the managing org and of those above it, the nearest first; of the whole bank without one."""
    statement = select(User, Org.path).join(Org, Org.id == User.org_id).where(User.is_active.is_(True))
    path = None
    if customer is not None and customer.managing_org_id is not None:
        path = session.scalar(select(Org.path).where(Org.id == customer.managing_org_id))
    found = [
        (len(org_path), user)
        for user, org_path in session.execute(statement.order_by(User.id))
        if "supervisor" in user.roles and (path is None or path.startswith(org_path))
    ]
    return [user for _, user in sorted(found, key=lambda one: -one[0])]


def _deputies(session: Session, customer: Customer | None) -> Sequence[User]:
    if customer is None or customer.deputy_advisor_id is None:
        return ()
    return session.scalars(select(User).where(User.id == customer.deputy_advisor_id)).all()
