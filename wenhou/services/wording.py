"""An advisor's changes to a text: put back into the channel's form, measured, and judged by the lint again.

On a line that carries only filed texts there are no free words: another filed wording, or other values of its variables.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from templates import email_skeleton, sms_body
from templates.compliance.levels import Level, LintHit
from templates.render import SUBJECT_LENGTH, WECHAT_BYTES, WECOM_BYTES
from wenhou.core import sms_text
from wenhou.core.channels import EMAIL, SMS, WECHAT, Content
from wenhou.core.errors import Refused
from wenhou.core.limits.check import check_limits
from wenhou.core.limits.faults import LimitFault
from wenhou.core.limits.filed import check_values
from wenhou.services.edit_faults import EditFault, EditRefused
from wenhou.services.filed_texts import FiledWording, fill_in
from wenhou.services.word_rules import WordRules, words_of

_LIMITS = {WECHAT: WECHAT_BYTES, "wecom": WECOM_BYTES}
_DETAIL = re.compile(
    r"[0-9０-９][0-9０-９,，.．]*\s*(?:元|万|亿|%|％|‰)|[0-9]{4}[-/.年][0-9]{1,2}|[0-9]{1,2}\s*月\s*[0-9]{1,2}\s*[日号]"
)
FILED_ONLY = (
    "本线路只发送已备案模板，可换一种备案文字或修改变量 "
    "(this line sends filed texts only: choose another filed text or change the variables)"
)
"""Why the editor has no free words on such a line."""
_BREAK = email_skeleton.PARAGRAPH_BREAK


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """New words of one channel: the body as `editable` shows it. `subject` of a mail, None to keep it.

    `filed`, `values`: on a line that carries only filed texts, the code of the chosen one and what stands in its gaps.
    """

    text: str = ""
    subject: str | None = None
    filed: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)


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


def is_filed(content: Content) -> bool:
    """Whether these words are a text filed with the line's provider: only a choice and values may change."""
    return content.channel == SMS and content.provider_template is not None


def apply_edit(
    content: Content, edit: Edit, purpose: str, filed: Mapping[str, FiledWording] | None = None
) -> Content:
    """The content with its new words, complete; Refused or InputError says in a sentence what cannot be sent.

    `filed`: by code, what may be chosen where the line carries only filed texts.
    """
    if is_filed(content):
        return _filed(content, edit, filed or {})
    made = _free(content, edit, purpose)
    if faults := check_limits(made):
        raise EditRefused([_limit(content.channel, one) for one in faults])
    return made


def _free(content: Content, edit: Edit, purpose: str) -> Content:
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
        over = len(text.encode()[:limit].decode(errors="ignore"))
        raise _refused(
            content,
            "too_long",
            f"内容太长，最多{limit // 3}个汉字",
            "too long for this channel",
            (over, len(text)),
        )
    return replace(content, text=text)


def count_parts(content: Content) -> int:
    """How many parts carriers bill: 1 for anything but an SMS."""
    return len(sms_text.split_text(content.text).parts) if content.channel == SMS else 1


def judge(
    contents: Mapping[str, Content], purpose: str, tone: str, rules: WordRules | None = None
) -> list[LintHit]:
    """Every rule the words break, over all channels; EditRefused when one of them stops the message, with its place.

    `rules` None: those that ship.
    """
    book = rules or WordRules()
    hits: list[LintHit] = []
    stopped: list[EditFault] = []
    for content in contents.values():
        found = book.judge(content, purpose=purpose, tone=tone)
        hits += found
        stopped += [placed(content, purpose, hit) for hit in found if hit.level is Level.BLOCK]
    if stopped:
        raise EditRefused(stopped, code="content_blocked")
    return hits


def placed(content: Content, purpose: str, hit: LintHit) -> EditFault:
    """The hit where a person sees it: in the field they typed, not in the whole with signature and subject."""
    words, body = words_of(content), editable(content, purpose)
    before = len(content.subject or "") + 1 if content.subject else 0
    begins = words.find(body, before) if content.channel == SMS else before
    is_subject = bool(content.subject) and hit.end <= len(content.subject or "")
    shift = 0 if is_subject else max(begins, 0)
    is_inside = hit.start >= shift
    return EditFault(
        channel=content.channel,
        rule=hit.rule,
        sentence_zh=hit.sentence_zh,
        sentence_en=hit.sentence_en,
        field="subject" if is_subject else "text",
        start=hit.start - shift if is_inside else 0,
        end=hit.end - shift if is_inside else 0,
        found=hit.found if is_inside else "",
    )


def refuse_details(contents: Mapping[str, Content]) -> None:
    """For an address that several people read: Refused when the words hold an amount, a rate or a day of business."""
    for content in contents.values():
        found = _DETAIL.search(words_of(content))
        if found is not None:
            sentence = (
                f"共用号码，不写产品、金额和日期（{found[0]}） (others read it too: no amounts, no dates)"
            )
            raise Refused(sentence, code="shared_address")


def needs_second_person(hits: list[LintHit]) -> bool:
    """Whether the words lift the approval to two people."""
    return any(hit.level is Level.RAISE for hit in hits)


def _bare(text: str, signature: str, suffix: str) -> str:
    body = text.removeprefix(f"【{signature}】")
    return body.removesuffix(suffix).strip() if suffix else body.strip()


def _sms(content: Content, text: str, purpose: str) -> Content:
    suffix = sms_body.suffix_for(purpose)
    line = sms_body.one_line(_bare(text, content.sender, suffix), suffix)
    if refused := sms_body.refused_characters(line):
        at = text.find(refused[0])
        raise _refused(
            content, "sms_characters", f"短信不能含“{refused}”", f"lines refuse {refused}", (at, at + 1)
        )
    joint = " " if line.endswith(" ") else ""
    made = sms_text.compose(content.sender, line, joint + suffix)
    sms_text.check_signature(made, content.sender)
    if sms_text.count_units(made) > sms_body.MAX_UNITS:
        over = len(text) - (sms_text.count_units(made) - sms_body.MAX_UNITS)
        raise _refused(
            content,
            "too_long",
            f"短信太长，最多{sms_body.MAX_UNITS}字",
            f"at most {sms_body.MAX_UNITS} units",
            (max(over, 0), len(text)),
        )
    return replace(content, text=made)


def _filed(content: Content, edit: Edit, several: Mapping[str, FiledWording]) -> Content:
    if edit.filed is None:
        raise Refused(FILED_ONLY, code="filed_only")
    chosen = several.get(edit.filed)
    if chosen is None:
        raise Refused(
            "这种文字未备案或已不可用，请另选一种 (this text is not filed, or not any longer)",
            code="filed_unknown",
        )
    values = {name: edit.values.get(name, "").strip() for name in chosen.filed.names}
    if faults := check_values(chosen.filed, values):
        raise EditRefused([_limit(content.channel, one, chosen.labels) for one in faults])
    made = fill_in(content, chosen, values)
    if faults := check_limits(made):
        raise EditRefused([_limit(content.channel, one) for one in faults])
    return made


def _limit(channel: str, one: LimitFault, labels: Mapping[str, str] | None = None) -> EditFault:
    """A broken limit; a variable is called as people call it."""
    zh, en = one.sentence_zh, one.sentence_en
    label = (labels or {}).get(one.field)
    if label:
        zh = zh.replace(f"变量{one.field}", f"“{label}”")
    return EditFault(
        channel=channel, rule=one.code, sentence_zh=zh, sentence_en=en, field=one.field or "text"
    )


def _refused(content: Content, rule: str, zh: str, en: str, span: tuple[int, int]) -> EditRefused:
    fault = EditFault(
        channel=content.channel, rule=rule, sentence_zh=zh, sentence_en=en, start=max(span[0], 0), end=span[1]
    )
    return EditRefused([fault], code=rule)


def _mail(content: Content, text: str, subject: str | None) -> Content:
    title = " ".join((subject if subject is not None else content.subject or "").split())
    if not title or len(title) > SUBJECT_LENGTH:
        raise Refused(f"邮件主题应为1至{SUBJECT_LENGTH}字 (1 to {SUBJECT_LENGTH} characters)", code="subject")
    if content.provider_template is None:
        return replace(content, text=text, subject=title, html=None)
    blocks = [block.strip() for block in text.split("\n\n") if block.strip()]
    parameters = {**content.parameters, "paragraphs": _BREAK.join(blocks), "subject": title}
    return complete(replace(content, subject=title, parameters=parameters))
