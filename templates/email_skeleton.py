"""The mail around the words: HTML for 163, QQ, Outlook and phones in light and dark, and a true text part.

A mail is stored as skeleton id + parameters (all text); `build` makes the same bytes from them on any
day, so the hash that was approved can be checked at hand-over. A skeleton that was used never changes:
add `plain/2`.

Known client rules it follows: tables and inline CSS only, at most 600 px, no scripts, forms, web fonts,
remote images or background images; a <style> that clients may drop without loss; colours that stay
readable when inverted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from markupsafe import escape

from wenhou.core.errors import TemplateError

DEFAULT_SKELETON = "plain/1"
PARAMETERS = frozenset(
    "locale subject paragraphs bank branch hotline reason preferences_url action_label action_url".split()
)
PARAGRAPH_BREAK = "\n\n"
_HTTPS = re.compile(r"https://[^\s\"'<>]+\Z|http://(?:127\.0\.0\.1|localhost)(?::\d+)?/[^\s\"'<>]*\Z")
_WORDS = MappingProxyType(
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
_FONT = "font-family:-apple-system,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Arial,sans-serif;"
_HEAD = (
    '<!DOCTYPE html>\n<html lang="{locale}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width,initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
    "<title>{subject}</title><style>:root{{color-scheme:light dark}}"
    "@media (prefers-color-scheme:dark){{.page{{background-color:#16191d!important}}"
    ".card{{background-color:#22262b!important}}.ink{{color:#e8e6e3!important}}.soft{{color:#a8a6a2!important}}"
    ".link{{color:#8ab4f8!important}}}}</style></head>\n"
    '<body class="page" style="margin:0;padding:0;background-color:#f4f2ee;">'
    '<div style="display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;overflow:hidden;">{preheader}</div>'
    '<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" bgcolor="#f4f2ee"'
    ' style="background-color:#f4f2ee;"><tr><td align="center" style="padding:24px 12px;">\n'
    '<table role="presentation" class="card" width="600" cellpadding="0" cellspacing="0" border="0" bgcolor="#ffffff"'
    ' style="width:100%;max-width:600px;background-color:#ffffff;border-top:4px solid #8c3b2e;">\n'
    '<tr><td class="soft" style="padding:20px 28px 0 28px;'
    + _FONT
    + 'font-size:14px;line-height:20px;color:#6b6660;">'
    "{bank}</td></tr>\n"
    '<tr><td style="padding:16px 28px 8px 28px;">\n'
)
_PARAGRAPH = (
    '<p class="ink" style="margin:0 0 16px 0;'
    + _FONT
    + 'font-size:16px;line-height:27px;color:#2b2926;">{words}</p>\n'
)
_ACTION = (
    '<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:0 0 16px 0;"><tr>'
    '<td bgcolor="#8c3b2e" style="background-color:#8c3b2e;padding:11px 22px;">'
    '<a href="{url}" style="'
    + _FONT
    + 'font-size:16px;line-height:22px;color:#ffffff;text-decoration:none;">'
    "{label}</a></td></tr></table>\n"
)
_FOOT = (
    "</td></tr>\n"
    '<tr><td class="soft" style="padding:16px 28px 24px 28px;border-top:1px solid #d9d5cf;'
    + _FONT
    + 'font-size:13px;line-height:21px;color:#6b6660;">{lines}</td></tr>\n'
    "</table>\n</td></tr></table></body></html>\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailParts:
    """Both parts of one mail; they say the same."""

    text: str
    html: str


def reason_for(purpose: str, locale: str) -> str:
    """Return why the customer gets a mail of this purpose, for the footer."""
    return _REASONS[purpose][1 if locale == "en" else 0]


def build(skeleton_id: str, parameters: Mapping[str, str]) -> MailParts:
    """Return text and HTML, always the same for the same input; TemplateError for what the skeleton lacks."""
    if skeleton_id != DEFAULT_SKELETON:
        sentence = f"there is no mail skeleton {skeleton_id!r}; there is: {DEFAULT_SKELETON}"
        raise TemplateError(sentence, code="skeleton_unknown")
    unknown = set(parameters) - PARAMETERS
    missing = {"locale", "subject", "paragraphs", "bank"} - set(parameters)
    if unknown or missing:
        sentence = f"mail parameters: unknown {sorted(unknown)}, missing {sorted(missing)}"
        raise TemplateError(sentence, code="skeleton_parameters")
    for name in ("preferences_url", "action_url"):
        if parameters.get(name) and not _HTTPS.match(parameters[name]):
            sentence = f"mail parameter {name} is no https address"
            raise TemplateError(sentence, code="skeleton_parameters")
    return MailParts(text=_text(parameters), html=_html(parameters))


def _footer(parameters: Mapping[str, str]) -> list[str]:
    """The lines both parts share: who writes, why, how to answer."""
    words = _WORDS["en" if parameters["locale"] == "en" else "zh-CN"]
    who = " · ".join(part for part in (parameters["bank"], parameters.get("branch", "")) if part)
    hotline = parameters.get("hotline", "")
    contact = words["hotline"].format(hotline=hotline) if hotline else ""
    return [
        line for line in (who, parameters.get("reason", ""), words["reply"], contact, words["safety"]) if line
    ]


def _text(parameters: Mapping[str, str]) -> str:
    words = _WORDS["en" if parameters["locale"] == "en" else "zh-CN"]
    blocks = parameters["paragraphs"].split(PARAGRAPH_BREAK)
    if parameters.get("action_url"):
        blocks.append(f"{parameters.get('action_label', '')}: {parameters['action_url']}")
    url = parameters.get("preferences_url", "")
    choice = words["preferences_text"].format(url=url) if url else words["opt_out"]
    return PARAGRAPH_BREAK.join([*blocks, "-- \n" + "\n".join([*_footer(parameters), choice])]) + "\n"


def _html(parameters: Mapping[str, str]) -> str:
    words = _WORDS["en" if parameters["locale"] == "en" else "zh-CN"]
    blocks = parameters["paragraphs"].split(PARAGRAPH_BREAK)
    preheader = blocks[min(1, len(blocks) - 1)].replace("\n", " ")[:90]
    pieces = [
        _HEAD.format(
            locale=escape(parameters["locale"]),
            subject=escape(parameters["subject"]),
            preheader=escape(preheader),
            bank=escape(parameters["bank"]),
        )
    ]
    pieces += [_PARAGRAPH.format(words=str(escape(block)).replace("\n", "<br>")) for block in blocks]
    if parameters.get("action_url"):
        label = escape(parameters.get("action_label") or parameters["action_url"])
        pieces.append(_ACTION.format(url=escape(parameters["action_url"]), label=label))
    lines = [str(escape(line)) for line in _footer(parameters)]
    url = parameters.get("preferences_url", "")
    if url:
        link = f'<a class="link" href="{escape(url)}" style="color:#3a5a8c;">{words["preferences"]}</a>'
        lines.append(link)
    else:
        lines.append(words["opt_out"])
    pieces.append(_FOOT.format(lines="<br>".join(lines)))
    return "".join(pieces)
