"""What is kept of a mail that is too large: its headers and a note, so that nobody's words vanish without a trace."""

from __future__ import annotations

import re
from typing import Final

MAX_HEADERS: Final = 128 << 10
_CONTENT: Final = re.compile(rb"(?im)^(?:content-[a-z-]+|mime-version):[^\n]*\n(?:[ \t][^\n]*\n)*")
_NOTE: Final = "（邮件共 {size} MB，超过上限，正文未收取；请与客户另行联系。）\r\n"


def make_stub(head: bytes, size: int) -> bytes:
    """A readable mail out of a large one's beginning; `size` in bytes is what it had."""
    end = re.search(rb"\r?\n\r?\n", head)
    headers = head[: min(end.start() if end else len(head), MAX_HEADERS)]
    if end is None:
        headers = headers[: headers.rfind(b"\n")] if b"\n" in headers else b""
    kept = _CONTENT.sub(b"", headers + b"\n").rstrip(b"\r\n")
    note = _NOTE.format(size=max(1, size >> 20)).encode()
    return (
        kept
        + b"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + note
    )
