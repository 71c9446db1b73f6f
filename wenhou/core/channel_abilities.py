"""What an account can do and hear, each fact as one line for people: `wenhou channels can`, and docs/channels.md.

Every field of `Capabilities` stands here once; a fact that cannot be told is written "unknown", never "no".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from wenhou.core.channels import Capabilities
from wenhou.core.limits.terms import terms_of
from wenhou.core.purposes import PURPOSE_NAMES, Purpose

Words = tuple[str, str]
"""The same in Chinese and English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ability:
    """One fact of an account. `fields`: the fields of Capabilities it tells of."""

    code: str
    label: Words
    said: Words
    fields: tuple[str, ...]


def abilities_of(capabilities: Capabilities) -> tuple[Ability, ...]:
    """Every fact, in the order in which a message meets it."""
    return tuple(
        Ability(code=code, label=label, said=say(capabilities), fields=fields)
        for code, label, fields, say in _FACTS
    )


def _purposes(of: Capabilities) -> Words:
    names = [PURPOSE_NAMES[one] for one in Purpose if one.value in of.purposes]
    return "、".join(name[0] for name in names) or "无", ", ".join(
        name[1].lower() for name in names
    ) or "none"


def _yes(field: str, yes: Words, no: Words) -> Callable[[Capabilities], Words]:
    return lambda of: yes if getattr(of, field) else no


def _receipts(of: Capabilities) -> Words:
    if not of.reports_delivery:
        late = of.bounces_late
        return ("不知是否送达；退信可能几天后才到", "arrival unknown; a bounce may come days later") if late else (
            "不知是否送达",
            "arrival unknown",
        )  # fmt: skip
    hours = of.receipt_deadline_hours
    return f"有送达回执，等 {hours} 小时", f"reports arrival, waited for {hours} hours"


def _window(of: Capabilities) -> Words:
    hours = of.reply_window_hours
    if not hours:
        return "随时可发", "any time"
    return f"客户来信后 {hours} 小时内", f"within {hours} hours of the customer's own words"


def _lengths(of: Capabilities) -> Words:
    terms = terms_of(of)
    zh, en = [], []
    for most, unit_zh, unit_en in (
        (terms.max_units, "个字", "characters"),
        (terms.max_parts, "条", "parts"),
        (terms.max_bytes, "字节", "bytes"),
        (terms.max_subject, "字的标题", "characters in the subject"),
    ):
        if most:
            zh.append(f"{most} {unit_zh}")
            en.append(f"{most:,} {unit_en}")
    return "、".join(zh) or "不限", ", ".join(en) or "no limit"


def _images(of: Capabilities) -> Words:
    if of.carries_images:
        return "随信带图", "ride in the message"
    if terms_of(of).max_images == 0:
        return "不带图", "none"
    return "先上传", "given before"


def _filed(of: Capabilities) -> Words:
    if not of.carries_filed_only:
        return "自由文字", "free words"
    if not of.allows_variables:
        return "只发已报备文字，不带变量", "only filed texts without values"
    most = of.max_variable
    return (
        f"只发已报备文字，变量至多 {most} 字" if most else "只发已报备文字",
        f"only filed texts, values up to {most} characters" if most else "only filed texts",
    )


def _hours(of: Capabilities) -> Words:
    if of.hours is None:
        return "随时", "any hour"
    span = "–".join(f"{one:%H:%M}" for one in of.hours)
    return span, span


def _extension(of: Capabilities) -> Words:
    if not of.extension_digits:
        return "无", "none"
    ranges = ", ".join(f"{first}–{last}" for first, last in of.extension_ranges)
    zh, en = f"{of.extension_digits} 位", f"{of.extension_digits} digits"
    return (f"{zh}，{ranges}", f"{en}, {ranges}") if ranges else (zh, en)


def _quotas(of: Capabilities) -> Words:
    kinds = ", ".join(sorted(of.quota_kinds))
    return kinds or "未声明", kinds or "none stated"


def _plural(field: str, zh: str, en: str) -> Callable[[Capabilities], Words]:
    return lambda of: (f"{getattr(of, field):g} {zh}", f"{getattr(of, field):g} {en}")


def _calls(of: Capabilities) -> Words:
    return f"{of.calls_in_flight} 个", str(of.calls_in_flight)


_FACTS: Final = (
    ("channel", ("渠道", "channel"), ("channel",), lambda of: (of.channel, of.channel)),
    ("purposes", ("可发用途", "purposes"), ("purposes",), _purposes),
    (
        "tap", ("谁来确认", "who must tap"), ("needs_tap",),
        _yes("needs_tap", ("客户经理点一下才发", "the advisor, or nothing is sent"), ("不需要", "nobody")),
    ),
    ("texts", ("文字", "texts"), ("carries_filed_only", "allows_variables", "max_variable"), _filed),
    ("lengths", ("长度", "lengths"), ("max_units", "max_parts", "max_bytes"), _lengths),
    ("images", ("图片", "images"), ("carries_images",), _images),
    ("window", ("可发时间", "reply window"), ("reply_window_hours",), _window),
    ("hours", ("线路时段", "sending hours"), ("hours",), _hours),
    (
        "signature",
        ("签名报备", "signature filed"),
        ("checks_signature",),
        _yes("checks_signature", ("逐机构核对", "checked for each org"), ("不核对", "not checked")),
    ),
    ("extension", ("扩展码", "extension code"), ("extension_digits", "extension_ranges"), _extension),
    ("batch", ("一次调用", "a call carries"), ("batch_size",), _plural("batch_size", "条", "message(s)")),
    ("rate", ("每秒", "a second"), ("rate_per_second",), _plural("rate_per_second", "条", "messages")),
    ("calls", ("同时调用", "calls at once"), ("calls_in_flight",), _calls),
    (
        "idempotent", ("重复识别", "honours our attempt id"), ("idempotent",),
        _yes("idempotent", ("识别", "yes"), ("不识别：结果不明就不再发", "no: an unknown outcome is never sent again")),
    ),
    (
        "receipts", ("送达回执", "receipts"),
        ("reports_delivery", "bounces_late", "receipt_deadline_hours"), _receipts,
    ),
    ("reads", ("已读", "reads"), ("reports_reads",), _yes("reports_reads", ("可知", "reported"), ("不可知", "unknown"))),
    (
        "replies", ("客户回复", "hears replies"), ("hears_replies",),
        _yes("hears_replies", ("听得到", "yes"), ("听不到：有无回复不可知", "no: whether there was one is unknown")),
    ),
    ("quotas", ("平台额度", "platform quotas"), ("quota_kinds",), _quotas),
)  # fmt: skip
