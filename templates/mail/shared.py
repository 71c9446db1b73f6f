"""What every skeleton shares: the sentences of the footer in both languages, and both parts of a mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

PARAGRAPH_BREAK = "\n\n"
HTTPS = re.compile(r"https://[^\s\"'<>]+\Z|http://(?:127\.0\.0\.1|localhost)(?::\d+)?/[^\s\"'<>]*\Z")
WORDS = MappingProxyType(
    {
        "zh-CN": {
            "reply": "可以直接回复本邮件，您的客户经理会看到。",
            "hotline": "客服电话：{hotline}",
            "preferences": "选择接收哪些消息，或不再接收",
            "preferences_text": "选择接收哪些消息，或不再接收：{url}",
            "opt_out": "不想再收到这类邮件，回复“退订”即可。",
            "safety": "本行不会在邮件中索要密码、验证码或卡号。",
        },
        "en": {
            "reply": "You can reply to this email; your advisor will read it.",
            "hotline": "Customer service: {hotline}",
            "preferences": "Choose which messages you receive, or stop them",
            "preferences_text": "Choose which messages you receive, or stop them: {url}",
            "opt_out": "To stop emails of this kind, reply “unsubscribe”.",
            "safety": "We never ask for passwords, codes or card numbers by email.",
        },
    }
)
_REASONS = MappingProxyType(
    {
        "care": (
            "您收到本邮件，是因为您是本行客户并同意接收问候。",
            "You receive this as a client who agreed to greetings from us.",
        ),
        "service": (
            "您收到本邮件，是因为它与您在本行办理的业务有关。",
            "You receive this because it concerns your own business with us.",
        ),
        "information": (
            "您收到本邮件，是因为您同意接收政策与金融知识资讯。",
            "You receive this because you agreed to news on policy and finance.",
        ),
        "marketing": (
            "您收到本邮件，是因为您同意接收产品信息。",
            "You receive this because you agreed to product information.",
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailParts:
    """Both parts of one mail; they say the same."""

    text: str
    html: str


def reason_for(purpose: str, locale: str) -> str:
    """Return why the customer gets a mail of this purpose, for the footer."""
    return _REASONS[purpose][1 if locale == "en" else 0]


def words_of(parameters: Mapping[str, str]) -> Mapping[str, str]:
    """The sentences of the mail's language."""
    return WORDS["en" if parameters["locale"] == "en" else "zh-CN"]


def footer_lines(parameters: Mapping[str, str]) -> list[str]:
    """The lines both parts share: who writes, why, how to answer."""
    words = words_of(parameters)
    who = " · ".join(part for part in (parameters["bank"], parameters.get("branch", "")) if part)
    hotline = parameters.get("hotline", "")
    contact = words["hotline"].format(hotline=hotline) if hotline else ""
    return [
        line for line in (who, parameters.get("reason", ""), words["reply"], contact, words["safety"]) if line
    ]


def text_ending(parameters: Mapping[str, str]) -> str:
    """The text part's footer, after the mark that mail programs cut at."""
    words = words_of(parameters)
    url = parameters.get("preferences_url", "")
    choice = words["preferences_text"].format(url=url) if url else words["opt_out"]
    return "-- \n" + "\n".join([*footer_lines(parameters), choice])
