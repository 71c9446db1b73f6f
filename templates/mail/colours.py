"""Colours of a mail: how readable one is on another (WCAG 2), and what a mail's own dark rules make of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

READABLE = 4.5
"""The least contrast of ordinary text (WCAG 2.1, 1.4.3, level AA)."""
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})\Z", re.IGNORECASE)
_DARK = re.compile(r"@media \(prefers-color-scheme:\s*dark\)\s*\{((?:[^{}]*\{[^{}]*\})*)\s*\}")
_RULE = re.compile(r"\.([a-z]+)\s*\{([^{}]*)\}")


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white); ValueError for what is no #rgb or #rrggbb."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def style_of(text: str) -> dict[str, str]:
    """The declarations of a style attribute, lower-case names, `!important` left out."""
    found = {}
    for declaration in text.split(";"):
        name, colon, value = declaration.partition(":")
        if colon:
            found[name.strip().lower()] = value.replace("!important", "").strip()
    return found


def dark_rules(style: str) -> Mapping[str, Mapping[str, str]]:
    """What each class becomes where the reader's device is dark: class name → declarations."""
    block = _DARK.search(style)
    if block is None:
        return {}
    return {name: style_of(rule) for name, rule in _RULE.findall(block[1])}


def _luminance(colour: str) -> float:
    match = _HEX.match(colour)
    if match is None:
        msg = f"not a colour as #rrggbb: {colour!r}"
        raise ValueError(msg)
    digits = match[1] if len(match[1]) > 3 else "".join(digit * 2 for digit in match[1])
    red, green, blue = (_linear(int(digits[place : place + 2], 16) / 255) for place in (0, 2, 4))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(share: float) -> float:
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
