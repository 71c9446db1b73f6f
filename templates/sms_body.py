"""The body of an SMS before signature and opt-out line join it: one line, closed, no refused characters.

Composition, lengths and parts are `wenhou.core.sms_text`; which purposes owe the opt-out line stands here.
"""

from __future__ import annotations

import re

from wenhou.core.limits.characters import refused_in as refused_characters
from wenhou.core.limits.terms import MAX_SMS_UNITS as MAX_UNITS
from wenhou.core.purposes import Purpose
from wenhou.core.sms_text import REFUSAL_SUFFIX

__all__ = ["MAX_UNITS", "bare_signature", "one_line", "refused_characters", "suffix_for"]

_ENDS = frozenset('。！？!?.…；;）)”"’')
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")


def suffix_for(purpose: str) -> str:
    """Return the opt-out line that a purpose owes: none for service, the unified wording for the rest.

    It is filed with the line in Chinese, so English texts carry it as well.
    """
    return REFUSAL_SUFFIX if Purpose(purpose).is_promotional else ""


def bare_signature(signature: str) -> str:
    """Return the signature without brackets and blanks around it."""
    return signature.strip().removeprefix("【").removesuffix("】").strip()


def one_line(body: str, suffix: str) -> str:
    """Return the body on one line; with a suffix to come it ends in a mark, so that the suffix stands apart."""
    line = " ".join(body.split())
    if not (suffix and line):
        return line
    if line[-1] not in _ENDS:
        line += "。" if _HAN.match(line[-1]) else "."
    return f"{line} " if line[-1].isascii() else line
