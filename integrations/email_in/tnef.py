"""`winmail.dat` (TNEF, MS-OXTNEF): the words and the names of attachments, and nothing else.

A bounded reader: every length is checked against what is there, nothing is unpacked except a text of limited size
(compressed RTF), and whatever does not fit ends the reading with what was found so far.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from integrations.email_in.charsets import decode_bytes
from integrations.email_in.rtf import rtf_to_text, unpack_rtf

_SIGNATURE: Final = 0x223E9F78
_BODY, _MAPI, _TITLE, _RENDER, _DATA, _CODEPAGE, _ATTACHMENT = (
    0x0002800C, 0x00069003, 0x00018010, 0x00069002, 0x0006800F, 0x00069007, 0x00069005,
)  # fmt: skip
_P_BODY, _P_HTML, _P_RTF, _P_LONG_NAME, _P_CODEPAGE = 0x1000, 0x1013, 0x1009, 0x3707, 0x3FDE
_MOST_ATTRIBUTES: Final = 2000
_MOST_PROPERTIES: Final = 5000
_MOST_ATTACHMENTS: Final = 100
MAX_TEXT: Final = 1 << 20
_FIXED: Final = {
    0x02: 4,
    0x03: 4,
    0x04: 4,
    0x05: 8,
    0x06: 8,
    0x07: 8,
    0x0A: 4,
    0x0B: 4,
    0x14: 8,
    0x40: 8,
    0x48: 16,
}
_UNICODE, _BINARY = 0x1F, 0x102
_TEXTS: Final = frozenset({0x1E, _UNICODE, _BINARY})
_SIZED: Final = frozenset({0x0D, *_TEXTS})
_CODEPAGES: Final = {936: "gb18030", 950: "cp950", 1252: "cp1252", 65001: "utf-8", 54936: "gb18030"}


@dataclass(slots=True, kw_only=True)
class Tnef:
    """What was found."""

    text: str = ""
    html: str = ""
    attachments: list[tuple[str, int]] = field(default_factory=list)


def read_tnef(raw: bytes) -> Tnef:
    """The words and attachments' names and sizes; empty for what is no TNEF. Never raises."""
    found = Tnef()
    if len(raw) < 6 or struct.unpack_from("<I", raw)[0] != _SIGNATURE:
        return found
    codepage = ""
    for name, data in _attributes(raw):
        if name == _CODEPAGE and len(data) >= 4:
            codepage = _CODEPAGES.get(struct.unpack_from("<I", data)[0], "")
        elif name == _BODY and not found.text:
            found.text = _string(data, codepage)
        elif name == _MAPI:
            _read_message(data, codepage, found)
        elif name == _RENDER and len(found.attachments) < _MOST_ATTACHMENTS:
            found.attachments.append(("unnamed", 0))
        elif found.attachments:
            found.attachments[-1] = _about_attachment(found.attachments[-1], name, data, codepage)
    return found


def _attributes(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 6
    for _ in range(_MOST_ATTRIBUTES):
        if at + 9 > len(raw):
            return
        _level, name, length = struct.unpack_from("<BII", raw, at)
        if at + 9 + length > len(raw):
            return
        yield name, raw[at + 9 : at + 9 + length]
        at += 9 + length + 2


def _about_attachment(known: tuple[str, int], name: int, data: bytes, codepage: str) -> tuple[str, int]:
    title, size = known
    if name == _TITLE and title == "unnamed":
        return _string(data, codepage) or title, size
    if name == _DATA:
        return title, len(data)
    if name == _ATTACHMENT:
        for tag, _kind, value in _properties(data):
            if tag == _P_LONG_NAME:
                return value if isinstance(value, str) and value else title, size
    return known


def _read_message(data: bytes, codepage: str, found: Tnef) -> None:
    for tag, _kind, value in _properties(data, codepage):
        if tag == _P_BODY and isinstance(value, str) and value.strip():
            found.text = value
        elif tag == _P_HTML and not found.html:
            found.html = value if isinstance(value, str) else decode_bytes(value, codepage)
        elif tag == _P_RTF and isinstance(value, bytes) and not found.text:
            found.text = rtf_to_text(unpack_rtf(value))


def _string(data: bytes, codepage: str) -> str:
    return decode_bytes(data[: 4 * MAX_TEXT].split(b"\0", 1)[0], codepage)[:MAX_TEXT]


def _properties(data: bytes, codepage: str = "") -> Iterator[tuple[int, int, str | bytes]]:
    """The MAPI properties that hold text or bytes; the reading ends at the first that does not fit."""
    reader = _Reader(data)
    try:
        for _ in range(min(reader.integer(), _MOST_PROPERTIES)):
            kind, tag = reader.pair()
            if tag & 0x8000:
                reader.skip_name()
            base = kind & 0x0FFF
            count = reader.integer() if kind & 0x1000 or base in _SIZED else 1
            for _one in range(min(count, _MOST_PROPERTIES)):
                value = reader.take(_FIXED[base] if base not in _SIZED else reader.integer())
                if base in _TEXTS:
                    yield tag, kind, value if base == _BINARY else _words(value, base, codepage)
    except (struct.error, KeyError):
        return


def _words(value: bytes, base: int, codepage: str) -> str:
    if base == _UNICODE:
        return value[: 4 * MAX_TEXT].decode("utf-16-le", "replace").split("\0", 1)[0]
    return _string(value, codepage)


class _Reader:
    """Reads on; raises struct.error at the end of what is there."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def integer(self) -> int:
        (value,) = struct.unpack_from("<I", self._data, self._at)
        self._at += 4
        return int(value)

    def pair(self) -> tuple[int, int]:
        first, second = struct.unpack_from("<HH", self._data, self._at)
        self._at += 4
        return int(first), int(second)

    def take(self, size: int) -> bytes:
        """So many bytes, and on to the next multiple of four."""
        if self._at + size > len(self._data):
            raise struct.error
        value = self._data[self._at : self._at + size]
        self._at += size + (-size % 4)
        return value

    def skip_name(self) -> None:
        """A named property says its set and its name before its value."""
        self.take(16)
        kind, value = self.integer(), self.integer()
        if kind == 1:
            self.take(value)
