"""Whatever a gateway answers, pushes or lets us fetch: never a crash, never a false event, never a false outcome."""

from __future__ import annotations

import contextlib
import json
import logging
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.http_edge import Answer, retry_hint
from integrations.registry import build_parser, read_account
from integrations.sms_http.answers import AnswerReader, Name
from integrations.sms_http.documents import read_document
from integrations.sms_http.parts import Body
from integrations.sms_http.polling import _Fetching
from integrations.sms_http.profile import SmsHttpSettings
from tests.architecture.sources import ROOT
from tests.contract.messages import NOW
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Permanent,
    ProviderEvent,
    RawCallback,
    ReceiptEvent,
    ReplyEvent,
    Transient,
    Unknown,
)
from wenhou.core.clock import SystemClock
from wenhou.core.errors import PayloadInvalid, SendError
from wenhou.core.statuses import Receipt

EXAMPLES = sorted(file.stem for file in (ROOT / "docs" / "examples" / "accounts").glob("sms-*.toml"))
SECRET = "secret-of-a-test"
OUTCOMES = (Accepted, Transient, Permanent, ChannelFault, Unknown)
NAMES = [Name(phone=f"+861381234000{n}", reference=f"ref{n}", attempt_id=f"attempt{n}") for n in range(3)]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
words = st.sampled_from(
    ["0", "OK", "207", "DELIVRD", "DELIVERED", "ref0", "ref1", "13812340000", "+8613812340001", "1", "34", ""]
)
documents = st.recursive(
    scalars | words,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "status results out_id state mid code result id data events kind reports replies ref msgid mobile stat "
                "time content extno to from dest text type outId at phone act bid".split()
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)
bodies = st.binary(max_size=200) | documents.map(lambda value: json.dumps(value).encode())


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger("integrations.sms_http.answers"), "disabled", True)


def account(name: str, **changes: Any) -> SmsHttpSettings:
    text = (ROOT / "docs" / "examples" / "accounts" / f"{name}.toml").read_text(encoding="utf-8")
    (block,) = tomllib.loads(text)["accounts"]
    made = read_account(block | {"secrets": dict.fromkeys(block["secrets"], SECRET)} | changes)
    assert isinstance(made, SmsHttpSettings)
    return made


def reader(made: SmsHttpSettings) -> AnswerReader:
    return AnswerReader(made.answer, account=made.account, charset=made.request.charset, zone=made.zone)


@pytest.mark.parametrize("name", EXAMPLES)
@given(status=st.integers(100, 599), body=bodies, wait=st.text(max_size=40))
@settings(max_examples=150, deadline=None)
def test_any_answer_is_an_outcome_a_message(name: str, status: int, body: bytes, wait: str) -> None:
    answer = Answer(status=status, headers={"retry-after": wait}, body=body)
    outcomes = reader(account(name)).read(answer, NAMES, NOW)
    assert len(outcomes) == len(NAMES)
    assert all(isinstance(one, OUTCOMES) for one in outcomes)
    if status >= 300:
        assert not any(isinstance(one, Accepted) for one in outcomes)


@given(document=documents, status=st.sampled_from([200, 202, 400, 500]))
@settings(max_examples=400, deadline=None)
def test_no_message_is_accepted_that_the_answer_does_not_name_as_taken(document: Any, status: int) -> None:
    answer = Answer(status=status, headers={}, body=json.dumps(document).encode())
    outcomes = reader(account("sms-array-hmac")).read(answer, NAMES, NOW)
    rows = document.get("results") if isinstance(document, dict) else None
    rows = [rows] if isinstance(rows, dict) else rows if isinstance(rows, list) else []
    for name, outcome in zip(NAMES, outcomes, strict=True):
        if isinstance(outcome, Accepted):
            assert any(
                isinstance(row, dict) and row.get("out_id") == name.reference and row.get("state") == "OK"
                for row in rows
            )


def _events(made: SmsHttpSettings, body: bytes, query: Mapping[str, str]) -> list[ProviderEvent]:
    parser = build_parser(made)
    callback = RawCallback(
        method="POST",
        path="/",
        query=query,
        headers={},
        body=body,
        remote="",
        received_at=NOW,
        raw_query=body[:100] if query else b"",
    )
    found: list[ProviderEvent] = []
    with contextlib.suppress(PayloadInvalid):
        for item in parser.split(callback):
            with contextlib.suppress(PayloadInvalid):
                found += parser.parse(item)
    return found


@pytest.mark.parametrize("name", [one for one in EXAMPLES if one != "sms-xml-poll"])
@given(body=bodies, query=st.dictionaries(st.text(max_size=8) | words, st.text(max_size=20), max_size=4))
@settings(max_examples=150, deadline=None)
def test_any_push_is_events_or_a_refusal(name: str, body: bytes, query: dict[str, str]) -> None:
    for event in _events(account(name), body, query):
        assert isinstance(event, ReceiptEvent | ReplyEvent)
        assert event.key
        if isinstance(event, ReceiptEvent):
            assert event.reference or event.provider_message_id
        else:
            assert event.address


REPORT = {
    "ref": "ref1",
    "msgid": "77",
    "mobile": "13812345678",
    "stat": "EXPIRED",
    "err": "1",
    "time": "2027-01-30 09:00:00",
}


@pytest.mark.parametrize("field", sorted(REPORT))
@given(value=documents)
@settings(max_examples=100, deadline=None)
def test_no_field_of_a_receipt_makes_it_a_delivery(field: str, value: Any) -> None:
    body = json.dumps({"reports": [REPORT | {field: value}]}).encode()
    for event in _events(account("sms-form-md5"), body, {}):
        assert isinstance(event, ReceiptEvent)
        delivered = event.receipt is Receipt.DELIVERED
        assert delivered == (field == "stat" and value == "DELIVRD")
        assert not event.suppress or (field == "stat" and value == "MK:0001")
        assert event.reference in {"ref1", None} or field == "ref"


@given(item=st.binary(max_size=100) | documents.map(lambda value: json.dumps(value).encode()))
@settings(max_examples=200, deadline=None)
def test_a_stored_item_that_is_none_of_ours_is_refused(item: bytes) -> None:
    with contextlib.suppress(PayloadInvalid):
        build_parser(account("sms-form-md5")).parse(item)


@pytest.mark.parametrize("kind", ["receipts", "replies"])
@given(
    status=st.sampled_from([200, 200, 200, 204, 302, 401, 429, 500, 503]),
    body=bodies | st.text(alphabet="0|12ab\n<inbox>/result", max_size=80).map(str.encode),
)
@settings(max_examples=200, deadline=None)
def test_whatever_a_poll_is_answered_it_brings_items_or_says_why_not(
    kind: str, status: int, body: bytes
) -> None:
    made = account("sms-xml-poll")
    assert made.poll is not None
    fetch = made.poll.receipts if kind == "receipts" else made.poll.replies
    assert fetch is not None
    fetching = _Fetching(fetch, made, SystemClock())
    parser = build_parser(made)
    brought: list[bytes] = []

    def call(*_: object, **__: object) -> Answer:
        return Answer(status=status, headers={}, body=body)

    def deliver(items: Sequence[bytes]) -> None:
        brought.extend(items)

    with contextlib.suppress(SendError):
        fetching.fetch_page(call, deliver)
    for item in brought:
        with contextlib.suppress(PayloadInvalid):
            for event in parser.parse(item):
                assert isinstance(event, ReceiptEvent if kind == "receipts" else ReplyEvent)


@given(
    body=st.binary(max_size=300)
    | st.text(alphabet="<>/ab&;!DOCTYPE[]= \"'x|,\n", max_size=120).map(str.encode),
    form=st.sampled_from(["json", "xml", "pairs", "rows", "form"]),
    charset=st.sampled_from(["utf-8", "gb18030"]),
)
@settings(max_examples=600, deadline=None)
def test_any_body_reads_or_is_a_value_error(body: bytes, form: Any, charset: str) -> None:
    with contextlib.suppress(ValueError):
        read_document(body, Body(format=form, columns=("a", "b"), head=("c",)), charset)


@given(
    value=st.text(max_size=60) | st.sampled_from(["Wed, 21 Oct 2015 07:28:00 -0000", "9" * 400, "-1", "１２"])
)
@settings(max_examples=300, deadline=None)
def test_any_retry_after_is_a_hint_that_can_be_compared(value: str) -> None:
    hint = retry_hint(Answer(status=429, headers={"retry-after": value}, body=b""))
    assert hint.at is None or hint.at.tzinfo is not None
