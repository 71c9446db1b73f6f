"""Approved messages whose day passed before they left, of campaigns that ask again before sending late."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from store.approvals import void_votes
from store.models.messages import Approval, Message
from store.transitions import Change, change_status
from wenhou.core.statuses import Event, Status

_REASON = "asked_again"


def ask_again(
    session: Session, campaign_id: uuid.UUID, on_day: date, step: int, *, over_at: datetime, at: datetime
) -> int:
    """Send back to their approver what was agreed to before its window ended at `over_at`; how many.

    Nobody is asked twice: an agreement given after the end stands.
    """
    agreed_since = exists().where(
        Approval.message_id == Message.id,
        Approval.at >= over_at,
        Approval.voided_at.is_(None),
        Approval.decision == "approved",
    )
    waiting = session.execute(
        select(Message.id, Message.level).where(
            Message.campaign_id == campaign_id,
            Message.planned_for == on_day,
            Message.step == step,
            Message.status == Status.SCHEDULED,
            Message.released_at.is_(None),
            Message.claim_until.is_(None),
            Message.expires_at > at,
            ~agreed_since,
        )
    ).all()
    changes = [
        Change(
            message_id=row.id,
            was=Status.SCHEDULED,
            event=Event.REVISE,
            actor="system",
            reason=_REASON,
            sets={"approvals": 0, "level": max(row.level, 1)},
            requires={"claim_until": None},
        )
        for row in waiting
    ]
    moved = change_status(session, changes, at)
    for message_id in moved:
        void_votes(session, message_id, _REASON, at)
    return len(moved)
