"""The standing of contact points as the database keeps it: fields, evidence, who is touched, what is bound for them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Exists, and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from store.inserts import insert_new
from store.models.customers import (
    CareRestriction,
    ContactEvidence,
    ContactPoint,
    Customer,
    CustomerContact,
    Suppression,
)
from store.models.hearing import ConversationEntry, Task
from store.models.messages import Message, MessageContent
from store.models.organisation import HouseholdMember
from wenhou.core.contact_quality import DEAD_REASONS, NOT_THEIRS, Evidence, Standing, State
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import PENDING

RESTING = "soft_failures"
"""Why a mail address that keeps failing is left alone for a while."""
_ONE_CAMPAIGN = timedelta(days=7)
"""A campaign's several steps to one address count once within so many days."""
_SOFT_STEP = 10
_BEST = 100


def standing_of(point: ContactPoint) -> Standing:
    """What is known of an address."""
    return Standing(
        state=State(point.state),
        soft=point.soft_failures,
        soft_since=point.soft_since,
        suspected_on=point.suspected_on,
    )


def write_standing(point: ContactPoint, standing: Standing, *, reason: str | None, at: datetime) -> None:
    """Put down what is known now; `reachable` and `quality`, which the gates and lists ask, follow."""
    if point.state != standing.state:
        point.state, point.state_at, point.state_reason = standing.state, at, reason
    point.soft_failures = standing.soft
    point.soft_since, point.suspected_on = standing.soft_since, standing.suspected_on
    match standing.state:
        case State.GOOD:
            point.reachable, point.quality, point.proved_at = "yes", _BEST, at
        case State.DEAD:
            point.reachable, point.quality = "no", 0
        case _:
            point.quality = max(_BEST - _SOFT_STEP * standing.soft, 0)


def keep_evidence(
    session: Session,
    point: ContactPoint,
    evidence: Evidence,
    told_by: str,
    *,
    cause: str | None,
    code: str | None,
    campaign_id: uuid.UUID | None,
    at: datetime,
) -> bool:
    """Keep what was learnt and from what; False when the same was told before."""
    row = {
        "id": new_id(),
        "contact_point_id": point.id,
        "evidence": evidence,
        "told_by": told_by[:40],
        "cause": (cause or "")[:40] or None,
        "code": (code or "")[:40] or None,
        "campaign_id": campaign_id,
        "at": at,
    }
    unique = ("contact_point_id", "evidence", "told_by")
    return bool(insert_new(session, ContactEvidence, [row], unique=unique, returning=ContactEvidence.id))


def has_failed_for(
    session: Session, point: ContactPoint, campaign_id: uuid.UUID | None, at: datetime
) -> bool:
    """Whether this campaign (or, without one, any answer of ours) failed softly there within a week before `at`."""
    since = max(at - _ONE_CAMPAIGN, point.proved_at or at - _ONE_CAMPAIGN)
    found = exists().where(
        ContactEvidence.contact_point_id == point.id,
        ContactEvidence.evidence == Evidence.FAILED_SOFTLY,
        ContactEvidence.campaign_id.is_not_distinct_from(campaign_id),
        ContactEvidence.at > since,
    )
    return bool(session.scalar(select(found)))


def list_evidence(session: Session, contact_point_id: uuid.UUID) -> Sequence[ContactEvidence]:
    """What was learnt of an address, the oldest first."""
    return session.scalars(
        select(ContactEvidence)
        .where(ContactEvidence.contact_point_id == contact_point_id)
        .order_by(ContactEvidence.at, ContactEvidence.id)
    ).all()


def was_answered(session: Session, customer_id: uuid.UUID, message_id: uuid.UUID) -> bool:
    """Whether its customer answered this message: a bounce of it after that is a forward's, or a second reader's."""
    found = exists().where(
        ConversationEntry.customer_id == customer_id,
        ConversationEntry.answers_message_id == message_id,
        ConversationEntry.direction == "in",
        ConversationEntry.is_automatic.is_(False),
    )
    return bool(session.scalar(select(found)))


def lift_quality_bans(session: Session, point: ContactPoint) -> None:
    """An address that works after all may be written to again; what its user asked for stays."""
    session.execute(
        delete(Suppression).where(
            Suppression.channel == point.channel,
            Suppression.blind_index == point.blind_index,
            Suppression.reason.in_((*DEAD_REASONS, RESTING)),
        )
    )


def own_points(session: Session, customer_id: uuid.UUID, channel: str) -> Sequence[ContactPoint]:
    """The customer's own addresses on a channel, locked."""
    return session.scalars(
        select(ContactPoint)
        .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
        .where(
            CustomerContact.customer_id == customer_id,
            CustomerContact.relation == "own",
            ContactPoint.channel == channel,
        )
        .order_by(ContactPoint.id)
        .with_for_update(of=ContactPoint)
        .execution_options(populate_existing=True)
    ).all()


def lock_point(session: Session, contact_point_id: uuid.UUID) -> ContactPoint | None:
    """The address as it stands now, kept from changing until this transaction ends."""
    return session.get(ContactPoint, contact_point_id, with_for_update=True, populate_existing=True)


def users_of(session: Session, point: ContactPoint) -> Sequence[Customer]:
    """Customers who are still the bank's and use this address."""
    return session.scalars(
        select(Customer)
        .join(CustomerContact, CustomerContact.customer_id == Customer.id)
        .where(CustomerContact.contact_point_id == point.id, Customer.state.in_(("active", "dormant")))
        .order_by(Customer.id)
    ).all()


def is_held_by_a_stranger(session: Session, point: ContactPoint, customer_id: uuid.UUID) -> bool:
    """Whether another customer of no common household has this address as their own."""
    family = select(HouseholdMember.household_id).where(HouseholdMember.customer_id == customer_id)
    relatives = select(HouseholdMember.customer_id).where(HouseholdMember.household_id.in_(family))
    found = exists().where(
        CustomerContact.contact_point_id == point.id,
        CustomerContact.customer_id != customer_id,
        CustomerContact.customer_id.not_in(relatives),
        CustomerContact.relation == "own",
    )
    return bool(session.scalar(select(found)))


def has_working(session: Session, customer_id: uuid.UUID, channel: str, now: datetime) -> bool:
    """Whether the customer can be reached on a channel."""
    return bool(session.scalar(select(_working(customer_id, channel, now))))


def is_left_alone(session: Session, customer_id: uuid.UUID, now: datetime) -> bool:
    """Whether even service stops for the customer (dead, say): nobody is asked to ask them anything."""
    today = now.date()
    rows = session.scalars(
        select(CareRestriction.purposes).where(
            CareRestriction.customer_id == customer_id,
            CareRestriction.from_on <= today,
            or_(CareRestriction.until_on.is_(None), CareRestriction.until_on >= today),
        )
    )
    return any(Purpose.SERVICE in purposes or "all" in purposes for purposes in rows)


def _working(customer_id: uuid.UUID, channel: str, now: datetime) -> Exists:
    banned = exists().where(
        Suppression.channel == ContactPoint.channel,
        Suppression.blind_index == ContactPoint.blind_index,
        Suppression.reason.in_((*DEAD_REASONS, RESTING)),
        or_(Suppression.until.is_(None), Suppression.until > now),
    )
    return exists().where(
        CustomerContact.customer_id == customer_id,
        CustomerContact.contact_point_id == ContactPoint.id,
        ContactPoint.channel == channel,
        ContactPoint.retired_at.is_(None),
        ContactPoint.reachable != "no",
        ContactPoint.soft_failures < 3,
        ~banned,
    )


def close_satisfied(
    session: Session, prefix: str, now: datetime, customer_ids: Collection[uuid.UUID] | None = None
) -> int:
    """Close the open to-dos that asked for an address where there is a working one now; how many.

    `prefix`: of their keys, before the channel and the customer; `customer_ids` None: of everybody.
    """
    open_ones = select(Task.id, Task.customer_id, Task.dedupe_key).where(
        Task.kind == prefix, Task.state == "open", Task.customer_id.is_not(None)
    )
    if customer_ids is not None:
        open_ones = open_ones.where(Task.customer_id.in_(list(customer_ids)))
    done = [
        task_id
        for task_id, customer_id, key in session.execute(open_ones).all()
        if customer_id is not None and has_working(session, customer_id, key.split(":")[1], now)
    ]
    for start in range(0, len(done), 500):
        session.execute(
            update(Task)
            .where(Task.id.in_(done[start : start + 500]), Task.state == "open")
            .values(state="done", outcome="working_contact", done_by=None, done_at=now),
            execution_options={"synchronize_session": False},
        )
    return len(done)


def has_open_ask(session: Session, kind: str, channel: str, customer_id: uuid.UUID) -> bool:
    """Whether a to-do already asks for this."""
    found = exists().where(
        Task.customer_id == customer_id,
        Task.kind == kind,
        Task.state == "open",
        Task.dedupe_key.startswith(f"{kind}:{channel}:", autoescape=True),
    )
    return bool(session.scalar(select(found)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A message that waits to go to an address. `others`: later channels of its plan, with words and a working address."""

    id: uuid.UUID
    status: str
    others: tuple[str, ...]


def bound_for(
    session: Session, point: ContactPoint, customer_ids: Collection[uuid.UUID], now: datetime
) -> list[Bound]:
    """What waits to leave for this address to its users, and where else each may go by its own plan."""
    waiting = session.scalars(
        select(Message)
        .where(
            Message.customer_id.in_(list(customer_ids)),
            Message.contact_point_id == point.id,
            Message.status.in_(PENDING),
        )
        .order_by(Message.id)
        .execution_options(populate_existing=True)
    ).all()
    return [Bound(id=one.id, status=one.status, others=tuple(_others(session, one, now))) for one in waiting]


def _others(session: Session, message: Message, now: datetime) -> list[str]:
    if message.origin != "campaign":
        return []  # an answer goes where it was asked, or nowhere
    plan = message.channel_plan.split(",")
    position = plan.index(message.channel) if message.channel in plan else len(plan)
    worded = set(
        session.scalars(select(MessageContent.channel).where(MessageContent.message_id == message.id))
    )
    return [
        channel
        for channel in plan[position:]
        if channel in worded and has_working(session, message.customer_id, channel, now)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One address of a customer that cannot be used, as an explanation names it. `told`: the provider's code."""

    contact_point_id: uuid.UUID
    channel: str
    address: bytes
    state: str
    reason: str | None
    since: datetime | None
    told: str | None


def unusable(session: Session, customer_id: uuid.UUID, channels: Collection[str]) -> list[Known]:
    """The customer's addresses on these channels that are dead, somebody else's or resting."""
    resting = exists().where(
        Suppression.channel == ContactPoint.channel,
        Suppression.blind_index == ContactPoint.blind_index,
        Suppression.reason == RESTING,
    )
    rows = session.scalars(
        select(ContactPoint)
        .join(CustomerContact, CustomerContact.contact_point_id == ContactPoint.id)
        .where(
            CustomerContact.customer_id == customer_id,
            ContactPoint.channel.in_(list(channels)),
            or_(
                ContactPoint.state.in_((State.DEAD, State.RECYCLED)),
                ContactPoint.retired_reason.in_(NOT_THEIRS),
                and_(ContactPoint.state == State.SOFT_FAILING, resting),
            ),
        )
        .order_by(ContactPoint.channel, ContactPoint.id)
    )
    return [
        Known(
            contact_point_id=one.id,
            channel=one.channel,
            address=one.address,
            state=one.state,
            reason=one.state_reason or one.retired_reason,
            since=one.state_at,
            told=_last_code(session, one.id),
        )
        for one in rows
    ]


def _last_code(session: Session, contact_point_id: uuid.UUID) -> str | None:
    return session.scalar(
        select(ContactEvidence.code)
        .where(ContactEvidence.contact_point_id == contact_point_id, ContactEvidence.code.is_not(None))
        .order_by(ContactEvidence.at.desc(), ContactEvidence.id.desc())
        .limit(1)
    )


def count_by_state(session: Session) -> dict[tuple[str, str], int]:
    """How many addresses stand how, by channel and state; for lists and reports."""
    rows = session.execute(
        select(ContactPoint.channel, ContactPoint.state, func.count()).group_by(
            ContactPoint.channel, ContactPoint.state
        )
    )
    return {(channel, state): count for channel, state, count in rows}
