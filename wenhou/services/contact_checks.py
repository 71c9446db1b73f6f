"""Verifying that a number is still the customer's: by the advisor, who asks once, or by the customer's own reply."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from store import access, contact_checks, tasks
from store.audit import record
from store.contact_checks import Unverified
from store.contact_quality import own_points
from store.database import Session
from store.events import insert_events
from store.models.customers import ContactPoint
from store.restrictions import touch_customers
from store.sealing import Sealer
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.contact_quality import Evidence
from wenhou.core.errors import InputError, Refused
from wenhou.core.ids import new_id
from wenhou.services.clocks import in_service_hours
from wenhou.services.contact_quality import BY_ADVISOR, Told, learn
from wenhou.services.context import Context
from wenhou.services.risk import follow_risk_events

KIND = "verify_number"
ANSWERS = ("right", "wrong")
_WITHIN = timedelta(hours=16)
"""Service hours: two days of the desk."""


def verify_contact(context: Context, actor: Actor, ref: str, channel: str = "sms") -> int:
    """Say that a customer's addresses on a channel were checked and are theirs; how many.

    A number that was called wrong is used again, a dormant customer may be greeted again. AccessDenied out of sight.
    """
    with context.db.write() as session:
        customer = access.get_customer(session, actor, ref)
        count = _verify(session, context, actor, customer.id, channel)
        if not count:
            raise InputError(f"{ref} has no address on {channel}")
    context.submit("planning")
    return count


def answer_number(context: Context, actor: Actor, task_id: uuid.UUID, answer: str) -> None:
    """Close a to-do that asks whether the number is still the customer's: `right`, or `wrong` (it is used no more)."""
    if answer not in ANSWERS:
        raise InputError(f"the number is right or wrong, not {answer!r}")
    now = context.clock.now()
    with context.db.write() as session:
        task = access.get_task(session, actor, task_id)
        session.refresh(task, with_for_update=True)
        if task.kind != KIND or task.customer_id is None:
            raise Refused("这项待办不是核实号码 (this to-do does not ask about a number)")
        if task.state != "open":
            raise Refused("这项待办已处理 (this to-do is closed already)")
        if answer == "right":
            _verify(session, context, actor, task.customer_id, "sms")
        else:
            for point in own_points(session, task.customer_id, "sms"):
                _not_theirs(session, context, actor, point, task.id)
        task.state, task.outcome = "done", answer
        task.done_by, task.done_at = actor.user_id, now
        details = {"kind": task.kind, "outcome": answer}
        record(session, now, actor, "task.completed", "task", task.id, details)
    context.submit("planning")


def verified_by_reply(
    session: Session, context: Context, customer_id: uuid.UUID, contact_point_id: uuid.UUID
) -> None:
    """Whoever writes from an address that only they use has it: called when a reply is attributed for certain."""
    if contact_checks.verify_point(session, contact_point_id, context.clock.now()):
        _tell_of_verification(session, context, SYSTEM, customer_id)


def ask_dormant(context: Context, *, limit: int = 500) -> int:
    """Ask once about each dormant customer's unverified number (a file said dormant); daily, how many were asked now."""
    asked = 0
    while True:
        now = context.clock.now()
        with context.db.write() as session:
            page = contact_checks.dormant_unasked(session, KIND, limit=limit)
            for one in page:
                _ask(session, context, one, now)
        asked += len(page)
        if len(page) < limit:
            return asked


def _ask(session: Session, context: Context, one: Unverified, now: datetime) -> None:
    task = tasks.NewTask(
        kind=KIND,
        dedupe_key=f"{KIND}:{one.customer_id}",
        due_at=in_service_hours(context, now, _WITHIN),
        customer_id=one.customer_id,
        org_id=one.org_id,
        assignee_id=one.advisor_id,
    )
    tasks.add_task(session, Sealer(session, context.vault), task, now)


def _verify(session: Session, context: Context, actor: Actor, customer_id: uuid.UUID, channel: str) -> int:
    now = context.clock.now()
    points = contact_checks.verify_own(session, customer_id, channel, now)
    for point in points:
        record(session, now, actor, "contact.verified", "contact_point", point.id, None)
        told = Told(evidence=Evidence.VERIFIED, by=f"{now:%Y%m%d%H%M%S}", at=now, actor=actor)
        learn(session, context, point, told)
    if points:
        contact_checks.close_questions(session, customer_id, KIND, by=actor.user_id, at=now)
        _tell_of_verification(session, context, actor, customer_id)
    return len(points)


def _not_theirs(
    session: Session, context: Context, actor: Actor, point: ContactPoint, task_id: uuid.UUID
) -> None:
    """Somebody asked and heard that the number is another's; the customer is asked for theirs."""
    now = context.clock.now()
    told = Told(evidence=Evidence.NOT_THEIRS, by=str(task_id), at=now, cause=BY_ADVISOR, actor=actor)
    learn(session, context, point, told)


def _tell_of_verification(session: Session, context: Context, actor: Actor, customer_id: uuid.UUID) -> None:
    """An event of our own ends what only waited for it, by the same road as the bank's events."""
    now = context.clock.now()
    event = {
        "id": (event_id := new_id()),
        "source": "wenhou",
        "source_id": f"number_verified:{event_id}",
        "kind": "number_verified",
        "customer_id": customer_id,
        "org_id": None,
        "happened_at": now,
        "details": {},
        "revision": None,
        "state": "active",
        "received_at": now,
    }
    insert_events(session, [event])
    follow_risk_events(session, context, actor, {customer_id})
    touch_customers(session, [customer_id], now)
