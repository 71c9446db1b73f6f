"""An advisor's changes to a text: put back into the channel's form, measured, and judged by the lint again."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from templates import email_skeleton, sms_body
from templates.compliance.about import About
from templates.compliance.lint import Level, LintHit, lint
from templates.render import SUBJECT_LENGTH, WECHAT_BYTES, WECOM_BYTES
from wenhou.core import sms_text
from wenhou.core.channels import EMAIL, SMS, WECHAT, Content
from wenhou.core.errors import Refused

_LIMITS = {WECHAT: WECHAT_BYTES, "wecom": WECOM_BYTES}
_DETAIL = re.compile(
    r"[0-9０-９][0-9０-９,，.．]*\s*(?:元|万|亿|%|％|‰)|[0-9]{4}[-/.年][0-9]{1,2}|[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*[日号]"
)
_BREAK = email_skeleton.PARAGRAPH_BREAK


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """New words of one channel: the body as `editable` shows it. `subject` of a mail, None to keep it."""

    text: str
    subject: str | None = None


def editable(content: Content, purpose: str) -> str:
    """The part a person may change: an SMS without signature and opt-out line, a mail's paragraphs."""
    if content.channel == SMS:
        return _bare(content.text, content.sender, sms_body.suffix_for(purpose))
    if content.channel == EMAIL and content.provider_template is not None:
        return content.parameters.get("paragraphs", "")
    return content.text


def complete(content: Content) -> Content:
    """A mail's text and HTML made from skeleton and parameters; everything else as stored."""
    if content.channel != EMAIL or content.provider_template is None:
        return content
    made = email_skeleton.build(content.provider_template, content.parameters)
    return replace(content, text=made.text, html=made.html)


def apply_edit(content: Content, edit: Edit, purpose: str) -> Content:
    """The content with its new words, complete; Refused or InputError says in a sentence what cannot be sent."""
    text = edit.text.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("内容不能为空 (the text is empty)", code="empty_text")
    if content.channel == SMS:
        return _sms(content, text, purpose)
    if content.channel == EMAIL:
        return _mail(content, text, edit.subject)
    if content.provider_template is not None:
        raise Refused("平台模板消息不能改字 (a platform template has fixed words)", code="fixed_template")
    limit = _LIMITS.get(content.channel)
    if limit is not None and len(text.encode()) > limit:
        raise Refused(f"内容太长，最多{limit // 3}个汉字 (too long for this channel)", code="too_long")
    return replace(content, text=text)


def count_parts(content: Content) -> int:
    """How many parts carriers bill: 1 for anything but an SMS."""
    return len(sms_text.split_text(content.text).parts) if content.channel == SMS else 1


def judge(contents: Mapping[str, Content], purpose: str, tone: str) -> list[LintHit]:
    """Every rule the words break, over all channels; Refused when one of them stops the message."""
    hits = [
        hit
        for content in contents.values()
        for hit in lint(_words(content), _about(content, purpose, tone))
    ]
    for hit in hits:
        if hit.level is Level.BLOCK:
            raise Refused(f"{hit.sentence_zh} ({hit.sentence_en})", code="content_blocked")
    return hits


def _about(content: Content, purpose: str, tone: str) -> About:
    is_sms = content.channel == SMS
    return About(
        purpose=purpose,
        day_tone=tone,
        channel=content.channel,
        is_finished=is_sms,
        signature=content.sender if is_sms else "",
    )


def refuse_details(contents: Mapping[str, Content]) -> None:
    """For an address that several people read: Refused when the words hold an amount, a rate or a day of business."""
    for content in contents.values():
        found = _DETAIL.search(_words(content))
        if found is not None:
            sentence = (
                f"共用号码，不写产品、金额和日期（{found[0]}） (others read it too: no amounts, no dates)"
            )
            raise Refused(sentence, code="shared_address")


def needs_second_person(hits: list[LintHit]) -> bool:
    """Whether the words lift the approval to two people."""
    return any(hit.level is Level.RAISE for hit in hits)


def _words(content: Content) -> str:
    body = content.parameters.get("paragraphs", content.text) if content.channel == EMAIL else content.text
    return "\n".join(part for part in (content.subject or "", body) if part)


def _bare(text: str, signature: str, suffix: str) -> str:
    body = text.removeprefix(f"【{signature}】")
    return body.removesuffix(suffix).strip() if suffix else body.strip()


def _sms(content: Content, text: str, purpose: str) -> Content:
    suffix = sms_body.suffix_for(purpose)
    line = sms_body.one_line(_bare(text, content.sender, suffix), suffix)
    if refused := sms_body.refused_characters(line):
        raise Refused(f"短信不能含“{refused}” (lines refuse these characters)", code="sms_characters")
    joint = " " if line.endswith(" ") else ""
    made = sms_text.compose(content.sender, line, joint + suffix)
    sms_text.check_signature(made, content.sender)
    if sms_text.count_units(made) > sms_body.MAX_UNITS:
        raise Refused(f"短信太长，最多{sms_body.MAX_UNITS}字 (too long for a text message)", code="too_long")
    return replace(content, text=made)


def _mail(content: Content, text: str, subject: str | None) -> Content:
    title = " ".join((subject if subject is not None else content.subject or "").split())
    if not title or len(title) > SUBJECT_LENGTH:
        raise Refused(f"邮件主题应为1至{SUBJECT_LENGTH}字 (1 to {SUBJECT_LENGTH} characters)", code="subject")
    if content.provider_template is None:
        return replace(content, text=text, subject=title, html=None)
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    parameters = {**content.parameters, "paragraphs": _BREAK.join(blocks), "subject": title}
    return complete(replace(content, subject=title, parameters=parameters))
