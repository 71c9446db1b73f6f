"""How each provider speaks to us: a parser, its provider's signature, receipts and a reply in its own words."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from integrations.registry import build_parser, read_account
from integrations.signing import signed_headers
from tests.contract.messages import NOW, SECRET_CANARY, TEXT_CANARY
from tests.contract.relay import relay_account
from tests.contract.worlds import SMS_BLOCK
from wenhou.core.channels import CallbackParser, ProviderEvent, RawCallback
from wenhou.core.statuses import Receipt

REFERENCE = "k7m2q9x4w8r3t6y1p5z2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A parser, how its provider signs, and a receipt and a reply in its words.

    `says`: a receipt of a reference, as the provider would push it.
    """

    parser: CallbackParser
    sign: Callable[[bytes, datetime], dict[str, str]]
    says: Callable[[str, Receipt], bytes]
    reply: bytes

    @property
    def receipt(self) -> bytes:
        """Something became of REFERENCE: bounced by mail, delivered elsewhere."""
        is_mail = self.parser.channel == "email" and self.parser.provider == "email_smtp"
        return self.says(REFERENCE, Receipt.UNDELIVERED if is_mail else Receipt.DELIVERED)

    @property
    def path(self) -> str:
        """Where the provider pushes to."""
        return f"/hooks/{self.parser.provider}/{self.parser.account}"

    def callback(self, body: bytes) -> RawCallback:
        """A request as the provider would make it now."""
        return RawCallback(
            method="POST",
            path=self.path,
            query={},
            headers=self.sign(body, NOW),
            body=body,
            remote="127.0.0.1",
            received_at=NOW,
        )

    def events(self, body: bytes) -> list[ProviderEvent]:
        """All the way in."""
        callback = self.callback(body)
        self.parser.verify(callback)
        return [event for item in self.parser.split(callback) for event in self.parser.parse(item)]


def _simulator() -> Dialect:
    block = {"provider": "simulator", "account": "sms", "channel": "sms", "base_url": "http://127.0.0.1:1"}

    def says(reference: str, receipt: Receipt) -> bytes:
        event = {
            "type": "receipt", "id": f"{reference}:{receipt}", "status": receipt.value, "at": NOW.isoformat(),
            "message_id": f"m-{reference}", "reference": reference, "address": "+8613812345678",
        }  # fmt: skip
        return json.dumps({"events": [event]}).encode()

    reply = {
        "type": "reply",
        "id": "r1",
        "address": "+8613812345678",
        "text": TEXT_CANARY,
        "at": NOW.isoformat(),
    }
    return Dialect(
        parser=build_parser(read_account(block | {"secret": SECRET_CANARY})),
        sign=lambda body, at: signed_headers(SECRET_CANARY, "sms", at, body),
        says=says,
        reply=json.dumps({"events": [reply]}).encode(),
    )


INTAKE: dict[str, object] = {
    "checks": [{"kind": "hmac", "header": "X-Sign", "key": "push", "timestamp": "X-Time", "over": "{ts}.{body}"}],
    "reports": {
        "array": "reports", "reference": "ref", "message_id": "msgid", "phone": "mobile", "status": "stat",
        "at": "time", "code": "err",
        "statuses": {
            "DELIVRD": {"receipt": "delivered"},
            "ACCEPTD": {"receipt": "accepted"},
            "MK:0001": {"receipt": "undelivered", "suppress": "number_invalid"},
        },
    },
    "replies": {"array": "replies", "phone": "mobile", "text": "content", "ext": "extno", "at": "time"},
    "answer": '{"code":0,"msg":"ok"}',
}  # fmt: skip


def _sign_for_gateway(body: bytes, at: datetime) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    mac = hmac.new(SECRET_CANARY.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-time": timestamp, "x-sign": mac}


def _gateway() -> Dialect:
    words = {Receipt.ACCEPTED: "ACCEPTD", Receipt.DELIVERED: "DELIVRD", Receipt.UNDELIVERED: "MK:0001"}

    def says(reference: str, receipt: Receipt) -> bytes:
        report = {
            "ref": reference,
            "msgid": 77,
            "mobile": "13812345678",
            "stat": words[receipt],
            "time": "2027-01-30 09:00:00",
        }
        return json.dumps({"reports": [report]}).encode()

    reply = {"mobile": "8613812345678", "content": TEXT_CANARY, "extno": "01", "time": "2027-01-30 09:00:00"}
    return Dialect(
        parser=build_parser(read_account(SMS_BLOCK | {"intake": INTAKE})),
        sign=_sign_for_gateway,
        says=says,
        reply=json.dumps({"replies": [reply]}).encode(),
    )


_ACTIONS = {Receipt.ACCEPTED: "relayed", Receipt.DELIVERED: "delivered", Receipt.UNDELIVERED: "failed"}
_CODES = {Receipt.ACCEPTED: "2.1.5", Receipt.DELIVERED: "2.0.0", Receipt.UNDELIVERED: "5.1.1"}


def _report(reference: str, receipt: Receipt) -> bytes:
    """A delivery report as a mail server writes it."""
    said = "smtp; 550 5.1.1 no such user" if receipt is Receipt.UNDELIVERED else "smtp; 250 ok"
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.bank.example
To: bounce+{reference}@mail.bank.example
Message-ID: <{receipt}-{reference}@mx.bank.example>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

Report.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bank.example

Final-Recipient: rfc822; canary.address@mail.example
Action: {_ACTIONS[receipt]}
Status: {_CODES[receipt]}
Diagnostic-Code: {said}

--B--
""".encode()


ANSWER = f"""From: canary.address@mail.example
To: care+{REFERENCE}@mail.bank.example
Message-ID: <a1@mail.example>
Subject: Re: hello
Date: Sat, 30 Jan 2027 09:00:00 +0800
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

{TEXT_CANARY}

------------------ 原始邮件 ------------------
发件人: "江城银行"
主题: hello
退订请回复
"""


def _mail() -> Dialect:
    block = {
        "provider": "email_smtp", "account": "mail", "channel": "email", "host": "127.0.0.1",
        "from_address": "care@bank.example", "domain": "mail.bank.example", "inbound_secret": SECRET_CANARY,
    }  # fmt: skip
    return Dialect(
        parser=build_parser(read_account(block)),
        sign=lambda body, at: signed_headers(SECRET_CANARY, "mail", at, body),
        says=_report,
        reply=ANSWER.encode(),
    )


def _relay() -> Dialect:
    def says(reference: str, receipt: Receipt) -> bytes:
        status = {Receipt.ACCEPTED: "queued"}.get(receipt, receipt.value)
        event = {"id": f"{reference}:{status}", "at": NOW.isoformat(), "ref": reference, "status": status}
        return json.dumps({"events": [event]}).encode()

    reply = {"id": "r1", "at": NOW.isoformat(), "from": "+8613812345678", "text": TEXT_CANARY}
    return Dialect(
        parser=build_parser(read_account(relay_account(1))),
        sign=lambda body, at: signed_headers(SECRET_CANARY, "relay", at, body),
        says=says,
        reply=json.dumps({"events": [reply]}).encode(),
    )


DIALECTS: dict[str, Callable[[], Dialect]] = {
    "simulator": _simulator,
    "sms_http": _gateway,
    "email_smtp": _mail,
    "relay": _relay,
}
"""Every provider's way of speaking to us, by its name."""
