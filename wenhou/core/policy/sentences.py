"""What a gate's verdict means, said to a person: made when read, from the coded trace."""

from __future__ import annotations

from wenhou.core.policy.results import HOLD, NOT_ASKED, NOT_YET, PASS, GateResult
from wenhou.core.reasons import sentence

REASON_OF: dict[tuple[str, str], str] = {
    ("restriction", "customer_inactive"): "i",
    ("restriction", "care_restricted"): "r",
    ("restriction", "feed_late"): "f",
    ("restriction", "number_unverified"): "v",
    ("restriction", "minor"): "m",
    ("restriction", "guardian_missing"): "g",
    ("audience", "not_in_audience"): "a",
    ("audience", "condition_not_met"): "c",
    ("audience", "condition_unknown"): "u",
    ("holdout", "holdout"): "h",
    ("priority", "more_important_message"): "m",
    ("priority", "greeted_this_birth_year"): "g",
    ("reachable", "no_reachable_channel"): "n",
    ("reachable", "platform_forbids"): "f",
    ("reachable", "template_not_filed"): "t",
    ("reachable", "signature_not_filed"): "s",
    ("consent", "no_consent"): "n",
    ("consent", "consent_withdrawn"): "w",
    ("suppression", "suppressed"): "s",
    ("open_case", "open_case"): "o",
    ("open_case", "case_rest"): "r",
    ("placeholders", "placeholder_missing"): "p",
    ("lint", "content_blocked"): "b",
    ("lint", "shared_address"): "s",
    ("lint", "article_withdrawn"): "w",
    ("lint", "product_not_on_sale"): "o",
    ("lint", "product_too_risky"): "r",
    ("lint", "not_assessed"): "n",
    ("lint", "assessment_expired"): "e",
    ("lint", "too_risky_for_age"): "g",
    ("lint", "opinion_expired"): "x",
    ("lint", "opinion_missing"): "y",
    ("caps", "cap_reached"): "c",
    ("caps", "address_cap_reached"): "a",
    ("caps", "campaign_limit"): "l",
    ("care_ratio", "care_ratio"): "r",
    ("quota", "quota_exhausted"): "q",
    ("quota", "no_slot"): "n",
    ("window", "outside_window"): "w",
    ("window", "blackout"): "b",
    ("window", "crowded_minute"): "c",
    ("window", "mourning"): "m",
    ("window", "wave_waiting"): "v",
    ("late", "too_late"): "l",
}
"""One letter a reason inside its gate, for the coded trace; kept for good, as the gates' own letters are."""

GATE_NAMES: dict[str, tuple[str, str]] = {
    "restriction": ("可联系", "May be contacted"),
    "audience": ("客群", "Audience"),
    "holdout": ("对照组", "Holdout"),
    "priority": ("当天优先级", "Priority that day"),
    "reachable": ("联系方式", "Reachable"),
    "consent": ("客户同意", "Consent"),
    "suppression": ("免打扰名单", "Suppression"),
    "open_case": ("未结投诉", "Open complaint"),
    "placeholders": ("内容完整", "Placeholders"),
    "lint": ("内容合规", "Wording"),
    "caps": ("联系频次", "Contact caps"),
    "care_ratio": ("关怀比例", "Care before sales"),
    "quota": ("平台额度", "Platform quota"),
    "window": ("发送时段", "Send window"),
    "late": ("时效", "In time"),
}

_PASSED: dict[str, tuple[str, str]] = {
    "restriction": ("客户状态正常，没有限制。", "The customer is active and unrestricted."),
    "audience": ("在活动客群内。", "In the campaign's audience."),
    "holdout": ("不在对照组。", "Not in the holdout group."),
    "priority": ("当天没有更重要的一条。", "Nothing more important goes that day."),
    "reachable": ("可用渠道：{value}。", "Reachable by {value}."),
    "consent": ("按客户的意愿可以发：{value}。", "The customer's consents allow {value}."),
    "suppression": ("不在免打扰名单。", "No address is suppressed."),
    "open_case": ("没有未办结的投诉。", "No complaint is open."),
    "placeholders": ("内容完整，没有缺项。", "Every placeholder has a sound value."),
    "lint": ("内容合规。", "The wording passes."),
    "caps": ("联系次数在上限之内。", "Within the contact caps."),
    "care_ratio": (
        "营销之前的关怀联系已够（{value}）。",
        "Enough other contacts before a sales one ({value}).",
    ),
    "quota": ("平台额度有余。", "The platform's quota has room."),
    "window": ("在可发送时段（{value}）。", "Inside the send window {value}."),
    "late": ("在有效期内。", "Still in time."),
}

_NOT_ASKED = ("这类消息不看这一项。", "Not asked of this kind of message.")
_NOT_YET = ("当时还没有这一项。", "There was no such check then.")
_CHANNEL_WORDS = {"wechat": "微信", "wecom": "企业微信", "sms": "短信", "email": "邮件"}
_CAP_WORDS = {
    "day": ("当天", "that day"),
    "week": ("七天内", "in seven days"),
    "month": ("三十天内", "in thirty days"),
    "marketing_month": ("三十天内营销", "marketing in thirty days"),
}
_SAY_NOTHING = frozenset({"restriction", "consent", "open_case", "late"})
"""Gates whose value is a code that only repeats the reason."""
_FACT_WORDS = {
    "replied": ("客户回复", "a reply"),
    "rated": ("客户评分", "a rating"),
    "delivered": ("上一条送达", "delivery of the one before"),
    "read": ("上一条已读", "a read receipt"),
    "done": ("上一步任务完成", "the task before done"),
    "event": ("业务发生", "a business event"),
}
_SAYS_ITSELF = frozenset({"not_in_audience", "campaign_limit", "wave_waiting", "holdout"})


def gate_sentence(result: GateResult, locale: str = "zh-CN") -> str:
    """One sentence for one gate's word, in Chinese or English."""
    is_chinese = locale.startswith("zh")
    if result.verdict == PASS:
        return _passed(result, is_chinese=is_chinese)
    why = sentence(result.reason, locale)
    seen = _seen(result, is_chinese=is_chinese)
    if is_chinese:
        detail = f"（{seen}）" if seen else ""
        return f"{why}{detail}，暂缓。" if result.verdict == HOLD else f"{why}{detail}。"
    detail = f" ({seen})" if seen else ""
    return f"{why}{detail}; held." if result.verdict == HOLD else f"{why}{detail}."


def _passed(result: GateResult, *, is_chinese: bool) -> str:
    words = _PASSED[result.gate][0 if is_chinese else 1]
    if result.value == NOT_YET:
        return _NOT_YET[0 if is_chinese else 1]
    if result.value == NOT_ASKED or ("{value}" in words and not result.value):
        return _NOT_ASKED[0 if is_chinese else 1]
    return words.format(value=_spoken(result.value, is_chinese=is_chinese))


def _seen(result: GateResult, *, is_chinese: bool) -> str:
    """What the gate saw, as far as it tells a person more than the reason does."""
    if result.gate in _SAY_NOTHING or result.reason in _SAYS_ITSELF or result.value in ("", "0"):
        return ""
    at = 0 if is_chinese else 1
    if result.gate == "audience":
        return _FACT_WORDS.get(result.value, ("", ""))[at]
    if result.reason == "mourning":
        return f"至{result.value}" if is_chinese else f"until {result.value}"
    if result.reason in ("quota_exhausted", "no_slot") and result.gate == "quota":
        channel, _, count = result.value.partition(" ")
        return f"{_spoken(channel, is_chinese=is_chinese)} {count}"
    if result.reason == "shared_address":
        return f"{result.value}位客户共用" if is_chinese else f"shared by {result.value}"
    name, _, count = result.value.partition(" ")
    if result.gate == "caps" and count:
        period = _CAP_WORDS.get(name, (name, name))[at]
        return f"{period}{count}" if is_chinese else f"{count} {period}"
    return _spoken(result.value, is_chinese=is_chinese)


def _spoken(value: str, *, is_chinese: bool) -> str:
    if not is_chinese:
        return value.replace(",", ", ")
    return "、".join(_CHANNEL_WORDS.get(word, word) for word in value.split(","))
