"""What a mail server's reply means for a message: one table, first row that fits.

The words come before the digit, because Chinese providers answer 550 to what is temporary, and 5xx says
nothing of whose fault it is (mail specification §0.4, §2.4, §5.3). The server's words contain addresses and
go nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from wenhou.core.channels import Accepted, ChannelFault, Outcome, Permanent, Transient
from wenhou.core.errors import RetryHint

Stage = Literal["auth", "mail", "rcpt", "data"]
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row: patterns for the reply code, the enhanced code and the words (any is ""), and what follows.

    `suppress` belongs to permanent, `reason` to fault, `after_seconds` to transient (0: the retry policy
    decides).
    """

    kind: Literal["transient", "permanent", "fault"]
    code: str = ""
    enhanced: str = ""
    words: str = ""
    stage: Stage | None = None
    suppress: str | None = None
    reason: str = ""
    after_seconds: int = 0


def _rule(kind: Literal["transient", "permanent", "fault"], **columns: object) -> Rule:
    return Rule(kind=kind, **columns)  # type: ignore[arg-type]


INVALID = "address_invalid"
RULES: tuple[Rule, ...] = (
    _rule("fault", stage="auth", code="5", reason="credentials"),
    _rule("fault", code="530|534|535|538", reason="credentials"),
    _rule("fault", code="454", enhanced=r"4\.7\.0", reason="tls"),
    _rule(
        "transient",
        words="frequency limited|too many|rate limit|try again later|频率|HL:I[FC]C|MI:SFQ",
        after_seconds=900,
    ),
    # QQ says so when the receiver is being flooded, not when the box is missing.
    _rule("transient", words="mailbox unavailable or access denied", after_seconds=3600),
    _rule(
        "fault", words="relay(ing)? (access )?(denied|not permitted)|not our customer", reason="relay_denied"
    ),
    _rule(
        "fault",
        words=r"spamhaus|\brbl\b|blacklist|blocklist|blocked using|HL:IPB|HL:REP|poor reputation",
        reason="ip_blocked",
    ),
    _rule("fault", enhanced=r"5\.7\.(2\d|515)", reason="unauthenticated_mail"),
    _rule("fault", enhanced=r"5\.1\.[78]", reason="sender_refused"),
    _rule("permanent", code="552|523", enhanced=r"5\.2\.2"),
    _rule("permanent", code="552|523", words="size|large"),
    _rule("permanent", enhanced=r"5\.3\.4"),
    _rule("fault", stage="mail", code="5", reason="sender_refused"),
    _rule("permanent", enhanced=r"5\.1\.([0-36]|10)|5\.4\.1", suppress=INVALID),
    _rule(
        "permanent",
        code="5",
        words="user unknown|no such user|unknown user|invalid (recipient|mailbox)|mailbox not found|user not exist"
        "|does not exist|no mailbox|account .*(disabled|closed)"
        "|收件人(地址)?不存在|用户不存在|无此用户|邮箱不存在|帐号不存在",
        suppress=INVALID,
    ),
    _rule("permanent", code="551", suppress=INVALID),
    _rule("transient", code="4", enhanced=r"4\.2\.2", after_seconds=86_400),
    _rule("transient", code="45[01]", enhanced=r"4\.7\.\d+|4\.2\.1", after_seconds=300),
    _rule("transient", words="gr[ea]ylist|灰名单", code="4", after_seconds=300),
    _rule("transient", code="4"),
    _rule("permanent", code="5"),
)
"""The table; the last two rows are the first digit's own meaning."""


def outcome_of(stage: Stage, code: int, text: bytes) -> Outcome:
    """The outcome of one reply; 25x after the final dot is Accepted, anything unheard-of is transient."""
    words = text.decode("utf-8", "replace")
    match = _ENHANCED.match(words)
    enhanced = match[0] if match else ""
    if stage == "data" and 250 <= code < 260:
        return Accepted()
    named = f"{code} {enhanced}".strip()
    for rule in RULES:
        if _fits(rule, stage, str(code), enhanced, words):
            return _made(rule, named)
    return Transient(code=named)


def _fits(rule: Rule, stage: Stage, code: str, enhanced: str, words: str) -> bool:
    return (
        (rule.stage is None or rule.stage == stage)
        and re.match(rule.code, code) is not None
        and (not rule.enhanced or re.fullmatch(rule.enhanced, enhanced) is not None)
        and (not rule.words or re.search(rule.words, words, re.IGNORECASE) is not None)
    )


def _made(rule: Rule, code: str) -> Outcome:
    if rule.kind == "fault":
        return ChannelFault(code=code, reason=rule.reason)
    if rule.kind == "permanent":
        return Permanent(code=code, suppress=rule.suppress)
    wait = timedelta(seconds=rule.after_seconds) if rule.after_seconds else None
    return Transient(code=code, retry=RetryHint(after=wait))
