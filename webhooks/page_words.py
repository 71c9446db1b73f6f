"""What customers' pages say, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from wenhou.core.purposes import Purpose

LOCALES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """All sentences of the pages in one language."""

    locale: str
    preferences_title: str
    preferences_lead: str
    about: Mapping[Purpose, str]
    always: str
    save: str
    stop_all: str
    saved: str
    rating_title: str
    rating_low: str
    rating_high: str
    rated_title: str
    rated_high: str
    rated_low: str
    nothing: str
    never_asks: str
    hotline: str
    other_language: str


_ZH = PageWords(
    locale="zh-CN",
    preferences_title="您想收到哪些消息",
    preferences_lead="勾选的会继续发，没勾的马上停。",
    about={
        Purpose.CARE: "生日、节日的问候",
        Purpose.INFORMATION: "与您有关的政策和常识",
        Purpose.MARKETING: "理财、存款、活动的推荐",
    },
    always="账户和业务办理的通知不在此列，照常发送。",
    save="保存",
    stop_all="全部停发",
    saved="已保存，立即生效。",
    rating_title="这次办得怎么样",
    rating_low="不满意",
    rating_high="很满意",
    rated_title="收到了，谢谢您",
    rated_high="您的肯定我们会转告经办的同事。",
    rated_low="没让您满意，抱歉。会有人打电话给您，听听哪里不周到。",
    nothing="这个链接已失效。需要帮助，请拨客服电话。",
    never_asks="本页不会问您的卡号、身份证号和密码。",
    hotline="客服电话",
    other_language="English",
)
_EN = PageWords(
    locale="en",
    preferences_title="What would you like to receive?",
    preferences_lead="What is ticked goes on; the rest stops at once.",
    about={
        Purpose.CARE: "Wishes for birthdays and festivals",
        Purpose.INFORMATION: "Policies and know-how that concern you",
        Purpose.MARKETING: "Deposits, wealth products, offers",
    },
    always="Notices about your own accounts and requests are always sent.",
    save="Save",
    stop_all="Stop all of these",
    saved="Saved. It holds from now on.",
    rating_title="How did we do?",
    rating_low="Poorly",
    rating_high="Very well",
    rated_title="Thank you, we have it",
    rated_high="We will pass your kind words on.",
    rated_low="We are sorry. Somebody will call you to hear what went wrong.",
    nothing="This link is no longer valid. Please call us if you need help.",
    never_asks="This page never asks for a card number, an ID or a password.",
    hotline="Hotline",
    other_language="中文",
)


def words_for(locale: str) -> PageWords:
    """The words in a customer's language; English for every language but Chinese."""
    return _ZH if locale.startswith("zh") else _EN
