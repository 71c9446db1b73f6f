"""Hands one SMS to a gateway as its profile says, and reads the answer by its table."""

from __future__ import annotations

import json
import logging
import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import assert_never
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from integrations.http_edge import HTTP_TOO_MANY, HTTP_UNAVAILABLE, Answer, HttpEdge, retry_hint
from integrations.sms_http.expressions import as_text, digest, expand, expand_all, find_path, write_time
from integrations.sms_http.profile import AnswerForm, CodeMeaning, SmsHttpSettings
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    Transient,
    Unknown,
)
from wenhou.core.clock import Clock, SystemClock
from wenhou.core.errors import RetryHint

log = logging.getLogger(__name__)
_SIGNATURE = re.compile(r"^【[^】]*】")
_MAINLAND = "+86"


class SmsHttpSender:
    """See `wenhou.core.channels.Sender`; one message a call."""

    provider = "sms_http"

    def __init__(self, settings: SmsHttpSettings, *, clock: Clock | None = None) -> None:
        self.account = settings.account
        self.capabilities = settings.capabilities()
        self._settings = settings
        self._clock = clock or SystemClock()
        self._edge = HttpEdge(
            connect_seconds=settings.connect_seconds,
            read_seconds=settings.read_seconds,
            pool_size=settings.calls_in_flight,
            verify=settings.ca_file or True,
        )

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """One call for one message; raises SendError when the call failed as a whole."""
        (message,) = batch
        try:
            request = _Request(self._settings, message, self._clock)
        except UnicodeError:
            return {message.attempt_id: Permanent(code="charset")}
        answer = self._edge.call(
            self._settings.request.method, request.url, headers=request.headers, body=request.body
        )
        outcome = read_answer(answer, self._settings.answer, self._settings.request.charset)
        if isinstance(outcome, Permanent) and outcome.code not in self._settings.answer.codes:
            log.error("sms_http.unknown_code", extra={"account": self.account, "status": answer.status})
        return {message.attempt_id: outcome}

    def close(self) -> None:
        """Give back connections."""
        self._edge.close()


class _Request:
    """One message in the gateway's words. The body is built before the headers, which may sign it."""

    def __init__(self, settings: SmsHttpSettings, message: OutgoingMessage, clock: Clock) -> None:
        form = settings.request
        self._settings = settings
        self._charset = form.charset
        text = message.content.text
        self._values = {
            "phone": _spell(message.address, form.phone),
            "text": _SIGNATURE.sub("", text, count=1) if form.signature == "stripped" else text,
            "sender": message.content.sender,
            "reference": message.reference,
            "attempt_id": str(message.attempt_id),
            "ext": form.ext,
            "ts": write_time(clock.real(), form.ts, ZoneInfo(settings.zone)),
            "nonce": secrets.token_hex(8),
            "template": message.content.provider_template or "",
            "parameters": json.dumps(dict(message.content.parameters), ensure_ascii=False),
            "body": "",
        }
        self.body = self._build_body()
        self._values["body"] = (self.body or b"").decode(self._charset)
        query = {name: expand(value, self._look_up) for name, value in form.query.items()}
        if form.body == "query":
            query |= {name: str(expand_all(value, self._look_up)) for name, value in form.fields.items()}
        self.url = form.url + self._query_of(query)
        self.headers = self._content_type() | {
            name: expand(value, self._look_up) for name, value in form.headers.items()
        }

    def _query_of(self, query: Mapping[str, str]) -> str:
        if not query:
            return ""
        joint = "&" if "?" in self._settings.request.url else "?"
        return joint + urlencode(query, encoding=self._charset, quote_via=quote)

    def _content_type(self) -> dict[str, str]:
        kinds = {"form": "application/x-www-form-urlencoded", "json": "application/json"}
        kind = kinds.get(self._settings.request.body)
        return {"Content-Type": f"{kind}; charset={self._charset}"} if kind else {}

    def _build_body(self) -> bytes | None:
        form = self._settings.request
        if form.body == "query":
            return None
        fields = expand_all(form.fields, self._look_up)
        if form.body == "json":
            return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode(self._charset)
        flat = (
            {name: as_text(value) or "" for name, value in fields.items()} if isinstance(fields, dict) else {}
        )
        return urlencode(flat, encoding=self._charset).encode("ascii")

    def _look_up(self, name: str) -> str:
        kind, _, which = name.partition(":")
        if kind == "secret":
            return self._settings.secrets[which].get_secret_value()
        if kind != "digest":
            return self._values[name]
        recipe = self._settings.request.digests[which]
        key = self._settings.secrets[recipe.key].get_secret_value().encode() if recipe.key else None
        data = expand(recipe.over, self._look_up).encode(self._charset)
        return digest(recipe.algorithm, data, recipe.encoding, key)


def _spell(phone: str, form: str) -> str:
    """E.164, without the plus (`86…`), or a mainland number in its national form (others keep the country code)."""
    if form == "e164":
        return phone
    if form == "national" and phone.startswith(_MAINLAND):
        return phone.removeprefix(_MAINLAND)
    return phone.removeprefix("+")


def read_answer(answer: Answer, form: AnswerForm, charset: str) -> Outcome:
    """The outcome an answer stands for: HTTP status first, then the body; HTTP 200 alone proves nothing."""
    status, code = answer.status, f"http_{answer.status}"
    said = _said(answer, form, charset)
    if status in {HTTP_TOO_MANY, HTTP_UNAVAILABLE}:
        return Transient(code=said[0] if said else code, retry=retry_hint(answer))
    if status >= 500:
        return Unknown(code=code)
    if status in {401, 403, 404, 405, 407} or 300 <= status < 400:
        return ChannelFault(code=code, reason="gateway_refuses_account")
    if said is None:
        return Permanent(code=code) if status >= 400 else Unknown(code="answer_invalid")
    found, message_id = said
    if found in form.success and status < 300:
        return Accepted(provider_message_ids=(message_id,) if message_id else ())
    meaning = form.codes.get(found)
    return Permanent(code=found) if meaning is None else _meant(found, meaning, message_id)


def _meant(code: str, meaning: CodeMeaning, message_id: str | None) -> Outcome:
    wait = meaning.retry_after_seconds
    match meaning.outcome:
        case "accepted":
            return Accepted(provider_message_ids=(message_id,) if message_id else ())
        case "transient":
            return Transient(
                code=code, retry=RetryHint(after=None if wait is None else timedelta(seconds=wait))
            )
        case "permanent":
            return Permanent(code=code, suppress=meaning.suppress)
        case "channel_fault":
            return ChannelFault(code=code, reason=meaning.reason or "gateway_refuses_account")
        case "unknown":
            return Unknown(code=code)
    assert_never(meaning.outcome)


def _said(answer: Answer, form: AnswerForm, charset: str) -> tuple[str, str | None] | None:
    """(code, provider's id) of the answer's body, None when it cannot be read."""
    text = answer.body.decode(charset, errors="replace")
    if form.pattern is not None:
        match = re.search(form.pattern, text)
        groups = match.groupdict() if match else {}
        return (groups["code"], groups.get("id")) if groups.get("code") else None
    try:
        document: JsonValue = json.loads(text)
    except ValueError:
        return None
    code = as_text(find_path(document, form.code))
    found_id = as_text(find_path(document, form.id)) if form.id else None
    return None if code is None else (code, found_id)
