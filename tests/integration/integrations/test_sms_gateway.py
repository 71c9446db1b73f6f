"""The profile language against a gateway on loopback: what is sent, how answers are read, what pushes mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from integrations.registry import build_parser, build_sender, read_account
from tests.contract.dialects import INTAKE
from tests.contract.messages import NOW, SECRET_CANARY, hand_over, make_message
from tests.contract.worlds import SMS_BLOCK, GatewayServer, answering
from wenhou.core.channels import (
    Accepted,
    CallbackParser,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    RawCallback,
    ReceiptEvent,
    ReplyEvent,
    Transient,
    Unknown,
)
from wenhou.core.errors import ConfigurationError, SignatureInvalid
from wenhou.core.statuses import Receipt


@pytest.fixture
def gateway() -> Iterator[GatewayServer]:
    made = GatewayServer()
    yield made
    made.stop()


def _block(gateway: GatewayServer, request: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    base: Any = SMS_BLOCK["request"]
    url = f"http://127.0.0.1:{gateway.port}/sms/send"
    return SMS_BLOCK | changes | {"request": base | {"url": url} | (request or {})}


def _send(block: dict[str, Any], message: OutgoingMessage | None = None) -> Outcome:
    sender = build_sender(read_account(block))
    try:
        return hand_over(sender, message or make_message("sms", text="【江城银行】王先生，新年好！"))
    finally:
        sender.close()


def test_a_form_in_gb18030_with_a_digest_of_account_secret_and_time(gateway: GatewayServer) -> None:
    message = make_message("sms", text="【江城银行】王先生，新年好！𠮷")
    assert _send(_block(gateway), message) == Accepted(provider_message_ids=("m-1",))
    path, headers, body = gateway.requests[0]
    fields = {name: values[0] for name, values in parse_qs(body.decode("ascii"), encoding="gb18030").items()}
    assert path == "/sms/send"
    assert headers["Content-Type"] == "application/x-www-form-urlencoded; charset=gb18030"
    assert fields["mobile"] == "13812345678"
    assert fields["content"] == message.content.text
    assert fields["ref"] == message.reference
    assert fields["sign"] == hashlib.md5(f"jcyh{SECRET_CANARY}{fields['ts']}".encode()).hexdigest()  # noqa: S324


def test_json_with_nested_fields_and_an_hmac_of_the_body_in_a_header(gateway: GatewayServer) -> None:
    request = {
        "body": "json",
        "charset": "utf-8",
        "phone": "e164",
        "signature": "stripped",
        "ext": "07",
        "ts": "epoch_ms",
        "fields": {
            "to": [{"phone": "{phone}"}],
            "msg": {"text": "{text}", "sign": "{sender}"},
            "ext": "{ext}",
            "n": 1,
        },
        "headers": {"X-Sign": "{digest:mac}", "X-Nonce": "{nonce}", "X-Time": "{ts}"},
        "digests": {
            "mac": {"algorithm": "hmac-sha256", "key": "password", "over": "{body}", "encoding": "base64"}
        },
    }
    assert isinstance(_send(_block(gateway, request)), Accepted)
    _, headers, body = gateway.requests[0]
    said = json.loads(body)
    assert said["to"] == [{"phone": "+8613812345678"}]
    assert said["msg"] == {"text": "王先生，新年好！", "sign": "江城银行"}
    assert said["n"] == 1
    mac = base64.b64encode(hmac.digest(SECRET_CANARY.encode(), body, "sha256")).decode()
    assert headers["X-Sign"] == mac


def test_a_query_like_kannels_and_an_answer_read_by_a_pattern(gateway: GatewayServer) -> None:
    gateway.behave = lambda handler: handler.answer(202, b"0: Accepted for delivery, id=abc-1")
    request = {
        "method": "GET",
        "body": "query",
        "charset": "utf-8",
        "phone": "86",
        "digests": {},
        "fields": {
            "username": "jc",
            "password": "{secret:password}",
            "to": "{phone}",
            "text": "{text}",
            "coding": "2",
        },
    }
    answer = {"pattern": r"^(?P<code>\d+): .*id=(?P<id>\S+)", "success": ["0"]}
    assert _send(_block(gateway, request, answer=answer)) == Accepted(provider_message_ids=("abc-1",))
    query = parse_qs(urlsplit(gateway.requests[0][0]).query)
    assert query["to"] == ["8613812345678"]
    assert query["text"] == ["【江城银行】王先生，新年好！"]


def test_what_a_customers_text_contains_is_never_expanded(gateway: GatewayServer) -> None:
    message = make_message("sms", text="{secret:password}{phone}&mobile=1")
    _send(_block(gateway), message)
    fields = parse_qs(gateway.requests[0][2].decode("ascii"), encoding="gb18030")
    assert fields["content"] == ["{secret:password}{phone}&mobile=1"]
    assert fields["mobile"] == ["13812345678"]


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (200, {"result": 7}, Transient),
        (200, {"result": "9"}, Permanent),
        (200, {"result": 12345}, Permanent),
        (200, {"result": 11}, ChannelFault),
        (200, {"other": 1}, Unknown),
        (200, "ok", Unknown),
        (429, {}, Transient),
        (503, {}, Transient),
        (500, {}, Unknown),
        (502, {"result": 0}, Unknown),
        (504, {}, Unknown),
        (401, {}, ChannelFault),
        (302, {}, ChannelFault),
        (400, {}, Permanent),
        (400, {"result": 7}, Transient),
        (400, {"result": 0}, Permanent),
    ],
)
def test_status_first_then_the_table_and_no_endless_retry(
    gateway: GatewayServer, status: int, body: object, outcome: type
) -> None:
    gateway.behave = answering(body, status)
    assert isinstance(_send(_block(gateway)), outcome)
    assert len(gateway.requests) == 1


def test_a_redirect_is_not_followed(gateway: GatewayServer) -> None:
    gateway.behave = answering({}, 307, {"Location": f"http://127.0.0.1:{gateway.port}/elsewhere"})
    assert isinstance(_send(_block(gateway)), ChannelFault)
    assert [path for path, _, _ in gateway.requests] == ["/sms/send"]


def test_an_unknown_code_is_logged_without_the_message(
    gateway: GatewayServer, caplog: pytest.LogCaptureFixture
) -> None:
    gateway.behave = answering({"result": 12345})
    _send(_block(gateway))
    assert [record.message for record in caplog.records] == ["sms_http.unknown_code"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"fields": {"a": "{telephone}"}},
        {"fields": {"a": "{secret:none}"}},
        {"fields": {}, "digests": {"x": {"algorithm": "hmac-sha256", "over": "{body}"}}},
        {"fields": {}, "digests": {"x": {"algorithm": "hmac-sha256", "over": "{body}", "key": "none"}}},
    ],
)
def test_a_profile_that_cannot_work_is_refused_at_start(
    gateway: GatewayServer, wrong: dict[str, Any]
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_account(_block(gateway, wrong))
    assert SECRET_CANARY not in str(caught.value)
    assert "account gateway" in str(caught.value)


def _parser(**changes: Any) -> CallbackParser:
    return build_parser(read_account(SMS_BLOCK | {"intake": INTAKE | changes}))


def _callback(body: bytes, **changes: Any) -> RawCallback:
    made = RawCallback(
        method="POST",
        path="/hooks/sms_http/gateway",
        query={},
        headers={},
        body=body,
        remote="10.1.2.3",
        received_at=NOW,
    )
    return replace(made, **changes)


def test_a_push_of_receipts_and_replies_together_becomes_one_item_each() -> None:
    body = {
        "reports": [
            {"ref": "r1", "mobile": "8613812345678", "stat": "DELIVRD", "time": "2027-01-30 09:00:00"},
            {"msgid": 5, "mobile": "+8613812345678", "stat": "MK:0001", "err": "空号"},
            {"ref": "r3", "stat": "XX:77", "time": "not a time"},
        ],
        "replies": [{"mobile": "13812345678", "content": "ＴＤ", "extno": "01"}],
    }
    parser = _parser()
    events = [e for item in parser.split(_callback(json.dumps(body).encode())) for e in parser.parse(item)]
    first, second, third, fourth = events
    assert isinstance(first, ReceiptEvent)
    assert (first.receipt, first.at) == (Receipt.DELIVERED, datetime(2027, 1, 30, 1, 0, tzinfo=UTC))
    assert first.address == "+8613812345678"
    assert isinstance(second, ReceiptEvent)
    assert (second.provider_message_id, second.suppress, second.code) == ("5", "number_invalid", "空号")
    assert isinstance(third, ReceiptEvent)
    assert (third.receipt, third.definite, third.at) == (Receipt.UNDELIVERED, False, None)
    assert isinstance(fourth, ReplyEvent)
    assert (fourth.text, fourth.extension) == ("ＴＤ", "01")
    assert len({event.key for event in events}) == 4


def test_one_receipt_a_form_post_in_gb18030_told_apart_by_a_field() -> None:
    changes = {
        "format": "form",
        "charset": "gb18030",
        "reports": {
            "when": {"path": "type", "equals": ["rpt"]}, "message_id": "id", "status": "s",
            "statuses": {"0": {"receipt": "delivered"}},
        },
        "replies": {"when": {"path": "type", "equals": ["mo"]}, "phone": "p", "text": "t"},
    }  # fmt: skip
    parser = _parser(**changes)
    (receipt,) = parser.split(_callback(b"type=rpt&id=8&s=0"))
    (reply,) = parser.split(_callback(b"type=mo&p=13812345678&t=%CD%CB%B6%A9"))
    (heard,) = parser.parse(reply)
    assert isinstance(parser.parse(receipt)[0], ReceiptEvent)
    assert isinstance(heard, ReplyEvent)
    assert heard.text == "退订"


def test_an_empty_push_is_a_heartbeat() -> None:
    assert _parser().split(_callback(b'{"reports": []}')) == []


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (
            {"kind": "token", "key": "push", "query": "t"},
            {"query": {"t": SECRET_CANARY}},
            {"query": {"t": "x"}},
        ),
        ({"kind": "token", "key": "push"}, {"path": f"/hooks/sms_http/gateway/{SECRET_CANARY}"}, {}),
        (
            {"kind": "basic", "user": "gw", "key": "push"},
            {
                "headers": {
                    "authorization": "Basic " + base64.b64encode(f"gw:{SECRET_CANARY}".encode()).decode()
                }
            },
            {"headers": {"authorization": "Basic Zzo="}},
        ),
        ({"kind": "network", "allow": ["10.1.0.0/16"]}, {"remote": "10.1.9.9"}, {"remote": "10.2.0.1"}),
        ({"kind": "network", "allow": ["10.1.0.0/16"]}, {"remote": "10.1.9.9"}, {"remote": "somewhere"}),
    ],
)
def test_every_way_a_gateway_proves_itself(
    check: dict[str, Any], right: dict[str, Any], wrong: dict[str, Any]
) -> None:
    parser = _parser(checks=[check])
    parser.verify(_callback(b"{}", **right))
    with pytest.raises(SignatureInvalid):
        parser.verify(_callback(b"{}", **wrong))


def test_an_intake_without_any_check_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="intake"):
        _parser(checks=[])
