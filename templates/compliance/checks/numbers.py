"""Numbers that name a person: identity cards, bank cards, mobile phones, however they are written.

Order numbers, hotlines, dates and masked numbers are none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from templates.compliance.reading import Reading, Span

_CHINESE = dict(zip("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789", strict=True))
_FIGURES = "\u1369-\u1371\u19da²³¹⁰⁴-⁹₀-₉①-⑨⑴-⑼⒈-⒐⓪⓵-⓽⓿❶-❾➀-➈➊-➒𐩀-𐩃𐹠-𐹨𑁒-𑁚🄀-🄊"
"""Digits that \\d does not know, as Unicode's `isdigit` does."""
_ANY_DIGIT = re.compile(f"[\\d{_FIGURES}{''.join(_CHINESE)}]")
_SEPARATORS = frozenset(" \t\u00a0\u3000-‐‑–—－_.·•/、，,()（）")
_MOST_BETWEEN = 2  # separators between two groups of one number
_MOST_GROUPS = 19
_LONGEST = 21
_MOBILE = re.compile(r"(?:86|0086)?1[3-9]\d{9}")
_CARD = re.compile(r"(?:62\d{14,17}|4\d{15}|5[1-5]\d{14}|3[47]\d{13}|35\d{14})")
_IDENTITY = re.compile(r"[1-9]\d{5}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dx]")
_OLD_IDENTITY = re.compile(r"[1-9]\d{7}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}")
_LABELLED_CARD = re.compile(
    r"(?:卡号|账号|账户|银行卡|储蓄卡|借记卡|信用卡|card(?:number|no)?)[是为:：\s]{0,4}\Z"
)
_LABELLED_IDENTITY = re.compile(r"(?:身份证|证件)(?:号码|号)?[是为:：\s]{0,4}\Z")
_LABELLED_OTHER = re.compile(
    r"(?:编号|单号|流水号?|订单号?|工单号?|受理号|凭证号|合同号|参考号|批次号?|业务号|案号|备案号|许可证号?|no\.?|ref(?:erence)?)[是为:：\s]{0,4}\Z"
)
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10x98765432"
_FEWEST = 11
Group = tuple[int, int, str]
"""Start, end and digits of one unbroken run."""


def personal_number(reading: Reading) -> Iterator[Span]:
    """Full identity, card and mobile numbers."""
    text = reading.text
    if len(_ANY_DIGIT.findall(text)) < _FEWEST:
        return
    for row in _rows(text):
        first = 0
        while first < len(row):
            taken = next(
                (last for last in _ends(row, first) if _is_personal(text, row[first : last + 1])), None
            )
            if taken is None:
                first += 1
            else:
                yield row[first][0], row[taken][1]
                first = taken + 1


def _ends(row: Sequence[Group], first: int) -> Iterator[int]:
    """The groups at which a number that begins at `first` may end, the longest first."""
    size, last = 0, first
    while last < len(row) and last - first < _MOST_GROUPS and size + len(row[last][2]) <= _LONGEST:
        size += len(row[last][2])
        last += 1
    yield from range(last - 1, first - 1, -1)


def _is_personal(text: str, groups: Sequence[Group]) -> bool:
    digits = "".join(group[2] for group in groups)
    if len(digits) < _FEWEST:
        return False
    before = text[max(0, groups[0][0] - 14) : groups[0][0]].lower()
    if _IDENTITY.fullmatch(digits):
        return _fits_check_digit(digits) or _LABELLED_IDENTITY.search(before) is not None
    if _OLD_IDENTITY.fullmatch(digits) and _LABELLED_IDENTITY.search(before):
        return True
    if 15 <= len(digits) <= 19 and _LABELLED_CARD.search(before):
        return True
    if _CARD.fullmatch(digits) and _fits_luhn(digits):
        return True
    return _MOBILE.fullmatch(digits) is not None and _LABELLED_OTHER.search(before) is None


def _rows(text: str) -> Iterator[list[Group]]:
    """Groups of digits with nothing but a separator or two between them; a row ends at any other sign."""
    row: list[Group] = []
    digits: list[str] = []
    start = end = 0
    gap = 0
    for place, char in enumerate(text):
        digit = _digit(char)
        if digit or (
            digits and char in "xXｘＸ" and len("".join(group[2] for group in row[-4:])) + len(digits) >= 17
        ):
            if not digits:
                start = place
            digits.append(digit or "x")
            end = place + 1
            gap = 0
            continue
        if unicodedata.category(char) == "Cf":
            continue
        if digits:
            row.append((start, end, "".join(digits)))
            digits = []
        gap += 1
        if (char not in _SEPARATORS or gap > _MOST_BETWEEN) and row:
            yield row
            row = []
    if digits:
        row.append((start, end, "".join(digits)))
    if row:
        yield row


def _digit(char: str) -> str:
    if char in _CHINESE:
        return _CHINESE[char]
    if char.isdigit():
        return str(unicodedata.digit(char))
    return ""


def _fits_check_digit(digits: str) -> bool:
    """GB 11643: the last of 18 is the weighted sum of the others modulo 11."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _WEIGHTS, strict=True))
    return _CHECK_DIGITS[total % 11] == digits[17]


def _fits_luhn(digits: str) -> bool:
    """ISO/IEC 7812: every second digit from the right doubled, the sum divisible by ten."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 * (number > 9)
    return total % 10 == 0
