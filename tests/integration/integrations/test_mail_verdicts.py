"""What each kind of inbound mail is taken for, and what it does: the order of the mail specification §17 as a table."""

from __future__ import annotations

from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.email_in.events import events_of
from integrations.email_in.mime import read_mail
from integrations.email_in.reasons import REASONS, classify
from integrations.email_in.verdicts import Ours, judge
from tests.integration.integrations.mails import (
    BOUNCE,
    CARE,
    DOMAIN,
    REFERENCE,
    RETURNED,
    dsn,
    mail,
    multipart,
    report,
)  # fmt: skip
from wenhou.core.channels import OptOutEvent, ReceiptEvent, ReplyEvent
from wenhou.core.contact_quality import Cause
from wenhou.core.errors import PayloadInvalid
from wenhou.core.statuses import Receipt

OURS = Ours(
    domain=DOMAIN,
    separator="+",
    bounce="bounce",
    care="care",
    own=frozenset({f"care@{DOMAIN}", "care@bank.example"}),
)
ARF = f"Feedback-Type: abuse\r\nOriginal-Mail-From: <{BOUNCE}>\r\nOriginal-Rcpt-To: wang@mail.example"
MDN = (
    f"Original-Message-ID: <{REFERENCE}@{DOMAIN}>\r\nDisposition: manual-action/MDN-sent-manually; displayed"
)
CALENDAR = "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nATTENDEE;PARTSTAT=ACCEPTED:x\r\nSUMMARY:会面\r\nEND:VCALENDAR"
DAEMON, QMAIL = "Mail Delivery System <mailer-daemon@mx.example>", "MAILER-DAEMON@qq.example"
ODD = "Sorry, I was unable to deliver your message.\r\n<wang@mail.example>: 550 Mailbox not found\r\n"

MAILS: dict[str, tuple[bytes, str]] = {
    "bounce": (dsn("failed", "5.1.1", "550 no such user"), "report"),
    "bounce that says it is automatic": (
        dsn("failed", "5.1.1", "550 no such user", Auto_Submitted="auto-replied"),
        "report",
    ),
    "bounce without the name of a report": (
        dsn("failed", "5.1.1", "x").replace(b"multipart/report; report-type=delivery-status", b"multipart/mixed"),
        "report",
    ),
    "delay": (dsn("delayed", "4.7.1", "greylisted"), "report"),
    "complaint": (report("feedback-report", ARF, returned=RETURNED, to=f"fbl@{DOMAIN}"), "complaint"),
    "complaint without its part": (
        multipart(
            "mixed",
            "Content-Type: text/plain\r\n\r\ncomplaint about message from 192.0.2.1",
            f"Content-Type: message/rfc822\r\n\r\n{RETURNED}\r\nhello",
            From="no-reply@isp.example",
            Subject="complaint about message",
        ),
        "complaint",
    ),
    "complaint to its box": (mail("they spam", To=f"abuse@{DOMAIN}"), "complaint"),
    "read receipt": (report("disposition-notification", MDN, From="wang@mail.example", to=CARE), "disposition"),
    "odd bounce": (mail(ODD, From=DAEMON, Subject="failure notice", To=BOUNCE), "bounce"),
    "odd bounce, chinese": (
        mail("您的邮件无法投递：邮箱不存在", From="系统退信 <PostMaster@163.example>", Subject="系统退信", To=BOUNCE),
        "bounce",
    ),
    "odd bounce by header": (
        mail("x", From="a@mx.example", Subject="Undeliverable: hi", X_Failed_Recipients="wang@mail.example", To=BOUNCE),
        "bounce",
    ),
    "a person speaks of a bounce": (
        mail("收到退信：无法投递，怎么回事？", Subject="Re: Undelivered Mail", In_Reply_To=f"<{REFERENCE}@{DOMAIN}>"),
        "reply",
    ),
    "vacation": (mail(Auto_Submitted="auto-replied"), "automatic"),
    "vacation to the bounce address": (mail(Auto_Submitted="auto-replied", To=BOUNCE), "automatic"),
    "vacation by its subject": (mail(Subject="自动回复: 您好"), "automatic"),
    "vacation by exchange": (mail(Subject="自动答复: x", X_Auto_Response_Suppress="All"), "automatic"),
    "vacation by an empty sender": (mail(Return_Path="<>"), "automatic"),
    "vacation by apple": (mail(X_Apple_Action="VACATION"), "automatic"),
    "challenge": (mail(Subject="Please confirm your message"), "automatic"),
    "a person on holiday": (mail("我正在休假，下周一回来再说。"), "reply"),
    "a person, they say": (mail(Auto_Submitted="no", Subject="自动回复"), "reply"),
    "list": (mail(List_Id="<news.example>"), "machine"),
    "bulk": (mail(Precedence="bulk"), "machine"),
    "nobody": (mail(From="no-reply@shop.example"), "machine"),
    "calendar": (
        multipart("alternative", "Content-Type: text/plain\r\n\r\nx", f"Content-Type: text/calendar\r\n\r\n{CALENDAR}"),
        "calendar",
    ),
    "unsubscribe by address": (mail("", To=f"unsub+{REFERENCE}@{DOMAIN}", Subject="unsubscribe"), "unsubscribe"),
    "unsubscribe made by a program": (
        mail("", To=f"unsub+{REFERENCE}@{DOMAIN}", Auto_Submitted="auto-generated"),
        "unsubscribe",
    ),
    "unsubscribe by subject": (mail("", Subject="退订"), "stop"),
    "td": (mail("", Subject="TD"), "stop"),
    "loop": (mail(From="江城银行 <care@bank.example>"), "loop"),
    "too many hops": (b"Received: x\r\n" * 30 + mail(), "loop"),
    "what nobody understands in the bounce box": (mail("?", To=BOUNCE, Subject="hm"), "unclassified"),
    "answer to the bounce address": (mail(To=BOUNCE, In_Reply_To="<x@y.example>"), "reply"),
    "answer": (mail(To=CARE), "reply"),
    "stranger": (mail(Subject="您好"), "reply"),
}  # fmt: skip


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_taken_for_what_it_is(name: str) -> None:
    raw, kind = MAILS[name]
    verdict = judge(read_mail(raw), OURS)
    assert (verdict.kind, verdict.evidence[0]) == (kind, kind)


@pytest.mark.parametrize(
    "name", [name for name, (_, kind) in MAILS.items() if kind in {"report", "bounce", "loop"}]
)
def test_a_bounce_is_never_a_customers_word(name: str) -> None:
    assert not any(isinstance(event, ReplyEvent) for event in _events(name))


def _events(name: str) -> list[object]:
    return list(events_of(MAILS[name][0], OURS, is_tagged=True))


def test_a_complaint_ends_marketing_and_names_the_message_by_its_reference_only() -> None:
    for name in ("complaint", "complaint without its part"):
        (event,) = _events(name)
        assert isinstance(event, OptOutEvent)
        assert (event.reference, event.address) == (REFERENCE, None)
        assert event.purposes == frozenset({"marketing"})


def test_a_complaint_that_names_no_message_is_for_a_person() -> None:
    with pytest.raises(PayloadInvalid):
        _events("complaint to its box")


def test_a_complaint_of_a_virus_or_a_correction_stops_nothing() -> None:
    raw = report("feedback-report", ARF.replace("abuse", "not-spam"), to=f"fbl@{DOMAIN}")
    assert events_of(raw, OURS, is_tagged=True) == ()


def test_a_shown_mail_is_read_and_a_deleted_one_arrived() -> None:
    (event,) = _events("read receipt")
    assert isinstance(event, ReceiptEvent)
    assert (event.receipt, event.reference) == (Receipt.READ, REFERENCE)
    raw = report("disposition-notification", MDN.replace("displayed", "deleted"), to=CARE)
    (event,) = events_of(raw, OURS, is_tagged=True)
    assert isinstance(event, ReceiptEvent)
    assert event.receipt is Receipt.DELIVERED


def test_a_delay_changes_nothing() -> None:
    assert _events("delay") == []


def test_bounces_of_what_we_did_not_send_change_nothing() -> None:
    raw = dsn("failed", "5.1.1", "x", To=f"bounce@{DOMAIN}")
    assert events_of(raw, OURS, is_tagged=True) == ()
    with pytest.raises(PayloadInvalid):
        events_of(raw, OURS, is_tagged=False)


@pytest.mark.parametrize("name", ["odd bounce", "odd bounce, chinese", "odd bounce by header"])
def test_an_odd_bounce_is_a_receipt_by_its_own_words(name: str) -> None:
    (event,) = _events(name)
    assert isinstance(event, ReceiptEvent)
    assert (event.receipt, event.reference) == (Receipt.UNDELIVERED, REFERENCE)
    assert event.definite is (name != "odd bounce by header")


def test_an_unsubscribe_address_stops_by_its_reference() -> None:
    (event,) = _events("unsubscribe by address")
    assert isinstance(event, OptOutEvent)
    assert (event.reference, event.purposes) == (REFERENCE, frozenset())


def test_a_subject_that_ends_it_is_heard_as_the_customers_word() -> None:
    (event,) = _events("unsubscribe by subject")
    assert isinstance(event, ReplyEvent)
    assert event.text == "退订"
    assert not event.automatic


@pytest.mark.parametrize("name", ["vacation", "list", "nobody", "vacation by its subject"])
def test_machines_words_are_kept_as_automatic(name: str) -> None:
    (event,) = _events(name)
    assert isinstance(event, ReplyEvent)
    assert event.automatic


def test_a_calendars_answer_is_told_in_words() -> None:
    (event,) = _events("calendar")
    assert isinstance(event, ReplyEvent)
    assert "接受" in event.text


def test_several_recipients_of_one_report_are_told_apart() -> None:
    block = "\r\nFinal-Recipient: rfc822; {}@mail.example\r\nAction: failed\r\nStatus: {}\r\n"
    fields = "Reporting-MTA: dns; x\r\n" + block.format("a", "5.1.1") + block.format("b", "4.2.2")
    first, second = events_of(report("delivery-status", fields), OURS, is_tagged=True)
    assert isinstance(first, ReceiptEvent)
    assert isinstance(second, ReceiptEvent)
    assert (first.address, first.suppress) == ("a@mail.example", "address_invalid")
    assert (second.address, second.suppress, second.cause) == ("b@mail.example", None, Cause.MAILBOX_FULL)


REASONS_SAID = [
    ("550 user unknown", "", "user_unknown"), ("550 User not exist", "", "user_unknown"),
    ("550 收件人不存在", "", "user_unknown"), ("550 Mailbox not found", "", "user_unknown"),
    ("550 unknown or illegal alias", "", "user_unknown"), ("550 account has been disabled", "", "user_unknown"),
    ("559 invalid rcptto", "", "user_unknown"), ("550 Recipient address rejected", "", "user_unknown"),
    ("550 Recipient address rejected: Access denied", "5.7.1", "policy"),
    ("450 Recipient address rejected: Greylisted", "4.7.1", "greylist"),
    ("Host or domain name not found", "5.4.4", "host_unknown"), ("NXDOMAIN", "", "host_unknown"),
    ("550 域名不存在", "", "host_unknown"), ("550 he has moved", "", "moved"), ("550 该员工已离职", "", "moved"),
    ("552 mailbox is full", "", "mailbox_full"), ("552 over quota", "5.2.2", "mailbox_full"),
    ("550 邮箱已满", "", "mailbox_full"), ("550 User suspend", "", "suspended"), ("550 帐号被冻结", "", "suspended"),
    ("550 Ip frequency limited", "5.1.1", "rate"), ("550 Connection frequency limited", "", "rate"),
    ("550 Mailbox unavailable or access denied", "", "rate"), ("550 Connection denied", "", "rate"),
    ("421 HL:ICC 192.0.2.1", "", "rate"), ("451 MI:SFQ", "", "rate"), ("450 RP:DRC", "", "rate"),
    ("451 Graylisted, try again", "", "greylist"), ("554 IP in blacklist", "", "blocked"),
    ("554 blocked using zen.spamhaus.org", "", "blocked"), ("550 HL:REP", "", "blocked"), ("554 DT:RBL", "", "blocked"),
    ("550 SPF check failed", "", "auth"), ("550 unauthenticated mail", "5.7.26", "auth"), ("550 MI:SPF", "", "auth"),
    ("550 Mail content denied", "", "spam"), ("554 DT:SPM", "", "spam"), ("550 垃圾邮件", "", "spam"),
    ("552 Message too large", "", "refused"), ("554 virus found", "", "refused"), ("554 relay access denied", "", "relay"),
    ("554 too many hops", "", "relay"), ("delivery time expired", "4.4.7", "expired"), ("550 administrative prohibition", "",
    "policy"), ("host spamfilter.shop.example said: 550 5.1.1 no such user", "5.1.1", "user_unknown"),
    ("550 5.1.1 spam@mail.example: user unknown", "5.1.1", "user_unknown"), ("nobody knows these words", "", "unclassified"),
    ("nobody knows these words", "5.9.9", "unclassified"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "status", "name"), REASONS_SAID)
def test_a_bounces_words_are_classed(words: str, status: str, name: str) -> None:
    assert classify(status, words).name == name


def test_a_temporary_code_makes_no_address_dead() -> None:
    reason = classify("4.1.1", "450 4.1.1 user unknown, try again")
    assert (reason.is_hard, reason.cause) == (False, Cause.SOFT)


def test_only_what_speaks_of_the_address_is_held_against_it() -> None:
    hard = {reason.name for reason in REASONS if reason.is_hard}
    assert hard == {"user_unknown", "moved"}
    assert all(reason.cause is not Cause.OURS for reason in REASONS if reason.is_hard)


@given(st.text(max_size=200))
def test_words_nobody_knows_kill_no_address(words: str) -> None:
    reason = classify("", words)
    assert not reason.is_hard or any(one.is_hard and one.name == reason.name for one in REASONS)


_PIECES = st.sampled_from(
    [raw for raw, _ in MAILS.values()]
    + [b"\r\n", b"--B\r\n", b"--B--\r\n", b"Content-Type: ", b"multipart/mixed; boundary=B\r\n", b"message/rfc822\r\n\r\n",
       b"Content-Transfer-Encoding: base64\r\n", b"charset*0*=utf-8''%ff;", b"=?gbk?B?", b"?=", b"\xff\xfe", b"From: <",
       b"Content-Type: message/delivery-status\r\n\r\n", b"filename*=''\xff", b"begin 644 x\r\n", b"\0", b"Date: Fri, 99",
       b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800", b"Content-Type: application/ms-tnef\r\n\r\n"]
)  # fmt: skip


@given(st.lists(_PIECES | st.binary(max_size=60), max_size=8), st.integers(0, 5000), st.binary(max_size=8))
def test_any_bytes_are_events_or_refused(pieces: list[bytes], at: int, put: bytes) -> None:
    raw = b"".join(pieces)
    raw = raw[:at] + put + raw[at + len(put) :]
    try:
        events = events_of(raw, OURS, is_tagged=True)
    except PayloadInvalid:
        return
    for event in events:
        assert event.key.encode()
        if isinstance(event, ReplyEvent):
            assert "\0" not in event.text + event.note + event.address
            (event.text + event.note + event.address).encode()


@given(st.sampled_from(sorted(MAILS)), st.data())
def test_a_damaged_bounce_is_never_a_customers_word(name: str, data: st.DataObject) -> None:
    raw, kind = MAILS[name]
    if kind != "report":
        return
    cut = data.draw(st.integers(raw.index(b"\r\n\r\n"), len(raw)))
    try:
        events = events_of(raw[:cut] + data.draw(st.binary(max_size=20)), OURS, is_tagged=True)
    except PayloadInvalid:
        return
    assert not any(isinstance(event, ReplyEvent) and not event.automatic for event in events)


def test_raw_bytes_in_addresses_make_no_broken_key() -> None:
    raw = mail(
        ODD,
        From=DAEMON,
        Subject="failure notice",
        To=BOUNCE,
        X_Failed_Recipients="w\udcff\udcfe@mail.example",
    )
    (event,) = events_of(
        raw.replace("\udcff".encode("utf-8", "surrogatepass"), b"\xff"), OURS, is_tagged=True
    )
    assert event.key.encode()


def test_judging_is_pure() -> None:
    read: Message = read_mail(MAILS["answer"][0])
    assert judge(read, OURS) == judge(read, OURS)
