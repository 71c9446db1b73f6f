"""What comes back by mail: answers in the forms Chinese mail programs write, automatic mails, bounces of every kind."""

from __future__ import annotations

import base64
from email.message import EmailMessage

import pytest

from integrations.email_in.charsets import decode_bytes
from integrations.email_in.reasons import classify
from integrations.registry import build_parser, read_account
from wenhou.core.channels import ProviderEvent, ReceiptEvent, ReplyEvent
from wenhou.core.statuses import Receipt

REFERENCE = "k7m2q9x4w8r3t6y1p5z2"
PARSER = build_parser(
    read_account(
        {
            "provider": "email_smtp",
            "account": "mail",
            "channel": "email",
            "host": "127.0.0.1",
            "from_address": "care@bank.example",
            "domain": "mail.bank.example",
            "inbound_secret": "long-enough",
        }
    )
)


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        ("朱镕基喆".encode("gb18030"), "gb2312", "朱镕基喆"),
        ("好的".encode(), "gb2312", "好的"),
        ("好的".encode("gb18030"), "utf-8", "好的"),
        ("好的".encode("gb18030"), "x-unknown", "好的"),
        (b"\xff\xfe\x00", None, decode_bytes(b"\xff\xfe\x00", None)),
    ],
)
def test_character_sets_never_stop_a_mail(raw: bytes, declared: str | None, text: str) -> None:
    assert decode_bytes(raw, declared) == text


def _mail(headers: dict[str, str]) -> EmailMessage:
    made = EmailMessage()
    made["From"] = "王 <Wang@Mail.example>"
    made["To"] = "care@bank.example"
    for name, value in headers.items():
        del made[name]
        made[name] = value
    made.set_content("我同意\n")
    return made


def _reply(mail: EmailMessage) -> ReplyEvent:
    (event,) = PARSER.parse(mail.as_bytes())
    assert isinstance(event, ReplyEvent)
    return event


@pytest.mark.parametrize(
    "headers",
    [
        {"To": f"care+{REFERENCE}@mail.bank.example"},
        {"X-Original-To": f"care+{REFERENCE.upper()}@mail.bank.example"},
        {"In-Reply-To": f"<{REFERENCE}@mail.bank.example>"},
        {"References": f"<a@b.example> <{REFERENCE}@mail.bank.example> <c@d.example>"},
    ],
)
def test_an_answer_finds_the_mail_it_answers(headers: dict[str, str]) -> None:
    event = _reply(_mail(headers))
    assert (event.reference, event.address, event.text) == (REFERENCE, "wang@mail.example", "我同意")


def test_a_strangers_mail_has_no_reference() -> None:
    assert _reply(_mail({"In-Reply-To": "<x@other.example>"})).reference is None


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ({"Auto-Submitted": "auto-replied"}, True),
        ({"Auto-Submitted": "no", "Subject": "自动回复: 休假"}, False),
        ({"X-Autoreply": "yes"}, True),
        ({"Precedence": "bulk"}, True),
        ({"List-Id": "<news.example>"}, True),
        ({"From": "no-reply@mail.example"}, True),
        ({"Subject": "自动回复：外出"}, True),
        ({"Subject": "Re: Out of Office"}, True),
        ({"Subject": "回复: 我正在休假"}, False),
        ({}, False),
    ],
)
def test_machines_are_not_taken_for_customers(headers: dict[str, str], *, automatic: bool) -> None:
    assert _reply(_mail(headers)).automatic is automatic


def test_a_subject_whose_character_is_split_over_two_words_is_read() -> None:
    raw = "自动回复".encode("gb18030")
    subject = " ".join(f"=?gb18030?B?{base64.b64encode(part).decode()}?=" for part in (raw[:3], raw[3:]))
    mail = f"From: w@mail.example\nSubject: {subject}\n\nhello\n".encode()
    (event,) = PARSER.parse(mail)
    assert isinstance(event, ReplyEvent)
    assert event.automatic


def _bounce(
    action: str, status: str, diagnostic: str, *, to: str = "postmaster@bank.example"
) -> list[ProviderEvent]:
    raw = f"""From: MAILER-DAEMON@mx.example
To: {to}
Auto-Submitted: auto-replied
Content-Type: multipart/report; report-type=delivery-status; boundary=B

--B
Content-Type: text/plain

words
--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Original-Envelope-Id: {REFERENCE}

Final-Recipient: rfc822; Wang@Mail.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}

--B
Content-Type: text/rfc822-headers

Message-ID: <{REFERENCE}@mail.bank.example>

--B--
"""
    return list(PARSER.parse(raw.encode()))


@pytest.mark.parametrize(
    ("action", "status", "words", "receipt", "suppress"),
    [
        ("failed", "5.1.1", "550 5.1.1 no such user", Receipt.UNDELIVERED, "address_invalid"),
        ("failed", "5.0.0", "550 User not exist", Receipt.UNDELIVERED, "address_invalid"),
        ("failed", "4.2.2", "452 4.2.2 mailbox full", Receipt.UNDELIVERED, None),
        ("failed", "5.0.0", "550 Ip frequency limited", Receipt.UNDELIVERED, None),
        ("failed", "5.7.1", "554 spam content", Receipt.UNDELIVERED, None),
        ("failed", "4.4.7", "delivery time expired", Receipt.UNDELIVERED, None),
        ("delivered", "2.0.0", "250 ok", Receipt.DELIVERED, None),
        ("relayed", "2.0.0", "250 ok", Receipt.ACCEPTED, None),
    ],
)
def test_a_bounce_blames_the_address_only_for_what_is_said_of_it(
    action: str, status: str, words: str, receipt: Receipt, suppress: str | None
) -> None:
    (event,) = _bounce(action, status, words)
    assert isinstance(event, ReceiptEvent)
    assert (event.reference, event.receipt, event.suppress) == (REFERENCE, receipt, suppress)
    assert event.address == "wang@mail.example"


def test_a_delay_changes_nothing() -> None:
    assert _bounce("delayed", "4.7.1", "greylisted") == []


def test_the_tag_in_the_bounce_address_is_believed_first() -> None:
    (event,) = _bounce("failed", "5.1.1", "no such user", to="bounce+aaaaaaaaaaaaaaaaaaaa@mail.bank.example")
    assert isinstance(event, ReceiptEvent)
    assert event.reference == "aaaaaaaaaaaaaaaaaaaa"


def test_words_come_before_codes() -> None:
    assert classify("5.1.1", "550 Connection frequency limited").name == "rate"
    assert classify("5.9.9", "").name == "unclassified"
