"""The reckoning after a run: what became of every customer of a campaign, to be compared with a provider's counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, exists, func, select
from sqlalchemy.orm import Session

from store.models.customers import Customer
from store.models.handover import Attempt
from store.models.messages import Message
from wenhou.core.statuses import Status

UNFINISHED = (Status.PROPOSED, Status.SCHEDULED, Status.SENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """One customer's message. `explained`: an attempt says that its outcome is unknown, and a reason says why."""

    ref: str
    status: str
    reason: str | None
    explained: bool


def reckon(session: Session) -> list[Reckoned]:
    """Every message of a campaign with its customer's number."""
    told = exists().where(and_(Attempt.message_id == Message.id, Attempt.outcome == "unknown"))
    rows = session.execute(
        select(Customer.external_ref, Message.status, Message.reason, told.label("told"))
        .join(Customer, Customer.id == Message.customer_id)
        .where(Message.origin == "campaign")
    )
    return [
        Reckoned(
            ref=row.external_ref,
            status=row.status,
            reason=row.reason,
            explained=bool(row.told) and row.reason is not None,
        )
        for row in rows
    ]


def count_in(session: Session, statuses: Sequence[str] = UNFINISHED) -> int:
    """How many messages stand in one of these statuses."""
    return session.scalar(select(func.count()).where(Message.status.in_(statuses))) or 0
