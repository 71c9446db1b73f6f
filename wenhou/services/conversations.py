"""Threads as staff read and answer them: what was said, what we sent and what became of it, in one line of time."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from store import access, cases, conversations, tasks
from store.audit import record
from store.conversations import NewEntry
from store.database import Session
from store.models.customers import Customer
from store.models.hearing import Conversation, ConversationEntry
from store.models.messages import Message
from store.sealing import Sealer
from wenhou.core.actors import Actor
from wenhou.core.channels import CHANNELS
from wenhou.core.dedupe import origin_key
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import HANDED_OVER, Status
from wenhou.services import preferences
from wenhou.services.answers import Answer, own_words, plan_answer, require_lawful
from wenhou.services.cases import claim_for
from wenhou.services.context import Context
from wenhou.services.preferences import Word

_MESSAGES_SHOWN = 200
_IN_FLIGHT = frozenset({Status.SENDING, Status.AWAITING_TAP})
_STRANGER = "未识别的来信人"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadRow:
    """One thread in a list."""

    id: uuid.UUID
    customer_id: uuid.UUID | None
    customer_name: str
    unread: int
    last_entry_at: datetime
    last_inbound_at: datetime | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing in a thread. `kind`: in, note, out. An `out` is a message with its status and reason.

    `text` None: the customer was erased. `intents`: what was understood of the customer's words.
    """

    kind: str
    at: datetime
    channel: str
    text: str | None
    entry_id: uuid.UUID | None = None
    message_id: uuid.UUID | None = None
    author_id: uuid.UUID | None = None
    status: Status | None = None
    reason: str | None = None
    origin: str | None = None
    is_automatic: bool = False
    intents: tuple[str, ...] = ()
    is_unclaimed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Speaker:
    """A customer who uses the address of a thread that is nobody's yet. `relation`: own, family, guardian, company."""

    id: uuid.UUID
    ref: str
    name: str
    relation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A whole thread, oldest first. `customer_id` None: somebody must say who spoke before it can be answered.

    `speakers`: who may have, as far as the reader may see them; `others`: how many more use the address.
    """

    id: uuid.UUID
    customer_id: uuid.UUID | None
    customer_name: str
    items: tuple[Item, ...]
    speakers: tuple[Speaker, ...] = ()
    others: int = 0


def list_threads(
    context: Context, actor: Actor, *, state: str | None = "open", limit: int = 50
) -> list[ThreadRow]:
    """The threads a person may see, the last spoken in first."""
    with context.db.read() as session:
        found = access.list_conversations(session, actor, state=state, limit=limit)
        return [_row(session, one) for one in found]


def read_thread(context: Context, actor: Actor, conversation_id: uuid.UUID) -> Thread:
    """Everything of a thread; raises AccessDenied. Reading alone leaves it unread: see `mark_read`."""
    with context.db.read() as session:
        conversation = access.get_conversation(session, actor, conversation_id)
        sealer = Sealer(session, context.vault)
        items = [_entry_item(sealer, one) for one in conversations.list_entries(session, conversation)]
        if conversation.customer_id is not None:
            items += _message_items(session, context, actor, conversation.customer_id)
        speakers, others = _speakers(session, actor, conversation)
        return Thread(
            speakers=speakers,
            others=others,
            id=conversation.id,
            customer_id=conversation.customer_id,
            customer_name=_name_of(session, conversation),
            items=tuple(sorted(items, key=lambda item: item.at)),
        )


def mark_read(context: Context, actor: Actor, conversation_id: uuid.UUID) -> None:
    """Nothing in the thread is unread any more."""
    with context.db.write() as session:
        access.get_conversation(session, actor, conversation_id).unread = 0


def reply_to_customer(
    context: Context,
    actor: Actor,
    conversation_id: uuid.UUID,
    text: str,
    *,
    channel: str | None = None,
    reply_id: uuid.UUID | None = None,
) -> uuid.UUID:
    """A person's own words to the customer, as a message due now; the id of the message.

    `channel` None: where the customer last wrote from. `reply_id` makes a second press of the button harmless.
    Refused: nobody knows yet who the customer is, there is no address on the channel, a rule stops the words, or it was
    sent already.
    """
    if channel is not None and channel not in CHANNELS:
        raise InputError(f"没有这个渠道：{channel} (no such channel)", column="channel")
    now = context.clock.now()
    with context.db.write() as session:
        conversation = access.get_conversation(session, actor, conversation_id)
        customer = session.get(Customer, conversation.customer_id) if conversation.customer_id else None
        if customer is None:
            raise Refused("还不知道是哪位客户，请先认领 (say first which customer it is)")
        point = conversations.find_point(session, conversation, channel)
        if point is None:
            raise Refused("这个渠道没有可用的联系方式 (no usable address on this channel)")
        identifier = reply_id or new_id()
        content = own_words(context, point.channel, text)
        require_lawful(session, context, content)
        answer = Answer(
            customer=customer,
            point=point,
            origin="reply",
            origin_id=identifier,
            dedupe_key=origin_key("reply", identifier),
            content=content,
            actor=actor.label,
        )
        message_id = plan_answer(session, context, answer)
        if message_id is None:
            raise Refused("这条回复已经发出 (this reply was sent already)")
        conversation.unread, conversation.last_entry_at = 0, now
        tasks.close_answered(session, conversation.id, by=actor.user_id, at=now)
        record(
            session,
            now,
            actor,
            "conversation.replied",
            "conversation",
            conversation.id,
            {"message": str(message_id)},
        )
    context.submit("dispatch")
    return message_id


def add_note(context: Context, actor: Actor, conversation_id: uuid.UUID, text: str) -> uuid.UUID:
    """A note for colleagues (a phone call, something to remember); never seen by the customer."""
    if not text.strip():
        raise InputError("请填写内容 (write something)", column="text")
    now = context.clock.now()
    with context.db.write() as session:
        conversation = access.get_conversation(session, actor, conversation_id)
        new = NewEntry(
            direction="note",
            channel="note",
            text=text.strip(),
            at=now,
            customer_id=conversation.customer_id,
            author_id=actor.user_id,
        )
        return conversations.add_entry(session, Sealer(session, context.vault), conversation, new, now).id


def attribute(context: Context, actor: Actor, entry_id: uuid.UUID, customer: str | uuid.UUID) -> uuid.UUID:
    """Say whose words an entry of a shared or unknown address holds; Refused when somebody said so before.

    The words join that customer's thread, an opt-out becomes the customer's own, a case theirs. `customer`: our id or
    the bank's number. Returns the id of the customer's thread.
    """
    now = context.clock.now()
    with context.db.write() as session:
        entry = session.get(ConversationEntry, entry_id, with_for_update=True)
        if entry is None:
            raise AccessDenied("没有这条消息 (no such entry)")
        access.get_conversation(session, actor, entry.conversation_id)
        owner = access.get_customer(session, actor, customer)
        if entry.customer_id is not None:
            raise Refused("这条消息已认领 (it is known already who spoke)")
        sealer = Sealer(session, context.vault)
        conversations.move_to_customer(session, sealer, entry, owner.id)
        thread = conversations.open_conversation(
            session, customer=owner, likely=None, contact_point_id=entry.contact_point_id, at=now
        )
        thread.unread, thread.last_inbound_at, thread.last_entry_at = thread.unread + 1, entry.at, now
        tasks.close_of(session, f"attribute_reply:{entry.id}", outcome="attributed", by=actor.user_id, at=now)
        tasks.hand_to(session, entry.id, owner)
        for case in cases.list_of_entry(session, entry.id):
            claim_for(session, case, owner, actor=actor, context=context)
        _own_refusal(session, context, entry, owner)
        record(session, now, actor, "entry.attributed", "entry", entry.id, {"customer": str(owner.id)})
        thread_id = thread.id
    context.submit("dispatch")
    return thread_id


def _own_refusal(session: Session, context: Context, entry: ConversationEntry, customer: Customer) -> None:
    purposes = frozenset(
        Purpose(purpose)
        for intent in entry.intents or []
        if intent["kind"] == "opt_out"
        for purpose in intent["purposes"]
    )
    if not purposes or entry.contact_point_id is None:
        return
    evidence = {"via": "reply", "entry": str(entry.id), "channel": entry.channel}
    preferences.stop_for(
        session, context, customer, Word(purposes=purposes, source="customer", evidence=evidence)
    )


def _row(session: Session, conversation: Conversation) -> ThreadRow:
    return ThreadRow(
        id=conversation.id,
        customer_id=conversation.customer_id,
        customer_name=_name_of(session, conversation),
        unread=conversation.unread,
        last_entry_at=conversation.last_entry_at,
        last_inbound_at=conversation.last_inbound_at,
        state=conversation.state,
    )


def _name_of(session: Session, conversation: Conversation) -> str:
    customer = session.get(Customer, conversation.customer_id) if conversation.customer_id else None
    return customer.name if customer is not None else _STRANGER


def _entry_item(sealer: Sealer, entry: ConversationEntry) -> Item:
    return Item(
        kind=entry.direction,
        at=entry.at,
        channel=entry.channel,
        text=sealer.open("conversation_entries", "text", entry.id, entry.text, entry.customer_id),
        entry_id=entry.id,
        author_id=entry.author_id,
        is_automatic=entry.is_automatic,
        is_unclaimed=entry.direction == "in" and entry.customer_id is None,
        intents=tuple(str(intent["kind"]) for intent in entry.intents or []),
    )


def _speakers(session: Session, actor: Actor, conversation: Conversation) -> tuple[tuple[Speaker, ...], int]:
    if conversation.customer_id is not None or conversation.contact_point_id is None:
        return (), 0
    users = conversations.list_users(session, conversation.contact_point_id)
    seen = [(access.find_customer(session, actor, key), relation) for key, relation in users]
    found = tuple(
        Speaker(id=one.id, ref=one.external_ref, name=one.name, relation=relation)
        for one, relation in seen
        if one is not None
    )
    return found, len(users) - len(found)


def _message_items(session: Session, context: Context, actor: Actor, customer_id: uuid.UUID) -> list[Item]:
    """What we sent, and our answers that are on their way; what is only planned is no part of a conversation."""
    found = access.list_messages(session, actor, customer_id=customer_id, limit=_MESSAGES_SHOWN)
    shown = [
        one for one in found if Status(one.status) in HANDED_OVER | _IN_FLIGHT or one.origin != "campaign"
    ]
    contents = access.open_many_contents(session, context.vault, shown)
    left = conversations.left_at(session, [one.id for one in shown])
    return [
        Item(
            kind="out",
            at=left.get(one.id, one.created_at),
            channel=one.channel or "",
            text=_words(one, {content.channel: content.text for content in contents[one.id]}),
            message_id=one.id,
            status=Status(one.status),
            reason=one.reason,
            origin=one.origin,
        )
        for one in shown
    ]


def _words(message: Message, texts: dict[str, str]) -> str | None:
    return texts.get(message.channel or "") or next(iter(texts.values()), None)
