"""Bytes to and from a mail server: writes that know how far they came, replies that end.

Every wait is bounded as a whole, not byte by byte, and a reply has a largest size: a server that drips, or that
never ends its reply, costs one time-out and no memory.
"""

from __future__ import annotations

import contextlib
import re
import select
import socket
import ssl
import time
from typing import Final, NamedTuple

_MOST_LINES: Final = 100
_MOST_BYTES: Final = 64 << 10
"""RFC 5321 allows 512 octets a line; the longest EHLO answer seen has some twenty lines."""
_CHUNK: Final = 256 << 10
_TLS_CHUNK: Final = 16 << 10
"""One TLS record: a failed write may have sent all of it."""
_LINE: Final = re.compile(rb"([2-5]\d\d)(?:([ -])(.*))?")


class Reply(NamedTuple):
    """A server's answer; `text` is its lines without codes, joined by line breaks."""

    code: int
    text: bytes

    @property
    def is_positive(self) -> bool:
        """Whether the command was taken."""
        return 200 <= self.code < 300


class WireLostError(Exception):
    """The connection is of no more use.

    `why`: `closed`, `timed_out`, `garbled` (no SMTP) or `endless`. `written`: how many bytes of the write that failed
    may have reached the server; all of them when a reply was awaited.
    """

    def __init__(self, why: str, *, written: int = 0) -> None:
        super().__init__(why)
        self.why = why
        self.written = written


class Wire:
    """A connected socket; used by one thread at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._buffer = bytearray()
        self._limit = 0.0
        self.is_encrypted = isinstance(sock, ssl.SSLSocket)

    def write(self, data: bytes, seconds: float) -> None:
        """All of it within `seconds`; raises WireLostError that says how much may have left."""
        chunk = _TLS_CHUNK if self.is_encrypted else _CHUNK
        deadline = time.monotonic() + seconds
        done, view = 0, memoryview(data)
        while done < len(data):
            self._wait_at_most(min(seconds, max(deadline - time.monotonic(), 0.001)))
            part = view[done : done + chunk]
            try:
                done += self._sock.send(part)
            except OSError as error:
                reached = done + (len(part) if self.is_encrypted else 0)
                raise WireLostError(_why(error), written=reached) from None

    def read_reply(self, seconds: float) -> Reply:
        """The next whole reply within `seconds`."""
        end = self._buffer.find(b"\n")
        if end >= 3 and (end == 3 or self._buffer[3] == 0x20):  # the common case: one line, already here
            return self._take(end)
        return self._read_slowly(seconds)

    def _take(self, end: int) -> Reply:
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        match = _LINE.fullmatch(line)
        if match is None:
            raise WireLostError("garbled")
        return Reply(int(match[1]), match[3] or b"")

    def _read_slowly(self, seconds: float) -> Reply:
        deadline, lines = time.monotonic() + seconds, list[bytes]()
        code, size = b"", 0
        while len(lines) < _MOST_LINES and size <= _MOST_BYTES:
            line = self._read_line(deadline)
            match = _LINE.fullmatch(line)
            if match is None or not match[1].startswith(code):
                raise WireLostError("garbled")
            code = match[1]
            lines.append(match[3] or b"")
            size += len(line)
            if match[2] != b"-":
                return Reply(int(code), b"\n".join(lines))
        raise WireLostError("endless")

    def _read_line(self, deadline: float) -> bytes:
        start = 0
        while (end := self._buffer.find(b"\n", start)) < 0:
            start = len(self._buffer)
            if start > _MOST_BYTES:
                raise WireLostError("endless")
            left = deadline - time.monotonic()
            if left <= 0:
                raise WireLostError("timed_out")
            self._wait_at_most(left)
            self._receive()
        line = bytes(self._buffer[:end]).rstrip(b"\r")
        del self._buffer[: end + 1]
        return line

    def _receive(self) -> None:
        try:
            data = self._sock.recv(_MOST_BYTES)
        except OSError as error:
            raise WireLostError(_why(error)) from None
        if not data:
            raise WireLostError("closed")
        self._buffer += data

    def _wait_at_most(self, seconds: float) -> None:
        """The socket's time-out; set again only when it differs much, because that is a system call."""
        if not self._limit * 0.9 < seconds <= self._limit:
            self._sock.settimeout(seconds)
            self._limit = seconds

    def command(self, line: bytes, seconds: float) -> Reply:
        """Say one line and hear the answer."""
        self.write(line + b"\r\n", seconds)
        return self.read_reply(seconds)

    def encrypt(self, context: ssl.SSLContext, host: str, seconds: float) -> None:
        """TLS from here on. Raises OSError; what came in clear before it is forgotten (a stranger may have said it)."""
        self._buffer.clear()
        self._sock.settimeout(seconds)
        self._limit = seconds
        self._sock = context.wrap_socket(self._sock, server_hostname=host)
        self.is_encrypted = True

    def has_closed(self) -> bool:
        """Whether the server closed, or spoke unasked, while nothing was awaited; asks nobody, waits for nothing."""
        if self._buffer:
            return True
        if self.is_encrypted:  # readable may mean a session ticket
            return False
        asked = select.poll()
        try:
            asked.register(self._sock, select.POLLIN | select.POLLHUP)
            return bool(asked.poll(0))
        except (OSError, ValueError):
            return True

    def close(self) -> None:
        """At once, without a word."""
        with contextlib.suppress(OSError):
            self._sock.close()


def _why(error: OSError) -> str:
    return "timed_out" if isinstance(error, TimeoutError) else "closed"
