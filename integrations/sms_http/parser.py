"""Hears a gateway's pushed receipts and replies as its profile says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from pydantic import JsonValue, SecretStr

from integrations.signing import require_fresh
from integrations.sms_http.answers import shared_id
from integrations.sms_http.documents import read_document, read_form
from integrations.sms_http.expressions import as_text, digest, find_path, read_time, to_e164
from integrations.sms_http.intake_form import (
    BasicCheck,
    Check,
    HmacCheck,
    Intake,
    NetworkCheck,
    Replies,
    Reports,
    ReportStatus,
    TokenCheck,
)
from integrations.sms_http.profile import SmsHttpSettings
from wenhou.core.channels import SMS, CallbackAnswer, ProviderEvent, RawCallback, ReceiptEvent, ReplyEvent
from wenhou.core.errors import ConfigurationError, PayloadInvalid, SignatureInvalid
from wenhou.core.statuses import Receipt

PUSHED_REPORT, PUSHED_REPLY = "report", "reply"
FETCHED_REPORT, FETCHED_REPLY = "fetched_report", "fetched_reply"
_CHARSETS = {"utf16be": "utf-16-be", "ucs2": "utf-16-be", "utf8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030",
             "gb18030": "gb18030", "windows1252": "cp1252", "iso88591": "latin-1", "ascii": "latin-1",
             "usascii": "latin-1"}  # fmt: skip
"""Names of charsets as gateways spell them, without their punctuation."""
_LARGEST_PART = 255
_LONGEST_NUMBER = 10
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_UNLISTED = ReportStatus(receipt=Receipt.UNDELIVERED, definite=False)


class SmsHttpParser:
    """See `wenhou.core.channels.CallbackParser`. What is fetched by a poll is read here too."""

    provider = "sms_http"
    channel = SMS

    def __init__(self, settings: SmsHttpSettings) -> None:
        if not settings.hears:
            problem = f"account {settings.account}: intake: the gateway's callbacks are not described"
            raise ConfigurationError(problem)
        self.account = settings.account
        self._intake = settings.intake
        self._secrets = settings.secrets
        self._zone = ZoneInfo(settings.zone)
        self._ext = settings.request.ext
        self._has_codes = settings.extension is not None
        self._shares_ids = settings.answer.id_covers_call
        poll = settings.poll
        self._reports = {
            PUSHED_REPORT: settings.intake.reports if settings.intake else None,
            FETCHED_REPORT: poll.receipts.items if poll and poll.receipts else None,
        }
        self._replies = {
            PUSHED_REPLY: settings.intake.replies if settings.intake else None,
            FETCHED_REPLY: poll.replies.items if poll and poll.replies else None,
        }

    def _pushed(self) -> Intake:
        if self._intake is None:
            msg = "this account is asked, it does not push"
            raise SignatureInvalid(msg)
        return self._intake

    def verify(self, callback: RawCallback) -> None:
        """Raise SignatureInvalid unless every check of the profile passes."""
        for check in self._pushed().checks:
            if not _passes(check, callback, self._secrets):
                msg = f"the callback does not pass the {check.kind} check"
                raise SignatureInvalid(msg)

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        """One item a receipt or reply, each marked with its kind."""
        intake = self._pushed()
        document = self._read(intake, callback)
        items = [
            *items_of(PUSHED_REPORT, intake.reports, document),
            *items_of(PUSHED_REPLY, intake.replies, document),
        ]
        if not items and not _is_empty_push(intake, document):
            msg = "the callback holds neither receipts nor replies where the profile says"
            raise PayloadInvalid(msg)
        return items

    def _read(self, intake: Intake, callback: RawCallback) -> JsonValue:
        document: JsonValue = None
        charset = intake.charset or "utf-8"
        try:
            if intake.format != "query":
                document = read_document(callback.body, intake, charset)
            elif not callback.raw_query:
                document = dict(callback.query)
            elif intake.replies is not None and intake.replies.text_charset:
                document = _raw_query(callback, intake.replies, charset)
            else:
                document = read_form(callback.raw_query, charset)
        except ValueError:
            document = None
        if document is None or not isinstance(document, dict | list):
            msg = "the callback's body cannot be read"
            raise PayloadInvalid(msg)
        return document

    def parse(self, item: bytes) -> Sequence[ProviderEvent]:
        """One event an item."""
        kind, values = "", None
        try:
            marked = json.loads(item)
            kind, values = str(marked["kind"]), marked["item"]
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        key = hashlib.sha256(item).hexdigest()
        reports, replies = self._reports.get(kind), self._replies.get(kind)
        if reports is not None:
            return [self._receipt(key, reports, values)]
        if replies is not None:
            return [self._reply(key, replies, values)]
        msg = "the item is neither a receipt nor a reply"
        raise PayloadInvalid(msg)

    def _receipt(self, key: str, form: Reports, item: JsonValue) -> ReceiptEvent:
        status = _required(item, form.status, "status")
        meaning = _meaning(form, status)
        phone = _optional(item, form.phone)
        reference, message_id = _optional(item, form.reference), _optional(item, form.message_id)
        if not reference and not message_id:
            msg = "a receipt names no message"
            raise PayloadInvalid(msg)
        if message_id and phone and self._shares_ids:
            message_id = shared_id(message_id, to_e164(phone))
        return ReceiptEvent(
            key=key,
            receipt=meaning.receipt,
            at=self._time(item, form.at, form.time_format),
            reference=reference or None,
            provider_message_id=message_id or None,
            address=to_e164(phone) if phone else None,
            code=_optional(item, form.code) or status,
            definite=meaning.definite,
            suppress=meaning.suppress,
            cause=meaning.cause,
            part=_number(item, form.part),
            parts=_number(item, form.parts),
        )

    def _reply(self, key: str, form: Replies, item: JsonValue) -> ReplyEvent:
        given = _optional(item, form.id)
        return ReplyEvent(
            key=f"reply:{given}" if given else key,
            address=to_e164(_required(item, form.phone, "phone")),
            text=_optional(item, form.text) or "",
            at=self._time(item, form.at, form.time_format),
            extension=self._extension(_optional(item, form.ext), form.number),
        )

    def _extension(self, value: str | None, number: str) -> str | None:
        """The code: without the line's number, and where messages have codes without the account's own before them."""
        digits = (value or "").strip().removeprefix("+")
        if number:
            digits = digits.removeprefix("86") if not digits.startswith(number) else digits
            if not digits.startswith(number):
                return None
            digits = digits.removeprefix(number)
        return (digits.removeprefix(self._ext) if self._has_codes else digits) or None

    def _time(self, item: JsonValue, path: str | None, form: str) -> datetime | None:
        """The provider's time, None when it gives none or an unreadable one: words are worth more than their hour."""
        value = _optional(item, path)
        try:
            return read_time(value, form, self._zone) if value else None
        except (ValueError, OverflowError, OSError):
            return None

    def answer(self) -> CallbackAnswer:
        """What the gateway expects, verbatim."""
        if self._intake is None:
            return CallbackAnswer()
        return CallbackAnswer(body=self._intake.answer.encode(), content_type=self._intake.answer_type)


def items_of(kind: str, form: Reports | Replies | None, document: JsonValue) -> list[bytes]:
    """Each item of a document where its section says, marked with its kind: what is stored, one row each."""
    if form is None:
        return []
    found = document if form.array is None else find_path(document, form.array)
    items: list[JsonValue] = found if isinstance(found, list) else [] if found in (None, "") else [found]
    if form.when is not None:
        wanted = form.when
        items = [item for item in items if as_text(find_path(item, wanted.path)) in wanted.equals]
    marked = [{"kind": kind, "item": item} for item in items]
    # Half a surrogate pair ("\ud800" in JSON) is no character: kept as ?, so that the rest of the words is heard.
    return [
        json.dumps(mark, ensure_ascii=False, sort_keys=True).encode("utf-8", "replace") for mark in marked
    ]


def _is_empty_push(intake: Intake, document: JsonValue) -> bool:
    """Whether the place of the items is there and holds an empty list: a heartbeat, not an error."""
    places = [form.array for form in (intake.reports, intake.replies) if form is not None]
    return any((document if place is None else find_path(document, place)) == [] for place in places)


def _meaning(form: Reports, status: str) -> ReportStatus:
    if not form.bits:
        return form.statuses.get(status, _UNLISTED)
    value = int(status) if status.isascii() and status.isdecimal() and len(status) < _LONGEST_NUMBER else 0
    for mask, meaning in form.statuses.items():
        if value & int(mask) == int(mask):
            return meaning
    return _UNLISTED


def _raw_query(callback: RawCallback, form: Replies, charset: str) -> dict[str, JsonValue]:
    """The query with the words in the charset that another field of it names; what does not fit is replaced."""
    pairs = parse_qsl(
        callback.raw_query.decode("ascii"), keep_blank_values=True, encoding="latin-1", max_num_fields=100
    )
    raw = {name: value.encode("latin-1") for name, value in pairs}
    named = re.sub(r"[^a-z0-9]", "", raw.get(form.text_charset or "", b"").decode("latin-1").lower())
    return {
        name: value.decode(_CHARSETS.get(named, charset), "replace")
        if name == form.text
        else value.decode(charset)
        for name, value in raw.items()
    }


def _number(item: JsonValue, path: str | None) -> int:
    """A part's number, 0 for none or a senseless one."""
    value = _optional(item, path) or ""
    number = int(value) if value.isascii() and value.isdecimal() and len(value) < _LONGEST_NUMBER else 0
    return number if number <= _LARGEST_PART else 0


def _optional(item: JsonValue, path: str | None) -> str | None:
    return None if path is None else as_text(find_path(item, path))


def _required(item: JsonValue, path: str, what: str) -> str:
    value = _optional(item, path)
    if not value:
        msg = f"an item has no {what}"
        raise PayloadInvalid(msg)
    return value


def _passes(check: Check, callback: RawCallback, secrets: dict[str, SecretStr]) -> bool:
    match check:
        case HmacCheck():
            return _hmac_passes(check, callback, secrets[check.key].get_secret_value())
        case TokenCheck():
            given = (
                callback.query.get(check.query, "")
                if check.query
                else callback.path.rstrip("/").split("/")[-1]
            )
            return _same(given, secrets[check.key].get_secret_value())
        case BasicCheck():
            pair = f"{check.user}:{secrets[check.key].get_secret_value()}".encode()
            expected = "Basic " + base64.b64encode(pair).decode()
            return _same(callback.headers.get("authorization", ""), expected)
        case NetworkCheck():
            return _is_in(callback.remote, check.allow)
    assert_never(check)


def _hmac_passes(check: HmacCheck, callback: RawCallback, key: str) -> bool:
    timestamp = callback.headers.get(check.timestamp.lower(), "") if check.timestamp else ""
    before, _, after = check.over.partition("{body}")
    data = (
        before.replace("{ts}", timestamp).encode("utf-8", "replace")
        + callback.body
        + after.replace("{ts}", timestamp).encode("utf-8", "replace")
    )
    expected = digest(f"hmac-{check.algorithm}", data, check.encoding, key.encode())
    given = callback.headers.get(check.header.lower(), "")
    if not _same(given.lower() if check.encoding == "hex" else given, expected):
        return False
    if check.timestamp:
        require_fresh(timestamp, callback.received_at, timedelta(seconds=check.fresh_seconds))
    return True


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _is_in(address: str, networks: Sequence[_Network]) -> bool:
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(caller in network for network in networks)
