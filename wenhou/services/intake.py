"""Hearing: raw items in, effects out. One item at a time, each event in its own unit of work, once for good.

Whatever a crash leaves stays `new` and is taken again; what was applied is known by its event's key.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

import structlog

from store import callbacks, notices
from store.callbacks import Arrival
from store.conversations import NewEntry, add_entry, open_conversation
from store.database import Session
from store.extensions import find_extension
from store.models.customers import ContactPoint
from store.models.handover import Attempt
from store.models.hearing import Callback
from store.receipts import find_attempt
from store.sealing import Sealer
from store.speakers import Speaker, find_speaker, get_point, mark_heard
from wenhou.core.channels import (
    CallbackParser,
    OptOutEvent,
    ProviderEvent,
    ReceiptEvent,
    ReplyEvent,
    TapEvent,
)
from wenhou.core.contact_quality import Evidence
from wenhou.core.errors import PayloadInvalid
from wenhou.core.inbound import Asked, Understanding, understand
from wenhou.core.purposes import Purpose
from wenhou.core.storable import storable
from wenhou.services import effects, receipts
from wenhou.services.contact_checks import verified_by_reply
from wenhou.services.contact_quality import Told, learn
from wenhou.services.context import Context
from wenhou.services.effects import Heard
from wenhou.services.preferences import STOPPABLE, Word
from wenhou.services.receipts import NotYet

Parsers = Mapping[tuple[str, str], CallbackParser]
ANSWER_WINDOW = timedelta(hours=72)
"""How long a reply may answer what our last message there asked."""
_MATCHED_WITHIN = timedelta(hours=72)
_LONGEST_WAIT = timedelta(minutes=10)
_TRIES = 8
_LONGEST_TEXT = 20_000
_PLATFORM_WORDS = "（客户在平台侧退订）"

log = structlog.get_logger(__name__)


def take_in(context: Context, arrival: Arrival, items: Sequence[bytes]) -> int:
    """Store a callback's verified items before they are acknowledged, in one commit; how many were new."""
    with context.db.write() as session:
        return callbacks.store_items(session, context.vault, arrival, items)


def apply_pending(context: Context, parsers: Parsers, limit: int = 200) -> int:
    """Apply what is stored and due, oldest first; returns how many items had their effect now."""
    with context.db.read() as session:
        now = context.clock.real()
        woken = callbacks.list_woken(session, now, limit)
        due = dict.fromkeys([*woken, *callbacks.list_due(session, now, limit)])
    applied = sum(_apply_item(context, parsers, callback_id) for callback_id in due)
    if applied:
        context.submit("dispatch")
    return applied


def _apply_item(context: Context, parsers: Parsers, callback_id: uuid.UUID) -> bool:
    try:
        events = _parse(context, parsers, callback_id)
        done = [
            _apply_event(context, parsers, callback_id, event, is_last=position == len(events) - 1)
            for position, event in enumerate(events)
        ]
        if not events:
            _finish(context, callback_id, "nothing_to_do")
    except NotYet as error:
        _put_off(context, callback_id, error.code, for_good_after=_MATCHED_WITHIN, waits_for=error.waits_for)
    except PayloadInvalid as error:
        _give_up(context, callback_id, error.code)
    except Exception as error:  # the top of the loop: one poisonous item must not stop the others
        log.exception("callback_failed", callback_id=str(callback_id), error=type(error).__name__)
        _put_off(context, callback_id, type(error).__name__, tries=_TRIES)
    else:
        return any(done)
    return False


def _parse(context: Context, parsers: Parsers, callback_id: uuid.UUID) -> Sequence[ProviderEvent]:
    with context.db.read() as session:
        callback = session.get(Callback, callback_id)
        if callback is None:
            return ()
        parser = parsers.get((callback.provider, callback.account))
        if parser is None:
            raise NotYet("nobody here understands this account", code="account_unknown")
        return [storable(event) for event in parser.parse(callbacks.open_payload(context.vault, callback))]


def _apply_event(
    context: Context, parsers: Parsers, callback_id: uuid.UUID, event: ProviderEvent, *, is_last: bool
) -> bool:
    """Whether the event was new and had its effect; not when another worker holds the item or it was heard before."""
    with context.db.write() as session:
        callback = callbacks.claim_item(session, callback_id)
        if callback is None:
            return False
        is_new = callbacks.mark_event(session, callback, event.key)
        if is_new:
            parser = parsers[callback.provider, callback.account]
            _dispatch(session, context, callback, parser.channel, event)
        if is_last:
            if callback.tries:
                callbacks.unpark(session, callback)
            callbacks.finish(callback, context.clock.real())
        return is_new


def _dispatch(
    session: Session, context: Context, callback: Callback, channel: str, event: ProviderEvent
) -> None:
    match event:
        case ReceiptEvent():
            receipts.apply_receipt(session, context, callback.provider, callback.account, event)
        case TapEvent():
            receipts.apply_tap(session, context, callback.provider, callback.account, event)
        case ReplyEvent():
            _hear_reply(session, context, callback, channel, event)
        case OptOutEvent():
            _hear_opt_out(session, context, callback, channel, event)


def _hear_reply(
    session: Session, context: Context, callback: Callback, channel: str, event: ReplyEvent
) -> None:
    now = context.clock.now()
    speaker = _speaker(session, context, callback, channel, event)
    heard = understand(event.text, asked=_asked(speaker))
    automatic = event.automatic or any(intent.rule == "plain.auto_reply" for intent in heard.intents)
    if not automatic:
        mark_heard(session, speaker.point, now)
    proof = Evidence.AUTO_REPLIED if automatic else Evidence.REPLIED
    learn(session, context, speaker.point, Told(evidence=proof, by=str(callback.id), at=now))
    new = NewEntry(
        direction="in",
        channel=channel,
        text=f"{event.text}\n\n{event.note}".strip()[:_LONGEST_TEXT]
        if event.note
        else event.text[:_LONGEST_TEXT],
        at=min(event.at, now) if event.at else now,
        is_automatic=automatic,
        intents=None if automatic else _kept(heard),
        answers_message_id=speaker.answered.id if speaker.answered else None,
        callback_id=callback.id,
    )
    written = _write(session, context, speaker, new, heard)
    if not automatic:
        effects.apply_words(written)


def _hear_opt_out(
    session: Session, context: Context, callback: Callback, channel: str, event: OptOutEvent
) -> None:
    speaker = _speaker(session, context, callback, channel, event)
    named = frozenset(Purpose(word) for word in event.purposes if word in set(Purpose)) & set(STOPPABLE)
    word = Word(
        purposes=named or frozenset(STOPPABLE),
        source="provider",
        evidence={"via": "platform", "callback": str(callback.id), "provider": callback.provider},
    )
    now = context.clock.now()
    new = NewEntry(
        direction="note",
        channel=channel,
        text=_PLATFORM_WORDS,
        at=min(event.at, now) if event.at else now,
        callback_id=callback.id,
    )
    nothing = Understanding(intents=(), needs_person=False, no_auto_answer=True)
    effects.stop_by_platform(_write(session, context, speaker, new, nothing), word)


def _speaker(
    session: Session, context: Context, callback: Callback, channel: str, event: ReplyEvent | OptOutEvent
) -> Speaker:
    now = context.clock.now()
    attempt = find_attempt(
        session,
        context.vault,
        provider=callback.provider,
        account=callback.account,
        reference=event.reference,
        provider_message_id=None,
    )
    point = _point(session, context, callback, channel, event.address, attempt)
    if attempt is None and isinstance(event, ReplyEvent) and event.extension:
        provider, account = callback.provider, callback.account
        attempt = find_extension(session, provider, account, point.id, event.extension)
    return find_speaker(session, point, since=now - ANSWER_WINDOW, attempt=attempt)


def _point(
    session: Session,
    context: Context,
    callback: Callback,
    channel: str,
    address: str | None,
    attempt: Attempt | None,
) -> ContactPoint:
    if address:
        now = context.clock.now()
        return get_point(session, context.vault, channel, callback.account, address, now)
    if attempt is not None and attempt.contact_point_id is not None:
        return session.get_one(ContactPoint, attempt.contact_point_id, with_for_update=True)
    raise PayloadInvalid("the event names neither an address nor a reference we know")


def _write(
    session: Session, context: Context, speaker: Speaker, new: NewEntry, heard: Understanding
) -> Heard:
    now = context.clock.now()
    sealer = Sealer(session, context.vault)
    customer = speaker.certain
    conversation = open_conversation(
        session, customer=customer, likely=speaker.likely, contact_point_id=speaker.point.id, at=now
    )
    whose = replace(new, customer_id=customer.id if customer else None, contact_point_id=speaker.point.id)
    if customer is not None and not new.is_automatic and len(speaker.customers) == 1:
        # Whoever writes from an address that only they use has it: a dormant customer's number is proved.
        verified_by_reply(session, context, customer.id, speaker.point.id)
    return Heard(
        context=context,
        session=session,
        sealer=sealer,
        speaker=speaker,
        conversation=conversation,
        entry=add_entry(session, sealer, conversation, whose, now),
        understanding=heard,
    )


def _asked(speaker: Speaker) -> Asked:
    asks = speaker.answered.asks if speaker.answered is not None else None
    if asks == "csat":
        return Asked(rating="csat")
    if asks == "nps":
        return Asked(rating="nps")
    return Asked(yes_no=asks == "yes_no")


def _kept(heard: Understanding) -> list[dict[str, object]]:
    """What is kept in plain of what was understood: rules and scores, never the customer's words."""
    return [
        {"kind": one.kind, "rule": one.rule, "purposes": sorted(one.purposes), "score": one.score}
        for one in heard.intents
    ]


def _finish(context: Context, callback_id: uuid.UUID, note: str) -> None:
    with context.db.write() as session:
        callback = callbacks.claim_item(session, callback_id)
        if callback is not None:
            callbacks.finish(callback, context.clock.real(), note=note)


def _put_off(
    context: Context,
    callback_id: uuid.UUID,
    why: str,
    *,
    tries: int | None = None,
    for_good_after: timedelta | None = None,
    waits_for: str | None = None,
) -> None:
    """Try again later, ever more slowly; given up after so many tries or so long, kept and counted.

    `waits_for`: a hand-over's name that may be written any moment: the item is taken up again at once then.
    """
    real = context.clock.real()
    with context.db.write() as session:
        callback = callbacks.claim_item(session, callback_id)
        if callback is None:
            return
        too_often = tries is not None and callback.tries + 1 >= tries
        too_old = for_good_after is not None and real - callback.received_at > for_good_after
        if too_often or too_old:
            _fail(session, context, callback, why)
            return
        if waits_for is not None:
            callbacks.park(session, callback, waits_for, real)
        pause = min(timedelta(seconds=2 ** min(callback.tries, 10)), _LONGEST_WAIT)
        callbacks.wait(callback, real + pause, why)


def _give_up(context: Context, callback_id: uuid.UUID, why: str) -> None:
    with context.db.write() as session:
        callback = callbacks.claim_item(session, callback_id)
        if callback is not None:
            _fail(session, context, callback, why)


def _fail(session: Session, context: Context, callback: Callback, why: str) -> None:
    callbacks.fail(callback, context.clock.real(), why)
    body = {
        "callback": str(callback.id),
        "provider": callback.provider,
        "account": callback.account,
        "why": why,
    }
    notices.notify(session, kind="callback_failed", body=body, at=context.clock.now())
