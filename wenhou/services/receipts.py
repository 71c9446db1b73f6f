"""Receipts: attached to their attempt by rank, then the message says what its attempts say together."""

from __future__ import annotations

from datetime import datetime

from store import address_bans, consent_writes, contact_quality, receipts, seeds
from store.audit import record
from store.database import Session
from store.models.handover import Attempt
from store.models.messages import Message
from store.receipts import Named
from store.speakers import find_speaker, normalise
from store.transitions import Change, change_status
from wenhou.core.actors import PROVIDER
from wenhou.core.channels import EMAIL, SMS, ReceiptEvent, TapEvent
from wenhou.core.errors import WenhouError
from wenhou.core.receipts import Told
from wenhou.core.statuses import Event, Receipt, Status, allows, event_for
from wenhou.services import preferences
from wenhou.services.contact_quality import learn_from_receipt, learn_of_arrival
from wenhou.services.context import Context
from wenhou.services.falling_back import fall_back
from wenhou.services.preferences import Word


class NotYet(WenhouError):
    """What an event speaks of is not there yet: a receipt may overtake the answer of its own call. Tried again.

    `waits_for`: the provider's name of the hand-over, on which it is applied as soon as that name is written.
    """

    code = "not_yet"

    def __init__(self, message: str, *, code: str, waits_for: str | None = None) -> None:
        super().__init__(message, code=code)
        self.waits_for = waits_for


def apply_receipt(
    session: Session, context: Context, provider: str, account: str, event: ReceiptEvent
) -> None:
    """Attach a receipt and move its message if that is better news than what is known; raises NotYet."""
    now = context.clock.now()
    named = receipts.find_named(
        session,
        context.vault,
        provider=provider,
        account=account,
        reference=event.reference,
        provider_message_id=event.provider_message_id,
        address=normalise(SMS, event.address) if event.address else None,
    )
    if named is None and _is_of_a_sample(session, context, provider, account, event):
        return
    if named is None:
        raise NotYet(
            "no attempt is known by this reference", code="unmatched", waits_for=event.provider_message_id
        )
    attempt = named.attempt
    message = receipts.lock_message(session, attempt.message_id)
    told = Told(receipt=event.receipt, at=_instant(event.at, now))
    if not _attach(session, message, named, event, told, now):
        return
    following = event_for(Status(message.status), receipts.heard_of(session, message.id))
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
    _judge_address(session, context, attempt, message, event, told.at)


def _attach(
    session: Session, message: Message, named: Named, event: ReceiptEvent, told: Told, now: datetime
) -> bool:
    """Keep the receipt on its attempt, by way of its part where it speaks of one; whether that changed the attempt."""
    attempt, row = named.attempt, named.part
    if row is None and event.parts > 1 and event.part > 0:
        name = event.provider_message_id or event.reference or ""
        row = receipts.name_part(session, attempt, name, event.part)
    if row is not None:
        joined, conflicts = receipts.attach_part(session, attempt, row, told, parts=event.parts)
        if conflicts:
            receipts.note_conflict(session, message, attempt, now)
        if joined is None:
            return False
        return receipts.attach(session, attempt, joined, bounces_late=False)[0]
    changed, conflicts = receipts.attach(session, attempt, told, bounces_late=attempt.channel == EMAIL)
    if conflicts:
        receipts.note_conflict(session, message, attempt, now)
    return changed


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
    session: Session, context: Context, attempt: Attempt, message: Message, event: ReceiptEvent, at: datetime
) -> None:
    """What a receipt says of the address: it works, it fails, it is none, or its owner refused."""
    if attempt.receipt in {Receipt.DELIVERED, Receipt.READ}:
        learn_of_arrival(session, context, attempt, message, at)
    elif event.receipt is Receipt.UNDELIVERED and event.suppress in {address_bans.OPTED_OUT, "complaint"}:
        point_id = attempt.contact_point_id or message.contact_point_id
        point = contact_quality.lock_point(session, point_id) if point_id else None
        if point is None:
            return
        speaker = find_speaker(session, point, since=context.clock.now(), attempt=attempt)
        evidence = {"via": "receipt", "attempt": str(attempt.id), "code": event.code[:40]}
        word = Word(purposes=frozenset(preferences.STOPPABLE), source="provider", evidence=evidence)
        preferences.stop(session, context, speaker, word)
    elif event.receipt is Receipt.UNDELIVERED:
        learn_from_receipt(session, context, attempt, message, event, at)


def _instant(said: datetime | None, now: datetime) -> datetime:
    """The provider's time of an event, never in our future."""
    return min(said, now) if said is not None else now
