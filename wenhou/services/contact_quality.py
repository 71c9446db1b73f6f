"""What is learnt of an address has its effects here: its standing, the ban, the to-do, what waits to go there.

`wenhou.core.contact_quality` says what evidence means; everything below runs in the transaction that brought it.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from store import address_bans, contact_quality, tasks
from store.audit import record
from store.database import Session
from store.models.customers import ContactPoint, Customer
from store.models.handover import Attempt
from store.models.messages import Message
from store.restrictions import touch_customers
from store.sealing import Sealer
from store.transitions import Change, change_status
from store.vault import place
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.addresses import mask_email, mask_phone
from wenhou.core.channels import CHANNEL_NAMES, EMAIL, SMS, ReceiptEvent
from wenhou.core.contact_quality import (
    NOT_THEIRS,
    REST,
    Act,
    Cause,
    Evidence,
    Finding,
    State,
    evidence_of,
    judge,
)
from wenhou.core.reasons import sentence
from wenhou.core.statuses import Event, Status
from wenhou.services.clocks import in_service_hours
from wenhou.services.context import Context

ASK = "ask_new_contact"
"""The to-do that asks a customer for another number or address: one open at a time for a customer and channel."""
BY_ADVISOR = "answered_wrong"
"""The cause of an advisor's answer that a number is another's: unlike a reply, it leaves a number to be asked for."""
_WITHIN = timedelta(hours=16)
"""Service hours: two days of the desk."""
_PAGE = 500
_PROOF = frozenset({Evidence.ARRIVED, Evidence.REPLIED, Evidence.VERIFIED})
_DEAD, _NOT_THEIRS, _RESTING = "address_dead", "address_not_theirs", "address_resting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing learnt of an address. `by`: what told it (an attempt, an entry, a day); `at`: when it was so."""

    evidence: Evidence
    by: str
    at: datetime
    cause: str | None = None
    code: str | None = None
    campaign_id: uuid.UUID | None = None
    actor: Actor = SYSTEM


def learn(session: Session, context: Context, point: ContactPoint, told: Told) -> Act | None:
    """Let an address be known by one more thing, and do what follows; what. The point must be locked by the caller.

    The same thing told twice has its effect once. News older than what is known better since is kept and changes
    nothing: a receipt may come days late.
    """
    before = contact_quality.standing_of(point)
    finding = Finding(
        evidence=told.evidence,
        on=told.at.astimezone(context.bank.zone).date(),
        channel=point.channel,
        is_new_failure=told.evidence is not Evidence.FAILED_SOFTLY
        or not contact_quality.has_failed_for(session, point, told.campaign_id, told.at),
        hardens=told.cause == Cause.SUSPENDED,
    )
    judgement = judge(before, finding)
    is_proof = told.evidence in _PROOF
    if is_proof and judgement.standing == before and before.state is not State.DEAD:
        _prove(point, told.at, context)
        return None
    is_new = contact_quality.keep_evidence(
        session,
        point,
        told.evidence,
        told.by,
        cause=told.cause,
        code=told.code,
        campaign_id=told.campaign_id,
        at=told.at,
    )
    if not is_new or _is_old_news(point, told, is_proof=is_proof):
        return None
    reason = told.cause or told.evidence
    contact_quality.write_standing(point, judgement.standing, reason=reason, at=told.at)
    session.flush()
    if judgement.act is not None:
        _follow(session, context, point, told, judgement.act)
    return judgement.act


def learn_from_receipt(
    session: Session, context: Context, attempt: Attempt, message: Message, event: ReceiptEvent, at: datetime
) -> None:
    """What a report of non-delivery says of the address it was for."""
    point = _point_of(session, attempt, message)
    if point is None:
        return
    evidence = evidence_of(event.cause, event.suppress, definite=event.definite)
    if evidence is not Evidence.BLAMELESS and contact_quality.was_answered(
        session, message.customer_id, message.id
    ):
        evidence = Evidence.FORWARDED
    told = Told(
        evidence=evidence,
        by=str(attempt.id),
        at=at,
        cause=event.cause or event.suppress,
        code=event.code,
        campaign_id=message.campaign_id,
    )
    learn(session, context, point, told)


def learn_of_arrival(
    session: Session, context: Context, attempt: Attempt, message: Message, at: datetime
) -> None:
    """Something arrived there, or was read: the address works."""
    point = _point_of(session, attempt, message)
    if point is not None:
        learn(session, context, point, Told(evidence=Evidence.ARRIVED, by=str(attempt.id), at=at))


def refused(
    session: Session,
    context: Context,
    contact_point_id: uuid.UUID,
    *,
    attempt_id: uuid.UUID,
    reason: str,
    code: str,
) -> None:
    """A provider refused this address for good in its very answer (`Permanent.suppress`)."""
    now = context.clock.now()
    if evidence_of(reason, None, definite=True) is not Evidence.GONE:
        address_bans.ban_refused(session, contact_point_id, reason=reason, source="provider", at=now)
        return
    point = contact_quality.lock_point(session, contact_point_id)
    if point is not None:
        told = Told(evidence=Evidence.GONE, by=str(attempt_id), at=now, cause=reason, code=code)
        learn(session, context, point, told)


def settle_import(
    session: Session,
    context: Context,
    doubtful: Sequence[tuple[uuid.UUID, uuid.UUID]],
    changed: Collection[uuid.UUID],
) -> None:
    """After a chunk of customers was written: numbers that changed hands are doubted, answered to-dos are closed.

    `doubtful`: (address, customer who changed to it); `changed`: customers who got an address.
    """
    now = context.clock.now()
    for point_id, customer_id in doubtful:
        point = contact_quality.lock_point(session, point_id)
        if point is not None and contact_quality.is_held_by_a_stranger(session, point, customer_id):
            told = Told(evidence=Evidence.NOT_THEIRS, by=str(customer_id), at=now, cause="two_owners")
            learn(session, context, point, told)
    ids = sorted(changed)
    for start in range(0, len(ids), _PAGE):
        contact_quality.close_satisfied(session, ASK, now, ids[start : start + _PAGE])


def close_satisfied_asks(context: Context) -> int:
    """Close every to-do that asks for an address where there is a working one by now; how many. Daily."""
    with context.db.write() as session:
        return contact_quality.close_satisfied(session, ASK, context.clock.now())


def masked(context: Context, point: ContactPoint) -> str:
    """What a to-do may show of an address."""
    text = context.vault.open(place("contact_points", "address", point.id), point.address).decode()
    return mask_address(point.channel, text)


def mask_address(channel: str, address: str) -> str:
    """What screens may show of an address of any channel."""
    if channel == SMS:
        return mask_phone(address)
    return mask_email(address) if channel == EMAIL else f"{address[:3]}***{address[-2:]}"


def _point_of(session: Session, attempt: Attempt, message: Message) -> ContactPoint | None:
    point_id = attempt.contact_point_id or message.contact_point_id
    return contact_quality.lock_point(session, point_id) if point_id is not None else None


def _is_old_news(point: ContactPoint, told: Told, *, is_proof: bool) -> bool:
    if is_proof:
        return point.state == State.DEAD and point.state_at is not None and told.at < point.state_at
    return point.proved_at is not None and told.at < point.proved_at


def _prove(point: ContactPoint, at: datetime, context: Context) -> None:
    """Nothing new, but remembered once a day: what fails after this begins anew."""
    zone = context.bank.zone
    last = point.proved_at
    if last is None or at.astimezone(zone).date() > last.astimezone(zone).date():
        point.proved_at = at


def _follow(session: Session, context: Context, point: ContactPoint, told: Told, act: Act) -> None:
    now = context.clock.now()
    users = contact_quality.users_of(session, point)
    match act:
        case Act.STOP:
            dead = "address_invalid" if point.channel == EMAIL else "number_invalid"
            address_bans.ban(session, point, [address_bans.ALL], reason=dead, source="provider", at=now)
            _go_elsewhere(session, point, users, _DEAD, now)
        case Act.RETIRE:
            address_bans.retire(session, point, _retired_as(told), now)
            point.verified_at = None
            _go_elsewhere(session, point, users, _NOT_THEIRS, now)
        case Act.REST:
            contact_quality.lift_quality_bans(session, point)
            address_bans.ban(
                session,
                point,
                [address_bans.ALL],
                reason=contact_quality.RESTING,
                source="quality",
                at=now,
                until=now + REST,
            )
            _go_elsewhere(session, point, users, _RESTING, now)
        case Act.REVIEW:
            pass
        case Act.REOPEN:
            _reopen(session, point, users, now)
    record(
        session,
        now,
        told.actor,
        f"contact.{act}",
        "contact_point",
        point.id,
        {"why": told.cause or told.evidence},
    )
    if act is not Act.REOPEN and told.cause != "wrong_person":
        for customer in users:
            _ask(session, context, point, customer, told, act)
    if act is not Act.REVIEW:
        touch_customers(session, [one.id for one in users], now)
        context.submit("planning")


def _retired_as(told: Told) -> str:
    """Why it is retired: a carrier's word unless a person or another customer's file said so."""
    if told.cause == BY_ADVISOR:
        return "wrong_person"
    return told.cause if told.cause in NOT_THEIRS else "recycled"


def _reopen(session: Session, point: ContactPoint, users: Sequence[Customer], now: datetime) -> None:
    contact_quality.lift_quality_bans(session, point)
    if point.retired_reason in NOT_THEIRS:
        point.retired_at = point.retired_reason = None
    session.flush()
    contact_quality.close_satisfied(session, ASK, now, [one.id for one in users])


def _go_elsewhere(
    session: Session, point: ContactPoint, users: Sequence[Customer], reason: str, now: datetime
) -> None:
    """What waits to go there takes the next channel of its own plan (approved with it), or is skipped with the reason.

    The gates are asked once more before it leaves; what was skipped is planned anew when the customer's contact changes.
    """
    changes = [
        Change(
            message_id=one.id,
            was=Status(one.status),
            event=Event.RESCHEDULE if one.others else Event.SKIP,
            actor=SYSTEM.label,
            reason=reason,
            sets={"channel": one.others[0], "contact_point_id": None} if one.others else {},
        )
        for one in contact_quality.bound_for(session, point, [user.id for user in users], now)
    ]
    change_status(session, changes, now)


def _ask(
    session: Session, context: Context, point: ContactPoint, customer: Customer, told: Told, act: Act
) -> None:
    """One to-do for a customer and channel, and none where another address works or the customer is to be left alone."""
    now = context.clock.now()
    channel = point.channel
    if (
        contact_quality.has_working(session, customer.id, channel, now)
        or contact_quality.is_left_alone(session, customer.id, now)
        or contact_quality.has_open_ask(session, ASK, channel, customer.id)
    ):
        return
    day = now.astimezone(context.bank.zone).date()
    new = tasks.NewTask(
        kind=ASK,
        dedupe_key=f"{ASK}:{channel}:{customer.id}:{day}",
        due_at=in_service_hours(context, now, _WITHIN),
        customer_id=customer.id,
        org_id=customer.managing_org_id,
        assignee_id=customer.main_advisor_id,
        note=_note(context, point, told, act),
    )
    tasks.add_task(session, Sealer(session, context.vault), new, now)


_WHY = {Act.STOP: _DEAD, Act.RETIRE: _NOT_THEIRS, Act.REST: _RESTING, Act.REVIEW: "address_failing"}


def _note(context: Context, point: ContactPoint, told: Told, act: Act) -> str:
    """Masked address and why, as the advisor reads it."""
    name = CHANNEL_NAMES.get(point.channel, (point.channel, point.channel))[0]
    code = f"（{told.code[:40]}）" if told.code else ""
    return f"{name} {masked(context, point)}：{sentence(_WHY[act])}{code}"
