"""Whatever is thrown at the callback edge: an orderly answer, never a crash, never an event that nobody sent."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from integrations.registry import build_parser, read_account
from store.models.hearing import Callback
from store.models.messages import Message
from tests.contract.dialects import DIALECTS
from tests.contract.hooks import Hooks, make_hooks
from tests.contract.messages import NOW, TEXT_CANARY
from tests.contract.worlds import SMS_BLOCK
from wenhou.core.channels import (
    CallbackParser,
    OptOutEvent,
    ProviderEvent,
    RawCallback,
    ReceiptEvent,
    ReplyEvent,
    TapEvent,
)
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import CallbackError, PayloadInvalid, SignatureInvalid
from wenhou.core.statuses import Receipt, Status
from wenhou.services.context import Context

ORDERLY = {200, 400, 401, 404, 405, 413}
# The store is one for all examples of a test: what one left behind must not harm the next either.
SHARED = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])
PURE = settings(max_examples=400)

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
EACH = pytest.mark.parametrize("name", DIALECTS)

_HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=40)
_HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "X-Wenhou-Timestamp",
            "X-Wenhou-Signature",
            "X-Sign",
            "X-Time",
            "Authorization",
            "Content-Type",
            "X-Other",
        ]
    ),
    _HEADER.map(str.strip),
    max_size=5,
)
_TEXT = st.text(st.characters(), max_size=60)  # lone surrogates and NUL among them
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXT, inner, max_size=4),
    max_leaves=12,
)
_FIELDS = st.sampled_from(
    "type id status at message_id reference address text code suppress from ref purposes task_id sent".split()
    + "msgid mobile stat time err content extno".split()
)
_EVENT = st.dictionaries(
    _FIELDS,
    st.sampled_from(
        ["receipt", "reply", "opt_out", "tap", "delivered", "undelivered", "read", "DELIVRD", "MK:0001", "x"]
    )
    | st.just("2027-01-30T09:00:00+08:00")
    | st.just("2027-01-30 09:00:00")
    | _TEXT
    | _JSON,
    max_size=9,
)
_PUSH = st.builds(
    lambda place, events: {place: events},
    st.sampled_from(["events", "reports", "replies"]),
    st.lists(_EVENT, max_size=4) | _JSON,
)
_BODY = (
    st.binary(max_size=300)
    | _JSON.map(lambda value: json.dumps(value).encode())
    | _PUSH.map(lambda value: json.dumps(value).encode())
)


@pytest.fixture
def hooks(context: Context, clock: ShiftedClock) -> Hooks:
    return make_hooks(context, clock)


@EACH
@ON_SQLITE
@SHARED
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "PROPFIND"]),
    headers=_HEADERS,
    query=st.dictionaries(_TEXT, _TEXT, max_size=3),
    tail=st.binary(max_size=20),
    body=_BODY,
)
def test_no_unsigned_request_is_let_in_or_breaks_anything(
    hooks: Hooks,
    name: str,
    method: str,
    headers: dict[str, str],
    query: dict[str, str],
    tail: bytes,
    body: bytes,
) -> None:
    dialect = hooks.dialects[name]
    path = dialect.path + (f"/{quote(tail)}" if tail else "")
    asked = {key.encode("utf-8", "replace"): value.encode("utf-8", "replace") for key, value in query.items()}
    answer = hooks.client.open(path, method=method, headers=headers, query_string=asked, data=body)
    assert answer.status_code in ORDERLY
    if method not in {"OPTIONS", "HEAD"}:  # OPTIONS names the methods and does nothing
        assert answer.status_code != 200
    assert hooks.world.callbacks() == []


@EACH
@SHARED
@given(body=_BODY)
def test_whatever_is_signed_is_answered_in_order_and_moves_nothing_it_does_not_name(
    hooks: Hooks, name: str, body: bytes
) -> None:
    dialect = hooks.dialects[name]
    with hooks.world.context.db.read() as session:
        message = session.scalars(select(Message)).first()
    if message is None:
        message, _, _ = hooks.sent(dialect)
    assert hooks.push(dialect, body) in ORDERLY - {401, 404, 405}
    hooks.apply()
    assert hooks.status(message) is Status.SENT
    with hooks.world.context.db.read() as session:
        left = session.execute(select(Callback.state, Callback.error).distinct()).all()
    # Anything else is the name of an exception: an item that nobody could read crashed its reader.
    assert {error for state, error in left if state != "done"} <= {"unmatched", "payload_invalid"}


@EACH
@PURE
@given(item=_BODY)
def test_any_stored_item_is_events_or_invalid(name: str, item: bytes) -> None:
    for parser in _parsers(name):
        try:
            events = parser.parse(item)
        except PayloadInvalid:
            continue
        for event in events:
            _is_well_formed(event)


@EACH
@PURE
@given(body=_BODY, query=st.dictionaries(_TEXT, _TEXT, max_size=3))
def test_any_body_splits_into_items_that_can_be_stored_and_read_again(
    name: str, body: bytes, query: dict[str, str]
) -> None:
    for parser in _parsers(name):
        callback = RawCallback(
            method="POST", path="/hooks/x/y", query=query, headers={}, body=body, remote="", received_at=NOW
        )
        try:
            items = parser.split(callback)
        except PayloadInvalid:
            continue
        for item in items:
            assert isinstance(item, bytes)
            try:
                events = parser.parse(item)
                assert events == parser.parse(item)
            except PayloadInvalid:
                continue
            for event in events:
                _is_well_formed(event)


@EACH
@PURE
@given(
    headers=st.dictionaries(_TEXT.map(str.lower), _TEXT, max_size=4),
    query=st.dictionaries(_TEXT, _TEXT, max_size=3),
    path=_TEXT,
    body=st.binary(max_size=100),
    remote=_TEXT,
)
def test_nothing_but_the_signature_opens_the_door(
    name: str, headers: dict[str, str], query: dict[str, str], path: str, body: bytes, remote: str
) -> None:
    for parser in _parsers(name):
        callback = RawCallback(
            method="POST", path=path, query=query, headers=headers, body=body, remote=remote, received_at=NOW
        )
        with pytest.raises(SignatureInvalid):
            parser.verify(callback)


@EACH
@PURE
@given(place=st.floats(0, 1), change=st.binary(min_size=0, max_size=3), cut=st.integers(0, 3))
def test_a_damaged_receipt_or_reply_never_speaks_of_another_message_or_person(
    name: str, place: float, change: bytes, cut: int
) -> None:
    dialect = DIALECTS[name]()
    for whole in (dialect.receipt, dialect.reply):
        at = int(place * len(whole))
        body = whole[:at] + change + whole[at + cut :]
        try:
            items = dialect.parser.split(dialect.callback(body))
            events = [event for item in items for event in dialect.parser.parse(item)]
        except CallbackError:
            continue
        for event in events:
            _is_well_formed(event)
            if (
                isinstance(event, ReceiptEvent)
                and event.receipt is Receipt.DELIVERED
                and name != "email_smtp"
            ):
                assert _says_delivered(body)


@EACH
@ON_SQLITE
@SHARED
@given(again=st.integers(2, 5), minutes=st.integers(-4, 4), late=st.integers(6, 60))
def test_a_replay_inside_the_window_does_nothing_new_and_after_it_is_refused(
    hooks: Hooks, name: str, again: int, minutes: int, late: int
) -> None:
    dialect = hooks.dialects[name]
    at = hooks.now
    for _ in range(again):
        assert hooks.push(dialect, dialect.reply, at=at + timedelta(minutes=minutes)) == 200
    hooks.apply()
    assert hooks.push(dialect, dialect.reply, at=at - timedelta(minutes=late)) == 401
    assert hooks.push(dialect, dialect.reply, at=at + timedelta(minutes=late)) == 401
    assert hooks.world.callbacks() == ["done"]
    assert [entry.direction for entry in hooks.world.entries()] == ["in"]


@EACH
def test_what_no_database_can_keep_in_a_text_harms_nothing(hooks: Hooks, name: str) -> None:
    """NUL, half a surrogate pair, a number of a thousand digits, a text of a million characters."""
    dialect = hooks.dialects[name]
    for odd in ("\x00", "\ud800", "9" * 1000, "长" * 300_000):
        for whole in (dialect.says(odd, Receipt.DELIVERED) if odd != "\ud800" else b"", dialect.reply):
            words = json.dumps(odd)[1:-1].encode() if name != "email_smtp" else odd.encode("utf-8", "replace")
            body = whole.replace(TEXT_CANARY.encode(), words).replace(
                json.dumps(TEXT_CANARY)[1:-1].encode(), words
            )
            for target in (body, body.replace(b"13812345678", words), body.replace(b"r1", words)):
                assert hooks.push(dialect, target) in {200, 400, 413}
    hooks.apply()
    with hooks.world.context.db.read() as session:
        left = session.execute(select(Callback.state, Callback.error).distinct()).all()
    assert {error for state, error in left if state != "done"} <= {"unmatched", "payload_invalid"}


def _parsers(name: str) -> list[CallbackParser]:
    """The provider's parser; of the gateway that is described by settings, every format it can be told to read."""
    found = [DIALECTS[name]().parser]
    if name == "sms_http":
        for form in ("form", "query"):
            checks = [{"kind": "token", "key": "push"}]
            intake = {
                "checks": checks,
                "format": form,
                "charset": "gb18030" if form == "form" else "utf-8",
                "reports": {
                    "status": "stat",
                    "reference": "ref",
                    "statuses": {"1": {"receipt": "delivered"}},
                },
            }
            found.append(build_parser(read_account(SMS_BLOCK | {"intake": intake})))
    return found


def _is_well_formed(event: ProviderEvent) -> None:
    """What an event must say to be believed: whom or what it is about, and no more than the store can keep."""
    assert event.key
    assert event.at is None or event.at.tzinfo is not None
    match event:
        case ReceiptEvent():
            assert event.reference or event.provider_message_id or event.address
            assert isinstance(event.receipt, Receipt)
        case ReplyEvent():
            assert event.address
            event.text.encode()
        case OptOutEvent():
            assert event.address or event.reference
        case TapEvent():
            assert event.provider_task_id


def _says_delivered(body: bytes) -> bool:
    return b'"delivered"' in body or b'"DELIVRD"' in body
