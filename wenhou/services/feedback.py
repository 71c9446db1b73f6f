"""Ratings: tied to what asked for them, thanked once, and followed by a call when they are low."""

from __future__ import annotations

import uuid
from datetime import timedelta

from store import tasks
from store.database import Session
from store.feedback import is_rated, record_rating
from store.models.customers import ContactPoint, Customer
from store.models.messages import Message
from store.models.organisation import User
from store.sealing import Sealer
from wenhou.core.hearing.intents import SCALES
from wenhou.services.answers import Answer, own_words, plan_answer, salutation_of, system_words
from wenhou.services.clocks import in_service_hours, spoken
from wenhou.services.context import Context

CALL_AT = {"csat": 3, "nps": 6}
"""Scores up to these are followed by a call: the thanks promise one."""
CASE_AT = {"csat": 2, "nps": 2}
"""Scores up to these open a case."""
_CALL_WITHIN = timedelta(hours=4)


def take_rating(
    session: Session,
    sealer: Sealer,
    context: Context,
    message: Message,
    point: ContactPoint | None,
    *,
    score: int,
    comment: str = "",
    entry_id: uuid.UUID | None = None,
    thank: bool = True,
) -> bool:
    """Write the rating of a message that asked for one; whether it is the first. The first word stands."""
    kind = message.asks or "csat"
    now = context.clock.now()
    feedback_id = record_rating(
        session, sealer, message, kind=kind, score=score, comment=comment, entry_id=entry_id, at=now
    )
    if feedback_id is None:
        return False
    if score <= CALL_AT[kind]:
        call = tasks.NewTask(
            kind="call_after_rating",
            dedupe_key=f"call_after_rating:{feedback_id}",
            due_at=in_service_hours(context, now, _CALL_WITHIN),
            customer_id=message.customer_id,
            org_id=message.org_id,
            assignee_id=message.advisor_id,
            entry_id=entry_id,
            message_id=message.id,
        )
        tasks.add_task(session, sealer, call, now)
    customer = session.get(Customer, message.customer_id)
    if thank and customer is not None and point is not None:
        _thank(session, context, customer, point, message, feedback_id, score=score)
    return True


def rate_by_link(context: Context, message_id: uuid.UUID, score: int) -> bool:
    """One tap on the rating page; False when the message asked for none, was rated before, or is not there."""
    with context.db.write() as session:
        message = session.get(Message, message_id, with_for_update=True)
        if message is None or score not in _scale(message):
            return False
        sealer = Sealer(session, context.vault)
        # The page itself says thank you.
        return take_rating(session, sealer, context, message, None, score=score)


def find_asked(context: Context, message_id: uuid.UUID) -> tuple[str, str] | None:
    """The scale a message asks for and the customer's locale; None when it asks for nothing or was rated."""
    with context.db.read() as session:
        message = session.get(Message, message_id)
        if message is None or message.asks is None or not _scale(message):
            return None
        if is_rated(session, message_id):
            return None
        customer = session.get(Customer, message.customer_id)
        return message.asks, customer.locale if customer is not None else "zh-CN"


def _scale(message: Message) -> range:
    """The scores a message asks for; none when it asks for no rating."""
    if message.asks == "csat":
        return SCALES["csat"]
    return SCALES["nps"] if message.asks == "nps" else range(0)


def _call_by(context: Context, message: Message, score: int, locale: str) -> str | None:
    """Until when a low score is followed by a call, as the task for it says; None where none follows."""
    if score > CALL_AT[message.asks or "csat"]:
        return None
    return spoken(context, in_service_hours(context, context.clock.now(), _CALL_WITHIN), locale)


def _thank(
    session: Session,
    context: Context,
    customer: Customer,
    point: ContactPoint,
    message: Message,
    feedback_id: uuid.UUID,
    *,
    score: int,
) -> None:
    advisor = session.get(User, message.advisor_id) if message.advisor_id else None
    if message.asks == "csat":
        values = {
            "salutation": salutation_of(customer),
            "advisor": advisor.name if advisor else "客户经理",
            "score": str(score),
            "call_by": _call_by(context, message, score, customer.locale),
        }
        made = system_words(session, context, customer, point.channel, "rating_thanks", values)
        content = made.content if made else None
    else:
        zh = customer.locale.startswith("zh")
        words = f"{score}分收到了，谢谢您。" if zh else f"Thank you for your score of {score}."
        made, content = None, own_words(context, point.channel, words)
    if content is None:
        return
    answer = Answer(
        customer=customer,
        point=point,
        origin="confirmation",
        origin_id=feedback_id,
        dedupe_key=f"confirmation:rating:{message.id}",
        content=content,
        template_version_id=made.template_version_id if made else None,
        variant=made.variant if made else None,
    )
    plan_answer(session, context, answer)
