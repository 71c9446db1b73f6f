"""The magic recipients: addresses at which the pretend provider behaves in one certain way.

An outcome's number NN is found at the mobile number `+861390000 00NN` and in the family `+86 139 00NN xxxx`
(ten thousand numbers each, NN ≥ 01); at the mailboxes `<name>@sim.example` and `<name>+anything@sim.example`;
and at the openids and external user ids `sim_<name>` and `sim_<name>_anything`. Everybody else gets
`accepted`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Behaviour(StrEnum):
    """How the provider treats one recipient."""

    ACCEPTED = "accepted"
    DELIVERED_LATE = "delivered_late"
    REFUSED = "refused"
    THROTTLED = "throttled"
    OPTED_OUT = "opted_out"
    NEEDS_TAP = "needs_tap"
    TIMEOUT_AFTER_ACCEPTING = "timeout_after_accepting"
    NEVER_ANSWERS = "never_answers"
    UNDELIVERED = "undelivered"
    CHANNEL_FAULT = "channel_fault"
    INVALID_ADDRESS = "invalid_address"
    READ = "read"
    RECEIPT_OVERTAKES = "receipt_overtakes"
    REPLIES_OPT_OUT = "replies_opt_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Magic:
    """One row of the table: its number and what happens, in both languages."""

    number: int
    behaviour: Behaviour
    meaning_zh: str
    meaning: str


_B = Behaviour
MAGIC: tuple[Magic, ...] = tuple(
    Magic(number=number, behaviour=behaviour, meaning_zh=zh, meaning=en)
    for number, (behaviour, zh, en) in enumerate(
        (
            (_B.ACCEPTED, "接收，随后回执已送达", "accepted; delivered after the set delay"),
            (_B.DELIVERED_LATE, "接收，很久以后才送达", "accepted; delivered after the long delay"),
            (_B.REFUSED, "以 HTTP 200 拒绝内容", "content refused, in an answer with HTTP 200"),
            (_B.THROTTLED, "第一次限流（429），之后接收", "throttled (429) the first time, accepted after"),
            (_B.OPTED_OUT, "平台黑名单：客户已拒收", "on the platform's blacklist: the customer refused"),
            (_B.NEEDS_TAP, "建立任务，等人确认", "a task is made that a person must confirm"),
            (
                _B.TIMEOUT_AFTER_ACCEPTING,
                "接收并送达，但不作应答",
                "accepted and delivered, but the answer is lost",
            ),
            (_B.NEVER_ANSWERS, "不接收也不应答", "not accepted, and never an answer"),
            (_B.UNDELIVERED, "接收，随后回执未送达", "accepted; later reported as not delivered"),
            (_B.CHANNEL_FAULT, "账户余额不足", "the account's balance is used up"),
            (_B.INVALID_ADDRESS, "空号或地址不存在", "there is no such number or mailbox"),
            (
                _B.READ,
                "接收、送达并已读（仅微信报告已读）",
                "accepted, delivered and read (WeChat alone reports it)",
            ),
            (_B.RECEIPT_OVERTAKES, "回执先于应答到达", "the receipt overtakes the answer of its own call"),
            (_B.REPLIES_OPT_OUT, "送达后客户回复“退订”", "delivered, then the customer answers 退订"),
        ),
        start=1,
    )
)
"""Every outcome with its number; documented for testers on the phones page."""

_BY_NUMBER = {row.number: row.behaviour for row in MAGIC}
_EXACT_NUMBER = re.compile(r"\+86139000000(\d\d)")
_FAMILY_NUMBER = re.compile(r"\+8613900(\d\d)\d{4}")
_MAILBOX = re.compile(r"([a-z_]+)(?:\+[^@]*)?@sim\.example")
_NAMES = {behaviour.value: behaviour for behaviour in Behaviour}
_OPENID = re.compile("sim_(" + "|".join(sorted(_NAMES, key=len, reverse=True)) + ")(?:_.*)?")


def behaviour_of(address: str) -> Behaviour:
    """How the provider treats an address; `accepted` for every address that is not magic."""
    number = _EXACT_NUMBER.fullmatch(address) or _FAMILY_NUMBER.fullmatch(address)
    if number is not None:
        return _BY_NUMBER.get(int(number[1]), Behaviour.ACCEPTED)
    mailbox = _MAILBOX.fullmatch(address.lower())
    if mailbox is not None:
        return _NAMES.get(mailbox[1], Behaviour.ACCEPTED)
    openid = _OPENID.fullmatch(address)
    return _NAMES[openid[1]] if openid is not None else Behaviour.ACCEPTED


def magic_addresses(behaviour: Behaviour) -> dict[str, str]:
    """An address of each channel that behaves so, for documentation and tests."""
    number = next(row.number for row in MAGIC if row.behaviour is behaviour)
    openid = f"sim_{behaviour}"
    return {
        "sms": f"+861390000{number:04d}",
        "email": f"{behaviour}@sim.example",
        "wechat": openid,
        "wecom": openid,
    }
