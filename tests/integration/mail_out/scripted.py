"""A mail server that follows a script: one function decides what is said to each line, and when to hang up."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from integrations.email_smtp.settings import SmtpSettings

Answer = Callable[["Scripted", bytes], bytes | None]
"""What to say to a command (or to `.`, for a whole mail); b"" says nothing, None hangs up."""
PIPELINES = b"250-here\r\n250-PIPELINING\r\n250 8BITMIME\r\n"


class Scripted:
    """Keeps every command and every mail; `connections` counts."""

    def __init__(self, answer: Answer, *, greeting: bytes | None = b"220 here\r\n") -> None:
        self._answer, self._greeting = answer, greeting
        self.commands: list[bytes] = []
        self.mails: list[bytes] = []
        self.connections = 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._speak, args=(connection,), daemon=True).start()

    def _speak(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as lines:
                if self._greeting is None:
                    return
                connection.sendall(self._greeting)
                self._converse(connection, lines.readline)
        except OSError:
            return

    def _converse(self, connection: socket.socket, read: Callable[[], bytes]) -> None:
        while line := read():
            self.commands.append(line.strip())
            said = self._answer(self, line.strip())
            if said is None:
                return
            connection.sendall(said)
            if said.startswith(b"354"):
                mail = b""
                while (line := read()) not in (b".\r\n", b""):
                    mail += line
                self.mails.append(mail)
                said = self._answer(self, b".")
                if said is None:
                    return
                connection.sendall(said)

    def close(self) -> None:
        """End every conversation."""
        self._listening.close()
        for connection in self._open:
            connection.close()


def obliging(server: Scripted, command: bytes) -> bytes | None:
    """What an ordinary server with pipelining says."""
    word = command[:4].upper()
    return {b"EHLO": PIPELINES, b"DATA": b"354 go on\r\n", b"QUIT": None}.get(word, b"250 2.0.0 ok\r\n")


@contextmanager
def scripted(answer: Answer, *, greeting: bytes | None = b"220 here\r\n") -> Iterator[Scripted]:
    """A server until the block ends."""
    server = Scripted(answer, greeting=greeting)
    try:
        yield server
    finally:
        server.close()


def account(port: int, **changes: object) -> SmtpSettings:
    """A plain account at that port, with short waits."""
    block: dict[str, object] = {
        "account": "mail", "channel": "email", "host": "127.0.0.1", "port": port, "tls": "plain",
        "from_address": "care@bank.test", "domain": "bank.test", "connect_seconds": 2, "greeting_seconds": 1,
        "command_seconds": 1, "data_reply_seconds": 1,
    }  # fmt: skip
    return SmtpSettings.model_validate(block | changes)
