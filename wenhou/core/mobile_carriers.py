"""Which carrier a mainland number was given out by: a guess from its first digits, because numbers are ported.

It decides whose filing of a signature counts, never whether a number is right. Prefixes of resellers (165, 167,
170, 171) follow the network they use. As of 2025; what is not listed is nobody's.
"""

from __future__ import annotations

from typing import Final

MOBILE, UNICOM, TELECOM, BROADNET = "移动", "联通", "电信", "广电"
CARRIERS: Final = (MOBILE, UNICOM, TELECOM, BROADNET)

_PREFIXES: Final = {
    MOBILE: "134 135 136 137 138 139 147 148 150 151 152 157 158 159 165 172 178 182 183 184 187 188 195 197 198"
    " 1703 1705 1706",
    UNICOM: "130 131 132 140 145 146 155 156 166 167 171 175 176 185 186 196 1704 1707 1708 1709",
    TELECOM: "133 149 153 162 173 174 177 180 181 189 190 191 193 199 1349 1700 1701 1702",
    BROADNET: "192",
}
_BY_PREFIX: Final = {
    prefix: carrier for carrier, prefixes in _PREFIXES.items() for prefix in prefixes.split()
}
_SPELLINGS: Final = {
    MOBILE: {"cmcc", "mobile", "china mobile"},
    UNICOM: {"cucc", "unicom", "china unicom"},
    TELECOM: {"ctcc", "telecom", "china telecom"},
    BROADNET: {"cbn", "broadnet", "china broadnet"},
}
_MAINLAND: Final = "+86"


def carrier_of(e164: str) -> str:
    """移动, 联通, 电信 or 广电; empty for a number abroad or a prefix that is not listed."""
    digits = e164.removeprefix(_MAINLAND) if e164.startswith(_MAINLAND) else ""
    return _BY_PREFIX.get(digits[:4]) or _BY_PREFIX.get(digits[:3]) or ""


def carrier_word(text: str) -> str:
    """A carrier as a bank's file spells it (中国移动, CMCC …) in the words above; what is not known stays as it came."""
    lower = text.strip().lower()
    for word, spellings in _SPELLINGS.items():
        if word in lower or lower in spellings:
            return word
    return text.strip()
