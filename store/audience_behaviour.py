"""Questions about what happened and what the customer did: events, complaints, ratings, replies, contacts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select

from store.audience_columns import days_before
from store.audience_facts import Answer, Moment, Yes, among, compared, there_is
from store.models.campaigns import BusinessEvent
from store.models.customers import Customer
from store.models.hearing import Case, ConversationEntry, Feedback
from store.models.messages import ContactLedger, Message
from wenhou.core.audience import Condition
from wenhou.core.channels import WECOM
from wenhou.core.statuses import Status

_DEAF = (WECOM,)
"""Channels whose answers stay between the customer and the advisor: of silence there nothing follows (DESIGN §7)."""
_REACHED = (Status.SENT, Status.DELIVERED, Status.READ)


def _in_window(column: Any, days: float | None, moment: Moment) -> Yes:
    window: Yes = column.between(days_before(moment.now, days or 0), moment.now)
    return window


def _event(rule: Condition, moment: Moment) -> Answer:
    return among(
        BusinessEvent.customer_id,
        BusinessEvent.kind.in_(rule.of),
        BusinessEvent.state == "active",
        _in_window(BusinessEvent.happened_at, rule.number, moment),
    )


def _complained(rule: Condition, moment: Moment) -> Answer:
    return among(Case.customer_id, Case.kind == "complaint", _in_window(Case.opened_at, rule.number, moment))


def _rated(rule: Condition, moment: Moment) -> Answer:
    """Who gave no rating in the window is not known to think anything."""
    told = (
        Feedback.kind == (rule.of[0] if rule.of else "csat"),
        _in_window(Feedback.at, rule.days, moment),
    )
    unless = there_is(Feedback.customer_id, *told)
    return among(Feedback.customer_id, *told, compared(Feedback.score, rule), unless=unless)


def _heard() -> tuple[Yes, ...]:
    return (ConversationEntry.direction == "in", ConversationEntry.is_automatic.is_(False))


def _replied(rule: Condition, moment: Moment) -> Answer:
    """Silence is a no only if nothing went out on a channel that hears no answer."""
    unheard = there_is(
        Message.customer_id,
        Message.status.in_(_REACHED),
        Message.channel.in_(_DEAF),
        _in_window(Message.due_at, rule.number, moment),
    )
    return among(
        ConversationEntry.customer_id,
        *_heard(),
        _in_window(ConversationEntry.at, rule.number, moment),
        unless=not_(unheard),
    )


def _replied_to_last(rule: Condition, moment: Moment) -> Answer:
    """A reply since the n-th last campaign message; of fewer than n messages nothing is known."""
    reached = (
        Message.origin == "campaign",
        Message.status.in_(_REACHED),
        Message.due_at <= moment.now,
    )
    first: ColumnElement[Any] = (
        select(Message.due_at)
        .where(Message.customer_id == Customer.id, *reached)
        .order_by(Message.due_at.desc())
        .limit(1)
        .offset((rule.last or 1) - 1)
        .correlate(Customer)
        .scalar_subquery()
    )
    spoke = there_is(ConversationEntry.customer_id, *_heard(), ConversationEntry.at >= first)
    unheard = there_is(Message.customer_id, *reached, Message.channel.in_(_DEAF), Message.due_at >= first)
    known = first.is_not(None)
    found = Answer(yes=and_(known, spoke), no=and_(known, not_(spoke), not_(unheard)))
    return found.swapped(when=not rule.truth)


def _messages(rule: Condition, moment: Moment) -> Answer:
    """Contacts that count against the caps; today is the last day of the window."""
    count: ColumnElement[Any] = (
        select(func.count())
        .select_from(ContactLedger)
        .where(
            ContactLedger.customer_id == Customer.id,
            ContactLedger.state == "committed",
            ContactLedger.on_day > moment.today - timedelta(days=rule.days or 0),
            ContactLedger.on_day <= moment.today,
        )
        .correlate(Customer)
        .scalar_subquery()
    )
    held = compared(count, rule)
    return Answer(yes=held, no=not_(held))


ANSWERS: dict[str, Callable[[Condition, Moment], Answer]] = {
    "event": _event,
    "complained": _complained,
    "rated": _rated,
    "replied": _replied,
    "replied_to_last": _replied_to_last,
    "messages": _messages,
}
