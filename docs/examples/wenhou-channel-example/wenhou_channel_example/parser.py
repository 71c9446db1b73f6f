"""Hears the relay: signed JSON with a list of events. It believes nothing unsigned and gives every event a key."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, ValidationError

from integrations.signing import verify_signed
from wenhou.core.channels import CallbackAnswer, ProviderEvent, RawCallback, ReceiptEvent, ReplyEvent
from wenhou.core.errors import PayloadInvalid, SignatureInvalid
from wenhou.core.statuses import Receipt
from wenhou_channel_example.settings import RelaySettings

_STATUSES = {"delivered": Receipt.DELIVERED, "undelivered": Receipt.UNDELIVERED, "queued": Receipt.ACCEPTED}


class _Push(BaseModel):
    events: list[dict[str, JsonValue]]


class _Event(BaseModel):
    """`ref` of a receipt, `from` and `text` of a reply."""

    id: str = Field(min_length=1, max_length=80)
    at: AwareDatetime
    ref: str | None = None
    status: str | None = None
    sender: str | None = Field(default=None, alias="from")
    text: str = ""


class RelayParser:
    """See `wenhou.core.channels.CallbackParser`."""

    provider = "relay"
    channel = "sms"

    def __init__(self, settings: RelaySettings) -> None:
        self.account = settings.account
        self._secret = settings.push_secret

    def verify(self, callback: RawCallback) -> None:
        """Raise SignatureInvalid unless the relay made this request for this account, lately."""
        if self._secret is None:
            raise SignatureInvalid("this account takes no pushes")
        verify_signed(callback, self._secret.get_secret_value(), self.account)

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        """One item an event."""
        return split_events(callback.body)

    def parse(self, item: bytes) -> Sequence[ProviderEvent]:
        """Exactly one event an item."""
        try:
            event = _Event.model_validate_json(item)
        except ValidationError:
            event = None
        if event is not None and event.ref and event.status in _STATUSES:
            receipt = _STATUSES[event.status]
            return [ReceiptEvent(key=event.id, receipt=receipt, at=event.at, reference=event.ref)]
        if event is not None and event.sender and event.status is None:
            return [ReplyEvent(key=event.id, address=event.sender, text=event.text, at=event.at)]
        raise PayloadInvalid("the event is neither a receipt nor a reply")

    def answer(self) -> CallbackAnswer:
        """The relay reads nothing but the status."""
        return CallbackAnswer()


def split_events(body: bytes) -> list[bytes]:
    """The events of a push or a poll, each spelt in one way, so that twice the same is known as such."""
    try:
        events = _Push.model_validate_json(body).events
    except ValidationError:
        events = None
    if events is None:
        raise PayloadInvalid("the body is no list of events")
    return [json.dumps(event, ensure_ascii=False, sort_keys=True).encode() for event in events]
