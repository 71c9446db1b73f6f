"""One mail as bytes, built by hand: headers that stay whole, text and HTML in base64, CRLF throughout.

Both parts are encoded whole: base64 of four kilobytes takes two microseconds, less than joining pieces of a skeleton
that were encoded before, and it is right for any words. An image is encoded once and kept.

The standard library's default policy turns header tokens of 78 and more characters into encoded words, which
breaks List-Unsubscribe and threading in silence (mail specification §0.5). Here a token is never broken: only
blanks fold.
"""

from __future__ import annotations

import base64
import binascii
import functools
import re
import struct
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime

from integrations.email_smtp.settings import SmtpSettings
from wenhou.core.channels import InlineImage, OutgoingMessage

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_MESSAGE_ID = re.compile(r"[\x21-\x3b\x3d\x3f\x41-\x7e]{1,400}@[\x21-\x3b\x3d\x3f\x41-\x7e]{1,255}")
_URL = re.compile(r"https?://[\x21-\x3b\x3d\x3f-\x7e]{1,900}")
_LINE = 76
_MOST_IMAGES = 16
_IMAGES: dict[tuple[str, str], bytes] = {}
"""Images encoded lately: a festival's card is the same for everybody."""
_WORD_BYTES = 45  # 60 base64 characters and 12 of wrapping stay within the 75 of RFC 2047


def build_mail(message: OutgoingMessage, settings: SmtpSettings, at: datetime) -> bytes:
    """The whole mail, its lines ended by CRLF, not yet dot-stuffed; `at` is the Date, in the bank's zone."""
    content = message.content
    lines = [
        _from(content.sender, settings.from_address),
        _address("To", message.display_name, message.address),
        _words("Subject", content.subject or ""),
        f"Date: {format_datetime(at)}",
        f"Message-ID: <{message.reference}@{settings.domain}>",
        f"Reply-To: {reply_address(settings, message.reference)}",
        "MIME-Version: 1.0",
        "Auto-Submitted: auto-generated",
        "X-Auto-Response-Suppress: OOF, AutoReply",
        f"Feedback-ID: {message.purpose}:{settings.account}",
        *_answers(message.in_reply_to),
        *_list(message, settings),
    ]
    head = "\r\n".join(lines).encode() + b"\r\n"
    if content.html is None:
        return head + _part("plain", content.text)
    html = _part("html", content.html)
    if message.images:
        images = [_image_part(image) for image in message.images]
        html = _together(b'related; type="text/html"', b"=_r" + message.reference.encode(), [html, *images])
    boundary = b"=_" + message.reference.encode()  # "=_" occurs in no base64 line
    return head + _together(b"alternative", boundary, [_part("plain", content.text), html])


def _together(kind: bytes, boundary: bytes, parts: Sequence[bytes]) -> bytes:
    """Several parts as one, each ended by its own line break."""
    opening = b"--" + boundary + b"\r\n"
    return b"".join(
        (
            b"Content-Type: multipart/" + kind + b';\r\n boundary="' + boundary + b'"\r\n\r\n' + opening,
            opening.join(parts),
            b"--" + boundary + b"--\r\n",
        )
    )


def envelope_sender(settings: SmtpSettings, reference: str) -> str:
    """The address that bounces come back to."""
    return _tagged(settings, settings.bounce_local, reference) if settings.tagged else settings.from_address


def reply_address(settings: SmtpSettings, reference: str) -> str:
    """The address that answers come back to."""
    return _tagged(settings, settings.reply_local, reference) if settings.tagged else settings.from_address


def _tagged(settings: SmtpSettings, local: str, reference: str) -> str:
    return f"{local}{settings.separator}{reference}@{settings.domain}"


def _answers(message_id: str) -> list[str]:
    """RFC 5322 §3.6.4; an id with anything that could end it is left out."""
    if not _MESSAGE_ID.fullmatch(message_id):
        return []
    return [f"In-Reply-To: <{message_id}>", f"References: <{message_id}>"]


def _list(message: OutgoingMessage, settings: SmtpSettings) -> list[str]:
    """RFC 2919, 2369 and 8058, for what a customer may refuse; each URI on its own line, none is ever broken.

    An address with blanks or controls would be another header, so there is none then. By mail only where our boxes
    are heard.
    """
    url = message.unsubscribe_url
    if url is None or not _URL.fullmatch(url):
        return []
    header = f"List-Unsubscribe: <{url}>"
    if settings.tagged and settings.hears:
        box = _tagged(settings, "unsub", message.reference)
        header += f",\r\n <mailto:{box}?subject=unsubscribe>"
    return [
        f"List-Id: <{message.purpose}.{settings.domain}>",
        header,
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
    ]


def _part(kind: str, text: str) -> bytes:
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    data = text.replace("\r\n", "\n").replace("\n", "\r\n").encode(errors="replace")
    return head.encode() + _folded(data)


def _folded(data: bytes) -> bytes:
    """Base64 in lines of 76, each ended by CRLF: encoded in one go, then cut, a third of the time of line by line."""
    code = binascii.b2a_base64(data, newline=False)
    lines = len(code) // _LINE
    whole = lines * _LINE
    cut = struct.unpack(f"{_LINE}s" * lines, code[:whole])
    return b"\r\n".join((*cut, code[whole:], b"")) if whole < len(code) else b"\r\n".join((*cut, b""))


def _image_part(image: InlineImage) -> bytes:
    known = _IMAGES.get((image.digest, image.content_id))
    if known is None:
        head = (
            f"Content-Type: {image.mime}\r\nContent-Transfer-Encoding: base64\r\n"
            f"Content-ID: <{image.content_id}>\r\n"
            f'Content-Disposition: inline; filename="card.{image.mime.partition("/")[2]}"\r\n\r\n'
        )
        if len(_IMAGES) >= _MOST_IMAGES:
            _IMAGES.clear()
        known = _IMAGES[image.digest, image.content_id] = head.encode() + _folded(image.body)
    return known


def clean(text: str) -> str:
    """The text without line breaks, controls and lone surrogates: nothing a header could end on."""
    return _CONTROL.sub(" ", text).strip()


@functools.lru_cache(maxsize=64)
def _from(display: str, address: str) -> str:
    """The same for every mail of a branch."""
    return _address("From", display, address)


def _address(name: str, display: str, address: str) -> str:
    shown = clean(display)
    if not shown:
        return f"{name}: {address}"
    if not shown.isascii():
        return f"{name}: {_encoded(shown)}\r\n <{address}>"
    if not _ATOMS.fullmatch(shown):
        shown = '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{name}: {shown}\r\n <{address}>" if len(shown) > 30 else f"{name}: {shown} <{address}>"


def _words(name: str, text: str) -> str:
    """An unstructured header: folded at blanks when ASCII, else in encoded words of whole characters."""
    shown = clean(text)
    if not shown.isascii() or "=?" in shown:
        return f"{name}: {_encoded(shown)}"
    lines, line = [], f"{name}:"
    for token in shown.split(" "):
        if len(line) + 1 + len(token) > _LINE and line.strip() != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {token}"
    return "\r\n".join([*lines, line])


def _encoded(text: str) -> str:
    words, chunk = [], b""
    for character in text:
        data = character.encode()
        if len(chunk) + len(data) > _WORD_BYTES:
            words.append(chunk)
            chunk = b""
        chunk += data
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?B?{base64.b64encode(word).decode()}?=" for word in words)
