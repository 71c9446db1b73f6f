"""What came of two wordings of one step, in people: who was handed which template, who answered, rated, withdrew."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from store.models.campaigns import TemplateVersion
from store.models.customers import Consent
from store.models.hearing import Case, ConversationEntry, Feedback
from store.models.messages import Message
from store.moments import DaysAfter
from wenhou.core.statuses import HANDED_OVER

ANSWER_DAYS = 7
"""For how long an answer counts as one to the message."""
GOOD_SCORE = 4
_OWN_WORD = ("customer", "provider")


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmCounts:
    """One template of a step. `young`: handed over too lately to be judged; no other count holds them.

    `handed_over`: people. Of these: `answered` anything themselves, `rated` (`rated_well`: 4 or 5 of 5), `opted_out` by
    their own word, `complained`; all within seven days of the hand-over.
    """

    template: str
    handed_over: int = 0
    young: int = 0
    answered: int = 0
    rated: int = 0
    rated_well: int = 0
    opted_out: int = 0
    complained: int = 0


def count_arms(
    session: Session, campaign_id: uuid.UUID, step: int, *, since: date, until: date, now: datetime
) -> list[ArmCounts]:
    """Each template that the step's messages were worded with, in the order of the keys."""
    after = timedelta(days=ANSWER_DAYS)
    settled = and_(Message.status.in_(tuple(HANDED_OVER)), Message.due_at <= now - after)
    young = and_(Message.status.in_(tuple(HANDED_OVER)), Message.due_at > now - after)
    which = (
        Message.campaign_id == campaign_id,
        Message.step == step,
        Message.planned_for.between(since, until),
    )
    keys = session.scalars(
        select(TemplateVersion.template_key)
        .join(Message, Message.template_version_id == TemplateVersion.id)
        .where(*which, Message.status.in_(tuple(HANDED_OVER)))
        .distinct()
        .order_by(TemplateVersion.template_key)
    ).all()

    def people(key: str, *more: ColumnElement[bool]) -> int:
        statement = (
            select(func.count(Message.customer_id.distinct()))
            .join(TemplateVersion, TemplateVersion.id == Message.template_version_id)
            .where(*which, TemplateVersion.template_key == key, *more)
        )
        return session.scalar(statement) or 0

    heard = _heard()
    return [
        ArmCounts(
            template=key,
            handed_over=people(key, settled),
            young=people(key, young),
            **{name: people(key, settled, condition) for name, condition in heard.items()},
        )
        for key in keys
    ]


def _heard() -> dict[str, ColumnElement[bool]]:
    """What a person did within the days after their message, each as a condition on it."""
    until = DaysAfter(Message.due_at, ANSWER_DAYS)
    return {
        "answered": exists().where(
            ConversationEntry.customer_id == Message.customer_id,
            ConversationEntry.direction == "in",
            ConversationEntry.is_automatic.is_(False),
            ConversationEntry.at.between(Message.due_at, until),
        ),
        "rated": exists().where(Feedback.message_id == Message.id, Feedback.kind == "csat"),
        "rated_well": exists().where(
            Feedback.message_id == Message.id, Feedback.kind == "csat", Feedback.score >= GOOD_SCORE
        ),
        "opted_out": exists().where(
            Consent.customer_id == Message.customer_id,
            Consent.act == "withdrawn",
            Consent.source.in_(_OWN_WORD),
            Consent.at.between(Message.due_at, until),
        ),
        "complained": exists().where(
            Case.customer_id == Message.customer_id,
            Case.kind == "complaint",
            Case.opened_at.between(Message.due_at, until),
        ),
    }
