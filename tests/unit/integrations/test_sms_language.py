"""The language of gateways' descriptions: what is written, how bodies read, what a description may not say."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr, ValidationError

from integrations.http_edge import Answer
from integrations.registry import read_account
from integrations.sms_http.answer_form import AnswerForm
from integrations.sms_http.answers import AnswerReader, Name
from integrations.sms_http.documents import MAX_BYTES, read_document
from integrations.sms_http.line_form import Words
from integrations.sms_http.parts import Body
from integrations.sms_http.request_form import Call
from integrations.sms_http.words import LineRefuses, fit
from integrations.sms_http.writing import CallWriter, Written
from tests.contract.worlds import SMS_BLOCK
from wenhou.core.channels import Accepted, ChannelFault, Outcome, Permanent, Transient, Unknown
from wenhou.core.errors import ConfigurationError

AT = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
KEYS = {"app": SecretStr("the-key"), "token": SecretStr("the-token")}


def write(**form: Any) -> Written:
    call = Call.model_validate({"url": "https://sms.example/v1/send"} | form)
    return CallWriter(call, KEYS, "Asia/Shanghai").write({"phone": "138", "text": "a b&中"}, AT)


def mac(data: str) -> str:
    return hmac.new(b"the-key", data.encode(), "sha256").hexdigest()


@pytest.mark.parametrize(
    ("over", "signed"),
    [
        ("{fields:sorted}", "m=a b&中&to=138"),
        ("{fields:encoded}", "m=a%20b%26%E4%B8%AD&to=138"),
        ("{fields:joined}", "ma b&中to138"),
        ("{fields:values}", "a b&中138"),
        ("{method}\n{path}\n{ts}", "POST\n/v1/send\n1801270800"),
        ("{date}", "Sat, 30 Jan 2027 01:00:00 GMT"),
    ],
)
def test_an_hmac_over_each_canonical_form(over: str, signed: str) -> None:
    made = write(
        fields={"to": "{phone}", "m": "{text}", "sign": "{digest:sign}"},
        digests={"sign": {"algorithm": "hmac-sha256", "key": "app", "over": over}},
    )
    assert parse_qs((made.body or b"").decode())["sign"] == [mac(signed)]


def test_a_body_is_signed_in_the_address_and_in_a_header() -> None:
    made = write(
        body="json",
        fields={"to": "{phone}"},
        query={"sign": "{digest:sign}"},
        headers={"X-Query": "{query}"},
        digests={"sign": {"algorithm": "hmac-sha256", "key": "app", "over": "{body}"}},
    )
    assert made.body == b'{"to":"138"}'
    query = urlsplit(made.url).query
    assert parse_qs(query)["sign"] == [mac('{"to":"138"}')]
    assert made.headers["X-Query"] == query


def test_a_digest_of_a_digest_and_a_key_with_a_suffix() -> None:
    made = write(
        headers={"A": "{digest:outer}", "B": "{digest:aliyun}"},
        digests={
            "inner": {"algorithm": "md5", "over": "{secret:app}", "encoding": "HEX"},
            "outer": {"algorithm": "md5", "over": "u{digest:inner}{ts}"},
            "aliyun": {"algorithm": "hmac-sha1", "key": "app", "key_suffix": "&", "over": "x", "encoding": "base64"},
        },
    )  # fmt: skip
    inner = hashlib.md5(b"the-key").hexdigest().upper()  # noqa: S324 - gateways' way
    assert made.headers["A"] == hashlib.md5(f"u{inner}1801270800".encode()).hexdigest()  # noqa: S324
    assert made.headers["B"] == base64.b64encode(hmac.new(b"the-key&", b"x", "sha1").digest()).decode()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"kind": "basic", "user": "jc", "key": "app"}, "Authorization", "Basic amM6dGhlLWtleQ=="),
        ({"kind": "bearer", "key": "token"}, "Authorization", "Bearer the-token"),
        ({"kind": "bearer", "key": "token", "header": "X-Api-Key", "scheme": ""}, "X-Api-Key", "the-token"),
    ],
)
def test_authentication_by_a_header(auth: dict[str, str], header: str, value: str) -> None:
    made = write(auth=auth)
    assert made.headers[header] == value
    assert value not in repr(made)


def test_a_digest_over_itself_is_refused() -> None:
    with pytest.raises(ValidationError, match="made over itself"):
        write(
            digests={
                "a": {"algorithm": "md5", "over": "{digest:b}"},
                "b": {"algorithm": "md5", "over": "{digest:a}"},
            }
        )


def test_secrets_may_be_references_and_a_missing_one_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    file.write_text("of-the-file\n")
    monkeypatch.setenv("SMS_X", "of-the-process")
    made: Any = read_account(SMS_BLOCK | {"secrets": {"password": f"file:{file}", "push": "env:SMS_X"}})
    assert made.secrets["password"].get_secret_value() == "of-the-file"
    assert made.secrets["push"].get_secret_value() == "of-the-process"
    with pytest.raises(ConfigurationError, match="env:SMS_NOWHERE"):
        read_account(SMS_BLOCK | {"secrets": {"password": "env:SMS_NOWHERE"}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"url": "https://user:password@sms.example/"},
        {"batch": {"size": 10, "item": {"to": "{phone}"}}},
        {"batch": {"size": 10, "form": "same_text"}},
        {"fields": {"m": "{phones}"}},
        {"fields": {"m": "{cursor}"}},
        {"auth": {"kind": "bearer", "key": "nowhere"}},
    ],
)
def test_a_description_that_cannot_work_is_refused(wrong: dict[str, Any]) -> None:
    request: Any = SMS_BLOCK["request"]
    with pytest.raises(ConfigurationError):
        read_account(SMS_BLOCK | {"request": request | wrong})


XML = '<?xml version="1.0" encoding="GBK"?><r a="1"><code>0</code><m><id>1</id></m><m><id>二</id></m></r>'


def test_xml_reads_by_names_whatever_charset_it_declares() -> None:
    found: Any = read_document(XML.encode("gbk"), Body(format="xml"), "gb18030")
    assert found == {"a": "1", "code": "0", "m": [{"id": "1"}, {"id": "二"}]}


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><r>&b;</r>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd"><r/>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>',
        "<r>" * 100_000,
        "<r>" + "<a/>" * 300_000 + "</r>",
        "<r>&undefined;</r>",
        "<r></r><r></r>",
        "",
    ],
)
def test_bombs_and_entities_in_xml_are_refused(body: str) -> None:
    with pytest.raises(ValueError, match=r"XML|body"):
        read_document(body.encode(), Body(format="xml"), "utf-8")


@pytest.mark.parametrize("body", [b"[" * 200_000, b" " * (MAX_BYTES + 1), b"\xff\xfe{}"])
def test_what_is_too_deep_too_large_or_of_another_charset_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - three causes, one kind
        read_document(body, Body(), "utf-8")


def test_rows_and_pairs_read() -> None:
    rows = Body(format="rows", separator="|", head=("code", "next"), columns=("id", "text"))
    assert read_document(b"0|9\r\n1|a|b\r\n2|c\r\n", rows, "utf-8") == {
        "code": "0",
        "next": "9",
        "rows": [{"id": "1", "text": "a|b"}, {"id": "2", "text": "c"}],
    }
    short = Body(format="rows", columns=("code", "id"))
    assert read_document(b"-1,", short, "utf-8") == {
        "code": "-1",
        "id": "",
        "rows": [{"code": "-1", "id": ""}],
    }
    assert read_document(b"code=0&msgid=7", Body(format="pairs"), "utf-8") == {"code": "0", "msgid": "7"}


NAMES = [Name(phone=f"+861381234000{n}", reference=f"ref{n}", attempt_id=f"a{n}") for n in range(3)]


def read(
    answer: object, *, status: int = 200, headers: dict[str, str] | None = None, **form: Any
) -> list[Outcome]:
    made = AnswerForm.model_validate({"code": "code", "success": ["0"]} | form)
    reader = AnswerReader(made, account="a", charset="utf-8", zone="Asia/Shanghai")
    body = json.dumps(answer).encode()
    return reader.read(Answer(status=status, headers=headers or {}, body=body), NAMES, AT)


@pytest.mark.parametrize(
    ("rows", "answers"),
    [
        ({"by": "index"}, [{"c": "0"}, {"c": "5"}, {"c": "0"}]),
        ({"by": "index", "key": "n", "base": 1}, [{"n": 3, "c": 0}, {"n": 1, "c": 0}, {"n": "2", "c": 5}]),
        ({"by": "phone", "key": "p"}, [{"p": "13812340001", "c": "5"}, {"p": "8613812340000", "c": "0"},
                                       {"p": "+8613812340002", "c": "0"}, {"p": "13900000000", "c": "9"}]),
        ({"by": "reference", "key": "r"}, [{"r": f"ref{n}", "c": "5" if n == 1 else "0"} for n in (2, 1, 0)]),
        ({"by": "attempt_id", "key": "r"}, [{"r": f"a{n}", "c": "5" if n == 1 else "0"} for n in (1, 0, 2)]),
        ({"by": "phone", "key": "p", "only_failures": True}, [{"p": "13812340001", "c": "5"}]),
    ],
)  # fmt: skip
def test_a_batchs_answer_is_read_by_place_phone_or_reference(
    rows: dict[str, Any], answers: list[Any]
) -> None:
    form = {"array": "d", "code": "c", "success": ["0"]} | rows
    outcomes = read({"code": 0, "d": answers}, rows=form, codes={"5": "number_invalid"})
    assert outcomes == [Accepted(), Permanent(code="5", suppress="number_invalid"), Accepted()]


def test_a_short_answer_without_names_makes_all_unknown() -> None:
    form = {"array": "d", "by": "index", "code": "c", "success": ["0"]}
    assert set(read({"code": 0, "d": [{"c": 0}]}, rows=form)) == {Unknown(code="answer_short")}
    assert set(read({"code": 0}, rows=form)) == {Unknown(code="answer_short")}


def test_rows_that_contradict_each_other_make_the_message_unknown() -> None:
    form = {"array": "d", "by": "reference", "key": "r", "code": "c", "success": ["0"]}
    rows = [
        {"r": "ref0", "c": "0"},
        {"r": "ref0", "c": "5"},
        {"r": "ref1", "c": "0"},
        {"r": "ref1", "c": "0"},
    ]
    outcomes = read({"code": 0, "d": rows}, rows=form)
    assert outcomes == [Unknown(code="answer_contradicts"), Accepted(), Unknown(code="not_in_answer")]


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("opt_out", Permanent(code="7", suppress="opted_out")),
        ("number_invalid", Permanent(code="7", suppress="number_invalid")),
        ("permanent_msg", Permanent(code="7")),
        ("template_stop", Permanent(code="7")),
        ("bug", Permanent(code="7")),
        ("retry_backoff", Transient(code="7")),
        ("unknown", Unknown(code="7")),
        ("channel_stop", ChannelFault(code="7", reason="gateway_refuses_account")),
        ("accepted", Accepted()),
    ],
)
def test_every_class_of_the_specification_is_a_word(word: str, outcome: Outcome) -> None:
    assert read({"code": 7}, codes={"7": word}) == [outcome] * 3


def test_soft_failures_and_hours_of_the_day_come_back_later() -> None:
    (soft, *_) = read({"code": 7}, codes={"7": "soft_fail"})
    assert isinstance(soft, Transient)
    assert soft.retry.after is not None
    assert soft.retry.after.total_seconds() == 4 * 3600
    (night, *_) = read({"code": 7}, codes={"7": {"outcome": "transient", "retry_at": "08:00"}})
    assert isinstance(night, Transient)
    assert night.retry.at == datetime(2027, 1, 31, 0, 0, tzinfo=UTC), (
        "09:00 now: tomorrow at eight in Beijing"
    )


def test_a_status_may_mean_something_else_here_and_a_header_says_when() -> None:
    (busy, *_) = read({"code": 7}, status=500, headers={"retry-after": "9"}, http={"500": "retry_backoff"})
    assert isinstance(busy, Transient)
    assert busy.retry.after is not None
    assert busy.retry.after.total_seconds() == 9


def test_a_code_in_no_table_means_what_other_says() -> None:
    assert read({"code": 7})[0] == Permanent(code="7")
    assert read({"code": 7}, other={"outcome": "unknown"})[0] == Unknown(code="7")


def test_the_signature_stands_where_the_line_wants_it_and_once() -> None:
    text = "【江城银行】您好。拒收请回复R"
    words = Words(needs_signature=True)
    assert fit(text, "care", words, place="in_text") == text
    assert fit(text, "care", words, place="at_end") == "您好。拒收请回复R【江城银行】"
    assert fit(text, "care", words, place="stripped") == "您好。拒收请回复R"
    for wrong in ("您好", "您好【江城银行】", "【江城银行】【江城银行】您好", "【江城银行】您好】"):
        with pytest.raises(LineRefuses):
            fit(wrong, "care", words, place="in_text")


def test_the_opt_out_words_are_the_lines_own_by_purpose() -> None:
    words = Words.model_validate({"suffixes": {"marketing": "回T退订", "service": ""}})
    text = "【江城银行】您好。拒收请回复R"
    assert fit(text, "marketing", words, place="in_text") == "【江城银行】您好。回T退订"
    assert fit(text, "service", words, place="in_text") == "【江城银行】您好。"
    assert fit(text, "care", words, place="in_text") == text
    again = fit("【江城银行】您好。回T退订", "marketing", words, place="in_text")
    assert again == "【江城银行】您好。回T退订"


@pytest.mark.parametrize(("units", "parts"), [(70, 1), (71, 2), (134, 2), (135, 3), (201, 3), (202, 4)])
def test_parts_are_counted_with_the_signature(units: int, parts: int) -> None:
    text = "【江城银行】" + "喜" * (units - 6)
    assert fit(text, "care", Words(), place="in_text", max_parts=parts) == text
    if parts > 1:
        with pytest.raises(LineRefuses, match="too_many_parts"):
            fit(text, "care", Words(), place="in_text", max_parts=parts - 1)


def test_an_emoji_that_no_part_may_break_counts_as_it_travels() -> None:
    text = "【江城银行】" + "喜" * 60 + "🎂" + "x" * 66
    with pytest.raises(LineRefuses, match="too_many_parts"):
        fit(text, "care", Words(), place="in_text", max_parts=2)
