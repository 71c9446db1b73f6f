"""Receipts: attached to their attempt by rank, then the message says what its attempts say together."""

from __future__ import annotations

from datetime import datetime

from store import address_bans, consent_writes, receipts, seeds
from store.audit import record
from store.database import Session
from store.models.customers import ContactPoint
from store.models.handover import Attempt
from store.models.messages import Message
from store.speakers import find_speaker
from store.transitions import Change, change_status
from wenhou.core.actors import PROVIDER
from wenhou.core.channels import EMAIL, ReceiptEvent, TapEvent
from wenhou.core.errors import WenhouError
from wenhou.core.statuses import Event, Receipt, Status, allows, event_for
from wenhou.services import preferences
from wenhou.services.context import Context
from wenhou.services.falling_back import fall_back
from wenhou.services.preferences import Word


class NotYet(WenhouError):
    """What an event speaks of is not there yet: a receipt may overtake the answer of its own call. Tried again."""

    code = "not_yet"


def apply_receipt(
    session: Session, context: Context, provider: str, account: str, event: ReceiptEvent
) -> None:
    """Attach a receipt and move its message if that is better news than what is known; raises NotYet."""
    attempt = receipts.find_attempt(
        session,
        context.vault,
        provider=provider,
        account=account,
        reference=event.reference,
        provider_message_id=event.provider_message_id,
    )
    now = context.clock.now()
    if attempt is None and _is_of_a_sample(session, context, provider, account, event):
        return
    if attempt is None:
        raise NotYet("no attempt is known by this reference", code="unmatched")
    message = receipts.lock_message(session, attempt.message_id)
    late = attempt.channel == EMAIL
    if not receipts.attach(session, attempt, event.receipt, _instant(event.at, now), bounces_late=late):
        return
    heard = receipts.heard_of(session, message.id)
    following = event_for(Status(message.status), heard)
    if following is not None:
        change = Change(
            message_id=message.id,
            was=Status(message.status),
            event=following,
            actor=PROVIDER.label,
            reason="refused" if following is Event.UNDELIVER else None,
            attempt_id=attempt.id,
        )
        moved = change_status(session, [change], now)
        if following is Event.UNDELIVER and event.definite and moved:
            fall_back(session, message, attempt, now)
    _judge_address(session, context, attempt, message, event)


def _is_of_a_sample(
    session: Session, context: Context, provider: str, account: str, event: ReceiptEvent
) -> bool:
    """Whether a receipt speaks of what the seed list got: kept there, no message moves."""
    return seeds.note_receipt(
        session,
        context.vault,
        provider=provider,
        account=account,
        reference=event.reference,
        provider_message_id=event.provider_message_id,
        receipt=event.receipt,
        at=_instant(event.at, context.clock.now()),
    )


def apply_tap(session: Session, context: Context, provider: str, account: str, event: TapEvent) -> None:
    """A person confirmed a task, or let it go; raises NotYet while the task is not recorded."""
    task = receipts.find_task(session, provider, account, event.provider_task_id)
    if task is None:
        raise NotYet("no task is known by this id", code="unmatched")
    if task.state != "open":
        return
    now = context.clock.now()
    message = receipts.lock_message(session, task.message_id)
    following = Event.ACCEPT if event.sent else Event.CANCEL
    if not allows(Status(message.status), following):
        # The tap won the race against our cancelling: kept as a breach, with its time, for the report.
        task.state = "breached" if event.sent else "cancelled"
        record(
            session,
            now,
            PROVIDER,
            "task.breached" if event.sent else "task.late",
            "message",
            message.id,
            None,
        )
        return
    is_breach = event.sent and _is_refused(session, message)
    task.state = "breached" if is_breach else "confirmed" if event.sent else "cancelled"
    if is_breach:
        # The customer refused while the task waited for its tap. It was sent, and is told as what it is.
        record(session, now, PROVIDER, "task.breached", "message", message.id, None)
    change = Change(
        message_id=message.id,
        was=Status(message.status),
        event=following,
        actor=PROVIDER.label,
        reason=None if event.sent else "tap_cancelled",
        attempt_id=task.attempt_id,
    )
    change_status(session, [change], now)


def _is_refused(session: Session, message: Message) -> bool:
    """Whether the customer has withdrawn consent to what this message is for, on its channel or on all."""
    states = consent_writes.load_states(session, [message.customer_id])
    channels = (message.channel or "", consent_writes.ANY)
    found = (states.get((message.customer_id, channel, message.purpose)) for channel in channels)
    return any(one is not None and one.state == consent_writes.WITHDRAWN for one in found)


def _judge_address(
    session: Session, context: Context, attempt: Attempt, message: Message, event: ReceiptEvent
) -> None:
    """What a receipt says of the address: it works, it fails, it is none, or its owner refused."""
    point_id = attempt.contact_point_id or message.contact_point_id
    point = session.get(ContactPoint, point_id, with_for_update=True) if point_id else None
    if point is None:
        return
    if event.receipt in {Receipt.DELIVERED, Receipt.READ}:
        address_bans.note_delivery(session, point)
        return
    if event.receipt is not Receipt.UNDELIVERED:
        return
    refused = event.suppress in {address_bans.OPTED_OUT, "complaint"}
    if refused:
        now = context.clock.now()
        speaker = find_speaker(session, point, since=now, attempt=attempt)
        evidence = {"via": "receipt", "attempt": str(attempt.id), "code": event.code[:40]}
        word = Word(purposes=frozenset(preferences.STOPPABLE), source="provider", evidence=evidence)
        preferences.stop(session, context, speaker, word)
        return
    for_good = event.definite and event.suppress is not None
    address_bans.note_failure(session, point, for_good=for_good)
    if for_good and event.suppress is not None:
        address_bans.ban(
            session,
            point,
            [address_bans.ALL],
            reason=event.suppress[:40],
            source="provider",
            at=context.clock.now(),
        )


def _instant(said: datetime | None, now: datetime) -> datetime:
    """The provider's time of an event, never in our future."""
    return min(said, now) if said is not None else now
