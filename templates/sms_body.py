"""The body of an SMS before signature and opt-out line join it: one line, closed, no refused characters.

Composition, lengths and parts are `wenhou.core.sms_text`; which purposes owe the opt-out line stands here.
"""

from __future__ import annotations

import re
import unicodedata

from wenhou.core.purposes import Purpose
from wenhou.core.sms_text import REFUSAL_SUFFIX

MAX_UNITS = 500  # providers refuse more (SMS spec §1.5)
_REFUSED = frozenset("¥★※→●☞✓&√^[]")  # SMS spec §1.6, beside emoji
_ENDS = frozenset('。！？!?.…；;）)”"’')
_ORDINARY = re.compile(r"[\u4e00-\u9fff\w ，。！？、：；“”‘’（）《》—…,.!?:;'()/+%-]*")
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


def refused_characters(text: str) -> str:
    """Return what lines do not carry, each once: listed signs, emoji, other symbols; rare Han passes."""
    if _ORDINARY.fullmatch(text):
        return ""
    found = (
        char
        for char in text
        if char in _REFUSED
        or unicodedata.category(char) == "So"
        or (not _HAN.match(char) and ord(char) > 0xFFFF)
    )
    return "".join(dict.fromkeys(found))
