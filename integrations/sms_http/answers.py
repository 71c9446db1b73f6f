"""Reads a gateway's answer: HTTP status first, then the code, then in a batch what became of each message."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from integrations.http_edge import HTTP_TOO_MANY, HTTP_UNAVAILABLE, Answer, retry_hint
from integrations.sms_http.answer_form import AnswerForm, Rows
from integrations.sms_http.documents import read_document
from integrations.sms_http.expressions import as_text, find_path, to_e164
from integrations.sms_http.parts import CodeMeaning
from wenhou.core.channels import Accepted, ChannelFault, Outcome, Permanent, Transient, Unknown
from wenhou.core.errors import RetryHint

_REFUSES_ACCOUNT: Final = frozenset({401, 403, 404, 405, 407})
_SERVER_ERROR: Final = 500
_ERROR: Final = 400
_REDIRECT: Final = 300
_PATTERN_BYTES: Final = 4096
"""How much of a text answer a pattern looks at: a pattern is the bank's, the text is not."""
_LONGEST_ID: Final = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a row of an answer may call one message of a call. `phone` is E.164."""

    phone: str
    reference: str
    attempt_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What an answer's body says: the code of the whole, their id, and the document for its rows."""

    code: str
    message_id: str | None
    document: JsonValue


class AnswerReader:
    """Reads the answers of one account; thread-safe. `now` is business time, for refusals until an hour of the day."""

    def __init__(self, form: AnswerForm, *, account: str, charset: str, zone: str) -> None:
        self._form = form
        self._account = account
        self._charset = form.charset or charset
        self._zone = ZoneInfo(zone)
        self._pattern = re.compile(form.pattern) if form.pattern is not None else None

    def read(self, answer: Answer, names: Sequence[Name], now: datetime) -> list[Outcome]:
        """One outcome a message of the call, in their order."""
        said = self._said(answer)
        whole = self._whole(answer, said, now)
        form = self._form
        if said is None or not (isinstance(whole, Accepted) or said.code in form.partial):
            return [whole] * len(names)
        if form.rows is None:
            return [self._accepted(said.message_id, name) for name in names]
        return self._by_rows(form.rows, said, names, now)

    def meaning(self, code: str, now: datetime, hint: RetryHint | None = None) -> Outcome:
        """What a code that is no success means; a code in no table is told to operations, without the message."""
        known = self._form.codes.get(code)
        if known is None:
            log.error("sms_http.unknown_code", extra={"account": self._account})
        return meant(code, known or self._form.other, now, self._zone, hint)

    def _whole(self, answer: Answer, said: _Said | None, now: datetime) -> Outcome:
        status, code = answer.status, f"http_{answer.status}"
        own = self._form.http.get(str(status))
        if own is not None:
            return meant(said.code if said else code, own, now, self._zone, retry_hint(answer))
        if status in {HTTP_TOO_MANY, HTTP_UNAVAILABLE}:
            return Transient(code=said.code if said else code, retry=retry_hint(answer))
        if status >= _SERVER_ERROR:
            return Unknown(code=code)
        if status in _REFUSES_ACCOUNT or _REDIRECT <= status < _ERROR:
            return ChannelFault(code=code, reason="gateway_refuses_account")
        if said is None:
            return Permanent(code=code) if status >= _ERROR else Unknown(code="answer_invalid")
        if said.code in self._form.success | self._form.partial:
            return Permanent(code=code) if status >= _ERROR else Accepted()
        return self.meaning(said.code, now, retry_hint(answer))

    def _accepted(self, message_id: str | None, name: Name) -> Accepted:
        if not message_id:
            return Accepted()
        one = shared_id(message_id, name.phone) if self._form.id_covers_call else message_id
        return Accepted(provider_message_ids=(one,))

    def _by_rows(self, form: Rows, said: _Said, names: Sequence[Name], now: datetime) -> list[Outcome]:
        found = find_path(said.document, form.array)
        rows = found if isinstance(found, list) else [found] if isinstance(found, dict) else []
        placed = _place(form, rows, names)
        if placed is None:
            return [Unknown(code="answer_short")] * len(names)
        rest = self._accepted(said.message_id, names[0]) if form.only_failures else None
        outcomes: list[Outcome] = []
        for position, name in enumerate(names):
            told = [self._row(form, row, said, name, now) for row in placed.get(position, ())]
            if not told:
                missing = self._accepted(said.message_id, name) if rest is not None else None
                outcomes.append(missing or Unknown(code="not_in_answer"))
            elif any(one != told[0] for one in told):
                outcomes.append(Unknown(code="answer_contradicts"))
            else:
                outcomes.append(told[0])
        return outcomes

    def _row(self, form: Rows, row: JsonValue, said: _Said, name: Name, now: datetime) -> Outcome:
        message_id = as_text(find_path(row, form.id)) if form.id else None
        if form.code is None:
            return (
                Permanent(code=said.code)
                if form.only_failures
                else self._accepted(message_id or said.message_id, name)
            )
        code = as_text(find_path(row, form.code))
        if code is None:
            return Unknown(code="answer_invalid")
        if code in form.success:
            return (
                Accepted(provider_message_ids=(message_id[:_LONGEST_ID],))
                if message_id
                else self._accepted(said.message_id, name)
            )
        return self.meaning(code, now)

    def _said(self, answer: Answer) -> _Said | None:
        """What the body says, None when it cannot be read."""
        if self._pattern is not None:
            text = answer.body[:_PATTERN_BYTES].decode(self._charset, errors="replace")
            match = self._pattern.search(text)
            groups = match.groupdict() if match else {}
            code = groups.get("code")
            return _Said(code=code, message_id=groups.get("id"), document=None) if code else None
        try:
            document = read_document(answer.body, self._form, self._charset)
        except ValueError:
            return None
        code = as_text(find_path(document, self._form.code))
        found = as_text(find_path(document, self._form.id)) if self._form.id else None
        return (
            None
            if not code
            else _Said(code=code, message_id=found and found[:_LONGEST_ID], document=document)
        )


def meant(
    code: str, meaning: CodeMeaning, now: datetime, zone: ZoneInfo, hint: RetryHint | None = None
) -> Outcome:
    """The outcome a table's entry stands for. `hint`: what the answer's own header said of when to come back."""
    match meaning.outcome:
        case "accepted":
            return Accepted()
        case "transient":
            return Transient(code=code, retry=_when(meaning, now, zone) or hint or RetryHint())
        case "permanent":
            return Permanent(code=code, suppress=meaning.suppress)
        case "channel_fault":
            return ChannelFault(code=code, reason=meaning.reason or "gateway_refuses_account")
        case "unknown":
            return Unknown(code=code)
    assert_never(meaning.outcome)


def shared_id(message_id: str, phone: str) -> str:
    """The name of one message of a call that the provider gave one id: id and phone, without the number in clear."""
    return f"{message_id}/{hashlib.sha256(f'{message_id}/{phone}'.encode()).hexdigest()[:16]}"


def _when(meaning: CodeMeaning, now: datetime, zone: ZoneInfo) -> RetryHint | None:
    if meaning.retry_at is not None:
        local = now.astimezone(zone)
        wall = time.fromisoformat(meaning.retry_at)
        at = datetime.combine(local.date(), wall, tzinfo=zone)
        if at <= now:
            at = datetime.combine(local.date() + timedelta(days=1), wall, tzinfo=zone)
        return RetryHint(at=at)
    if meaning.retry_after_seconds is not None:
        return RetryHint(after=timedelta(seconds=meaning.retry_after_seconds))
    return None


def _place(form: Rows, rows: Sequence[JsonValue], names: Sequence[Name]) -> dict[int, list[JsonValue]] | None:
    """Position → its rows; rows of nobody here are left out. None: rows without names, and not one a message."""
    if form.key is None:
        return {place: [row] for place, row in enumerate(rows)} if len(rows) == len(names) else None
    if form.by == "index":
        places = {str(place + form.base): place for place in range(len(names))}
    else:
        places = {getattr(name, form.by): place for place, name in enumerate(names)}
    found: dict[int, list[JsonValue]] = {}
    for row in rows:
        value = as_text(find_path(row, form.key)) or ""
        place = places.get(to_e164(value) if form.by == "phone" else value)
        if place is not None:
            found.setdefault(place, []).append(row)
    return found
