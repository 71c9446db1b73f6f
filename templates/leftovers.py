"""What a finished text must never show: braces, empty pairs, doubled marks, 尊敬的None. The last look before it is kept."""

from __future__ import annotations

import re

# One pass with classes in front, as it runs over every message: 60 characters take about 3 µs.
_ODD = re.compile(
    r"[{}]{2}|\$\{|\{%|%\}"  # a placeholder nobody filled
    r"|[（(]\s*[）)]|《\s*》|“\s*”|「\s*」|‘\s*’|〈\s*〉|\[\s*\]"  # a pair around nothing
    r"|[，、；：]\s?[，。、；：！？,.;!?]|[。！？]\s?[，、；：。]"  # doubled where a value was empty
    r"|,\s?[,.;:!?，。]|;\s?[;,.]|:\s?[,;.]"
    r"|[（《“(]\s?[，。、；：！？]"
    r"|(?:尊敬|亲爱)的\s*(?:[，,：:！!]|\Z)|Dear\s*[,:!]|Hello,?\s+[,!]"
    r"|先生(?:先生|女士)|女士(?:先生|女士)"
    r"|(?<![A-Za-z])(?:None|NULL|null|NaN|undefined|NaT)(?![A-Za-z ])"
)
_BEGINS = re.compile(r"\s*[，。、；：！？）》”,.;:!?)]")


def odd_in(text: str) -> str:
    """Return the first thing in a rendered text that no person would have written; "" when there is none."""
    found = _ODD.search(text) or _BEGINS.match(text)
    return found[0].strip() if found else ""
