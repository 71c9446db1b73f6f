"""How long a text message is and where it breaks: units, parts and the signature (SMS spec §1.5, §1.6). Pure.

Mainland lines count UTF-16 code units of signature and text together: 70 in one part, else 67 a part, for
plain ASCII too. Abroad GSM-7 counts 160 / 153 septets, and one character outside it turns the whole message
to 70 / 67.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from wenhou.core.errors import InputError

Encoding = Literal["ucs2", "gsm7"]

ONE_PART: Final[dict[Encoding, int]] = {"ucs2": 70, "gsm7": 160}
# What is left of 140 octets after the 6 of the concatenation header (8-bit reference).
EACH_PART: Final[dict[Encoding, int]] = {"ucs2": 67, "gsm7": 153}
REFUSAL_SUFFIX: Final = "拒收请回复R"
MIN_SIGNATURE: Final = 2
MAX_SIGNATURE: Final = 16

_GSM7_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED: Final = frozenset("\f^{}\\[~]|€")
_SIGNATURE: Final = re.compile(r"【([^【】]*)】")
_BRACKETS: Final = re.compile(r"[【】]")
_ZERO_WIDTH_JOINER: Final = "\u200d"
_REGIONAL: Final = range(0x1F1E6, 0x1F200)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)
_TAGS: Final = range(0xE0020, 0xE0080)


class SmsTextInvalid(InputError):
    """A text no line would take; code sms_empty, signature_missing, signature_place and others."""

    code = "sms_text_invalid"

    def __init__(self, code: str, sentence_zh: str, sentence_en: str) -> None:
        super().__init__(sentence_zh, code=code)
        self.sentence_zh = sentence_zh
        self.sentence_en = sentence_en


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """A measured text. units: UTF-16 units or septets. parts: the texts of the parts, in order."""

    encoding: Encoding
    units: int
    parts: tuple[str, ...]

    @property
    def left(self) -> int:
        """Return how many units still fit without a further part."""
        if len(self.parts) == 1:
            return ONE_PART[self.encoding] - self.units
        return EACH_PART[self.encoding] - _size(self.parts[-1], self.encoding)


def count_units(text: str) -> int:
    """Return the UTF-16 code units: 1 for a Chinese character or a letter, 2 for most emoji."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def count_parts(units: int) -> int:
    """Return what carriers bill for this many units on a mainland line; 0 units have no parts.

    A part that cannot be filled because an emoji would be torn may add one: `split_text` knows.
    """
    if units <= 0:
        return 0
    return 1 if units <= ONE_PART["ucs2"] else -(-units // EACH_PART["ucs2"])


def split_text(text: str) -> Segments:
    """Split for a mainland line, never inside a grapheme; raise `SmsTextInvalid` when empty."""
    return _segment(text, "ucs2")


def split_international(text: str) -> Segments:
    """Split for a line abroad: GSM-7 if every character is in it, else UCS-2 for the whole message."""
    septets = all(character in _GSM7_BASIC or character in _GSM7_EXTENDED for character in text)
    return _segment(text, "gsm7" if septets else "ucs2")


def compose(signature: str, text: str, suffix: str = "") -> str:
    """Return 【signature】 + text + suffix as a direct line wants it; raise `SmsTextInvalid`.

    signature: the filed name without brackets, 2–16 characters. suffix: the refusal line of promotional
    purposes (`REFUSAL_SUFFIX`), added only where the text does not already end with it.
    """
    check_signature_name(signature)
    body = text.strip()
    if not body:
        raise _empty()
    if _BRACKETS.search(body) is not None:
        raise SmsTextInvalid(
            "signature_repeated",
            "正文不能含【】：签名由系统加在最前面，请改用其他括号。",
            "The text must not hold 【 or 】: the signature is put in front of it; use other brackets.",
        )
    return f"【{signature}】{body}" + ("" if suffix and body.endswith(suffix) else suffix)


def check_signature_name(signature: str) -> None:
    """Raise `SmsTextInvalid` unless it can be filed: 2–16 characters, not digits only, no brackets."""
    good = MIN_SIGNATURE <= len(signature) <= MAX_SIGNATURE and signature == signature.strip()
    if not good or signature.isdigit() or re.search(r"[【】\[\]\s]", signature) is not None:
        raise SmsTextInvalid(
            "signature_name",
            "短信签名应为2至16个字符，不能全是数字，也不含括号和空格，如“江城银行”。",
            "A signature has 2–16 characters, not digits only, without brackets or blanks, as 江城银行.",
        )


def check_signature(text: str, signature: str | None = None, *, at_end: bool = False) -> None:
    """Raise `SmsTextInvalid` unless the final text has exactly one 【…】, in its place, and this one."""
    found = list(_SIGNATURE.finditer(text))
    if not found:
        raise SmsTextInvalid(
            "signature_missing",
            "短信缺少签名：最前面应为【签名】。",
            "No signature: the text must begin with 【name】.",
        )
    brackets = _BRACKETS.findall(text)
    if len(found) > 1 or len(brackets) != len("【】"):
        raise SmsTextInvalid(
            "signature_repeated", "短信只能有一个【签名】。", "There must be exactly one 【name】."
        )
    only = found[0]
    if (only.end() != len(text)) if at_end else (only.start() != 0):
        raise SmsTextInvalid(
            "signature_place",
            "【签名】应在短信最后面。" if at_end else "【签名】应在短信最前面。",
            f"The 【name】 must stand at the {'end' if at_end else 'beginning'} of the text.",
        )
    check_signature_name(only[1])
    if signature is not None and only[1] != signature:
        raise SmsTextInvalid(
            "signature_unfiled",
            f"短信签名应为备案的【{signature}】。",
            f"The signature must be the filed one, 【{signature}】.",
        )


def graphemes(text: str) -> Iterator[str]:
    """Yield what a reader sees as one character: emoji with joiners and tones, flags, letters with marks."""
    start = 0
    for index in range(1, len(text) + 1):
        if index == len(text) or not _holds_on(text, start, index):
            yield text[start:index]
            start = index


def _holds_on(text: str, start: int, index: int) -> bool:
    """Whether the character at index belongs to the grapheme that began at start."""
    before, here = text[index - 1], text[index]
    code = ord(here)
    if here == _ZERO_WIDTH_JOINER or code in _SKIN_TONES or code in _TAGS:
        return True
    if unicodedata.category(here) in {"Mn", "Me", "Mc"}:
        return True
    if before == _ZERO_WIDTH_JOINER or (before == "\r" and here == "\n"):
        return True
    # Flags are pairs of regional letters: the second of a pair holds on, the third begins anew.
    return code in _REGIONAL and ord(before) in _REGIONAL and (index - start) % 2 == 1


def _segment(text: str, encoding: Encoding) -> Segments:
    if not text.strip():
        raise _empty()
    units = _size(text, encoding)
    if units <= ONE_PART[encoding]:
        return Segments(encoding=encoding, units=units, parts=(text,))
    return Segments(encoding=encoding, units=units, parts=tuple(_fill(text, encoding)))


def _fill(text: str, encoding: Encoding) -> Iterator[str]:
    room = EACH_PART[encoding]
    part, used = "", 0
    for grapheme in graphemes(text):
        # A grapheme longer than a part (stacked marks, only a prank) breaks between its characters.
        pieces = (grapheme,) if _size(grapheme, encoding) <= room else tuple(grapheme)
        for piece in pieces:
            size = _size(piece, encoding)
            if used + size > room:
                yield part
                part, used = "", 0
            part += piece
            used += size
    yield part


def _size(text: str, encoding: Encoding) -> int:
    if encoding == "gsm7":
        return len(text) + sum(character in _GSM7_EXTENDED for character in text)
    return count_units(text)


def _empty() -> SmsTextInvalid:
    return SmsTextInvalid("sms_empty", "短信正文为空。", "The text is empty.")
