"""The examples of three differing platforms, each against a gateway of its own, both directions."""

from __future__ import annotations

import json
import re
import threading
import tomllib
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.registry import build_listeners, build_parser, build_sender, read_account
from tests.architecture.sources import ROOT
from tests.contract.messages import NOW, make_message
from tests.integration.integrations.gateways import (
    SECRET,
    ArrayHandler,
    Gateway,
    GbkHandler,
    XmlHandler,
    form_push,
    sign_push,
)
from tests.ports import free_port
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    Prober,
    ProviderEvent,
    RawCallback,
    ReceiptEvent,
    ReplyEvent,
    Transient,
    Unknown,
)
from wenhou.core.errors import ChannelFaultError, SignatureInvalid
from wenhou.core.statuses import Receipt

WORDS = "【江城银行】王女士，给您拜年了！"
_HANDLERS = {"sms-array-hmac": ArrayHandler, "sms-gbk-md5": GbkHandler, "sms-xml-poll": XmlHandler}


def _block(name: str, base: str, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    text = (ROOT / "docs" / "examples" / "accounts" / f"{name}.toml").read_text(encoding="utf-8")
    for variable in re.findall(r'"env:([A-Z_]+)"', text):
        monkeypatch.setenv(variable, SECRET)
    (block,) = tomllib.loads(re.sub(r"https://sms-\w\.bank\.example", base, text))["accounts"]
    return dict(block)


@pytest.fixture
def gateway(request: pytest.FixtureRequest) -> Iterator[Gateway]:
    made = Gateway(_HANDLERS[request.param], request.param)
    XmlHandler.reports, XmlHandler.inbox = [], {}
    yield made
    made.stop()


@pytest.fixture
def block(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    return _block(gateway.platform, gateway.base, monkeypatch)


def _message(phone: str, text: str = WORDS, extension: str = "") -> OutgoingMessage:
    return replace(make_message("sms", f"+86{phone}", text=text), extension=extension)


def _send(block: dict[str, Any], messages: Sequence[OutgoingMessage]) -> list[Outcome]:
    sender = build_sender(read_account(block))
    try:
        told: Mapping[uuid.UUID, Outcome] = sender.send(messages)
        return [told[one.attempt_id] for one in messages]
    finally:
        sender.close()


def _hear(
    block: dict[str, Any], body: bytes, headers: Mapping[str, str], at: datetime = NOW
) -> list[ProviderEvent]:
    parser = build_parser(read_account(block))
    callback = RawCallback(
        method="POST",
        path="/",
        query={},
        headers=headers,
        body=body,
        remote="127.0.0.1",
        received_at=at,
    )
    parser.verify(callback)
    with pytest.raises(SignatureInvalid):
        parser.verify(replace(callback, headers={}))
    return [event for item in parser.split(callback) for event in parser.parse(item)]


array = pytest.mark.parametrize("gateway", ["sms-array-hmac"], indirect=True)
gbk = pytest.mark.parametrize("gateway", ["sms-gbk-md5"], indirect=True)
xml = pytest.mark.parametrize("gateway", ["sms-xml-poll"], indirect=True)


@array
def test_a_batch_with_a_text_each_is_one_call_and_one_outcome_a_message(
    gateway: Gateway, block: dict[str, Any]
) -> None:
    messages = [_message(f"1381234{number:04d}", f"{WORDS}第{number}位", "42") for number in range(7)]
    gateway.fates = {
        "0001": "BLACKLIST",
        "0002": "LIMIT",
        "0003": "lost",
        "0004": "NEVER_HEARD",
        "0005": "NIGHT",
    }
    outcomes = _send(block, messages)
    assert len(gateway.calls) == 1
    assert outcomes[0] == Accepted(provider_message_ids=(f"m-{messages[0].reference[:6]}",))
    assert outcomes[1] == Permanent(code="BLACKLIST", suppress="opted_out")
    assert outcomes[2] == Transient(code="LIMIT")
    assert outcomes[3] == Unknown(code="not_in_answer")
    assert outcomes[4] == Permanent(code="NEVER_HEARD")
    assert isinstance(outcomes[5], Transient)
    assert outcomes[5].retry.at is not None
    assert isinstance(outcomes[6], Accepted)
    taken = {number: (text, sub, ref) for number, text, sub, ref in gateway.taken}
    assert taken["+8613812340006"] == (f"{WORDS}第6位", "42", messages[6].reference)


@array
@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("4020", ChannelFault(code="4020", reason="balance")),
        ("77", Permanent(code="77")),
    ],
)
def test_a_batch_refused_as_a_whole_is_refused_for_each(
    gateway: Gateway, block: dict[str, Any], code: str, outcome: Outcome
) -> None:
    gateway.whole = code
    assert _send(block, [_message("13812340001"), _message("13812340002")]) == [outcome, outcome]


@array
def test_a_message_that_the_line_refuses_does_not_hold_up_its_batch(
    gateway: Gateway, block: dict[str, Any]
) -> None:
    bad = [
        _message("13812340001", "没有签名"),
        _message("13812340002", f"{WORDS}🎂"),
        _message("13812340003", "【江城银行】" + "好" * 500),
        _message("13812340004", "【江城银行】【别家银行】您好"),
    ]
    good = _message("13812340005", "【江城银行】“您好”—祝安")
    outcomes = _send(block, [*bad, good])
    assert outcomes[:4] == [
        Permanent(code="signature_missing"),
        Permanent(code="characters"),
        Permanent(code="too_many_parts"),
        Permanent(code="signature_repeated"),
    ]
    assert isinstance(outcomes[4], Accepted)
    assert [text for _, text, _, _ in gateway.taken] == ['【江城银行】"您好"-祝安']


@array
def test_the_array_platform_pushes_receipts_and_replies_that_we_read(block: dict[str, Any]) -> None:
    events = [
        {"kind": "dlr", "out_id": "ref1", "mid": "m-1", "to": "+8613812340001", "state": "DELIVERED",
         "time": 1801270800000},
        {"kind": "mo", "mo_id": "q1", "from": "13812340001", "dest": "106900012342", "text": "谢谢",
         "time": 1801270800000},
        {"kind": "weather"},
    ]  # fmt: skip
    body = json.dumps({"events": events}).encode()
    receipt, words = _hear(block, body, sign_push(body, int(NOW.timestamp())))
    assert isinstance(receipt, ReceiptEvent)
    assert (receipt.receipt, receipt.reference, receipt.at) == (
        Receipt.DELIVERED,
        "ref1",
        datetime.fromtimestamp(1801270800, UTC),
    )
    assert isinstance(words, ReplyEvent)
    assert (words.extension, words.text, words.address) == ("42", "谢谢", "+8613812340001")


@array
@pytest.mark.parametrize("skew", [-600, 600])
def test_a_push_from_a_clock_ten_minutes_off_is_refused(block: dict[str, Any], skew: int) -> None:
    body = b'{"events": []}'
    with pytest.raises(SignatureInvalid):
        _hear(block, body, sign_push(body, int(NOW.timestamp()) + skew))


@gbk
def test_one_text_to_many_numbers_is_one_call_a_text(gateway: Gateway, block: dict[str, Any]) -> None:
    same = [_message(f"1391234{number:04d}", f"{WORDS}拒收请回复R") for number in range(3)]
    other = _message("13912349999", f"{WORDS}另祝安康𠮷祥。拒收请回复R")
    twice = _message("13912340000", f"{WORDS}拒收请回复R")
    outcomes = _send(block, [*same, other, twice])
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert len(gateway.calls) == 3
    assert [number for number, _, _, _ in gateway.taken] == [
        "13912340000", "13912340001", "13912340002", "13912349999", "13912340000",
    ]  # fmt: skip
    assert gateway.taken[0][1:3] == ("王女士，给您拜年了！回T退订【江城银行】", "08")
    ids = [one.provider_message_ids for one in outcomes if isinstance(one, Accepted)]
    assert len(set(ids)) == 5, "one id covers a call, the number tells its messages apart"
    assert not any("1391234" in one for (one,) in ids)


@gbk
def test_a_receipt_that_names_a_calls_id_and_a_number_finds_its_message(
    gateway: Gateway, block: dict[str, Any]
) -> None:
    messages = [_message("13912340000"), _message("13912340001")]
    outcomes = _send(block, messages)
    body, headers = form_push(
        act="rpt", bid="900001", mobile="8613912340001", stat="MK:0001", donetime="20270130090000"
    )
    (receipt,) = _hear(block, body, headers)
    assert isinstance(receipt, ReceiptEvent)
    assert outcomes[1] == Accepted(provider_message_ids=(receipt.provider_message_id or "",))
    assert (receipt.suppress, receipt.definite) == ("number_invalid", False)
    assert receipt.at == NOW, "09:00 without a zone is Beijing's"


@gbk
def test_the_gbk_platforms_replies_are_read_in_gbk(block: dict[str, Any]) -> None:
    body, headers = form_push(
        act="mo", mobile="13912340000", exno="08", content="退订", time="20270130090000"
    )
    (words,) = _hear(block, body, headers)
    assert isinstance(words, ReplyEvent)
    assert words.text == "退订"


@gbk
@pytest.mark.parametrize(
    ("code", "outcome"),
    [("-5", Permanent(code="-5", suppress="opted_out")), ("-11", ChannelFault(code="-11", reason="balance"))],
)
def test_codes_in_a_text_answer_have_the_tables_meaning(
    gateway: Gateway, block: dict[str, Any], code: str, outcome: Outcome
) -> None:
    gateway.whole = code
    assert _send(block, [_message("13912340000")]) == [outcome]


@gbk
def test_a_wrong_password_is_the_accounts_fault(block: dict[str, Any]) -> None:
    wrong = block | {"secrets": {"password": "wrong", "push": SECRET}}
    (outcome,) = _send(wrong, [_message("13912340000")])
    assert outcome == ChannelFault(code="-9", reason="credentials")


@gbk
def test_what_gbk_does_not_hold_is_refused_for_that_message_alone(
    gateway: Gateway, block: dict[str, Any]
) -> None:
    outcomes = _send(block, [_message("13912340000", f"{WORDS}\ud800"), _message("13912340001")])
    assert outcomes[0] == Permanent(code="charset")
    assert isinstance(outcomes[1], Accepted)


def _fetch(block: dict[str, Any], rounds: int = 1) -> list[bytes]:
    """What the account's poll delivers in so many rounds."""
    (listener,) = build_listeners(read_account(block))
    items: list[bytes] = []
    pauses: list[float] = []

    def stop(seconds: float) -> bool:
        if seconds:
            pauses.append(seconds)
        return len(pauses) >= rounds

    listener.listen(items.extend, stop)
    return items


@xml
def test_the_xml_platforms_answers_become_outcomes(gateway: Gateway, block: dict[str, Any]) -> None:
    gateway.fates = {"0001": "busy", "0002": "none"}
    outcomes = [_send(block, [_message(f"1371234000{number}", extension="101")])[0] for number in range(3)]
    assert outcomes == [
        Accepted(provider_message_ids=("x1",)),
        Transient(code="3"),
        Permanent(code="5", suppress="number_invalid"),
    ]
    assert gateway.taken[0][:3] == ("8613712340000", WORDS, "101")


@xml
def test_receipts_are_fetched_page_by_page_with_a_cursor(gateway: Gateway, block: dict[str, Any]) -> None:
    XmlHandler.reports = [(f"ref{number}", "8613712340000", str(number % 4)) for number in range(7)]
    block["poll"]["page"] = 3
    items = _fetch(block)
    asked = [call for call in gateway.calls if "/rest/status" in call]
    assert asked == [f"/rest/status?from={start}&max=3" for start in (0, 3, 6)]
    parser = build_parser(read_account(block))
    events = [event for item in items for event in parser.parse(item)]
    receipts = [event for event in events if isinstance(event, ReceiptEvent)]
    assert [one.reference for one in receipts] == [f"ref{number}" for number in range(7)]
    assert [one.receipt.value for one in receipts[:4]] == [
        "delivered",
        "undelivered",
        "undelivered",
        "accepted",
    ]
    assert receipts[0].at == NOW, "a time without a zone is Beijing's"


@xml
def test_replies_are_stored_before_they_are_confirmed(gateway: Gateway, block: dict[str, Any]) -> None:
    XmlHandler.inbox = {"a1": ("8613712340000", "101", "谢谢 & <好>"), "a2": ("13712340001", "", "TD")}
    (listener,) = build_listeners(read_account(block))
    confirmed_before: list[int] = []

    def deliver(items: Sequence[bytes]) -> None:
        confirmed_before.append(sum("ack" in call for call in gateway.calls))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        listener.listen(deliver, threading.Event().wait)
    assert (confirmed_before, len(XmlHandler.inbox)) == ([0], 2), "a kill between the two brings them again"
    parser = build_parser(read_account(block))
    words = [event for item in _fetch(block) for event in parser.parse(item)]
    assert [(one.text, one.extension, one.key) for one in words if isinstance(one, ReplyEvent)] == [
        ("谢谢 & <好>", "101", "reply:a1"),
        ("TD", None, "reply:a2"),
    ]
    assert XmlHandler.inbox == {}
    assert _fetch(block) == []


@xml
def test_a_poll_whose_token_is_refused_says_it_is_the_accounts_fault(block: dict[str, Any]) -> None:
    (listener,) = build_listeners(read_account(block | {"secrets": {"token": "wrong"}}))
    with pytest.raises(ChannelFaultError) as caught:
        listener.listen(lambda _: None, threading.Event().wait)
    assert caught.value.provider_code == "8"


@xml
def test_an_account_that_is_asked_takes_no_pushes(block: dict[str, Any]) -> None:
    callback = RawCallback(
        method="POST", path="/", query={}, headers={}, body=b"{}", remote="127.0.0.1", received_at=NOW
    )
    with pytest.raises(SignatureInvalid):
        build_parser(read_account(block)).verify(callback)


@pytest.mark.parametrize(
    ("name", "changes", "ok", "code"),
    [
        ("sms-array-hmac", {}, True, ""),
        ("sms-array-hmac", {"secrets": {"app": "wrong", "push": "x"}}, False, "4010"),
        ("sms-xml-poll", {}, True, ""),
        ("sms-xml-poll", {"secrets": {"token": "wrong"}}, False, "8"),
        ("sms-gbk-md5", {}, True, ""),
    ],
)
def test_a_probe_asks_for_the_balance_and_sends_nothing(
    monkeypatch: pytest.MonkeyPatch, name: str, changes: dict[str, Any], code: str, *, ok: bool
) -> None:
    gateway = Gateway(_HANDLERS[name], name)
    try:
        sender = build_sender(read_account(_block(name, gateway.base, monkeypatch) | changes))
        assert isinstance(sender, Prober)
        probe = sender.probe()
        assert (probe.ok, probe.code, gateway.taken) == (ok, code, [])
        assert ("未经验证" in probe.tried[0]) == (name == "sms-gbk-md5"), "connected only, and said so"
        sender.close()
    finally:
        gateway.stop()


@pytest.mark.parametrize("name", _HANDLERS)
def test_a_probe_of_a_gateway_that_is_gone_says_so(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    sender = build_sender(read_account(_block(name, f"http://127.0.0.1:{free_port()}", monkeypatch)))
    assert isinstance(sender, Prober)
    probe = sender.probe()
    assert (probe.ok, probe.code) == (False, "unreachable")
    assert all(probe.advice)
    sender.close()
