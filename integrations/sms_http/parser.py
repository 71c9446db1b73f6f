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
from integrations.sms_http.expressions import as_text, digest, find_path, read_time
from integrations.sms_http.profile import (
    BasicCheck,
    Check,
    HmacCheck,
    Intake,
    NetworkCheck,
    Replies,
    Reports,
    ReportStatus,
    SmsHttpSettings,
    TokenCheck,
)
from wenhou.core.channels import SMS, CallbackAnswer, ProviderEvent, RawCallback, ReceiptEvent, ReplyEvent
from wenhou.core.errors import ConfigurationError, PayloadInvalid, SignatureInvalid
from wenhou.core.statuses import Receipt

_MAINLAND = re.compile(r"(?:\+?86|0086)?(1[3-9]\d{9})")
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_UNLISTED = ReportStatus(receipt=Receipt.UNDELIVERED, definite=False)


class SmsHttpParser:
    """See `wenhou.core.channels.CallbackParser`."""

    provider = "sms_http"
    channel = SMS

    def __init__(self, settings: SmsHttpSettings) -> None:
        if settings.intake is None:
            problem = f"account {settings.account}: intake: the gateway's callbacks are not described"
            raise ConfigurationError(problem)
        self.account = settings.account
        self._intake: Intake = settings.intake
        self._secrets = settings.secrets
        self._zone = ZoneInfo(settings.zone)

    def verify(self, callback: RawCallback) -> None:
        """Raise SignatureInvalid unless every check of the profile passes."""
        for check in self._intake.checks:
            if not _passes(check, callback, self._secrets):
                msg = f"the callback does not pass the {check.kind} check"
                raise SignatureInvalid(msg)

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        """One item a receipt or reply, each marked with its kind."""
        document = self._read(callback)
        items = [
            *_items("report", self._intake.reports, document),
            *_items("reply", self._intake.replies, document),
        ]
        if not items and not _is_empty_push(self._intake, document):
            msg = "the callback holds neither receipts nor replies where the profile says"
            raise PayloadInvalid(msg)
        return items

    def _read(self, callback: RawCallback) -> JsonValue:
        document: JsonValue
        try:
            if self._intake.format == "query":
                document = dict(callback.query)
            elif self._intake.format == "form":
                text = callback.body.decode("ascii")
                pairs = parse_qsl(
                    text, keep_blank_values=True, encoding=self._intake.charset, errors="strict"
                )
                document = dict(pairs)
            else:
                document = json.loads(callback.body.decode(self._intake.charset))
        except (ValueError, RecursionError):
            document = None
        if document is None or not isinstance(document, dict | list):
            msg = "the callback's body cannot be read"
            raise PayloadInvalid(msg)
        return document

    def parse(self, item: bytes) -> Sequence[ProviderEvent]:
        """One event an item."""
        try:
            marked = json.loads(item)
            kind, values = marked["kind"], marked["item"]
        except (ValueError, KeyError, TypeError):
            kind, values = "", None
        key = hashlib.sha256(item).hexdigest()
        if kind == "report" and self._intake.reports is not None:
            return [self._receipt(key, self._intake.reports, values)]
        if kind == "reply" and self._intake.replies is not None:
            return [self._reply(key, self._intake.replies, values)]
        msg = "the item is neither a receipt nor a reply"
        raise PayloadInvalid(msg)

    def _receipt(self, key: str, form: Reports, item: JsonValue) -> ReceiptEvent:
        status = _required(item, form.status, "status")
        meaning = form.statuses.get(status, _UNLISTED)
        phone = _optional(item, form.phone)
        reference, message_id = _optional(item, form.reference), _optional(item, form.message_id)
        if not reference and not message_id:
            msg = "a receipt names no message"
            raise PayloadInvalid(msg)
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
        )

    def _reply(self, key: str, form: Replies, item: JsonValue) -> ReplyEvent:
        given = _optional(item, form.id)
        return ReplyEvent(
            key=f"reply:{given}" if given else key,
            address=to_e164(_required(item, form.phone, "phone")),
            text=_optional(item, form.text) or "",
            at=self._time(item, form.at, form.time_format),
            extension=_optional(item, form.ext) or None,
        )

    def _time(self, item: JsonValue, path: str | None, form: str) -> datetime | None:
        """The provider's time, None when it gives none or an unreadable one: words are worth more than their hour."""
        value = _optional(item, path)
        try:
            return read_time(value, form, self._zone) if value else None
        except (ValueError, OverflowError, OSError):
            return None

    def answer(self) -> CallbackAnswer:
        """What the gateway expects, verbatim."""
        return CallbackAnswer(body=self._intake.answer.encode(), content_type=self._intake.answer_type)


def to_e164(phone: str) -> str:
    """A mainland mobile in any of the spellings gateways use as +86…; any other number as given."""
    match = _MAINLAND.fullmatch(phone.strip())
    return f"+86{match[1]}" if match else phone.strip()


def _items(kind: str, form: Reports | Replies | None, document: JsonValue) -> list[bytes]:
    if form is None:
        return []
    found = document if form.array is None else find_path(document, form.array)
    items: list[JsonValue] = found if isinstance(found, list) else [] if found is None else [found]
    if form.when is not None:
        wanted = form.when
        items = [item for item in items if as_text(find_path(item, wanted.path)) in wanted.equals]
    marked = [{"kind": kind, "item": item} for item in items]
    return [json.dumps(mark, ensure_ascii=False, sort_keys=True).encode() for mark in marked]


def _is_empty_push(intake: Intake, document: JsonValue) -> bool:
    """Whether the place of the items is there and holds an empty list: a heartbeat, not an error."""
    places = [form.array for form in (intake.reports, intake.replies) if form is not None]
    return any((document if place is None else find_path(document, place)) == [] for place in places)


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
        before.replace("{ts}", timestamp).encode() + callback.body + after.replace("{ts}", timestamp).encode()
    )
    expected = digest(f"hmac-{check.algorithm}", data, check.encoding, key.encode())
    given = callback.headers.get(check.header.lower(), "")
    if not _same(given.lower() if check.encoding == "hex" else given, expected):
        return False
    if check.timestamp:
        require_fresh(timestamp, callback.received_at, timedelta(seconds=check.fresh_seconds))
    return True


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())


def _is_in(address: str, networks: Sequence[_Network]) -> bool:
    try:
        caller = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(caller in network for network in networks)
