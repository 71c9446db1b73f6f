"""What mainland lines do not carry, and what to write instead (SMS spec §1.6)."""

from __future__ import annotations

import re
import unicodedata
from types import MappingProxyType
from typing import Final

INSTEAD: Final = MappingProxyType(
    {
        "¥": ("元", "yuan"), "★": ("", ""), "※": ("注：", "Note:"), "→": ("到", "to"), "●": ("", ""),
        "☞": ("请看", "see"), "✓": ("已", "yes"), "√": ("已", "yes"), "&": ("和", "and"), "^": ("", ""),
        "[": ("（", "("), "]": ("）", ")"),
    }
)  # fmt: skip
"""A refused sign → what may stand for it in Chinese and in English; "" means: leave it out."""

_ORDINARY: Final = re.compile(r"[\u4e00-\u9fff\w ，。！？、：；“”‘’（）《》【】—…,.!?:;'()/+%-]*")
_HAN: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U000323af]")
_SMILE: Final = "^_^"
_BEYOND_BMP: Final = 0xFFFF
_EMOJI_MARKS: Final = frozenset("\u200d\ufe0f\u20e3")


def refused_in(text: str) -> str:
    """Return what lines do not carry, each once, in order: listed signs, emoji, other symbols; rare Han passes."""
    if _ORDINARY.fullmatch(text):
        return ""
    return "".join(dict.fromkeys(char for char in text if _is_refused(char)))


def replaced(text: str, locale: str = "zh-CN") -> str:
    """Return the text with every refused character replaced or left out, as an editor may offer it."""
    column = 1 if locale == "en" else 0
    plain = "".join(
        INSTEAD[char][column] if char in INSTEAD else "" if _is_refused(char) else char
        for char in text.replace(_SMILE, "")
    )
    return re.sub(r" {2,}", " ", plain).strip()


def advice(found: str) -> tuple[str, str]:
    """Return what to do about refused characters, in both languages: “→”改为“到”、“★”请删去."""
    zh, en = [], []
    for char in found:
        chinese, english = INSTEAD.get(char, ("", ""))
        zh.append(f"“{char}”改为“{chinese}”" if chinese else f"“{char}”请删去")
        en.append(f"write {english} for {char}" if english else f"leave out {char}")
    return "、".join(zh), ", ".join(en)


def _is_refused(char: str) -> bool:
    if char in INSTEAD or char in _EMOJI_MARKS or unicodedata.category(char) == "So":
        return True
    return ord(char) > _BEYOND_BMP and not _HAN.match(char)
