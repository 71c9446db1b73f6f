"""Every row of the table of replies, by a reply that servers really give (mail specification §2.4, §5.3)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.email_smtp.outcomes import Stage, judge, outcome_of
from wenhou.core.channels import Accepted, ChannelFault, Outcome, Permanent, Transient
from wenhou.core.errors import RetryHint

MINUTE, HOUR, DAY = 60, 3600, 86_400
ROWS: list[tuple[Stage, str, str | int]] = [
    ("data", "250 2.0.0 queued", "accepted"),
    ("data", "252 maybe", "accepted"),
    ("auth", "535 5.7.8 bad", "fault credentials"),
    ("auth", "432 4.7.12 change it", "fault credentials"),
    ("auth", "454 4.7.0 temporary", "fault auth_unavailable"),
    ("mail", "530 5.7.0 authenticate first", "fault credentials"),
    ("rcpt", "538 5.7.11 encrypt", "fault credentials"),
    ("mail", "454 4.7.0 TLS not available", "fault tls"),
    ("mail", "552 daily quota exceeded", "fault quota"),
    ("data", "554 5.4.6 loop", "fault mail_loop"),
    ("data", "554 too many hops", "fault mail_loop"),
    ("rcpt", "554 5.7.1 <x>: Relay access denied", "fault relay_denied"),
    ("rcpt", "550 relaying not permitted", "fault relay_denied"),
    ("rcpt", "550 not our customer", "fault relay_denied"),
    ("mail", "450 MI:DMC 163 smtp1", MINUTE),
    ("rcpt", "450 RP:DRC too many", MINUTE),
    ("mail", "451 MI:SFQ", 15 * MINUTE),
    ("greeting", "421 HL:ICC", 15 * MINUTE),
    ("greeting", "421 HL:IFC", 15 * MINUTE),
    ("mail", "451 MI:STC", DAY),
    ("rcpt", "550 RP:TRC", HOUR),
    ("data", "451 DT:SPM", 2 * MINUTE),
    ("data", "554 DT:SPM", "permanent"),
    ("rcpt", "550 Ip frequency limited", 15 * MINUTE),
    ("rcpt", "550 Connection frequency limited", 15 * MINUTE),
    ("rcpt", "550 Connection denied", 15 * MINUTE),
    ("rcpt", "550 发信频率过高", 15 * MINUTE),
    ("rcpt", "550 超过限制", 15 * MINUTE),
    ("rcpt", "452 rate limit exceeded", 15 * MINUTE),
    ("rcpt", "550 Mailbox unavailable or access denied", HOUR),
    ("rcpt", "450 4.2.0 Greylisted", 5 * MINUTE),
    ("rcpt", "451 灰名单", 5 * MINUTE),
    ("rcpt", "450 4.7.1 try later", 5 * MINUTE),
    ("rcpt", "450 4.2.1 later", 5 * MINUTE),
    ("rcpt", "452 4.5.3 too many recipients", 0),
    ("rcpt", "550 User in blacklist", "permanent"),
    ("mail", "554 IP in blacklist", "fault ip_blocked"),
    ("rcpt", "554 5.7.1 blocked using zen.spamhaus.org", "fault ip_blocked"),
    ("rcpt", "550 listed in RBL", "fault ip_blocked"),
    ("greeting", "554 HL:IPB", "fault ip_blocked"),
    ("greeting", "554 HL:REP", "fault ip_blocked"),
    ("greeting", "554 拒绝连接", "fault ip_blocked"),
    ("data", "550 5.7.26 unauthenticated", "fault unauthenticated_mail"),
    ("data", "550 5.7.515 access denied", "fault unauthenticated_mail"),
    ("data", "550 SPF check failed", "fault unauthenticated_mail"),
    ("mail", "550 MI:SPF", "fault unauthenticated_mail"),
    ("rcpt", "550 no PTR record", "fault unauthenticated_mail"),
    ("mail", "553 5.1.8 sender", "fault sender_refused"),
    ("rcpt", "550 5.1.7 sender", "fault sender_refused"),
    ("mail", "501 5.5.4 syntax", "fault sender_refused"),
    ("data", "550 Mail content denied", "permanent"),
    ("data", "550 Spam is embedded in the email", "permanent"),
    ("data", "554 垃圾邮件", "permanent"),
    ("data", "554 5.7.1 virus found", "permanent"),
    ("data", "554 附件不允许", "permanent"),
    ("mail", "552 message size exceeds", "permanent"),
    ("data", "552 5.3.4 too big", "permanent"),
    ("data", "523 too large", "permanent"),
    ("data", "554 5.6.0 format", "permanent"),
    ("rcpt", "553 5.6.7 utf8", "permanent"),
    ("rcpt", "452 4.2.2 full", DAY),
    ("rcpt", "422 over quota", DAY),
    ("rcpt", "552 5.2.2 over quota", "permanent"),
    ("rcpt", "550 邮箱已满", "permanent"),
    ("rcpt", "550 5.1.1 unknown", "permanent invalid"),
    ("rcpt", "550 5.1.10 null mx", "permanent invalid"),
    ("rcpt", "553 5.1.3 syntax", "permanent invalid"),
    ("rcpt", "551 not local", "permanent invalid"),
    ("rcpt", "550 5.4.1 access denied", "permanent invalid"),
    ("rcpt", "550 no such user", "permanent invalid"),
    ("rcpt", "550 Mailbox not found", "permanent invalid"),
    ("rcpt", "550 User not exist", "permanent invalid"),
    ("rcpt", "501 Bad address syntax", "permanent invalid"),
    ("rcpt", "550 account has been closed", "permanent invalid"),
    ("rcpt", "550 收件人地址不存在", "permanent invalid"),
    ("rcpt", "550 该员工已离职", "permanent invalid"),
    ("rcpt", "559 invalid rcptto", "permanent invalid"),
    ("rcpt", "563 invalid rcptto", "permanent invalid"),
    ("rcpt", "550 User suspend", "permanent"),
    ("rcpt", "550 帐号冻结", "permanent"),
    ("rcpt", "550 5.2.1 disabled", "permanent"),
    ("rcpt", "550 5.4.4 no route", "permanent"),
    ("rcpt", "550 domain not found", "permanent"),
    ("rcpt", "550 域名不存在", "permanent"),
    ("data", "550 5.4.7 expired", "permanent"),
    ("rcpt", "550 5.7.1 policy", "permanent"),
    ("data", "554 5.7.0 administrative prohibition", "permanent"),
    ("rcpt", "421 4.7.0 slow down", 15 * MINUTE),
    ("rcpt", "421 closing", 0),
    ("rcpt", "451 4.3.0 trouble", 0),
    ("data", "452 4.3.1 disk", 0),
    ("data", "451 4.4.2 timeout", 0),
    ("rcpt", "451 4.7.500 busy", 5 * MINUTE),
    ("greeting", "554 no service", "fault refused_at_greeting"),
    ("rcpt", "503 5.5.1 sequence", "permanent"),
    ("rcpt", "599 unheard of", "permanent"),
    ("rcpt", "499 unheard of", 0),
]


def expected(code: str, words: str | int) -> Outcome:
    if isinstance(words, int):
        return Transient(code=code, retry=RetryHint(after=timedelta(seconds=words) if words else None))
    kind, _, detail = words.partition(" ")
    if kind == "fault":
        return ChannelFault(code=code, reason=detail)
    return (
        Permanent(code=code, suppress="address_invalid" if detail else None)
        if kind == "permanent"
        else Accepted()
    )


@pytest.mark.parametrize(("stage", "reply", "meaning"), ROWS, ids=lambda value: str(value)[:40])
def test_a_reply_has_its_action(stage: Stage, reply: str, meaning: str | int) -> None:
    code, _, text = reply.partition(" ")
    enhanced = text.split(" ")[0] if text[1:2] == "." else ""
    assert outcome_of(stage, int(code), text.encode()) == expected(f"{code} {enhanced}".strip(), meaning)


@pytest.mark.parametrize(
    ("reply", "slows"),
    [
        ("421 closing", True), ("450 4.7.0 later", True), ("550 Ip frequency limited", True), ("451 MI:SFQ", True),
        ("450 4.7.1 greylisted", False), ("550 5.1.1 unknown", False), ("451 4.3.0 trouble", False),
    ],
)  # fmt: skip
def test_only_hurry_slows_a_domain(reply: str, slows: bool) -> None:
    code, _, text = reply.partition(" ")
    assert judge("rcpt", int(code), text.encode()).slows is slows


def test_words_that_are_no_text_are_judged_by_their_digits() -> None:
    assert outcome_of("rcpt", 550, b"\xff\xfe\x00") == Permanent(code="550")
