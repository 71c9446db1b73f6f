"""How a provider's account does: when it pauses itself, what may let it go on by itself, how fast it starts again.

Pure; the words operations read stand here, too, one row a reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

ERROR_BURST, UNKNOWN_BURST, BY_HAND = "error_burst", "unknown_burst", "by_hand"
MOST_ERRORS_IN_ROW = 25
"""Hand-overs without one that was taken; then the account, not the messages, is at fault."""
MOST_UNKNOWN_IN_ROW = 10
"""Fewer: each may be a message that did leave and that nobody may send again."""
_FIRST_LOOK, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(minutes=30)
_FIRST_SHARE = 1 / 16
_RAMP_STEP = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ill:
    """A reason why an account carries nothing. `by_itself`: it goes on when a look at it finds all well."""

    zh: str
    en: str
    advice_zh: str
    advice_en: str
    by_itself: bool = False


_ILLS: dict[str, Ill] = {
    ERROR_BURST: Ill(
        zh=f"连续{MOST_ERRORS_IN_ROW}次没有一条被接受",
        en=f"{MOST_ERRORS_IN_ROW} hand-overs in a row, none was taken",
        advice_zh="系统会自己再试；一直不好，请平台查线路，并看最后的错误码",
        advice_en="it is tried again by itself; if it stays, ask the provider and look at the last code",
        by_itself=True,
    ),
    UNKNOWN_BURST: Ill(
        zh=f"连续{MOST_UNKNOWN_IN_ROW}次发出后没有应答",
        en=f"{MOST_UNKNOWN_IN_ROW} hand-overs in a row without an answer",
        advice_zh="这些可能已发出，系统不会重发；请平台核对，网络恢复后会自己继续",
        advice_en="they may have left and are not sent again: ask the provider; it goes on by itself when answers come",
        by_itself=True,
    ),
    "unreachable": Ill(
        zh="连不上平台",
        en="the provider cannot be reached",
        advice_zh="检查网络、防火墙和平台地址；恢复后会自己继续",
        advice_en="check network, firewall and address; it goes on by itself",
        by_itself=True,
    ),
    "credentials": Ill(
        zh="账号或密码不对",
        en="the provider refuses the credentials",
        advice_zh="核对账号、密码或授权码，改好后重启；验证通过会自己继续",
        advice_en="check user, password or authorisation code and restart; it goes on when they are taken",
        by_itself=True,
    ),
    "tls": Ill(
        zh="加密连接不成立：证书不受信任、过期或与地址不符",
        en="no encrypted connection: the certificate is not trusted, expired or of another name",
        advice_zh="检查平台证书、ca_file 和本机时间；改好后会自己继续",
        advice_en="check the provider's certificate, ca_file and this machine's clock; it goes on by itself",
        by_itself=True,
    ),
    "tls_or_auth_missing": Ill(
        zh="平台不提供要求的加密或登录方式",
        en="the provider offers no encryption or login of the kind asked for",
        advice_zh="核对端口和 tls 设置",
        advice_en="check the port and the setting tls",
        by_itself=True,
    ),
    "relay_denied": Ill(
        zh="邮件服务器不肯为我们转发",
        en="the mail server does not relay for us",
        advice_zh="请邮件管理员放行本机地址或账号，再手动恢复",
        advice_en="ask the mail administrators to allow this machine or user, then resume",
    ),
    "ip_blocked": Ill(
        zh="出口地址被列入黑名单",
        en="our address stands on a block list",
        advice_zh="请邮件管理员查明原因并申请移出，再手动恢复；不要换地址硬发",
        advice_en="find out why and ask to be taken off the list, then resume; do not send around it",
    ),
    "unauthenticated_mail": Ill(
        zh="对方说我们的邮件没有通过 SPF、DKIM 或 DMARC",
        en="receivers say that our mail fails SPF, DKIM or DMARC",
        advice_zh="检查域名记录和 DKIM 设置，再手动恢复",
        advice_en="check the domain's records and the DKIM settings, then resume",
    ),
    "sender_refused": Ill(
        zh="平台不接受我们的发件地址",
        en="the provider refuses our sender address",
        advice_zh="核对 from_address、退信地址和登录账号是否一致，再手动恢复",
        advice_en="check from_address, the bounce address and the login, then resume",
    ),
    "refused_at_greeting": Ill(
        zh="一连上就被平台拒绝",
        en="the provider refuses the connection at once",
        advice_zh="请平台确认白名单；恢复后会自己继续",
        advice_en="ask the provider for the allowed addresses; it goes on by itself",
        by_itself=True,
    ),
    "balance": Ill(
        zh="余额不足",
        en="the balance is too low",
        advice_zh="请充值；查得到余额的平台会自己继续",
        advice_en="top it up; it goes on by itself where the balance can be asked for",
        by_itself=True,
    ),
    BY_HAND: Ill(
        zh="由人暂停",
        en="paused by a person",
        advice_zh="由人恢复",
        advice_en="a person resumes it",
    ),
}
_OTHER = Ill(
    zh="平台说账号有问题",
    en="the provider finds fault with the account",
    advice_zh="按错误码问平台，改好后手动恢复",
    advice_en="ask the provider about the code, then resume",
)


def ill_of(reason: str | None) -> Ill:
    """The words of a reason; those of a fault in general for one nobody has described."""
    return _ILLS.get(reason or "", _OTHER)


def said_by(code: str | None, reason: str | None) -> str:
    """The provider's own words beside ours: its code, and its reason where we have no words for it."""
    if reason == BY_HAND:
        return ""
    return " ".join(filter(None, (code, None if reason in _ILLS else reason)))


def burst_of(*, errors_in_row: int, unknown_in_row: int) -> str | None:
    """The reason to pause an account that took nothing for so long; None: go on."""
    if unknown_in_row >= MOST_UNKNOWN_IN_ROW:
        return UNKNOWN_BURST
    return ERROR_BURST if errors_in_row >= MOST_ERRORS_IN_ROW else None


def next_look(looks: int) -> timedelta:
    """How long to wait after so many looks that found it ill: doubling, up to half an hour."""
    return min(_FIRST_LOOK * (1 << min(looks, 10)), _LONGEST_PAUSE)


def rate_now(rate: float, resumed_at: datetime | None, real: datetime) -> float:
    """Messages a second after a pause: a sixteenth of the account's rate, doubling every minute up to all of it."""
    if resumed_at is None:
        return rate
    steps = max(int((real - resumed_at) / _RAMP_STEP), 0)
    return rate if steps >= 4 else rate * _FIRST_SHARE * 2**steps
