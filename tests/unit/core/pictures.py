"""Small images made from nothing: sound ones, and each kind that is refused."""

from __future__ import annotations

import struct
import zlib

_GPS_EXIF = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0x8825, 4, 1, 26) + b"\0" * 8


def chunk(kind: bytes, data: bytes) -> bytes:
    """A PNG block with its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(
    width: int = 128, height: int = 96, *, extra: bytes = b"", lines: int | None = None, shade: int = 90
) -> bytes:
    """A PNG of one colour; `extra` blocks before the picture; `lines` other than the height breaks it."""
    rows = (b"\0" + bytes([shade, 60, 40]) * width) * (height if lines is None else lines)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def png_with_place() -> bytes:
    """A PNG whose camera notes say where it was taken."""
    return png(extra=chunk(b"eXIf", _GPS_EXIF))


def animated_png() -> bytes:
    """A PNG that moves."""
    return png(extra=chunk(b"acTL", struct.pack(">II", 2, 0)))


def segment(marker: int, data: bytes) -> bytes:
    """A JPEG block."""
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def jpeg(width: int = 128, height: int = 96, *, extra: bytes = b"", frame: int = 0xC0) -> bytes:
    """A JPEG sound in its blocks; its picture's data are a stand-in with a stuffed byte and a restart."""
    sof = segment(frame, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0")
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x12\xff\x00\x34\xff\xd0\x56"
    return b"\xff\xd8" + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0") + extra + sof + scan + b"\xff\xd9"


def jpeg_with_place() -> bytes:
    """A JPEG whose camera notes say where it was taken."""
    return jpeg(extra=segment(0xE1, b"Exif\0\0" + _GPS_EXIF))


def gif(width: int = 128, height: int = 96, *, pictures: int = 1, looping: bool = False) -> bytes:
    """A GIF with so many pictures."""
    loop = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0" if looping else b""
    one = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0) + b"\x02\x02\x44\x01\0"
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", width, height, 0x80, 0, 0)
        + b"\0\0\0\xff\xff\xff"
        + loop
        + one * pictures
        + b"\x3b"
    )
