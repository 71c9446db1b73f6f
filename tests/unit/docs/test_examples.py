"""Every example in docs/examples is read by the very code that will read a bank's own file, and does what it says."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

import pytest

from integrations.registry import build_parser, build_sender, read_account
from templates import library
from templates.compliance.about import About
from templates.compliance.lint import blocks, lint
from templates.placeholders import Value
from templates.render import Footer, render
from templates.salutations import Addressee
from tests.architecture.sources import ROOT
from tests.contract.messages import hand_over, make_message
from tests.contract.worlds import GatewayServer
from wenhou.core.campaigns import Approval, FestivalTrigger
from wenhou.core.channels import Accepted, ProviderEvent, RawCallback, ReceiptEvent, ReplyEvent
from wenhou.core.errors import SignatureInvalid
from wenhou.core.statuses import Receipt
from wenhou.services.articles import read_article
from wenhou.services.campaigns import bundled_campaigns, read_file
from wenhou.services.event_files import read_events
from wenhou.services.importing.mapping import read_mapping

EXAMPLES = ROOT / "docs" / "examples"
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
REFERENCE = "abcdefghijklmnopqrstuvwxyz"
TEXT = "【江城银行】王女士，给您拜年了！拒收请回复R"
SECRET = "secret-of-a-test"
ACCOUNT_FILES = sorted((EXAMPLES / "accounts").glob("*.toml"))


def _block(name: str) -> dict[str, Any]:
    document = tomllib.loads((EXAMPLES / "accounts" / name).read_text(encoding="utf-8"))
    (block,) = document["accounts"]
    return dict(block)


def _heard(
    name: str,
    *,
    method: str = "POST",
    body: bytes = b"",
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> list[ProviderEvent]:
    parser = build_parser(read_account(_block(name)))
    callback = RawCallback(
        method=method,
        path=f"/hooks/{parser.provider}/{parser.account}",
        query=query or {},
        headers=headers or {},
        body=body,
        remote="192.0.2.17",
        received_at=NOW,
    )
    parser.verify(callback)
    with pytest.raises(SignatureInvalid):
        parser.verify(replace(callback, headers={}, query={}))
    return [event for item in parser.split(callback) for event in parser.parse(item)]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Examples name their secrets by reference."""
    for file in ACCOUNT_FILES:
        for name in re.findall(r'"env:([A-Z_]+)"', file.read_text(encoding="utf-8")):
            monkeypatch.setenv(name, SECRET)


@pytest.fixture
def gateway() -> Iterator[GatewayServer]:
    made = GatewayServer()
    yield made
    made.stop()


def _send(gateway: GatewayServer, name: str, answer: bytes) -> tuple[str, dict[str, str], bytes]:
    """Hand one message over as the example says, to a gateway on this machine that answers so."""
    gateway.behave = lambda handler: handler.answer(200, answer)
    block = _block(name)
    path = urlsplit(block["request"]["url"]).path
    block["request"]["url"] = f"http://127.0.0.1:{gateway.port}{path}"
    sender = build_sender(read_account(block))
    try:
        assert isinstance(hand_over(sender, make_message("sms", text=TEXT)), Accepted)
    finally:
        sender.close()
    return gateway.requests[0]


@pytest.mark.parametrize("file", ACCOUNT_FILES, ids=lambda file: file.stem)
def test_an_account_example_is_a_valid_account_with_ears(file: Path) -> None:
    settings = read_account(_block(file.name))
    assert settings.capabilities().hears_replies
    assert build_parser(settings).account == settings.account


def test_the_form_example_signs_and_speaks_gb18030(gateway: GatewayServer) -> None:
    _, _, body = _send(gateway, "sms-form-md5.toml", b'{"result": 0, "data": {"msgid": "77"}}')
    said = {name: values[0] for name, values in parse_qs(body.decode("ascii"), encoding="gb18030").items()}
    assert (said["mobile"], said["content"], said["extno"]) == ("13812345678", TEXT, "01")
    assert said["sign"] == hashlib.md5(f"jcyhchange-me-password{said['ts']}".encode()).hexdigest()  # noqa: S324


def test_the_form_example_hears_receipts_and_replies_of_one_push() -> None:
    report = {
        "ref": REFERENCE,
        "msgid": 77,
        "mobile": "13812345678",
        "stat": "DELIVRD",
        "time": "2027-01-30 09:00:00",
    }
    reply = {"mobile": "8613812345678", "content": "TD", "extno": "01", "time": "2027-01-30 09:01:00"}
    body = json.dumps({"reports": [report], "replies": [reply]}).encode()
    stamp = str(int(NOW.timestamp()))
    mac = hmac.new(b"change-me-push-key", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    receipt, words = _heard("sms-form-md5.toml", body=body, headers={"x-time": stamp, "x-sign": mac})
    assert isinstance(receipt, ReceiptEvent)
    assert (receipt.receipt, receipt.reference) == (Receipt.DELIVERED, REFERENCE)
    assert isinstance(words, ReplyEvent)
    assert (words.text, words.address, words.extension) == ("TD", "+8613812345678", "01")


def test_the_json_example_strips_the_signature_and_nests_its_fields(gateway: GatewayServer) -> None:
    _, headers, body = _send(gateway, "sms-json-hmac.toml", b'{"code": "OK", "data": [{"id": "b-1"}]}')
    said = json.loads(body)
    assert said["message"] == {"sign": "江城银行", "text": TEXT.removeprefix("【江城银行】")}
    assert said["to"] == [{"phone": "+8613812345678"}]
    assert headers["X-Sign"]


def test_the_json_example_tells_events_apart_by_their_type() -> None:
    events = [
        {"type": "report", "outId": REFERENCE, "id": "b-1", "status": "UNKNOWN", "at": 1801270800000},
        {"type": "mo", "id": "r-1", "from": {"phone": "13812345678"}, "text": "5分", "at": 1801270860000},
        {"type": "balance", "left": 12},
    ]
    receipt, words = _heard(
        "sms-json-hmac.toml", body=json.dumps(events).encode(), query={"key": "change-me-unguessable"}
    )
    assert isinstance(receipt, ReceiptEvent)
    assert (receipt.receipt, receipt.definite) == (Receipt.UNDELIVERED, False)
    assert isinstance(words, ReplyEvent)
    assert (words.text, words.key) == ("5分", "reply:r-1")


def test_the_query_example_carries_the_reference_out_and_back(gateway: GatewayServer) -> None:
    path, _, _ = _send(gateway, "sms-kannel.toml", b"0: Accepted for delivery")
    said = parse_qs(urlsplit(path).query)
    assert said["to"] == ["8613812345678"]
    back = parse_qs(urlsplit(said["dlr-url"][0].replace("%d", "1").replace("%T", "1801270800")).query)
    (receipt,) = _heard(
        "sms-kannel.toml", method="GET", query={name: values[0] for name, values in back.items()}
    )
    assert isinstance(receipt, ReceiptEvent)
    assert (receipt.receipt, receipt.reference) == (Receipt.DELIVERED, back["ref"][0])
    (words,) = _heard(
        "sms-kannel.toml",
        method="GET",
        query={"key": SECRET, "kind": "mo", "from": "8613812345678", "text": "退订"},
    )
    assert isinstance(words, ReplyEvent)
    assert urlencode({"text": words.text}) == "text=%E9%80%80%E8%AE%A2"


def test_the_events_example_is_whole_and_about_customers_of_the_sample() -> None:
    events, refusals = read_events(EXAMPLES / "events.csv", SHANGHAI)
    assert refusals == []
    assert [event.kind for event in events] == ["account_opened"] * 2 + ["loan_granted", "account_opened"]
    assert events[-1].cancelled
    assert events[-1].source_id == events[1].source_id
    assert {event.customer for event in events} <= {row["客户号"] for row in _sample()}


def test_the_article_example_reaches_somebody_and_renders_in_every_channel() -> None:
    article = read_article(EXAMPLES / "article.yaml")
    assert article.effective_on == date(2027, 2, 1)
    interests = {word for row in _sample() for word in row["兴趣"].split(";")}
    assert set(article.topics) <= interests
    version = library.bundled().get("policy_news", "zh-CN")
    values: dict[str, Value | None] = {
        **version.samples(),
        "salutation": Addressee(name="欧阳明月", gender="female"),
        "title": article.title,
        "summary": article.summary,
        "effective_on": article.effective_on,
    }
    footer = Footer(
        branch="汉正街支行", hotline="027-5550-0100", preferences_url="https://care.example/p/abc"
    )
    for channel in version.channels:
        made = render(version, channel, values, signature="江城银行", footer=footer)
        assert made.ok, (channel, made.problems)
        assert not blocks(lint(made.text, About(purpose="information", channel=channel)))


def test_the_campaign_examples_are_valid() -> None:
    (document,) = read_file(EXAMPLES / "campaign-spring-festival-vip.yaml")
    campaign = document.campaign
    assert isinstance(campaign.trigger, FestivalTrigger)
    assert campaign.approval is Approval.TWO_PERSONS
    ordinary = next(one.campaign for one in bundled_campaigns() if one.campaign.key == "spring_festival")
    assert campaign.importance < ordinary.importance


def test_the_mapping_example_is_valid() -> None:
    assert read_mapping(EXAMPLES / "bank-marketing.map.yaml").create_orgs


def test_no_example_holds_anything_that_could_reach_anybody() -> None:
    for file in ACCOUNT_FILES:
        block = _block(file.name)
        host = urlsplit(block["request"]["url"]).hostname if "request" in block else block["host"]
        assert str(host).endswith(".example")
        secrets = [*block.get("secrets", {}).values(), block.get("password", "change-me")]
        assert all(secret.startswith(("change-me", "env:")) for secret in secrets)


def _sample() -> list[dict[str, str]]:
    with (EXAMPLES / "customers-200.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
