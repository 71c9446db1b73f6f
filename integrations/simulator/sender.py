"""Hands messages to the pretend provider: one signed JSON request a batch."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ValidationError

from integrations.http_edge import HTTP_TOO_MANY, HTTP_UNAVAILABLE, Answer, HttpEdge, retry_hint
from integrations.signing import signed_headers
from integrations.simulator.settings import SimulatorSettings
from wenhou.core.channels import (
    EMAIL,
    Accepted,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.clock import Clock, SystemClock
from wenhou.core.errors import ChannelFaultError, SendError, TransientSendError, UnknownOutcomeError

_OK = 200
_REFUSED_BY_US = {401, 403, 404}


class _Result(BaseModel):
    attempt_id: uuid.UUID
    code: str
    message_id: str = ""
    task_id: str = ""


class _Results(BaseModel):
    code: str
    results: list[_Result] = []


class SimulatorSender:
    """See `wenhou.core.channels.Sender`."""

    provider = "simulator"

    def __init__(self, settings: SimulatorSettings, *, clock: Clock | None = None) -> None:
        self.account = settings.account
        self.capabilities = settings.capabilities()
        self._url = settings.base_url.rstrip("/") + "/api/send"
        self._secret = settings.secret
        self._channel = settings.channel
        self._clock = clock or SystemClock()
        self._edge = HttpEdge(
            connect_seconds=settings.connect_seconds,
            read_seconds=settings.read_seconds,
            pool_size=settings.calls_in_flight,
        )

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """One call; raises SendError when it failed as a whole."""
        request = {"channel": self._channel, "messages": [_as_json(message) for message in batch]}
        body = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Wenhou-Account": self.account,
            **signed_headers(self._secret.get_secret_value(), self.account, self._clock.real(), body),
        }
        results = _read(self._edge.call("POST", self._url, headers=headers, body=body))
        said = {result.attempt_id: _outcome(result, self._channel) for result in results.results}
        return {
            message.attempt_id: said.get(message.attempt_id, Unknown(code="not_in_answer"))
            for message in batch
        }

    def close(self) -> None:
        """Give back connections."""
        self._edge.close()


def _as_json(message: OutgoingMessage) -> dict[str, object]:
    content = message.content
    return {
        "attempt_id": str(message.attempt_id),
        "reference": message.reference,
        "to": message.address,
        "name": message.display_name,
        "sender": content.sender,
        "subject": content.subject,
        "text": content.text,
        "html": content.html,
        "purpose": message.purpose,
        "unsubscribe_url": message.unsubscribe_url,
    }


def _read(answer: Answer) -> _Results:
    """The results of a call, or the SendError that fits its failure as a whole."""
    failure = _failure(answer)
    if failure is not None:
        raise failure
    try:
        results = _Results.model_validate_json(answer.body)
    except ValidationError:
        results = None
    if results is None:
        msg = "the answer is not what the provider's contract says"
        raise UnknownOutcomeError(msg, provider_code="answer_invalid")
    if results.code != "OK":
        msg = "the provider refuses the account"
        raise ChannelFaultError(msg, provider_code=results.code)
    return results


def _failure(answer: Answer) -> SendError | None:
    code = f"http_{answer.status}"
    if answer.status == _OK:
        return None
    if answer.status in {HTTP_TOO_MANY, HTTP_UNAVAILABLE}:
        return TransientSendError(
            "the provider asks to come back later", provider_code=code, retry=retry_hint(answer)
        )
    if answer.status in _REFUSED_BY_US:
        return ChannelFaultError(
            "the provider refuses the account's credentials or address", provider_code=code
        )
    return UnknownOutcomeError("the provider failed while it had the request", provider_code=code)


def _outcome(result: _Result, channel: str) -> Outcome:
    outcomes: dict[str, Outcome] = {
        "OK": Accepted(provider_message_ids=(result.message_id,) if result.message_id else ()),
        "TASK": TaskCreated(provider_task_id=result.task_id),
        "THROTTLED": Transient(code="THROTTLED"),
        "REFUSED": Permanent(code="REFUSED"),
        "OPTED_OUT": Permanent(code="OPTED_OUT", suppress="opted_out"),
        "INVALID_ADDRESS": Permanent(
            code="INVALID_ADDRESS", suppress="address_invalid" if channel == EMAIL else "number_invalid"
        ),
        "INSUFFICIENT_BALANCE": ChannelFault(code="INSUFFICIENT_BALANCE", reason="balance"),
    }
    return outcomes.get(result.code, Permanent(code=result.code))
