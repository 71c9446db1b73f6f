"""What a subject or a display name may hold; asked before approval, so that no mail is changed on its way out.

The builder of the bytes (`integrations.email_smtp.message`) would turn a control into a blank: the approver would
then have seen other words than the customer. Here such a header is refused instead.
"""

from __future__ import annotations

import unicodedata

MAX_SUBJECT = 120  # characters; phones show about thirty
MAX_NAME = 60
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINS = frozenset("\u200d\ufe0f")  # inside emoji


def refused_in_subject(subject: str) -> str:
    """Why the subject is no good (`control`, `direction`, `invisible`, `encoded_word`, `length`, `empty`), "" if it is."""
    return _refused(subject, MAX_SUBJECT)


def refused_in_name(name: str) -> str:
    """The same of a display name, which may not look like an address of somebody else either (`address`)."""
    return _refused(name, MAX_NAME) or ("address" if "@" in name or "<" in name or ">" in name else "")


def _refused(text: str, most: int) -> str:
    if not text.strip():
        return "empty"
    if len(text) > most:
        return "length"
    if "=?" in text and "?=" in text:  # words that programs would decode into others
        return "encoded_word"
    if text.isascii():
        return "" if text.isprintable() else "control"
    return next((fault for char in text if not char.isprintable() and (fault := _fault(char))), "")


def _fault(char: str) -> str:
    if char in _BIDI:
        return "direction"
    if char in _JOINS or char == "\u3000":
        return ""
    kind = unicodedata.category(char)
    if kind in {"Cc", "Cs", "Zl", "Zp", "Cn", "Co"}:
        return "control"
    return "invisible" if kind == "Cf" else ""
