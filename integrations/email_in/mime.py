"""A raw mail as a bounded tree: what a person wrote, what is attached, and nothing that a mail can grow to by tricks.

Nothing is ever unpacked: an archive is a name and a size (mail specification §7.2, §18).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from typing import Final

from integrations.email_in.charsets import clean, decode_bytes, decode_header, lenient_base64, raw_header
from integrations.email_in.html_text import html_to_text
from integrations.email_in.tnef import read_tnef
from wenhou.core.errors import PayloadInvalid

MAX_HEADERS: Final = 256 << 10
MAX_PARTS: Final = 200
MAX_DEPTH: Final = 20
MAX_TEXT: Final = 1 << 20
_MOST_LINES_OF_DASHES: Final = 4000
_MOST_NESTS: Final = 60
_NEST: Final = re.compile(rb"(?i)boundary[ \t]*\*?0?\*?[ \t]*=|content-type[ \t]*:[ \t]*message/")
_BODY: Final = re.compile(rb"\r?\n\r?\n")
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff/\\:*?\"<>|]")
_RESIDUE: Final = re.compile(r"\[cid:[^\]\s]{1,200}\]|<(?:https?|mailto):[^<>\s]{1,2000}>")
# What the standard library raises on mails that nobody could have meant.
ODD: Final = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    OverflowError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What hangs on a mail: its safe name, type, size in bytes and digest. Its bytes stay in the stored mail."""

    name: str
    kind: str
    size: int
    digest: str


@dataclass(slots=True, kw_only=True)
class Body:
    """What a mail holds for people. `calendar`: the answer to an invitation (`REPLY`, `COUNTER`), with its words."""

    text: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    calendar: str = ""


def read_mail(raw: bytes) -> Message:
    """The mail's tree; raises PayloadInvalid for what is no mail. What is beyond the limits is cut off, not refused.

    compat32, because the modern policy garbles adjacent encoded words (specification §8).
    """
    try:
        mail = message_from_bytes(_bounded(raw))
        names = {name.lower() for name, _ in mail.raw_items()}
    except ODD as error:
        msg = "the mail cannot be read"
        raise PayloadInvalid(msg) from error
    if not names & {"from", "return-path"}:
        msg = "the body is no mail"
        raise PayloadInvalid(msg)
    return mail


def _bounded(raw: bytes) -> bytes:
    """The mail up to where it becomes a bomb: headers without end, thousands of parts, parts within parts."""
    end = _BODY.search(raw, 0, MAX_HEADERS)
    if end is None and len(raw) > MAX_HEADERS:
        return raw[:MAX_HEADERS]
    for count, match in enumerate(_NEST.finditer(raw)):
        if count == _MOST_NESTS:
            raw = raw[: match.start()]
            break
    if raw.count(b"\n--") > _MOST_LINES_OF_DASHES:
        at = -1
        for _ in range(_MOST_LINES_OF_DASHES):
            at = raw.index(b"\n--", at + 1)
        raw = raw[:at]
    return raw


def parts_of(mail: Message, *, into_mails: bool = False) -> Iterator[Message]:
    """The parts that hold no parts, within the limits; a mail in the mail is one part unless `into_mails`."""
    waiting: list[tuple[Message, int]] = [(mail, 0)]
    given = 0
    while waiting and given < MAX_PARTS:
        part, depth = waiting.pop()
        given += 1
        kind = kind_of(part)
        opaque = kind.startswith("message/") and not (into_mails and kind == "message/rfc822")
        payload = part.get_payload()
        if isinstance(payload, list) and (part is mail or not opaque) and depth < MAX_DEPTH:
            waiting += [(one, depth + 1) for one in reversed(payload) if isinstance(one, Message)]
        else:
            yield part


def kind_of(part: Message) -> str:
    """The content type, lower-case; `text/plain` where none is said or it makes no sense."""
    try:
        return part.get_content_type()
    except ODD:
        return "text/plain"


def param_of(part: Message, name: str, header: str = "content-type") -> str:
    """A parameter of a header, decoded, "" when absent."""
    whole = raw_header(part, header)
    if not whole:
        return ""
    read = Message()  # raw bytes in a header would be lost on the way
    read[header] = decode_bytes(whole.encode("utf-8", "surrogateescape"), None)
    try:
        value = read.get_param(name, header=header)
    except ODD:
        return ""
    if isinstance(value, tuple):
        raw = str(value[2]).encode("utf-8", "surrogateescape") if not value[0] else b""
        return decode_bytes(raw, None) if raw else _rfc2231(str(value[0]), str(value[2]))
    return str(value) if value is not None else ""


def _rfc2231(charset: str, text: str) -> str:
    return decode_bytes(text.encode("latin-1", "replace"), charset)


def bytes_of(part: Message) -> bytes:
    """A part's content, its transfer encoding undone; what is broken is read as far as it goes."""
    try:
        payload = part.get_payload(decode=True)
    except ODD:
        payload = None
    if isinstance(payload, bytes):
        return payload
    held = part.get_payload()
    return held.encode("utf-8", "surrogateescape") if isinstance(held, str) else b""


def text_of(part: Message) -> str:
    """A text part as text, at most a mebibyte; by its label where that is true (specification §7.4)."""
    raw = bytes_of(part)[: 4 * MAX_TEXT]
    text = decode_bytes(raw, param_of(part, "charset"))
    if param_of(part, "format").lower() == "flowed":
        text = _unwrap(text, delete_space=param_of(part, "delsp").lower() == "yes")
    return clean(text)[:MAX_TEXT]


def _unwrap(text: str, *, delete_space: bool) -> str:
    """format=flowed (RFC 3676): a line that ends in a blank goes on in the next; `-- ` is a signature, not a wrap."""
    out: list[str] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        own = line.removeprefix(" ") if not line.startswith(">") else line
        if goes_on and not own.startswith(">"):
            out[-1] += own
        else:
            out.append(own)
        goes_on = own.endswith(" ") and own != "-- " and not own.startswith(">")
        if goes_on and delete_space:
            out[-1] = out[-1][:-1]
    return "\n".join(out)


def name_of(part: Message) -> str:
    """A part's file name, safe to show and to write, "" when it has none."""
    raw = param_of(part, "filename", "content-disposition") or param_of(part, "name")
    return safe_name(decode_header(raw)) if raw else ""


def safe_name(name: str) -> str:
    """A name without paths, control characters and tricks of writing direction; at most 120 characters."""
    kept = _UNSAFE.sub("_", clean(name)).strip(" ._") or "unnamed"
    if len(kept) <= 120:
        return kept
    stem, dot, ending = kept.rpartition(".")
    short = ending[:12] if dot else ""
    return f"{(stem or kept)[: 119 - len(short)]}.{short}" if short else kept[:120]


def read_body(mail: Message) -> Body:
    """The words and what hangs on them (specification §18)."""
    body = Body()
    plain, page = _texts(mail, body, 0)
    body.text = plain if _is_said(plain) else html_to_text(page) if page else plain
    body.text = _RESIDUE.sub("", body.text)
    if not _is_said(body.text) and not body.calendar:
        _read_winmail(mail, body)
    return body


def _is_said(text: str) -> bool:
    """Two visible characters: QQ and Foxmail leave an empty text beside their HTML."""
    return len(re.sub(r"[\s\u00a0\u200b-\u200f\ufeff]", "", text[:10_000])) > 1


def _texts(part: Message, body: Body, depth: int) -> tuple[str, str]:
    """Plain text and HTML below a part; what is neither becomes an attachment of `body`."""
    kind, payload = kind_of(part), part.get_payload()
    if isinstance(payload, list) and kind.startswith("multipart/"):
        children = [one for one in payload[:MAX_PARTS] if isinstance(one, Message)]
        return _container(kind, children, body, depth) if depth < MAX_DEPTH else ("", "")
    name = name_of(part)
    if kind == "text/calendar":
        body.calendar = body.calendar or _calendar(part)
        return "", ""
    is_attached = raw_header(part, "content-disposition").lower().startswith("attachment")
    if kind in {"text/plain", "text/html"} and not name and not is_attached:
        text = text_of(part)
        return (text, "") if kind == "text/plain" else ("", text)
    if len(body.attachments) < MAX_PARTS:
        body.attachments.append(_attachment(part, kind, name))
    return "", ""


def _container(kind: str, children: list[Message], body: Body, depth: int) -> tuple[str, str]:
    if kind == "multipart/alternative":
        plain, page = "", ""
        for child in children:
            one, other = _texts(child, body, depth + 1)
            plain, page = (one if _is_said(one) else plain), (other if _is_said(other) else page)
        return plain, page
    plains: list[str] = []
    pages: list[str] = []
    for child in children:
        before = len(body.attachments)
        one, other = _texts(child, body, depth + 1)
        is_footer = before > 0 and raw_header(children[0], "content-type") != "" and not _is_inline(children)
        if not is_footer:
            # HTML beside plain text in one mail: Apple's programs write both in turn.
            plains.append(one or (html_to_text(other) if other and any(plains) else ""))
            pages.append(other)
    return "\n".join(text for text in plains if text), "\n".join(page for page in pages if page)


def _is_inline(children: list[Message]) -> bool:
    """Whether what hangs here stands within the text, as pictures do in mails of phones."""
    return all(
        kind_of(child).startswith(("text/", "multipart/", "image/"))
        and not raw_header(child, "content-disposition").lower().startswith("attachment")
        for child in children
    )


def _attachment(part: Message, kind: str, name: str) -> Attachment:
    raw = bytes_of(part) if not part.is_multipart() else b""
    return Attachment(
        name=name or ("forwarded.eml" if kind == "message/rfc822" else "unnamed"),
        kind=clean(kind)[:80],
        size=len(raw),
        digest=hashlib.sha256(raw).hexdigest(),
    )


def _calendar(part: Message) -> str:
    """The method of an invitation's answer and what was said; "" for anything else."""
    text = text_of(part)
    method = (param_of(part, "method") or _field(text, "METHOD")).upper()
    if method not in {"REPLY", "COUNTER"}:
        return ""
    said = re.search(r"PARTSTAT=\"?([A-Z-]{3,20})", text.upper()[:20_000])
    return f"{method} {said[1] if said else ''}".strip() + "\n" + _field(text, "SUMMARY")[:200]


def _field(text: str, name: str) -> str:
    found = re.search(rf"(?im)^{name}(?:;[^:\n]{{0,200}})?:([^\r\n]{{0,500}})", text[:MAX_TEXT])
    return found[1].strip() if found else ""


def _read_winmail(mail: Message, body: Body) -> None:
    """Outlook's own wrapping: its text where nothing else is said, and the names of what is inside."""
    for part in parts_of(mail):
        if kind_of(part) not in {"application/ms-tnef", "application/vnd.ms-tnef"} and (
            name_of(part).lower() != "winmail.dat"
        ):
            continue
        found = read_tnef(bytes_of(part))
        body.text = found.text or (html_to_text(found.html) if found.html else body.text)
        body.attachments += [
            Attachment(name=safe_name(name), kind="application/octet-stream", size=size, digest="")
            for name, size in found.attachments
        ]
        return


def embedded_headers(mail: Message) -> list[Message]:
    """The headers of mails inside this one, outermost first: what a report returns to us."""
    found: list[Message] = []
    for part in parts_of(mail):
        kind, payload = kind_of(part), part.get_payload()
        if part is mail:
            continue
        if kind in {"message/rfc822", "message/rfc822-headers"} and isinstance(payload, list):
            found += [one for one in payload[:1] if isinstance(one, Message)]
        elif kind in {"text/rfc822-headers", "message/rfc822", "text/rfc822", "message/rfc822-headers"}:
            raw = bytes_of(part)[:MAX_HEADERS]
            if raw_header(part, "content-transfer-encoding").lower() == "base64" and b":" not in raw[:200]:
                raw = lenient_base64(raw)
            found.append(_headers_in(raw))
    return found


def _headers_in(raw: bytes) -> Message:
    try:
        return message_from_bytes(raw.lstrip(b"\r\n\t ") + b"\r\n\r\n")
    except ODD:
        return Message()
