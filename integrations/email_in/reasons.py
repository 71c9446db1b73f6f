"""Why a mail came back: one table, words before codes; words nobody knows never blame an address for good.

"Action: failed" is not "bad address": greylisting and full mailboxes fail so too, and Chinese providers answer 5xx to
what is temporary (mail specification §0.2, §0.4, §5.3). The server's words contain addresses and go nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from wenhou.core.contact_quality import Cause

INVALID: Final = "address_invalid"
_STATUS: Final = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_PLACES: Final = re.compile(
    r"\S{0,200}@\S{1,200}|https?:\S{1,400}|[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,8}\.[A-Za-z]{2,20}\b"
)
"""Addresses and host names: a gateway called `spamfilter` says nothing of spam."""
LONGEST_DIAGNOSTIC: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A row: its words, its status codes, whose fault it is; `is_hard` when the address is gone for good."""

    name: str
    words: str = r"(?!)"
    status: str = r"(?!)"
    cause: Cause = Cause.SOFT
    is_hard: bool = False


REASONS: Final[tuple[Reason, ...]] = (
    Reason(name="rate", words="mailbox unavailable or access denied", cause=Cause.OURS),
    Reason(
        name="relay",
        words=r"relay(?:ing)? (?:access )?(?:denied|not permitted)|mail loop|loops? back|too many hops|not our customer",
        status=r"5\.4\.6",
        cause=Cause.OURS,
    ),
    Reason(name="greylist", words=r"gr[ea]y-?list|temporarily deferred|灰名单", cause=Cause.OURS),
    Reason(
        name="rate",
        words=r"frequency limited|too many|rate limit|try again later|try later|HL:I[FC]C|MI:(?:SFQ|DMC|STC)|R[PT]:[A-Z]RC"
        r"|[RM][PI]:QRC|RP:TRC|connection denied|频率|超过限制",
        cause=Cause.OURS,
    ),
    Reason(
        name="blocked",
        words=r"blacklist|black list|blocklist|block list|\brbl\b|dnsbl|spamhaus|blocked using|poor reputation"
        r"|HL:(?:IPB|REP|MEP)|DT:RBL|WM:BL[IU]|拒绝连接|黑名单",
        cause=Cause.OURS,
    ),
    Reason(
        name="auth",
        words=r"\bspf\b|dkim|dmarc|unauthenticated|not authorized|MI:SPF|\bptr\b|reverse dns",
        status=r"5\.7\.(?:2\d|515)",
        cause=Cause.OURS,
    ),
    Reason(
        name="spam",
        words=r"\bspam|content (?:denied|rejected)|DT:S[PU]M|MI:SPB|mail content|垃圾邮件|内容违规|敏感",
        cause=Cause.OURS,
    ),
    Reason(
        name="mailbox_full",
        words=r"quota|mailbox (?:is )?full|full mailbox|storage|mailbox size|邮箱已满|邮箱空间|容量满|空间不足",
        status=r"[45]\.2\.2",
        cause=Cause.MAILBOX_FULL,
    ),
    Reason(
        name="refused",
        words=r"message (?:size|too large|is too large)|too large|exceeds? .{0,20}size|virus|病毒|附件",
        status=r"5\.(?:3\.4|6\.\d{1,3})",
        cause=Cause.OURS,
    ),
    Reason(
        name="moved",
        words=r"has moved|no longer (?:with|employed|works?|valid)|已离职|已停用",
        status=r"5\.1\.6",
        cause=Cause.MOVED,
        is_hard=True,
    ),
    Reason(
        name="host_unknown",
        words=r"host (?:unknown|not found|or domain name not found)|unknown host|domain (?:name )?not found|nxdomain"
        r"|no mx|name service error|域名不存在|no such domain|unrouteable mail domain",
        status=r"5\.(?:4\.4|1\.2)",
        cause=Cause.HOST_UNKNOWN,
    ),
    Reason(
        name="user_unknown",
        words=r"user unknown|no such (?:user|recipient|mailbox|person)|unknown (?:user|recipient|or illegal alias)"
        r"|invalid (?:recipient|mailbox|user|address)|(?:mailbox|user|recipient|address|account) (?:was )?not found"
        r"|user not exist|does(?: not|n't) exist|no mailbox|account .{0,40}(?:disabled|closed|deleted)"
        r"|收件人(?:地址)?不存在|用户不存在|无此用户|邮箱不存在|[帐账]号不存在|不存在该用户|^(?:smtp;)?\s*5(?:59|61|63)\b",
        status=r"5\.1\.(?:[013]|10)|5\.4\.1",
        cause=Cause.ADDRESS_INVALID,
        is_hard=True,
    ),
    Reason(
        name="suspended",
        words=r"suspend|inactive|frozen|\blocked\b|冻结|禁用|mailbox disabled",
        status=r"5\.2\.1",
        cause=Cause.SUSPENDED,
    ),
    Reason(
        name="expired",
        words=r"expired|timed out|time-?out|could not be delivered for|retry time|超时",
        status=r"4\.\d{1,3}\.\d{1,3}",
    ),
    Reason(
        name="policy",
        words=r"policy|administrative prohibition|restricted|filtered|access denied|策略",
        status=r"5\.7\.\d{1,3}",
    ),
    Reason(
        name="user_unknown",
        words=r"recipient (?:address )?rejected",
        cause=Cause.ADDRESS_INVALID,
        is_hard=True,
    ),
)
"""The first row whose words are said; else the first whose codes are."""
UNCLASSIFIED: Final = Reason(name="unclassified")
_COMPILED: Final = [
    (reason, re.compile(reason.words, re.IGNORECASE), re.compile(reason.status)) for reason in REASONS
]


def status_of(status: str, diagnostic: str) -> str:
    """The more exact of the two codes: x.0.0 says nothing, and where they disagree the server's words win."""
    match = _STATUS.search(diagnostic[:LONGEST_DIAGNOSTIC])
    said = match[1] if match else ""
    stated = _STATUS.search(status)
    return said if said and not said.endswith(".0.0") else stated[1] if stated else ""


def classify(status: str, diagnostic: str) -> Reason:
    """Why it came back."""
    words = _PLACES.sub(" ", diagnostic[:LONGEST_DIAGNOSTIC])
    for reason, said, _ in _COMPILED:
        if said.search(words):
            return reason if not (reason.is_hard and _is_temporary(status)) else _soft(reason)
    for reason, _, codes in _COMPILED:
        if codes.fullmatch(status):
            return reason
    return UNCLASSIFIED


def _is_temporary(status: str) -> bool:
    return status.startswith("4.")


def _soft(reason: Reason) -> Reason:
    """Said with a temporary code ("user unknown, try again"): no death sentence."""
    return Reason(name=reason.name, cause=Cause.SOFT)
