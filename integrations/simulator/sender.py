"""Hands messages to the pretend provider: one signed JSON request a batch."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel, ValidationError

from integrations.http_edge import HTTP_TOO_MANY, HTTP_UNAVAILABLE, Answer, HttpEdge, retry_hint
from integrations.signing import signed_headers
from integrations.simulator.settings import SimulatorSettings
from wenhou.core.channels import (
    EMAIL,
    MEDIA_UNKNOWN,
    Accepted,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    TaskCreated,
    Transient,
    Unknown,
    UploadedMedia,
)
from wenhou.core.clock import Clock, SystemClock
from wenhou.core.errors import (
    ChannelFaultError,
    PermanentSendError,
    SendError,
    TransientSendError,
    UnknownOutcomeError,
)

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


class _Kept(BaseModel):
    code: str
    media_id: str = ""
    expires_at: datetime | None = None


class SimulatorSender:
    """See `wenhou.core.channels.Sender` and `MediaUploader`."""

    provider = "simulator"

    def __init__(self, settings: SimulatorSettings, *, clock: Clock | None = None) -> None:
        self.account = settings.account
        self.capabilities = settings.capabilities()
        self._home = settings.base_url.rstrip("/")
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
        results = _read(self._post("/api/send", request))
        said = {result.attempt_id: _outcome(result, self._channel) for result in results.results}
        return {
            message.attempt_id: said.get(message.attempt_id, Unknown(code="not_in_answer"))
            for message in batch
        }

    def upload(self, digest: str, mime: str, body: bytes) -> UploadedMedia:
        """See `wenhou.core.channels.MediaUploader`."""
        request = {"digest": digest, "mime": mime, "body": base64.b64encode(body).decode()}
        answer = self._post("/api/media", request)
        failure = _failure(answer)
        if failure is not None:
            raise failure
        try:
            kept = _Kept.model_validate_json(answer.body)
        except ValidationError as error:
            msg = "the answer is not what the provider's contract says"
            raise TransientSendError(msg, provider_code="answer_invalid") from error
        if kept.code != "OK" or not kept.media_id:
            msg = "the provider refuses the image"
            raise PermanentSendError(msg, provider_code=kept.code)
        return UploadedMedia(provider_media_id=kept.media_id, expires_at=kept.expires_at)

    def _post(self, path: str, request: Mapping[str, object]) -> Answer:
        body = json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {
            "Content-Type": "application/json",
            "X-Wenhou-Account": self.account,
            **signed_headers(self._secret.get_secret_value(), self.account, self._clock.real(), body),
        }
        return self._edge.call("POST", self._home + path, headers=headers, body=body)

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
        "media_ids": list(message.media_ids),
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
        "MEDIA_UNKNOWN": Transient(code=MEDIA_UNKNOWN),
        "REFUSED": Permanent(code="REFUSED"),
        "OPTED_OUT": Permanent(code="OPTED_OUT", suppress="opted_out"),
        "INVALID_ADDRESS": Permanent(
            code="INVALID_ADDRESS", suppress="address_invalid" if channel == EMAIL else "number_invalid"
        ),
        "INSUFFICIENT_BALANCE": ChannelFault(code="INSUFFICIENT_BALANCE", reason="balance"),
    }
    return outcomes.get(result.code, Permanent(code=result.code))
