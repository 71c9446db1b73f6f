"""The contract of every callback parser (DESIGN §12): believe only what is signed and fresh, key every event."""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from datetime import timedelta

import pytest

from integrations.registry import build_parser, read_account
from tests.contract.dialects import DIALECTS, INTAKE, REFERENCE, Dialect
from tests.contract.messages import CANARIES, NOW, SECRET_CANARY, TEXT_CANARY
from tests.contract.worlds import SMS_BLOCK
from wenhou.core.channels import RawCallback, ReceiptEvent, ReplyEvent
from wenhou.core.errors import CallbackError, PayloadInvalid, SignatureInvalid
from wenhou.core.statuses import Receipt


@pytest.fixture(params=DIALECTS)
def dialect(request: pytest.FixtureRequest) -> Dialect:
    return DIALECTS[request.param]()


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


def test_a_token_in_the_path_must_be_the_accounts_own() -> None:
    """Gateways that cannot sign prove themselves by an unguessable last part of the path."""
    intake = INTAKE | {"checks": [{"kind": "token", "key": "push"}]}
    parser = build_parser(read_account(SMS_BLOCK | {"intake": intake}))
    right = RawCallback(
        method="POST", path=f"/hooks/sms_http/gateway/{SECRET_CANARY}", query={}, headers={}, body=b"{}",
        remote="127.0.0.1", received_at=NOW,
    )  # fmt: skip
    parser.verify(right)
    for path in (
        "/hooks/sms_http/gateway",
        "/hooks/sms_http/gateway/",
        "/hooks/sms_http/gateway/guess\udcff",
    ):
        with pytest.raises(SignatureInvalid):
            parser.verify(replace(right, path=path))
