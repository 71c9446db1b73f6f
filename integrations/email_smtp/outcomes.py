"""What a mail server's reply means for a message: the first digit, the enhanced code and the words, in one table.

The server's words contain addresses and go nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from integrations.email_smtp.reply_table import INVALID, RULES, Rule
from wenhou.core.channels import Accepted, ChannelFault, Outcome, Permanent, Transient
from wenhou.core.errors import RetryHint

__all__ = ["INVALID", "RULES", "Rule", "Stage", "Verdict", "judge", "outcome_of"]

Stage = Literal["greeting", "auth", "reset", "mail", "rcpt", "data"]
"""Where a reply was given; `data` is the reply to the final dot, a refused DATA command counts as `rcpt`."""
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The outcome for the message, and whether the recipient's domain asks to be written to more slowly."""

    outcome: Outcome
    slows: bool = False


def outcome_of(stage: Stage, code: int, text: bytes) -> Outcome:
    """The outcome alone."""
    return judge(stage, code, text).outcome


def judge(stage: Stage, code: int, text: bytes) -> Verdict:
    """The meaning of one reply; 2xx after the final dot is Accepted, anything unheard-of is transient."""
    words = text.decode("utf-8", "replace")
    match = _ENHANCED.match(words)
    enhanced = match[0] if match else ""
    if stage == "data" and 200 <= code < 300:
        return Verdict(outcome=Accepted())
    named = f"{code} {enhanced}".strip()
    for rule in RULES:
        if _fits(rule, stage, str(code), enhanced, words):
            return Verdict(outcome=_made(rule, named), slows=rule.slows)
    return Verdict(outcome=Transient(code=named))


def _fits(rule: Rule, stage: Stage, code: str, enhanced: str, words: str) -> bool:
    return (
        (not rule.stage or rule.stage == stage)
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
