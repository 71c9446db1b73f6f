"""Replies of mail servers → action: one table, the first row that fits (mail specification §2.4, §5.3).

Words come before digits, because Chinese providers answer 550 to what is temporary, and 5xx says nothing of whose
fault it is. Whose fault decides: ours pauses the account, the address's is remembered, the content's is neither.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

INVALID: Final = "address_invalid"
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row: patterns for stage, reply code, enhanced code and words (any is ""), and what follows.

    `suppress` belongs to permanent, `reason` to fault, `after_seconds` to transient (0: the retry policy decides).
    `slows`: the recipient's domain is written to more slowly for a while.
    """

    kind: Literal["transient", "permanent", "fault"]
    stage: str = ""
    code: str = ""
    enhanced: str = ""
    words: str = ""
    suppress: str | None = None
    reason: str = ""
    after_seconds: int = 0
    slows: bool = False


_OURS: Final = (
    Rule(kind="fault", stage="auth", code="454", reason="auth_unavailable"),
    Rule(kind="fault", stage="auth", code="432|5", reason="credentials"),
    Rule(kind="fault", code="530|534|535|538", reason="credentials"),
    Rule(kind="fault", code="454", enhanced=r"4\.7\.0", reason="tls"),
    Rule(kind="fault", stage="mail", code="552", words="quota|额度|超限", reason="quota"),
    Rule(kind="fault", enhanced=r"5\.4\.6", reason="mail_loop"),
    Rule(kind="fault", words=r"too many hops|mail loop|loops back", reason="mail_loop"),
    Rule(
        kind="fault",
        words=r"relay(ing)? (access )?(denied|not (permitted|allowed))|unable to relay|not our customer",
        reason="relay_denied",
    ),
)  # fmt: skip
"""What is wrong with the account, whoever the recipient is."""

_HURRY: Final = (
    # NetEase: so many for a connection, a quarter of an hour, a day.
    Rule(kind="transient", words="MI:DMC|RP:DRC|MI:C[EC]L", after_seconds=_MINUTE, slows=True),
    Rule(kind="transient", words="MI:STC", after_seconds=_DAY, slows=True),
    Rule(kind="transient", words="RP:[TQ]RC", after_seconds=_HOUR, slows=True),
    Rule(kind="transient", words="HL:I[FC]C|MI:SFQ|HL:MEP", after_seconds=15 * _MINUTE, slows=True),
    # NetEase doubts the words; the same mail may pass two minutes later.
    Rule(kind="transient", code="4", words="DT:SPM", after_seconds=2 * _MINUTE),
    # QQ says so when the receiver is being flooded, not when the box is missing.
    Rule(kind="transient", words="mailbox unavailable or access denied", after_seconds=_HOUR),
    Rule(kind="transient", code="4", words="gr[ea]ylist|灰名单", after_seconds=5 * _MINUTE),
    Rule(kind="transient", code="4", enhanced=r"4\.5\.3"),
    Rule(
        kind="transient",
        words="frequency limited|too many (connections|messages|mails|errors|concurrent|sessions|unknown)|rate limit"
        r"|connection denied|try again later|频率|超过限制|(limit|rate|frequency|number of \w+) (has been )?exceeded",
        after_seconds=15 * _MINUTE, slows=True,
    ),
)  # fmt: skip
"""We are too fast, or too early: nothing is wrong with the address, whatever the digit."""

_BLAMED: Final = (
    Rule(kind="permanent", code="5", words="user in blacklist|WM:BL[IU]"),
    Rule(
        kind="fault",
        words=r"spamhaus|\b(rbl|dnsbl)\b|black ?list|block ?list|blocked using|HL:IPB|HL:REP|DT:RBL|poor reputation"
        "|拒绝连接",
        reason="ip_blocked",
    ),
    Rule(kind="fault", enhanced=r"5\.7\.(2\d|515)", reason="unauthenticated_mail"),
    Rule(
        kind="fault", code="5",
        words=r"\b(spf|dkim|dmarc|ptr)\b|unauthenticated|not authori[sz]ed|reverse dns|MI:SPF",
        reason="unauthenticated_mail",
    ),
    Rule(kind="fault", enhanced=r"5\.1\.[78]", reason="sender_refused"),
)  # fmt: skip
"""A remote server blames our address, our domain's records, or our sender."""

_CONTENT: Final = (
    Rule(
        kind="permanent", code="5",
        words="DT:S[PU]M|MI:SPB|spam|(mail |message )?content (was )?(denied|rejected)|垃圾邮件|内容违规|virus|病毒|附件",
    ),
    Rule(kind="permanent", code="5", enhanced=r"5\.3\.4|5\.6\.\d+"),
    Rule(kind="permanent", code="552|523", words="size|large|大小"),
)  # fmt: skip
"""These words or this size are refused; the address is not to blame."""

_FULL: Final = (
    Rule(kind="transient", code="4", enhanced=r"4\.2\.2", after_seconds=_DAY),
    Rule(
        kind="transient", code="4",
        words="quota|mailbox (is )?full|storage (exceeded|limit)|insufficient storage|邮箱已满|容量满", after_seconds=_DAY,
    ),
    Rule(kind="permanent", code="5", enhanced=r"5\.2\.2"),
    Rule(
        kind="permanent", code="5",
        words="quota|mailbox (is )?full|storage exceeded|insufficient storage|邮箱已满|容量满",
    ),
)  # fmt: skip
"""The mailbox is full: soft, and tomorrow at the earliest."""

_ADDRESS: Final = (
    Rule(kind="permanent", code="559|561|563", suppress=INVALID),  # Aliyun DirectMail's own list of dead addresses
    Rule(kind="permanent", enhanced=r"5\.1\.([0-36]|10)|5\.4\.1", suppress=INVALID),
    Rule(
        kind="permanent", code="5",
        words="user unknown|no such (user|recipient)|unknown user|invalid (recipient|mailbox|user)|mailbox not found"
        "|user not (exist|found)|does not exist|no mailbox|recipient (address )?rejected: (user|unknown)"
        "|unknown or illegal alias|account .*(disabled|closed)|bad address syntax"
        "|收件人(地址)?不存在|用户不存在|无此用户|邮箱不存在|帐号不存在|账号不存在",
        suppress=INVALID,
    ),
    Rule(kind="permanent", code="5", words="has moved|no longer with|已离职|已停用", suppress=INVALID),
    Rule(kind="permanent", code="551", suppress=INVALID),
    Rule(kind="permanent", code="5", enhanced=r"5\.2\.1"),
    Rule(kind="permanent", code="5", words=r"suspend|inactive|frozen|\blocked\b|冻结|禁用"),
    # A name server that is down says the same: the address is not condemned by one such answer.
    Rule(kind="permanent", code="5", enhanced=r"5\.4\.[47]"),
    Rule(kind="permanent", code="5", words="host unknown|domain not found|nxdomain|no mx|name service error|域名不存在"),
)  # fmt: skip
"""What the address itself is: gone, moved, resting, unreachable."""

_DIGITS: Final = (
    Rule(kind="transient", code="421", enhanced=r"4\.7\.\d+", after_seconds=15 * _MINUTE, slows=True),
    Rule(kind="transient", code="421", slows=True),
    Rule(kind="transient", code="45[01]", enhanced=r"4\.7\.1|4\.2\.1", after_seconds=5 * _MINUTE),
    Rule(kind="transient", code="4", enhanced=r"4\.7\.\d+", after_seconds=5 * _MINUTE, slows=True),
    Rule(kind="transient", code="4"),
    Rule(kind="permanent", code="5"),
)
"""The codes' own meaning, where no words said more."""

RULES: Final[tuple[Rule, ...]] = (
    *_OURS,
    *_HURRY,
    *_BLAMED,
    *_CONTENT,
    *_FULL,
    Rule(kind="fault", stage="greeting", code="5", reason="refused_at_greeting"),
    Rule(kind="fault", stage="mail", code="5", reason="sender_refused"),
    *_ADDRESS,
    *_DIGITS,
)
