"""The contract of every callback parser (DESIGN §12): believe only what is signed and fresh, key every event."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from integrations.registry import build_parser, read_account
from integrations.signing import signed_headers
from tests.contract.messages import CANARIES, NOW, SECRET_CANARY, TEXT_CANARY
from tests.contract.worlds import SMS_BLOCK
from wenhou.core.channels import CallbackParser, ProviderEvent, RawCallback, ReceiptEvent, ReplyEvent
from wenhou.core.errors import CallbackError, PayloadInvalid, SignatureInvalid
from wenhou.core.statuses import Receipt

REFERENCE = "k7m2q9x4w8r3t6y1p5z2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """A parser, how its provider signs, and a receipt and a reply in its words."""

    parser: CallbackParser
    sign: Callable[[bytes], dict[str, str]]
    receipt: bytes
    reply: bytes

    def callback(self, body: bytes) -> RawCallback:
        """A request as the provider would make it now."""
        return RawCallback(
            method="POST",
            path=f"/hooks/{self.parser.provider}/{self.parser.account}",
            query={},
            headers=self.sign(body),
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
    receipt = {
        "type": "receipt", "id": "m1:delivered", "status": "delivered", "at": NOW.isoformat(), "message_id": "m1",
        "reference": REFERENCE, "address": "+8613812345678",
    }  # fmt: skip
    reply = {
        "type": "reply",
        "id": "r1",
        "address": "+8613812345678",
        "text": TEXT_CANARY,
        "at": NOW.isoformat(),
    }
    return Dialect(
        parser=build_parser(read_account(block | {"secret": SECRET_CANARY})),
        sign=lambda body: signed_headers(SECRET_CANARY, "sms", NOW, body),
        receipt=json.dumps({"events": [receipt]}).encode(),
        reply=json.dumps({"events": [reply]}).encode(),
    )


INTAKE: dict[str, object] = {
    "checks": [{"kind": "hmac", "header": "X-Sign", "key": "push", "timestamp": "X-Time", "over": "{ts}.{body}"}],
    "reports": {
        "array": "reports", "reference": "ref", "message_id": "msgid", "phone": "mobile", "status": "stat",
        "at": "time", "code": "err",
        "statuses": {
            "DELIVRD": {"receipt": "delivered"},
            "MK:0001": {"receipt": "undelivered", "suppress": "number_invalid"},
        },
    },
    "replies": {"array": "replies", "phone": "mobile", "text": "content", "ext": "extno", "at": "time"},
    "answer": '{"code":0,"msg":"ok"}',
}  # fmt: skip


def _sign_for_gateway(body: bytes) -> dict[str, str]:
    timestamp = str(int(NOW.timestamp()))
    mac = hmac.new(SECRET_CANARY.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"x-time": timestamp, "x-sign": mac}


def _gateway() -> Dialect:
    report = {
        "ref": REFERENCE,
        "msgid": 77,
        "mobile": "13812345678",
        "stat": "DELIVRD",
        "time": "2027-01-30 09:00:00",
    }
    reply = {"mobile": "8613812345678", "content": TEXT_CANARY, "extno": "01", "time": "2027-01-30 09:00:00"}
    return Dialect(
        parser=build_parser(read_account(SMS_BLOCK | {"intake": INTAKE})),
        sign=_sign_for_gateway,
        receipt=json.dumps({"reports": [report]}).encode(),
        reply=json.dumps({"replies": [reply]}).encode(),
    )


BOUNCE = f"""Return-Path: <>
From: MAILER-DAEMON@mx.bank.example
To: bounce+{REFERENCE}@mail.bank.example
Message-ID: <b1@mx.bank.example>
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

Undelivered.
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.bank.example

Final-Recipient: rfc822; canary.address@mail.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user

--B--
"""
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
        sign=lambda body: signed_headers(SECRET_CANARY, "mail", NOW, body),
        receipt=BOUNCE.encode(),
        reply=ANSWER.encode(),
    )


DIALECTS = {"simulator": _simulator, "sms_http": _gateway, "email_smtp": _mail}


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    made: Dialect = DIALECTS[request.param]()
    return made


def test_a_receipt_names_its_message_and_what_became_of_it(dialect: Dialect) -> None:
    (event,) = dialect.events(dialect.receipt)
    assert isinstance(event, ReceiptEvent)
    assert event.reference == REFERENCE
    assert event.receipt in {Receipt.DELIVERED, Receipt.UNDELIVERED}
    assert event.key


def test_a_reply_carries_the_customers_own_words_and_address(dialect: Dialect) -> None:
    (event,) = dialect.events(dialect.reply)
    assert isinstance(event, ReplyEvent)
    assert event.text == TEXT_CANARY
    assert event.address in {"+8613812345678", "canary.address@mail.example"}
    assert event.at == NOW
    assert not event.automatic


def test_an_unsigned_callback_is_not_believed(dialect: Dialect) -> None:
    with pytest.raises(SignatureInvalid):
        dialect.parser.verify(replace(dialect.callback(dialect.reply), headers={}))


def test_an_altered_body_is_not_believed(dialect: Dialect) -> None:
    callback = dialect.callback(dialect.reply)
    with pytest.raises(SignatureInvalid):
        dialect.parser.verify(replace(callback, body=callback.body.replace(b"mail", b"mai1") + b" "))


@pytest.mark.parametrize("late", [timedelta(minutes=6), timedelta(minutes=-6)])
def test_a_stale_callback_is_not_believed(dialect: Dialect, late: timedelta) -> None:
    with pytest.raises(SignatureInvalid):
        dialect.parser.verify(replace(dialect.callback(dialect.reply), received_at=NOW + late))


def test_a_fresh_callback_is_believed(dialect: Dialect) -> None:
    callback = dialect.callback(dialect.reply)
    dialect.parser.verify(replace(callback, received_at=NOW + timedelta(minutes=4)))


@pytest.mark.parametrize("garbage", [b"", b"\x00\xff\xfe", b"[1, 2", b'{"events": 5}', b'{"other": [1]}'])
def test_a_signed_body_that_says_nothing_is_invalid(dialect: Dialect, garbage: bytes) -> None:
    with pytest.raises(PayloadInvalid):
        dialect.parser.split(dialect.callback(garbage))


@pytest.mark.parametrize("garbage", [b"", b"\x00\xff", b"{}", b"[]", b'{"kind": "report", "item": 3}'])
def test_a_stored_item_that_says_nothing_is_invalid(dialect: Dialect, garbage: bytes) -> None:
    with pytest.raises(PayloadInvalid):
        dialect.parser.parse(garbage)


def test_the_same_item_twice_has_the_same_key(dialect: Dialect) -> None:
    assert dialect.events(dialect.receipt) == dialect.events(dialect.receipt)
    assert dialect.events(dialect.reply)[0].key == dialect.events(dialect.reply)[0].key


def test_different_items_have_different_keys(dialect: Dialect) -> None:
    assert dialect.events(dialect.receipt)[0].key != dialect.events(dialect.reply)[0].key


def test_the_answer_is_what_the_provider_expects(dialect: Dialect) -> None:
    answer = dialect.parser.answer()
    assert answer.status == 200
    assert answer.body in {b"ok", b'{"code":0,"msg":"ok"}'}


def test_no_canary_stands_in_errors_logs_or_reprs(dialect: Dialect, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    seen = [repr(dialect.parser)]
    broken = replace(dialect.callback(dialect.reply), headers={})
    attached: list[BaseException | None] = []
    cut = dialect.reply[: len(dialect.reply) // 2]
    for act in (
        lambda: dialect.parser.verify(broken),
        lambda: [dialect.parser.parse(item) for item in dialect.parser.split(dialect.callback(cut))],
        lambda: dialect.parser.parse(cut),
        lambda: dialect.events(dialect.reply),
    ):
        try:
            act()
        except CallbackError as error:
            seen.append("".join(traceback.format_exception(error)).replace(repr(broken), ""))
            attached.append(error.__context__)
    assert not any(attached), "a validation error holds the input: it must not be attached"
    seen += [repr(record.__dict__) for record in caplog.records]
    assert {canary for canary in CANARIES for text in seen if canary in text} == set()
