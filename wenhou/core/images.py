"""Whether bytes are the still image they claim to be: PNG, JPEG or GIF, whole, one picture, nothing hidden after it.

Read by the formats' own structure, never by a name. A PNG is decoded to its last line; of a JPEG and a GIF every
block is walked and the picture's data skipped: a broken picture inside sound blocks is not found. Nothing is taken
out: what is not wanted (a place where it was taken, a second picture, a rider at the end) is refused with its reason.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from wenhou.core.errors import InputError

MOST_BYTES = 200_000
"""A card rides in every mail: 200 KB. WeChat takes 10 MB (older 2 MB), WeCom 10 MB: this is within both."""
SMALLEST, LARGEST = 64, 2_160
"""Pixels a side. A letter shows 536 across; twice that is sharp on any phone."""
PNG, JPEG, GIF = "image/png", "image/jpeg", "image/gif"
MIMES = (PNG, JPEG, GIF)
_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_PNG_KINDS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Colour type → samples a pixel."""
_PNG_ANIMATED = frozenset((b"acTL", b"fcTL", b"fdAT"))
_PNG_WORDS = frozenset((b"tEXt", b"zTXt", b"iTXt"))
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
_JPEG_FRAMES = frozenset((0xC0, 0xC1, 0xC2))
_JPEG_ODD_FRAMES = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_SCAN, _JPEG_END, _MARK, _RESTARTS = 0xDA, 0xD9, 0xFF, (0xD0, 0xD7)
_EXIF = b"Exif\0\0"
_GPS_TAG = 0x8825
_PLACE = re.compile(rb"exif:GPS|GPSLatitude|photoshop:City|Iptc4xmpCore:Location", re.IGNORECASE)
_MOST_BLOCKS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StillImage:
    """What was found: the format and the size in pixels."""

    mime: str
    width: int
    height: int


def inspect(body: bytes) -> StillImage:
    """The image; InputError with its reason (`code`) for anything else."""
    if len(body) > MOST_BYTES:
        raise _refused("image_too_large", f"{len(body):,} bytes; at most {MOST_BYTES:,}")
    try:
        found = _read(body)
    except (struct.error, IndexError, zlib.error) as error:
        raise _refused("image_broken", "the file ends too early or is damaged") from error
    if not (SMALLEST <= found.width <= LARGEST and SMALLEST <= found.height <= LARGEST):
        raise _refused(
            "image_size", f"{found.width} × {found.height} pixels; each side {SMALLEST} to {LARGEST}"
        )
    return found


def _read(body: bytes) -> StillImage:
    if body.startswith(_PNG_MAGIC):
        return _png(body)
    if body.startswith(b"\xff\xd8\xff"):
        return _jpeg(body)
    if body.startswith((b"GIF87a", b"GIF89a")):
        return _gif(body)
    start = body[:512].lstrip().lower()
    if start.startswith((b"<svg", b"<?xml", b"<!doctype", b"<html")):
        raise _refused("image_kind", "a drawing of markup (SVG, HTML) can carry scripts: use PNG or JPEG")
    raise _refused("image_kind", "not a PNG, JPEG or GIF; a name says nothing, the bytes do")


def _png(body: bytes) -> StillImage:
    place, packed, head = len(_PNG_MAGIC), [], None
    for _ in range(_MOST_BLOCKS):
        size, kind = struct.unpack_from(">I4s", body, place)
        data = body[place + 8 : place + 8 + size]
        (said,) = struct.unpack_from(">I", body, place + 8 + size)
        if len(data) != size or zlib.crc32(kind + data) != said:
            raise _refused("image_broken", "a block's checksum is wrong")
        place += 12 + size
        if kind == b"IHDR" and head is None:
            head = struct.unpack(">IIBBBBB", data)
        elif kind in _PNG_ANIMATED:
            raise _refused("image_moves", "an animated PNG: a card stands still")
        elif kind == b"eXIf":
            _refuse_place(data)
        elif kind in _PNG_WORDS and _PLACE.search(data):
            raise _refused_place()
        elif kind == b"IDAT":
            packed.append(data)
        elif kind == b"IEND":
            break
    else:
        raise _refused("image_broken", "too many blocks")
    if head is None or not packed:
        raise _refused("image_broken", "no picture in it")
    _nothing_after(body, place)
    width, height, depth, colour, _, _, interlaced = head
    _decode_png(
        b"".join(packed), (width, height), depth * _PNG_KINDS.get(colour, 0), interlaced=bool(interlaced)
    )
    return StillImage(mime=PNG, width=width, height=height)


def _decode_png(packed: bytes, size: tuple[int, int], bits: int, *, interlaced: bool) -> None:
    """Every line is there and none is left over; bounded, so that a small file cannot fill the memory."""
    width, height = size
    if not (0 < width <= LARGEST and 0 < height <= LARGEST and bits):
        raise _refused("image_size", f"{width} × {height} pixels; each side {SMALLEST} to {LARGEST}")
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    expected = 0
    for left, top, across, down in passes:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            expected += rows * (1 + -(-columns * bits // 8))
    engine = zlib.decompressobj()
    got = len(engine.decompress(packed, expected + 1))
    if got != expected or not engine.eof or engine.unused_data:
        raise _refused("image_broken", "the picture's lines are not whole")


def _jpeg(body: bytes) -> StillImage:
    frames = []
    for marker, data in _jpeg_blocks(body):
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, 1)
            frames.append(StillImage(mime=JPEG, width=width, height=height))
        elif marker in _JPEG_ODD_FRAMES:
            raise _refused("image_kind", "a rare kind of JPEG that phones do not show: save it as baseline")
        elif marker == 0xE1 and data.startswith(_EXIF):
            _refuse_place(data[len(_EXIF) :])
        elif marker == 0xE2 and data.startswith(b"MPF\0"):
            raise _refused("image_rider", "several pictures in one file (MPF)")
        elif marker in {0xE1, 0xED} and _PLACE.search(data):
            raise _refused_place()
    if len(frames) != 1:
        raise _refused("image_broken", "not one picture in it")
    return frames[0]


def _jpeg_blocks(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Every block up to the end of the image, after which nothing may stand."""
    place, scans = 2, 0
    for _ in range(_MOST_BLOCKS):
        if body[place] != _MARK:
            raise _refused("image_broken", "a block does not begin where the one before ends")
        while body[place + 1] == _MARK:  # fill bytes
            place += 1
        marker = body[place + 1]
        if marker == _JPEG_END:
            _nothing_after(body, place + 2)
            break
        (size,) = struct.unpack_from(">H", body, place + 2)
        data = body[place + 4 : place + 2 + size]
        if len(data) != size - 2:
            raise _refused("image_broken", "a block is longer than the file")
        yield marker, data
        place += 2 + size
        if marker == _JPEG_SCAN:
            place, scans = _after_scan(body, place), scans + 1
    if not scans or body[place + 1] != _JPEG_END:
        raise _refused("image_broken", "no picture's data in it, or too many blocks")


def _after_scan(body: bytes, place: int) -> int:
    """Where the picture's own data ends: at the next marker that is neither a stuffed byte nor a restart."""
    while (place := body.find(b"\xff", place)) >= 0:
        after = body[place + 1]
        if after and not _RESTARTS[0] <= after <= _RESTARTS[1]:
            return place
        place += 2
    raise _refused("image_broken", "the file ends within the picture")


def _gif(body: bytes) -> StillImage:
    width, height, flags = struct.unpack_from("<HHB", body, 6)
    place, pictures = 13 + _colours(flags), 0
    for _ in range(_MOST_BLOCKS):
        kind = body[place]
        if kind == 0x3B:
            _nothing_after(body, place + 1)
            break
        if kind == 0x21:
            if body[place + 1] == 0xFF and body[place + 3 : place + 14] in {b"NETSCAPE2.0", b"ANIMEXTS1.0"}:
                raise _refused("image_moves", "an animated GIF: a card stands still")
            place = _after_blocks(body, place + 2)
        elif kind == 0x2C:
            pictures += 1
            place = _after_blocks(body, place + 11 + _colours(body[place + 9]))
        else:
            raise _refused("image_broken", "a block of no known kind")
        if pictures > 1:
            raise _refused("image_moves", "more than one picture: a card stands still")
    else:
        raise _refused("image_broken", "too many blocks")
    if pictures != 1:
        raise _refused("image_broken", "no picture in it")
    return StillImage(mime=GIF, width=width, height=height)


def _colours(flags: int) -> int:
    return 3 * (2 << (flags & 7)) if flags & 0x80 else 0


def _after_blocks(body: bytes, place: int) -> int:
    while body[place]:
        place += 1 + body[place]
    return place + 1


def _refuse_place(tiff: bytes) -> None:
    """An EXIF directory that points to a GPS one: the place where the picture was taken goes to nobody."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        raise _refused("image_broken", "notes of the camera (EXIF) that cannot be read")
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    tags = [struct.unpack_from(f"{order}H", tiff, first + 2 + 12 * number)[0] for number in range(count)]
    if _GPS_TAG in tags or _PLACE.search(tiff):
        raise _refused_place()


def _refused_place() -> InputError:
    return _refused(
        "image_place", "it says where it was taken (GPS): save it without, and look at the rest too"
    )


def _nothing_after(body: bytes, place: int) -> None:
    if body[place:]:
        raise _refused("image_rider", f"{len(body) - place:,} bytes after the picture's end")


def _refused(code: str, sentence: str) -> InputError:
    return InputError(sentence, code=code)
