"""Hands messages to the relay: one JSON request a batch, one outcome a message. It translates and does nothing else."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ValidationError

from integrations.http_edge import HTTP_TOO_MANY, HTTP_UNAVAILABLE, Answer, HttpEdge, retry_hint
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    Probe,
    Transient,
    Unknown,
)
from wenhou.core.errors import ChannelFaultError, SendError, TransientSendError, UnknownOutcomeError
from wenhou_channel_example.settings import RelaySettings

_TRIED = ("向平台查询账户", "asked the relay about the account")
_ACCOUNT_IS_AT_FAULT = {401, 403, 404}


class _Result(BaseModel):
    id: uuid.UUID
    status: str
    code: str = ""
    message_id: str = ""


class _Answer(BaseModel):
    error: str = ""
    results: list[_Result] = []


class RelaySender:
    """See `wenhou.core.channels.Sender` and `Prober`. An instance that exists is ready; threads may share it."""

    provider = "relay"

    def __init__(self, settings: RelaySettings) -> None:
        self.account = settings.account
        self.capabilities = settings.capabilities()
        self._home = settings.base_url.rstrip("/")
        self._token = settings.token
        self._edge = HttpEdge(
            connect_seconds=settings.connect_seconds,
            read_seconds=settings.read_seconds,
            pool_size=settings.calls_in_flight,
            verify=settings.ca_file or True,
        )

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """One call. What the relay says nothing of is left out: the caller takes it for unknown."""
        words = {"messages": [_as_json(message) for message in batch]}
        body = json.dumps(words, ensure_ascii=False).encode()
        answer = self._edge.call("POST", self._home + "/v1/messages", headers=self._headers(), body=body)
        ours = {message.attempt_id for message in batch}
        return {result.id: _outcome(result) for result in _read(answer).results if result.id in ours}

    def probe(self) -> Probe:
        """Ask for the account: the token and the way there are tried, and nobody is written to."""
        try:
            _read(self._edge.call("GET", self._home + "/v1/account", headers=self._headers()))
        except SendError as error:
            advice = ("核对 base_url、token 与证书", "check base_url, token and certificate")
            return Probe(ok=False, tried=_TRIED, code=error.provider_code, advice=advice)
        return Probe(ok=True, tried=_TRIED)

    def _headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self._token.get_secret_value()}",
        }

    def close(self) -> None:
        """Give back connections."""
        self._edge.close()


def _as_json(message: OutgoingMessage) -> dict[str, str]:
    return {
        "id": str(message.attempt_id),
        "ref": message.reference,
        "to": message.address,
        "text": message.content.text,
    }


def _read(answer: Answer) -> _Answer:
    """What a call as a whole came to. HTTP 200 alone proves nothing: the body may hold an error."""
    code = f"http_{answer.status}"
    if answer.status in {HTTP_TOO_MANY, HTTP_UNAVAILABLE}:
        raise TransientSendError(
            "the relay asks to come back later", provider_code=code, retry=retry_hint(answer)
        )
    if answer.status in _ACCOUNT_IS_AT_FAULT or 300 <= answer.status < 400:
        raise ChannelFaultError("the relay refuses the account or its address", provider_code=code)
    if answer.status != 200:
        raise UnknownOutcomeError("the relay failed while it had the request", provider_code=code)
    try:
        read = _Answer.model_validate_json(answer.body)
    except ValidationError:
        read = None
    if read is None:  # raised out here: the validation error holds the body and must not be attached
        raise UnknownOutcomeError("the relay's answer cannot be read", provider_code="answer_invalid")
    if read.error:
        raise ChannelFaultError("the relay refuses the account", provider_code=read.error)
    return read


def _outcome(result: _Result) -> Outcome:
    outcomes: dict[str, Outcome] = {
        "queued": Accepted(provider_message_ids=(result.message_id,) if result.message_id else ()),
        "busy": Transient(code=result.code or "busy"),
        "no_such_number": Permanent(code=result.code or "no_such_number", suppress="number_invalid"),
        "opted_out": Permanent(code=result.code or "opted_out", suppress="opted_out"),
        "no_balance": ChannelFault(code=result.code or "no_balance", reason="balance"),
        "refused": Permanent(code=result.code or "refused"),
    }
    return outcomes.get(result.status, Unknown(code="status_unknown"))
