"""The line's last word on a text: its signature's place, its opt-out words, its characters, its length."""

from __future__ import annotations

import re
from typing import Final

from integrations.sms_http.line_form import Words
from wenhou.core import sms_text
from wenhou.core.limits.characters import refused_in
from wenhou.core.sms_text import REFUSAL_SUFFIX, SmsTextInvalid

_SIGNATURE: Final = re.compile(r"^【[^【】]*】")
_ANY_SIGNATURE: Final = re.compile(r"【[^【】]*】")


class LineRefuses(Exception):
    """The line would not carry this text; `code` is what the attempt keeps."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def fit(text: str, purpose: str, words: Words, *, place: str, max_units: int = 0, max_parts: int = 0) -> str:
    """The text as it leaves on this line; raises LineRefuses. `place`: in_text, at_end or stripped.

    What was approved stays: only the signature moves, the opt-out words become the line's own, and characters of the
    line's list are replaced.
    """
    if not text.strip():
        raise LineRefuses("empty_text")
    if words.needs_signature or len(_ANY_SIGNATURE.findall(text)) > 1:
        _check_signature(text)
    match = _SIGNATURE.match(text)
    signature, body = (match[0], text[match.end() :]) if match else ("", text)
    body = _with_suffix(body, words.suffixes.get(purpose))  # type: ignore[call-overload]
    for sign, instead in words.replace.items():
        body = body.replace(sign, instead)
    if any(sign in words.refuse for sign in body) or (words.refuse_emoji and refused_in(body)):
        raise LineRefuses("characters")
    if not body.strip():
        raise LineRefuses("empty_text")
    _measure(signature + body, max_units, max_parts)
    return {"stripped": body, "at_end": body + signature}.get(place, signature + body)


def _check_signature(text: str) -> None:
    try:
        sms_text.check_signature(text)
    except SmsTextInvalid as error:
        raise LineRefuses(error.code) from None


def _with_suffix(body: str, suffix: str | None) -> str:
    """The line's own opt-out words in place of the unified ones; None: they stay."""
    if suffix is None or (suffix and body.endswith(suffix)):
        return body
    return body.removesuffix(REFUSAL_SUFFIX) + suffix


def _measure(text: str, max_units: int, max_parts: int) -> None:
    """Platforms cut what is too long and say that all is well (Kannel, SMS specification §9.3): asked before."""
    if max_units and sms_text.count_units(text) > max_units:
        raise LineRefuses("too_many_units")
    if max_parts and len(sms_text.split_text(text).parts) > max_parts:
        raise LineRefuses("too_many_parts")
