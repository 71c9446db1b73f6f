"""What a mail holds: character sets, wrong labels, Outlook's wrapping, bombs, and names that want to be paths."""

from __future__ import annotations

import base64
import contextlib
import struct
import time
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.email_in.charsets import address_in, decode_bytes, decode_header
from integrations.email_in.events import events_of
from integrations.email_in.mime import Body, read_body, read_mail, safe_name
from integrations.email_in.rtf import rtf_to_text, unpack_rtf
from integrations.email_in.stub import make_stub
from integrations.email_in.tnef import read_tnef
from tests.integration.integrations.mails import DOMAIN, mail, multipart, word
from tests.integration.integrations.test_mail_verdicts import OURS
from wenhou.core.channels import ReplyEvent
from wenhou.core.errors import PayloadInvalid


def body_of(raw: bytes) -> Body:
    return read_body(read_mail(raw))


def reply_to(raw: bytes) -> ReplyEvent:
    (event,) = events_of(raw, OURS, is_tagged=True)
    assert isinstance(event, ReplyEvent)
    return event


@pytest.mark.parametrize(
    ("label", "charset"),
    [
        ("utf-8", "utf-8"), ("gb2312", "gb18030"), ("GBK", "gb18030"), ("x-gbk", "gb18030"), ("gb18030", "gb18030"),
        ("big5", "utf-8"), ("gb2312", "utf-8"), ("utf-8", "gb18030"), ("us-ascii", "gb18030"), ("iso-8859-1", "gb18030"),
        ("unknown-8bit", "utf-8"), ("x-nonsense", "gb18030"), ("", "gb18030"), ("hz-gb-2312", "hz"), ("utf-16", "utf-16"),
        ("unicode_escape", "utf-8"), ("zlib", "utf-8"), ("punycode", "gb18030"),
    ],
)  # fmt: skip
def test_a_text_is_read_whatever_its_label_says(label: str, charset: str) -> None:
    text = "您好，请把账单寄到新地址。谢谢！"
    assert decode_bytes(text.encode(charset), label) == text


def test_big5_is_read_by_its_label() -> None:
    assert decode_bytes("請來電".encode("big5"), "big5") == "請來電"


def test_characters_beyond_gb2312_are_read_under_its_label() -> None:
    assert decode_bytes("朱镕基喆€𠮷".encode("gb18030"), "gb2312") == "朱镕基喆€𠮷"


def test_western_text_stays_western() -> None:
    assert decode_bytes("Voilà, café".encode("latin-1"), "iso-8859-1").startswith("Voil")


def test_a_character_split_over_two_encoded_words_is_whole() -> None:
    raw = "自动回复您好".encode("gb18030")
    split = " ".join(f"=?gb18030?B?{base64.b64encode(part).decode()}?=" for part in (raw[:3], raw[3:]))
    assert decode_header(split) == "自动回复您好"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=?utf-8?Q?=E6=82=A8=E5=A5=BD_x?=", "您好 x"), ("a =?utf-8?B?5oKo?= b", "a 您 b"), ("=?nonsense?B?5oKo?=", "您"),
        ("=?utf-8?B?5oKo", "=?utf-8?B?5oKo"), ("=?utf-8*zh?B?5oKo?=", "您"), ("您好".encode("gb18030").decode("ascii",
        "surrogateescape"), "您好"), ("=?utf-8?B?5oKo?= =?utf-8?B?5aW9?=", "您好"),
    ],
)  # fmt: skip
def test_a_header_is_read(value: str, text: str) -> None:
    assert decode_header(value) == text


def test_an_address_in_a_display_name_is_not_the_sender() -> None:
    assert address_in('"boss@bank.example" <wang@mail.example>') == "wang@mail.example"
    assert address_in(f"{word('x <boss@bank.example>', 'utf-8')} <wang@mail.example>") == "wang@mail.example"


def test_the_last_plain_text_that_says_something_is_taken_else_the_page() -> None:
    plain = "Content-Type: text/plain; charset=utf-8\r\n\r\n{}"
    page = "Content-Type: text/html; charset=utf-8\r\n\r\n<p>同意办理</p>"
    assert body_of(multipart("alternative", plain.format(" \r\n"), page)).text == "同意办理"
    assert body_of(multipart("alternative", plain.format("文字在此"), page)).text.strip() == "文字在此"


def test_a_mail_within_a_mail_is_no_words_of_the_customers() -> None:
    raw = multipart(
        "mixed",
        "Content-Type: text/plain; charset=utf-8\r\n\r\n请看附件",
        "Content-Type: message/rfc822\r\n\r\nFrom: a@b.example\r\nSubject: x\r\n\r\n退订",
    )
    event = reply_to(raw)
    assert event.text == "请看附件"
    assert "forwarded.eml" in event.note


def test_flowed_lines_are_joined() -> None:
    raw = mail("这是一行 \r\n很长的话\r\n-- \r\nx", Content_Type="text/plain; charset=utf-8; format=flowed")
    assert reply_to(raw).text == "这是一行 很长的话"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ('attachment; filename="../../etc/passwd"', "etc_passwd"),
        (f'attachment; filename="{word("账单.pdf", "gb18030")}"', "账单.pdf"),
        ("attachment; filename*=utf-8''%E8%B4%A6%E5%8D%95.pdf", "账单.pdf"),
        ('attachment; filename="a\u202efdp.exe"', "a_fdp.exe"),
        ("attachment; filename*0*=utf-8''%E8%B4%A6; filename*1=x.pdf", "账x.pdf"),
    ],
)
def test_the_name_of_an_attachment_is_safe(header: str, name: str) -> None:
    raw = multipart(
        "mixed",
        "Content-Type: text/plain\r\n\r\nhello",
        f"Content-Type: application/pdf\r\nContent-Disposition: {header}\r\n\r\nx",
    )
    (found,) = body_of(raw).attachments
    assert found.name == name


@given(st.text(max_size=400))
def test_no_name_is_a_path_or_endless(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 120
    assert not set(safe) & set('/\\:*?"<>|\n\0')
    assert safe not in {".", ".."}


def test_an_archive_of_archives_is_a_name_and_a_size() -> None:
    raw = multipart(
        "mixed",
        "Content-Type: text/plain\r\n\r\nhello",
        'Content-Type: application/zip; name="bomb.zip"\r\n\r\nPK\x03\x04 zip of zips',
    )
    (found,) = body_of(raw).attachments
    assert (found.name, found.kind) == ("bomb.zip", "application/zip")


def _property(kind: int, tag: int, value: bytes) -> bytes:
    return struct.pack("<HHII", kind, tag, 1, len(value)) + value + b"\0" * (-len(value) % 4)


def _attribute(level: int, name: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, name, len(data)) + data + struct.pack("<H", sum(data) % 65536)


def winmail(properties: bytes = b"") -> bytes:
    head = struct.pack("<IH", 0x223E9F78, 1)
    code = _attribute(1, 0x00069007, struct.pack("<II", 936, 0))
    words = _attribute(1, 0x00069003, struct.pack("<I", 1) + properties) if properties else b""
    file = _attribute(2, 0x00069002, b"\0" * 14) + _attribute(2, 0x00018010, "账单.pdf\0".encode("gbk"))
    return head + code + words + file + _attribute(2, 0x0006800F, b"x" * 2048)


def test_outlooks_wrapping_is_read() -> None:
    packed = base64.b64encode(winmail(_property(0x1F, 0x1000, "同意，请办理".encode("utf-16-le")))).decode()
    raw = multipart(
        "mixed",
        "Content-Type: text/plain\r\n\r\n",
        f'Content-Type: application/ms-tnef; name="winmail.dat"\r\nContent-Transfer-Encoding: base64\r\n\r\n{packed}',
    )
    event = reply_to(raw)
    assert event.text == "同意，请办理"
    assert "账单.pdf" in event.note


def test_compressed_rtf_is_unpacked_as_its_standard_shows() -> None:
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpack_rtf(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    assert rtf_to_text(unpack_rtf(packed)) == "hello world"
    assert read_tnef(winmail(_property(0x102, 0x1009, packed))).text == "hello world"


@given(st.binary(max_size=300), st.integers(0, 200))
def test_damaged_wrapping_never_raises(noise: bytes, at: int) -> None:
    whole = winmail(_property(0x1F, 0x1000, b"x\0y\0"))
    read_tnef(whole[:at] + noise + whole[at + len(noise) :])
    read_tnef(whole[:6] + noise)
    unpack_rtf(struct.pack("<IIII", 99, 10**9, 0x75465A4C, 0) + noise)
    rtf_to_text(noise)


def _nested(depth: int, kind: str) -> bytes:
    head = b"".join(
        b"Content-Type: multipart/%s; boundary=B%d\r\n\r\n--B%d\r\n" % (kind.encode(), at, at)
        for at in range(depth)
    )
    return b"From: wang@mail.example\r\n" + head + b"Content-Type: text/plain\r\n\r\nhello\r\n"


BOMBS = {
    "depth": _nested(5000, "mixed"),
    "alternatives": _nested(3000, "alternative"),
    "mails in mails": b"From: wang@mail.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 20_000 + b"x",
    "parts": b"From: wang@mail.example\r\nContent-Type: multipart/mixed; boundary=B\r\n\r\n" + b"--B\r\n\r\nx\r\n" * 300_000,
    "headers": b"From: wang@mail.example\r\n" + b"X-A: b\r\n" * 500_000 + b"\r\nhello",
    "one header": b"From: wang@mail.example\r\nSubject: " + b"=?utf-8?B?5oKo?= " * 200_000 + b"\r\n\r\nhello",
    "one line": b"From: wang@mail.example\r\n\r\n" + b">" * 5_000_000,
    "parameters": b"From: wang@mail.example\r\nContent-Type: text/plain" + b"; a*0*=x" * 20_000 + b"\r\n\r\nhello",
    "recipients": b"From: wang@mail.example\r\nTo: " + b"a@b.example, " * 100_000 + b"\r\n\r\nhello",
    "page": b"From: wang@mail.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 1_000_000,
    "uuencode": b"From: w@x.example\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\n" + b"M\r\n" * 500_000,
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_takes_bounded_time_and_is_no_crash(name: str) -> None:
    begin = time.process_time()
    with contextlib.suppress(PayloadInvalid):
        events_of(BOMBS[name], OURS, is_tagged=True)
    # Far above what it takes and far below what anything quadratic would.
    assert time.process_time() - begin < 30


def test_a_large_mail_leaves_its_headers_and_a_note() -> None:
    large = mail("x", To=f"care@{DOMAIN}", Subject="回复: 材料") + b"x" * 1000
    stub = make_stub(large[:600], 50 << 20)
    event = reply_to(stub)
    assert "50 MB" in event.text
    assert event.key == reply_to(large).key


def test_a_large_mail_is_not_held_many_times() -> None:
    raw = multipart(
        "mixed",
        "Content-Type: text/plain\r\n\r\nhello",
        "Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + "\r\n".join([base64.b64encode(b"x" * 57).decode()] * 130_000),
    )
    tracemalloc.start()
    assert reply_to(raw).text == "hello"
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * len(raw)
