"""Hears the pretend provider: signed JSON with a list of events, each of which is one item."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, JsonValue, TypeAdapter, ValidationError

from integrations.signing import verify_signed
from integrations.simulator.settings import SimulatorSettings
from wenhou.core.channels import (
    CallbackAnswer,
    OptOutEvent,
    ProviderEvent,
    RawCallback,
    ReceiptEvent,
    ReplyEvent,
    TapEvent,
)
from wenhou.core.errors import PayloadInvalid
from wenhou.core.statuses import Receipt


class _Callback(BaseModel):
    events: list[dict[str, JsonValue]]


class _ReceiptItem(BaseModel):
    type: Literal["receipt"]
    id: str = Field(min_length=1)
    status: Receipt
    at: AwareDatetime
    message_id: str
    reference: str
    address: str
    code: str = ""
    suppress: str | None = None


class _ReplyItem(BaseModel):
    type: Literal["reply"]
    id: str = Field(min_length=1)
    address: str
    text: str
    at: AwareDatetime
    reference: str | None = None


class _OptOutItem(BaseModel):
    type: Literal["opt_out"]
    id: str = Field(min_length=1)
    address: str
    at: AwareDatetime
    reference: str | None = None
    purposes: frozenset[str] = frozenset()


class _TapItem(BaseModel):
    type: Literal["tap"]
    id: str = Field(min_length=1)
    task_id: str
    sent: bool
    at: AwareDatetime


_Item = Annotated[_ReceiptItem | _ReplyItem | _OptOutItem | _TapItem, Field(discriminator="type")]
_ITEM: TypeAdapter[_ReceiptItem | _ReplyItem | _OptOutItem | _TapItem] = TypeAdapter(_Item)


class SimulatorParser:
    """See `wenhou.core.channels.CallbackParser`."""

    provider = "simulator"

    def __init__(self, settings: SimulatorSettings) -> None:
        self.account = settings.account
        self.channel: str = settings.channel
        self._secret = settings.secret

    def verify(self, callback: RawCallback) -> None:
        """Raise SignatureInvalid unless signed by the provider for this account, within five minutes."""
        verify_signed(callback, self._secret.get_secret_value(), self.account)

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        """One item an event, in a canonical spelling."""
        try:
            events = _Callback.model_validate_json(callback.body).events
        except ValidationError:
            events = None
        if events is None:
            msg = "the callback is no list of events"
            raise PayloadInvalid(msg)
        return [json.dumps(event, ensure_ascii=False, sort_keys=True).encode() for event in events]

    def parse(self, item: bytes) -> Sequence[ProviderEvent]:
        """Exactly one event an item."""
        try:
            read = _ITEM.validate_json(item)
        except ValidationError:
            read = None
        if read is None:
            msg = "the event is not what the provider's contract says"
            raise PayloadInvalid(msg)
        return [_event(read)]

    def answer(self) -> CallbackAnswer:
        """The provider reads nothing but the status."""
        return CallbackAnswer()


def _event(item: _ReceiptItem | _ReplyItem | _OptOutItem | _TapItem) -> ProviderEvent:
    match item:
        case _ReceiptItem():
            return ReceiptEvent(
                key=item.id,
                receipt=item.status,
                at=item.at,
                reference=item.reference,
                provider_message_id=item.message_id,
                address=item.address,
                code=item.code,
                suppress=item.suppress,
            )
        case _ReplyItem():
            return ReplyEvent(
                key=item.id, address=item.address, text=item.text, at=item.at, reference=item.reference
            )
        case _OptOutItem():
            return OptOutEvent(
                key=item.id,
                at=item.at,
                address=item.address,
                reference=item.reference,
                purposes=item.purposes,
            )
        case _TapItem():
            return TapEvent(key=item.id, provider_task_id=item.task_id, sent=item.sent, at=item.at)
