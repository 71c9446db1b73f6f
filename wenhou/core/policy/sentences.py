"""What a gate's verdict means, said to a person: made when read, from the coded trace."""

from __future__ import annotations

from wenhou.core.policy.gates import HOLD, PASS, GateResult
from wenhou.core.reasons import sentence

REASON_OF: dict[tuple[str, str], str] = {
    ("restriction", "customer_inactive"): "i",
    ("restriction", "care_restricted"): "r",
    ("audience", "not_in_audience"): "a",
    ("priority", "more_important_message"): "m",
    ("reachable", "no_reachable_channel"): "n",
    ("reachable", "platform_forbids"): "f",
    ("consent", "no_consent"): "n",
    ("consent", "consent_withdrawn"): "w",
    ("suppression", "suppressed"): "s",
    ("open_case", "open_case"): "o",
    ("placeholders", "placeholder_missing"): "p",
    ("lint", "content_blocked"): "b",
    ("lint", "shared_address"): "s",
    ("caps", "cap_reached"): "c",
    ("caps", "address_cap_reached"): "a",
    ("window", "outside_window"): "w",
    ("late", "too_late"): "l",
}
"""One letter a reason inside its gate, for the coded trace."""

GATE_NAMES: dict[str, tuple[str, str]] = {
    "restriction": ("可联系", "May be contacted"),
    "audience": ("客群", "Audience"),
    "priority": ("当天优先级", "Priority that day"),
    "reachable": ("联系方式", "Reachable"),
    "consent": ("客户同意", "Consent"),
    "suppression": ("免打扰名单", "Suppression"),
    "open_case": ("未结投诉", "Open complaint"),
    "placeholders": ("内容完整", "Placeholders"),
    "lint": ("内容合规", "Wording"),
    "caps": ("联系频次", "Contact caps"),
    "window": ("发送时段", "Send window"),
    "late": ("时效", "In time"),
}

_PASSED: dict[str, tuple[str, str]] = {
    "restriction": ("客户状态正常，没有限制。", "The customer is active and unrestricted."),
    "audience": ("在活动客群内。", "In the campaign's audience."),
    "priority": ("当天没有更重要的一条。", "Nothing more important goes that day."),
    "reachable": ("可用渠道：{value}。", "Reachable by {value}."),
    "consent": ("客户已同意：{value}。", "Consent given for {value}."),
    "suppression": ("不在免打扰名单。", "Not suppressed."),
    "open_case": ("没有未结投诉。", "No complaint is open."),
    "placeholders": ("内容完整，没有缺项。", "Every placeholder has a sound value."),
    "lint": ("内容合规。", "The wording passes."),
    "caps": ("联系次数在上限之内。", "Within the contact caps."),
    "window": ("在可发送时段 {value}。", "Inside the send window {value}."),
    "late": ("在有效期内。", "Still in time."),
}

_CHANNEL_WORDS = {"wechat": "微信", "wecom": "企业微信", "sms": "短信", "email": "邮件"}


def gate_sentence(result: GateResult, locale: str = "zh-CN") -> str:
    """One sentence for one gate's word, in Chinese or English."""
    is_chinese = locale.startswith("zh")
    if result.verdict == PASS:
        value = _spoken(result.value) if is_chinese else result.value.replace(",", ", ")
        return _PASSED[result.gate][0 if is_chinese else 1].format(value=value)
    why = sentence(result.reason, locale)
    detail = f"（{_spoken(result.value)}）" if is_chinese and result.value else ""
    if not is_chinese and result.value:
        detail = f" ({result.value})"
    if result.verdict == HOLD:
        return f"{why}{detail}，暂缓。" if is_chinese else f"{why}{detail}; held."
    return f"{why}{detail}。" if is_chinese else f"{why}{detail}."


def _spoken(value: str) -> str:
    return "、".join(_CHANNEL_WORDS.get(word, word) for word in value.split(","))
