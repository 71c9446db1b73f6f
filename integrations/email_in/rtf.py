"""RTF as Outlook packs it into `winmail.dat`: unpacked to at most a mebibyte, its words read, its pictures left."""

from __future__ import annotations

import re
import struct
from typing import Final

from integrations.email_in.charsets import decode_bytes

MAX_TEXT: Final = 1 << 20
_HEADER: Final = 16
_PLAIN, _PACKED = 0x414C454D, 0x75465A4C
_DICTIONARY: Final = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor MS Sans SerifSymbol"
    rb"ArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
_RTF: Final = re.compile(
    rb"\\u(-?\d{1,6}) ?\??|\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)"
)
_LEFT_OUT: Final = frozenset(
    {b"fonttbl", b"colortbl", b"stylesheet", b"info", b"pict", b"generator", b"htmltag", b"mhtmltag"}
)
_SPACES: Final = {b"par": "\n", b"line": "\n", b"tab": "\t"}


def unpack_rtf(data: bytes) -> bytes:
    """Compressed RTF (MS-OXRTFCP), at most a mebibyte of it; what does not fit ends it."""
    if len(data) < _HEADER:
        return b""
    _packed, size, magic, _crc = struct.unpack_from("<IIII", data)
    if magic == _PLAIN:
        return data[_HEADER : _HEADER + min(size, MAX_TEXT)]
    if magic != _PACKED:
        return b""
    out = bytearray(_DICTIONARY)
    end = len(out) + min(size, MAX_TEXT)
    at = _HEADER
    while 0 < at < len(data) and len(out) < end:
        at = _unpack_run(data, at, out)
    return bytes(out[len(_DICTIONARY) : end])


def _unpack_run(data: bytes, at: int, out: bytearray) -> int:
    """One control byte and the eight pieces it speaks of; where the next begins, 0 at the end."""
    control = data[at]
    at += 1
    for bit in range(8):
        if at >= len(data):
            return 0
        if not control & (1 << bit):
            out.append(data[at])
            at += 1
            continue
        token = int.from_bytes(data[at : at + 2], "big")
        at += 2
        back = (len(out) - (token >> 4)) % 4096
        if back == 0 or at > len(data):
            return 0
        for _ in range((token & 15) + 2):
            source = len(out) - back
            out.append(out[source] if source >= 0 else 0x20)
    return at


def rtf_to_text(rtf: bytes) -> str:
    """The words of an RTF text; tables of fonts and the like left out."""
    out: list[str] = []
    held = bytearray()  # bytes of one charset, decoded together: a character has two
    depth = hidden = 0
    for match in _RTF.finditer(rtf[:MAX_TEXT]):
        if match[6]:
            depth += 1 if match[6] == b"{" else -1
            hidden = hidden if depth >= hidden else 0
        elif match[3] in _LEFT_OUT or match[5] == b"*":
            hidden = hidden or max(depth, 1)
        if hidden:
            continue
        if match[2]:
            held.append(int(match[2], 16))
            continue
        out.append(decode_bytes(bytes(held), "gbk") + _piece(match))
        held.clear()
    out.append(decode_bytes(bytes(held), "gbk"))
    text = "".join(out)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def _piece(match: re.Match[bytes]) -> str:
    if match[1]:
        return chr(int(match[1]) % 65536)
    if match[7]:
        return decode_bytes(match[7], "cp1252")
    if match[5] in {b"\\", b"{", b"}"}:
        return match[5].decode()
    return _SPACES.get(match[3], "")
