"""Messages full of canary strings, and the reading of a sender's outcome, for every contract test."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

from wenhou.core.channels import (
    ChannelFault,
    Content,
    Outcome,
    OutgoingMessage,
    Permanent,
    Sender,
    Transient,
    Unknown,
)
from wenhou.core.errors import (
    ChannelFaultError,
    PermanentSendError,
    SendError,
    TransientSendError,
    UnknownOutcomeError,
)

NOW = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
TEXT_CANARY = "金丝雀正文"
NAME_CANARY = "金丝雀姓名"
SECRET_CANARY = "canary-secret-7f3a"
ADDRESSES = {
    "sms": "+8613812345678",
    "email": "canary.address@mail.example",
    "wechat": "oCanary1",
    "wecom": "wmCanary1",
}
CANARIES = (TEXT_CANARY, NAME_CANARY, SECRET_CANARY, "13812345678", "canary.address", "oCanary1", "wmCanary1")


def make_message(
    channel: str,
    address: str | None = None,
    *,
    text: str = TEXT_CANARY,
    html: str | None = None,
    unsubscribe_url: str | None = None,
    subject: str | None = "新春问候",
    name: str = NAME_CANARY,
    sender: str = "江城银行",
) -> OutgoingMessage:
    """One message ready for hand-over."""
    return OutgoingMessage(
        message_id=uuid.uuid4(),
        attempt_id=uuid.uuid4(),
        reference=uuid.uuid4().hex[:20],
        address=address or ADDRESSES[channel],
        display_name=name,
        content=Content(
            channel=channel,
            sender=sender,
            text=text,
            html=html,
            subject=subject if channel == "email" else None,
        ),
        purpose="care",
        deadline=NOW + timedelta(hours=4),
        unsubscribe_url=unsubscribe_url,
    )


def hand_over(sender: Sender, message: OutgoingMessage) -> Outcome:
    """The outcome of one message, whether the sender returned or raised it."""
    try:
        outcomes = sender.send([message])
    except SendError as error:
        return as_outcome(error)
    assert set(outcomes) == {message.attempt_id}, "every attempt of the batch has an outcome"
    return outcomes[message.attempt_id]


def as_outcome(error: SendError) -> Outcome:
    """What a raised error says of every message of the call."""
    match error:
        case TransientSendError():
            return Transient(code=error.provider_code, retry=error.retry)
        case PermanentSendError():
            return Permanent(code=error.provider_code)
        case ChannelFaultError():
            return ChannelFault(code=error.provider_code, reason=error.provider_code)
        case UnknownOutcomeError():
            return Unknown(code=error.provider_code)
    raise AssertionError(error)
