"""Only a still picture, whole, with nothing hidden, is a card."""

from __future__ import annotations

import struct
import time
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.core import pictures
from wenhou.core.errors import InputError
from wenhou.core.images import MOST_BYTES, StillImage, inspect

_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
_BOMB = (
    b"\x89PNG\r\n\x1a\n"
    + pictures.chunk(b"IHDR", struct.pack(">IIBBBBB", 2000, 2000, 8, 0, 0, 0, 0))
    + pictures.chunk(b"IDAT", zlib.compress(b"\0" * 60_000_000))
    + pictures.chunk(b"IEND", b"")
)


@pytest.mark.parametrize(
    ("body", "mime"),
    [
        (pictures.png(), "image/png"),
        (pictures.jpeg(), "image/jpeg"),
        (pictures.jpeg(frame=0xC2), "image/jpeg"),
        (pictures.gif(), "image/gif"),
    ],
)
def test_a_still_picture_is_known_by_its_bytes(body: bytes, mime: str) -> None:
    assert inspect(body) == StillImage(mime=mime, width=128, height=96)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "image_kind"),
        (b"hello", "image_kind"),
        (_SVG, "image_kind"),
        (b"  \n<?xml version='1.0'?>" + _SVG, "image_kind"),
        (b"BM" + b"\0" * 60, "image_kind"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image_kind"),
        (pictures.png() + b"PK\x03\x04", "image_rider"),
        (pictures.jpeg() + b"<script>", "image_rider"),
        (pictures.gif() + b";", "image_rider"),
        (pictures.jpeg(extra=pictures.segment(0xE2, b"MPF\0" + b"\0" * 8)), "image_rider"),
        (pictures.animated_png(), "image_moves"),
        (pictures.gif(pictures=2), "image_moves"),
        (pictures.gif(looping=True), "image_moves"),
        (pictures.png_with_place(), "image_place"),
        (pictures.jpeg_with_place(), "image_place"),
        (pictures.jpeg(extra=pictures.segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0 exif:GPSLatitude")), "image_place"),
        (pictures.png(extra=pictures.chunk(b"iTXt", b"XML:com.adobe.xmp\0 exif:GPSLatitude")), "image_place"),
        (pictures.png(lines=95), "image_broken"),
        (pictures.png(lines=97), "image_broken"),
        (pictures.png()[:-20], "image_broken"),
        (pictures.jpeg()[:-2], "image_broken"),
        (pictures.gif()[:-3], "image_broken"),
        (pictures.png().replace(b"IDAT", b"IDAX"), "image_broken"),
        (pictures.jpeg(extra=pictures.segment(0xC0, b"\x08\0\x60\0\x80\x01\x01\x11\0")), "image_broken"),
        (pictures.jpeg(frame=0xC9), "image_kind"),
        (pictures.png(32, 96), "image_size"),
        (pictures.png(2_400, 100), "image_size"),
        (pictures.jpeg(60_000, 60_000), "image_size"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * MOST_BYTES, "image_too_large"),
        (_BOMB, "image_broken"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_its_reason(body: bytes, code: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InputError) as refused:
        inspect(body)

    assert refused.value.code == code
    assert time.perf_counter() - began < 1


@given(cut=st.integers(0, 400), flip=st.integers(0, 255), kind=st.sampled_from(["png", "jpeg", "gif"]))
def test_a_damaged_picture_is_an_image_or_refused_and_never_an_accident(
    cut: int, flip: int, kind: str
) -> None:
    body = bytearray({"png": pictures.png(), "jpeg": pictures.jpeg(), "gif": pictures.gif()}[kind])
    body[cut % len(body)] = flip

    code = "image_sound"
    try:
        inspect(bytes(body))
    except InputError as refused:
        code = refused.code

    assert code.startswith("image_")


@given(st.binary(max_size=300), st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b""]))
def test_any_bytes_after_a_magic_are_refused_in_words(rest: bytes, magic: bytes) -> None:
    with pytest.raises(InputError):
        inspect(magic + rest)
