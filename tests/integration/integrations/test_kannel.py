"""Kannel as a real peer: the example profile against bearerbox and smsbox with the fake SMSC behind them."""

from __future__ import annotations

import queue
import socket
import threading
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote_from_bytes, urlsplit

import pytest

from integrations.registry import build_parser, build_sender, read_account
from tests.architecture.sources import ROOT
from tests.contract.messages import NOW, hand_over, make_message
from tests.peers.kannel import Kannel, Phones, running_kannel
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
    Sender,
    Transient,
)
from wenhou.core.errors import SignatureInvalid
from wenhou.core.statuses import Event, Receipt, Status, event_for

TOKEN = "token-of-a-test"
PHONE = "8613812345678"
TEXT = "【江城银行】王女士，新年好！拒收请回复R"
MO = "kind=mo&from=%p&to=%P&text=%b&charset=%C&coding=%c&id=%I&at=%T"


class _Hooks(ThreadingHTTPServer):
    """Our web side: keeps every request; `refuse` more are answered 503 first."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), _Hook)
        self.heard: queue.Queue[RawCallback] = queue.Queue()
        self.refuse = 0
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hooks/sms_http/kannel"

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join(timeout=5)


class _Hook(BaseHTTPRequestHandler):
    server: _Hooks

    def do_GET(self) -> None:
        query = urlsplit(self.path).query
        if self.server.refuse > 0:
            self.server.refuse -= 1
            self.send_error(503)
            return
        self.server.heard.put(
            RawCallback(
                method="GET",
                path="/hooks/sms_http/kannel",
                query=dict(parse_qsl(query, errors="replace")),
                headers={},
                body=b"",
                remote="127.0.0.1",
                received_at=NOW,
                raw_query=query.encode("ascii"),
            )
        )
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing on stderr."""


@dataclass(kw_only=True)
class Line:
    """The account, its Kannel, and what came back."""

    kannel: Kannel
    hooks: _Hooks
    block: dict[str, Any]
    senders: list[Sender] = field(default_factory=list)

    def sender(self, **changes: Any) -> Sender:
        made = build_sender(read_account(self.block | changes))
        self.senders.append(made)
        return made

    def send(self, message: OutgoingMessage, **changes: Any) -> Outcome:
        return hand_over(self.sender(**changes), message)

    def hear(self, seconds: float = 15) -> ProviderEvent:
        callback = self.hooks.heard.get(timeout=seconds)
        parser = build_parser(read_account(self.block))
        parser.verify(callback)
        (event,) = [event for item in parser.split(callback) for event in parser.parse(item)]
        return event

    def receipts(self, reference: str, *, until: Receipt = Receipt.DELIVERED) -> list[ReceiptEvent]:
        found: list[ReceiptEvent] = []
        while not found or all(one.receipt is not until for one in found):
            event = self.hear()
            assert isinstance(event, ReceiptEvent)
            if event.reference == reference:
                found.append(event)
        return found


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    hooks = _Hooks()
    try:
        with running_kannel(mo_url=f"{hooks.url}?key={TOKEN}&{MO}") as kannel:
            made = Line(kannel=kannel, hooks=hooks, block=_block(kannel, hooks, monkeypatch))
            yield made
            for sender in made.senders:
                sender.close()
    finally:
        hooks.stop()


def _block(kannel: Kannel, hooks: _Hooks, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The example of the documentation, with this Kannel's addresses and words in place of the bank's."""
    for name, value in (("", kannel.password), ("ADMIN_", kannel.password)):
        monkeypatch.setenv(f"KANNEL_{name}PASSWORD", value)
    monkeypatch.setenv("KANNEL_PUSH_TOKEN", TOKEN)
    file = ROOT / "docs" / "examples" / "accounts" / "sms-kannel.toml"
    (block,) = tomllib.loads(file.read_text(encoding="utf-8"))["accounts"]
    block["request"]["url"] = kannel.sendsms_url
    block["request"]["fields"]["username"] = kannel.user
    path = block["request"]["fields"]["dlr-url"].partition("?")[2]
    block["request"]["fields"]["dlr-url"] = f"{hooks.url}?{path}"
    block["probe"]["url"] = kannel.status_url.partition("?")[0]
    return dict(block)


def _message(text: str = TEXT, extension: str = "42") -> OutgoingMessage:
    return replace(make_message("sms", text=text), extension=extension)


def _wait(holds: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def test_kannel_takes_a_message_whole_and_delivers_it_with_its_extension(line: Line) -> None:
    message = _message()
    assert line.send(message) == Accepted()
    taken = line.kannel.phones.take()
    assert (taken.sender, taken.receiver, taken.text) == ("1069000142", PHONE, TEXT)
    receipts = line.receipts(message.reference)
    assert receipts[-1].definite
    assert {one.receipt for one in receipts} <= {Receipt.ACCEPTED, Receipt.DELIVERED}
    assert receipts[-1].at is not None


def test_kannel_may_tell_of_the_delivery_before_the_acceptance_and_delivered_stays(line: Line) -> None:
    message = _message()
    line.send(message)
    heard = line.receipts(message.reference)
    if len(heard) == 1:
        late = line.hear()
        assert isinstance(late, ReceiptEvent)
        heard.append(late)
    assert {one.receipt for one in heard} == {Receipt.ACCEPTED, Receipt.DELIVERED}
    told = [one.receipt for one in heard]
    assert event_for(Status.SENT, told) == event_for(Status.SENT, told[::-1]) == Event.DELIVER
    assert event_for(Status.DELIVERED, [Receipt.ACCEPTED]) is None


@pytest.mark.parametrize(
    ("mask", "receipt", "definite"),
    [
        ("1", Receipt.DELIVERED, True),
        ("2", Receipt.UNDELIVERED, False),
        ("34", Receipt.UNDELIVERED, False),
        ("16", Receipt.UNDELIVERED, True),
        ("8", Receipt.ACCEPTED, True),
        ("9", Receipt.DELIVERED, True),
        ("64", Receipt.UNDELIVERED, False),
        ("x", Receipt.UNDELIVERED, False),
    ],
)
def test_a_receipt_of_kannel_is_a_mask_of_bits(
    mask: str, receipt: Receipt, *, definite: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The masks the specification saw from a failing SMSC, which the fake one cannot be."""
    for name in ("KANNEL_PASSWORD", "KANNEL_ADMIN_PASSWORD", "KANNEL_PUSH_TOKEN"):
        monkeypatch.setenv(name, TOKEN)
    file = ROOT / "docs" / "examples" / "accounts" / "sms-kannel.toml"
    (block,) = tomllib.loads(file.read_text(encoding="utf-8"))["accounts"]
    query = f"key={TOKEN}&kind=dlr&ref=abc&stat={mask}&at=1801270800"
    callback = RawCallback(
        method="GET",
        path="/",
        query=dict(parse_qsl(query)),
        headers={},
        body=b"",
        remote="",
        received_at=NOW,
        raw_query=query.encode(),
    )
    parser = build_parser(read_account(block))
    ((event,),) = [parser.parse(item) for item in parser.split(callback)]
    assert isinstance(event, ReceiptEvent)
    assert (event.receipt, event.definite) == (receipt, definite)


def test_words_of_a_phone_come_through_kannel_in_chinese_with_the_code_they_were_sent_to(line: Line) -> None:
    line.kannel.phones.write(PHONE, "1069000142", "退订，谢谢🎂")
    words = line.hear()
    assert isinstance(words, ReplyEvent)
    assert (words.address, words.text, words.extension) == ("+8613812345678", "退订，谢谢🎂", "42")
    line.kannel.phones.write(PHONE, "10690001", "TD & 100%")
    plain = line.hear()
    assert isinstance(plain, ReplyEvent)
    assert (plain.text, plain.extension) == ("TD & 100%", None)


def test_a_long_reply_in_two_parts_comes_through_kannel_joined(line: Line) -> None:
    """The fake SMSC takes parts with a header as plain bytes; which charset they are in does not matter for joining."""
    text = "我想问问贷款的事情，" * 9
    for part, piece in ((2, text[40:]), (1, text[:40])):  # the second arrives first
        header = quote_from_bytes(bytes((5, 0, 3, 7, 2, part)), safe="")
        payload = quote_from_bytes(piece.encode(), safe="")
        line.kannel.phones._socket.sendall(  # noqa: SLF001 - the peer writes no headers
            f"{PHONE} 1069000142 udh {header} {payload}\n".encode()
        )
    words = line.hear()
    assert isinstance(words, ReplyEvent)
    assert words.text == text


def test_kannel_brings_a_reply_again_until_we_took_it(line: Line) -> None:
    line.hooks.refuse = 2
    line.kannel.phones.write(PHONE, "1069000142", "R")
    words = line.hear(30)
    assert isinstance(words, ReplyEvent)
    assert words.text == "R"


def test_a_long_text_leaves_kannel_in_parts_and_has_one_receipt(line: Line) -> None:
    message = _message("【江城银行】" + "好" * 150)
    assert line.send(message) == Accepted()
    parts = [line.kannel.phones.take() for _ in range(3)]
    assert {part.kind for part in parts} == {"udh"}
    assert line.receipts(message.reference)[-1].receipt is Receipt.DELIVERED


def test_what_kannel_would_cut_silently_is_not_even_sent(line: Line) -> None:
    assert line.send(_message("【江城银行】" + "好" * 700)) == Permanent(code="too_many_parts")
    assert line.send(_message("【江城银行】")) == Permanent(code="empty_text")
    assert line.send(_message("【江城银行】你好【别的】")) == Permanent(code="signature_repeated")


def test_wrong_credentials_at_kannel_pause_the_account(line: Line) -> None:
    outcome = line.send(_message(), secrets={"password": "wrong", "admin": "wrong", "push": TOKEN})
    assert isinstance(outcome, ChannelFault)
    assert outcome.reason == "credentials"


def test_the_probe_reads_kannels_status_and_sees_a_link_that_is_down(line: Line) -> None:
    sender = line.sender()
    assert isinstance(sender, Prober)
    _wait(lambda: sender.probe().ok)
    line.kannel.phones.close()
    _wait(lambda: not sender.probe().ok)
    assert sender.probe().code == "link"
    wrong = line.sender(secrets={"password": "x", "admin": "wrong", "push": TOKEN})
    assert isinstance(wrong, Prober)
    assert not wrong.probe().ok


def test_kannel_keeps_what_it_took_while_its_link_was_down(line: Line) -> None:
    line.kannel.phones.close()
    sender = line.sender()
    assert isinstance(sender, Prober)
    _wait(lambda: not sender.probe().ok)
    message = _message()
    assert hand_over(sender, message) == Accepted(), "3: Queued for later delivery"
    phones = Phones(line.kannel.smsc_port)
    try:
        assert phones.take(30).text == TEXT
        assert line.receipts(message.reference)[-1].receipt is Receipt.DELIVERED
    finally:
        phones.close()


def test_a_kannel_that_is_gone_took_nothing(line: Line) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}/cgi-bin/sendsms"
        outcome = line.send(_message(), request=line.block["request"] | {"url": url})
    assert isinstance(outcome, Transient)


def test_a_stranger_who_calls_kannels_address_without_the_token_is_refused(line: Line) -> None:
    line.kannel.phones.write(PHONE, "10690001", "R")
    callback = line.hooks.heard.get(timeout=15)
    with pytest.raises(SignatureInvalid):
        build_parser(read_account(line.block)).verify(replace(callback, query={}, raw_query=b""))
