"""The one look at a finished content before anybody approves it: would the channel carry it as it is?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from wenhou.core import sms_text
from wenhou.core.channels import EMAIL, SMS, WECHAT, Content
from wenhou.core.limits.characters import advice, refused_in
from wenhou.core.limits.faults import LimitFault, fault
from wenhou.core.limits.filed import FiledText, check_values, find_fit
from wenhou.core.limits.platform_fields import check_fields
from wenhou.core.limits.terms import ChannelTerms, terms_for

_BYTES_OF_HAN = 3


def check_limits(content: Content, terms: ChannelTerms | None = None) -> tuple[LimitFault, ...]:
    """Return every limit the content breaks, empty when it may be approved. None: the channel's common terms."""
    return tuple(_faults(content, terms or terms_for(content.channel)))


def _faults(content: Content, terms: ChannelTerms) -> Iterator[LimitFault]:
    if not content.text.strip():
        yield fault("text_empty")
        return
    if terms.max_images is not None and len(content.media) > terms.max_images:
        yield fault("too_many_images", found=len(content.media), most=terms.max_images)
    size = len(content.text.encode("utf-8", "surrogatepass"))
    if terms.max_bytes and size > terms.max_bytes:
        most = terms.max_bytes
        yield fault("too_many_bytes", found=size, most=most, han=most // _BYTES_OF_HAN)
    if not content.text.replace("\n", "").isprintable() and content.channel != EMAIL:
        yield from _control_faults(content.text)
    if content.channel == SMS:
        yield from _sms_faults(content, terms)
    elif content.channel == EMAIL:
        yield from _subject_faults(content.subject, terms)
    elif content.channel == WECHAT and content.provider_template is not None:
        yield from check_fields(content.parameters, terms.constants)


def _control_faults(text: str) -> Iterator[LimitFault]:
    # Joiners and direction marks inside emoji and names of other scripts print; what is left was pasted by mistake.
    if any(not char.isprintable() and char not in "\n\u200d\ufe0f\u3000\u00a0" for char in text):
        yield fault("control_characters")


def _sms_faults(content: Content, terms: ChannelTerms) -> Iterator[LimitFault]:
    signature = terms.signature or content.sender
    try:
        sms_text.check_signature(content.text, signature, at_end=terms.signature_at_end)
    except sms_text.SmsTextInvalid as error:
        yield replace(
            fault("signature", found=error.sentence_zh, found_en=error.sentence_en), code=error.code
        )
    segments = sms_text.split_text(content.text)
    if terms.max_units and segments.units > terms.max_units:
        yield fault("too_many_units", found=segments.units, most=terms.max_units)
    if terms.max_parts and len(segments.parts) > terms.max_parts:
        yield fault("too_many_parts", found=len(segments.parts), most=terms.max_parts)
    body = bare(content.text, signature)
    if not body:
        yield fault("text_empty")
        return
    if refused := refused_in(body):
        zh, en = advice(refused)
        yield fault("characters", found=refused, advice=zh, advice_en=en)
    if terms.suffix and not body.endswith(terms.suffix):
        yield fault("opt_out_missing", found=terms.suffix)
    if terms.carries_filed_only:
        yield from _filed_faults(content, body, terms)


def bare(text: str, signature: str) -> str:
    """Return a text message without its signature, at whichever end it stands."""
    mark = f"【{signature}】"
    return text.removeprefix(mark).removesuffix(mark).strip()


def _filed_faults(content: Content, body: str, terms: ChannelTerms) -> Iterator[LimitFault]:
    several = tuple(_as_contracted(one, terms) for one in terms.filed)
    if content.provider_template is None:
        if find_fit(body, (one for one in several if not one.variables or _may_vary(one, terms))) is None:
            yield fault("filed_only")
        return
    filed = next((one for one in several if one.code == content.provider_template), None)
    if filed is None:
        yield fault("filed_unknown", found=content.provider_template)
        return
    if filed.variables and not _may_vary(filed, terms):
        yield fault("filed_variables", found=len(filed.variables))
        return
    faults = check_values(filed, content.parameters)
    yield from faults
    if not faults:
        reads = "".join(one if isinstance(one, str) else content.parameters[one.name] for one in filed.pieces)
        if reads != body:
            yield fault("filed_differs", found=reads)


def _may_vary(filed: FiledText, terms: ChannelTerms) -> bool:
    dialect = filed.dialect
    return terms.allows_variables and (dialect.in_promotions if filed.promotional else dialect.in_notices)


def _as_contracted(filed: FiledText, terms: ChannelTerms) -> FiledText:
    """The filed text under the account's own limit of a value, where that is stricter."""
    most = filed.dialect.max_value
    if not terms.max_variable or (most and most <= terms.max_variable):
        return filed
    return replace(filed, dialect=replace(filed.dialect, max_value=terms.max_variable))


def _subject_faults(subject: str | None, terms: ChannelTerms) -> Iterator[LimitFault]:
    if not subject or not subject.strip():
        yield fault("subject_missing")
        return
    if not subject.isprintable():
        yield fault("subject_lines")
    if terms.max_subject and len(subject) > terms.max_subject:
        yield fault("subject_long", found=len(subject), most=terms.max_subject)
