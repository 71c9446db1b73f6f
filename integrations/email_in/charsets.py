"""Character sets as they come: wrong labels, raw 8-bit headers, characters split over two encoded words.

Nothing here raises; what cannot be read becomes U+FFFD at the very end of a ladder (mail specification §7.4, §8).
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from email.message import Message
from typing import Final

LONGEST_HEADER: Final = 20_000
_CHINESE: Final = {
    "gb2312": "gb18030", "gbk": "gb18030", "cp936": "gb18030", "x-gbk": "gb18030", "gb18030": "gb18030",
    "euc-cn": "gb18030", "gb-2312": "gb18030", "gb_2312-80": "gb18030", "hz": "hz", "hz-gb-2312": "hz",
    "big5": "cp950", "big-5": "cp950", "x-big5": "cp950", "cn-big5": "cp950", "big5-hkscs": "big5hkscs",
}  # fmt: skip
"""GB2312 lacks 镕 and 喆, GBK lacks the euro: GB18030 holds them all."""
_NO_LABEL: Final = frozenset(
    {
        "",
        "us-ascii",
        "ascii",
        "iso-8859-1",
        "latin-1",
        "latin1",
        "windows-1252",
        "cp1252",
        "unknown-8bit",
        "x-unknown",
    }
)
"""Labels that programs write when they know nothing."""
_OTHERS: Final = re.compile(
    r"utf-?8|utf-?(16|32)([-_]?[lb]e)?|(iso-?8859|windows|cp|koi8|mac)[-_]?[a-z0-9]{1,8}|shift[-_]?jis|sjis"
    r"|euc-?(jp|kr)|iso-2022-(jp|kr)(-\d)?|ks_c_5601-1987|tis-620"
)
"""Only these are asked of Python, which knows "charsets" that are none, some of them slow."""
_WORD: Final = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,20000})\?=")
_ESCAPE: Final = re.compile(rb"=([0-9A-Fa-f]{2})")
_ADDRESS: Final = re.compile(r"[^\s<>\"(),;:\[\]\\]{1,128}@[^\s<>\"(),;:\[\]\\]{1,255}")
_ANGLED: Final = re.compile(r"<\s*([^\s<>]{1,128}@[^\s<>]{1,255})\s*>")


def decode_bytes(raw: bytes, declared: str | None) -> str:
    """The text: by its label where that is true, else UTF-8, GB18030, Big5, Latin-1; never fails."""
    name = (declared or "").strip("\"' \t").lower()
    if name in _NO_LABEL or _is_utf8_chinese(raw):
        return _by_ladder(raw)
    codec = _CHINESE.get(name) or (name if _OTHERS.fullmatch(name) else None)
    if codec is not None:
        try:
            text = raw.decode(codec)
        except (UnicodeError, LookupError):
            return _by_ladder(raw)
        if "\ufffd" not in text:
            return text
    return _by_ladder(raw)


def _is_utf8_chinese(raw: bytes) -> bool:
    """UTF-8 under another name: valid, and all that is not ASCII is Chinese; GBK text that looks so is next to none."""
    if raw.isascii():
        return False
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return all(char >= "\u2000" or char < "\u0080" or char in "\u00a0\u00b7\u00d7" for char in text)


def _by_ladder(raw: bytes) -> str:
    for charset in ("utf-8", "gb18030", "cp950"):
        try:
            return raw.decode(charset)
        except UnicodeDecodeError:
            continue
    # A long text with one broken byte is Chinese all the same; only what is hardly readable so is Western.
    text = raw.decode("gb18030", "replace")
    return text if text.count("\ufffd") * 50 < len(text) else raw.decode("latin-1")


def clean(text: str) -> str:
    """Text that every store takes: no NUL, no lone surrogate."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def raw_headers(mail: Message, name: str) -> Iterator[str]:
    """Each value of a header as it came, unfolded, its 8-bit bytes as surrogates."""
    wanted = name.lower()
    for found, value in mail.raw_items():
        if found.lower() == wanted:
            yield re.sub(r"[\r\n]+[ \t]*", " ", str(value)[:LONGEST_HEADER]).strip()


def raw_header(mail: Message, name: str) -> str:
    """The first value of a header, "" when there is none."""
    return next(raw_headers(mail, name), "")


def header_text(mail: Message, name: str) -> str:
    """A header for people: decoded, "" when absent."""
    return decode_header(raw_header(mail, name))


def decode_header(value: str) -> str:
    """Encoded words and raw bytes as text. Words of one charset are joined before they are read (spec §8)."""
    pieces: list[tuple[bytes, str]] = []
    end = 0
    for match in _WORD.finditer(value):
        between = value[end : match.start()]
        end = match.end()
        if between.strip(" \t") or not pieces or pieces[-1][1] == "":
            pieces.append((_bytes(between), ""))
        charset = match[1].partition("*")[0].lower()
        word = _word_bytes(match[2], match[3])
        if pieces and pieces[-1][1] == charset:
            pieces[-1] = (pieces[-1][0] + word, charset)
        else:
            pieces.append((word, charset))
    pieces.append((_bytes(value[end:]), ""))
    return clean("".join(decode_bytes(raw, charset) for raw, charset in pieces)).strip()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _word_bytes(kind: str, text: str) -> bytes:
    if kind in "qQ":
        return _ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), _bytes(text).replace(b"_", b" "))
    return lenient_base64(_bytes(text))


def lenient_base64(raw: bytes) -> bytes:
    """What can be read of base64, padding or not."""
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    try:
        return base64.b64decode(kept + b"=" * (-len(kept) % 4))
    except (binascii.Error, ValueError):
        return b""


def address_in(value: str) -> str:
    """The mail address of an undecoded header, lower-case, "" when there is none.

    Undecoded, because a display name may hold a second address in an encoded word; the last in angle brackets is meant.
    """
    short = value[:2000]
    angled = _ANGLED.findall(short)
    if angled:
        return clean(str(angled[-1])).lower()
    match = _ADDRESS.search(short)
    return clean(match[0]).lower() if match else ""


def addresses_in(value: str) -> list[str]:
    """Every address in a header with several, lower-case."""
    return [clean(found).lower() for found in _ADDRESS.findall(value[:LONGEST_HEADER])]
