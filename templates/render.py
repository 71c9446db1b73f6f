"""Words for one customer on one channel: values checked, body rendered, channel rules applied.

`render` never raises for a customer's data: whatever is missing, empty or odd is a `Problem`, and a
rendering with problems has no text. It raises TemplateError only for a caller's mistake (unknown variant,
channel, locale).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from templates import email_skeleton, sms_body
from templates.email_skeleton import DEFAULT_SKELETON, PARAGRAPH_BREAK
from templates.engine import Compiled
from templates.filters import unfit
from templates.leftovers import odd_in
from templates.library import TemplateVersion
from templates.mail import headers
from templates.mail.card import Card
from templates.placeholders import OddValueError, PlaceholderType, PlainValue, Problem, Value, plain_value
from templates.wordings import Body, Variant, Wording
from wenhou.core import sms_text
from wenhou.core.errors import TemplateError
from wenhou.core.limits import terms
from wenhou.core.purposes import Purpose

WECHAT_BYTES = terms.WECHAT_BYTES
WECOM_BYTES = terms.WECOM_BYTES
SUBJECT_LENGTH = headers.MAX_SUBJECT
_MOST_KNOWN = 8_192
PROBLEMS: Mapping[str, tuple[str, str]] = {
    "placeholder_missing": ("占位内容缺失或不可用", "a value is missing, empty or odd"),
    "rendered_empty": ("生成的内容为空", "the text is empty"),
    "rendered_odd": (
        "生成的文字有残缺或多余的标点",
        "the text holds braces, an empty pair or a doubled mark",
    ),
    "too_long": ("内容超过渠道上限", "longer than the channel carries"),
    "subject_unsafe": ("邮件主题含不可用字符", "the subject holds characters no header may hold"),
    "card_missing": ("贺卡未批准或不存在", "the card is not approved or does not exist"),
    "signature_missing": ("缺少短信签名", "the SMS signature is missing"),
    "opt_out_missing": ("缺少退订提示", "the opt-out line is missing"),
    "signature_name": ("短信签名不合规", "the SMS signature cannot be filed"),
    "signature_repeated": ("短信正文不能出现【】", "the SMS body must not hold 【】"),
    "sms_empty": ("短信正文为空", "the SMS is empty"),
    "sms_characters": ("短信含通道不支持的字符", "the SMS holds characters that lines refuse"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    """What a mail's footer says beside the bank's name; empty parts are left out."""

    branch: str = ""
    hotline: str = ""
    preferences_url: str = ""
    advisor: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What the customer would read. With problems, `text` is "" and `subject` and `html` are None.

    `text` is complete: an SMS with signature and opt-out line, a mail's text part with footer. A mail is
    rebuilt byte for byte by `email_skeleton.build(skeleton_id, parameters)`. `units` and `parts` are
    those of an SMS. `media`: digests of the images that go with the words (`sha256:…`). `inserted`: the customer's
    values as they stand in the text, for the lint, which has judged the rest before.
    """

    channel: str
    variant: str
    text: str = ""
    subject: str | None = None
    html: str | None = None
    skeleton_id: str | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    units: int = 0
    parts: int = 0
    media: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    inserted: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether this may be sent."""
        return not self.problems


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """One rendering under way."""

    version: TemplateVersion
    wording: Wording
    body: Body
    values: Mapping[str, PlainValue]
    locale: str
    signature: str
    suffix: str
    footer: Footer
    card: Card | None

    @property
    def media(self) -> tuple[str, ...]:
        """The digests that go with the words."""
        return (self.card.digest,) if self.card else ()


def render(
    version: TemplateVersion,
    channel: str,
    values: Mapping[str, Value | None],
    *,
    variant: str | Wording | Variant | None = None,
    locale: str | None = None,
    signature: str = "",
    suffix: str | None = None,
    footer: Footer | None = None,
    card: Card | None = None,
) -> Rendered:
    """Render one channel of a template for one customer.

    `variant`: a wording or its id, the first one when None. `locale` defaults to the template's. `signature`
    names the bank (SMS signature, mail header and footer). `suffix` None means what the purpose owes
    (`sms_body.suffix_for`); "" on a promotional purpose is a problem. Values that the body does not use
    are not looked at. `card`: the approved image of a template that names one; an SMS carries none.
    """
    chosen = _wording(version, variant)
    body = chosen.variant.bodies.get(channel)
    if body is None:
        sentence = f"template {version.key!r} has no words for channel {channel!r}"
        raise TemplateError(sentence, code="template_channel")
    locale = locale or version.locale
    plain, problems = _plain_values(version, body, values, locale)
    if version.card and card is None and channel != "sms":
        problems = (*problems, Problem(code="card_missing"))
    if problems:
        return Rendered(channel=channel, variant=chosen.id, problems=problems)
    work = _Work(
        version=version,
        wording=chosen,
        body=body,
        values={**plain, **chosen.pieces(channel)} if chosen.picks else plain,
        locale=locale,
        signature=sms_body.bare_signature(signature),
        suffix=sms_body.suffix_for(version.purpose) if suffix is None else suffix.strip(),
        footer=footer or Footer(),
        card=card if version.card and channel != "sms" else None,
    )
    if channel == "email" or _is_personal(version, body):
        return _rendered(work, channel)
    dressed = (work.signature, work.suffix, work.media)
    key = (version.digest, work.locale, channel, chosen.id, dressed, *plain.values())
    known = _KNOWN.get(key)
    if known is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        known = _KNOWN[key] = _rendered(work, channel)
    return known


def _is_personal(version: TemplateVersion, body: Body) -> bool:
    """Whether the words hold a link of their own: then no second customer reads the same."""
    return any(version.placeholders[name].type is PlaceholderType.URL for name in body.uses)


def _rendered(work: _Work, channel: str) -> Rendered:
    try:
        return _CHANNELS[channel](work)
    except OddValueError as error:
        return _refused(
            work, channel, Problem(code="placeholder_missing", placeholder=_empty(work), detail=str(error))
        )
    except TemplateError as error:
        return _refused(work, channel, Problem(code="too_long", detail=error.code))


def _inserted(work: _Work) -> tuple[str, ...]:
    values = (work.values[name] for name in work.body.uses)
    return tuple(dict.fromkeys(one for one in values if one and isinstance(one, str)))


def _wording(version: TemplateVersion, variant: str | Wording | Variant | None) -> Wording:
    if isinstance(variant, Wording):
        return variant
    if isinstance(variant, str):
        return version.get_wording(variant)
    chosen = variant or version.variants[0]
    return Wording(variant=chosen, picks=(0,) * len(chosen.turns))


def _plain_values(
    version: TemplateVersion, body: Body, values: Mapping[str, Value | None], locale: str
) -> tuple[dict[str, PlainValue], tuple[Problem, ...]]:
    plain: dict[str, PlainValue] = {}
    problems: list[Problem] = []
    for name, filters in body.uses.items():
        try:
            plain[name] = value = plain_value(version.placeholders[name], values.get(name), locale)
        except OddValueError as error:
            problems.append(Problem(code="placeholder_missing", placeholder=name, detail=str(error)))
        else:
            if value != "" and filters and any(unfit(one, value) for one in filters):
                problems.append(Problem(code="placeholder_missing", placeholder=name, detail="odd"))
    return plain, tuple(problems)


def _empty(work: _Work) -> str:
    """The optional placeholder that a filter met without a value."""
    return next((name for name, filters in work.body.uses.items() if filters and work.values[name] == ""), "")


def _refused(work: _Work, channel: str, *problems: Problem) -> Rendered:
    return Rendered(channel=channel, variant=work.wording.id, problems=problems)


def _run(work: _Work, compiled: Compiled | None) -> str:
    return compiled.render(work.values).strip() if compiled else ""


def _oddities(*texts: str) -> list[Problem]:
    """What an empty value or a slip left behind; the first thing found."""
    found = next((odd for text in texts if (odd := odd_in(text))), "")
    return [Problem(code="rendered_odd", detail=found)] if found else []


def _sms(work: _Work) -> Rendered:
    body = _run(work, work.body.text)
    problems = _oddities(body)
    if not work.suffix and Purpose(work.version.purpose).is_promotional:
        problems.append(Problem(code="opt_out_missing"))
    if refused := sms_body.refused_characters(body):
        problems.append(Problem(code="sms_characters", detail=refused))
    try:
        # The blank that parts an English body from the suffix rides in front of it: compose trims bodies.
        line = sms_body.one_line(body, work.suffix)
        joint = " " if line.endswith(" ") else ""
        text = sms_text.compose(work.signature, line, joint + work.suffix)
    except sms_text.SmsTextInvalid as error:
        return _refused(work, "sms", *problems, Problem(code=error.code))
    segments = sms_text.split_text(text)
    if segments.units > sms_body.MAX_UNITS:
        problems.append(Problem(code="too_long", detail=str(segments.units)))
    if problems:
        return _refused(work, "sms", *problems)
    return Rendered(
        channel="sms",
        variant=work.wording.id,
        text=text,
        units=segments.units,
        parts=len(segments.parts),
        inserted=_inserted(work),
    )


def _chat(channel: str, limit: int) -> Callable[[_Work], Rendered]:
    def run(work: _Work) -> Rendered:
        text = _run(work, work.body.text)
        size = len(text.encode())
        if not text:
            return _refused(work, channel, Problem(code="rendered_empty"))
        if size > limit:
            return _refused(work, channel, Problem(code="too_long", detail=str(size)))
        if odd := _oddities(text):
            return _refused(work, channel, *odd)
        return Rendered(
            channel=channel,
            variant=work.wording.id,
            text=text,
            media=work.media,
            inserted=_inserted(work),
        )

    return run


def _email(work: _Work) -> Rendered:
    subject = " ".join(_run(work, work.body.subject).split())
    paragraphs = [text for one in work.body.paragraphs if (text := _without_blank_lines(_run(work, one)))]
    if not subject or not paragraphs:
        return _refused(work, "email", Problem(code="rendered_empty"))
    if len(subject) > SUBJECT_LENGTH:
        return _refused(work, "email", Problem(code="too_long", detail="subject"))
    if refused := headers.refused_in_subject(subject):
        return _refused(work, "email", Problem(code="subject_unsafe", detail=refused))
    if odd := _oddities(subject, *paragraphs):
        return _refused(work, "email", *odd)
    if not work.signature:
        return _refused(work, "email", Problem(code="signature_missing"))
    parameters = _mail_parameters(work, subject, paragraphs)
    mail = email_skeleton.build(DEFAULT_SKELETON, parameters)
    return Rendered(
        channel="email",
        variant=work.wording.id,
        inserted=_inserted(work),
        text=mail.text,
        subject=subject,
        html=mail.html,
        skeleton_id=DEFAULT_SKELETON,
        parameters=parameters,
        media=work.media,
    )


def _without_blank_lines(text: str) -> str:
    """A blank line parts paragraphs in the stored parameters, so none may stand inside one."""
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def _mail_parameters(work: _Work, subject: str, paragraphs: list[str]) -> dict[str, str]:
    parameters = {
        "locale": work.locale,
        "subject": subject,
        "paragraphs": PARAGRAPH_BREAK.join(paragraphs),
        "bank": work.signature,
        "branch": work.footer.branch,
        "hotline": work.footer.hotline,
        "reason": email_skeleton.reason_for(work.version.purpose, work.locale),
        "preferences_url": work.footer.preferences_url,
        "action_label": _run(work, work.body.action_label),
        "action_url": _run(work, work.body.action_url),
        "advisor": work.footer.advisor,
        "phone": work.footer.phone,
        **(work.card.parameters(work.locale) if work.card else {}),
    }
    return {name: value for name, value in parameters.items() if value}


_CHANNELS: Mapping[str, Callable[[_Work], Rendered]] = {
    "sms": _sms,
    "wechat": _chat("wechat", WECHAT_BYTES),
    "wecom": _chat("wecom", WECOM_BYTES),
    "email": _email,
}
_KNOWN: dict[tuple[object, ...], Rendered] = {}
"""Words that were rendered lately: of a million greetings a few thousand differ, since 王先生 is many people.

Emptied when it is full rather than by age: one look and one write a message, and no lock among threads.
"""
