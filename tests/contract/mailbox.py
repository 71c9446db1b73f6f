"""A mailbox at a real Dovecot: what is in it, an account empties over IMAP."""

from __future__ import annotations

import contextlib

from integrations.registry import build_listeners, build_parser, read_account
from tests.contract.messages import ADDRESSES
from tests.peers.dovecot import running_dovecot
from wenhou.core.channels import CallbackParser, Listener


class DovecotOffers:
    """Mails that wait in a customer service mailbox until they are moved away."""

    provider = "email_smtp"

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._dovecot = self._stack.enter_context(running_dovecot())
        self._put = 0
        inbound = {
            "mode": "imap", "host": "127.0.0.1", "port": self._dovecot.port, "tls": "plain", "user": "care",
            "password": self._dovecot.password, "poll_seconds": 1, "io_seconds": 5, "idle_seconds": 3,
        }  # fmt: skip
        self._block = {
            "channel": "email", "provider": "email_smtp", "account": "mail", "host": "127.0.0.1",
            "from_address": "care@bank.example", "domain": "mail.bank.example", "inbound": inbound,
        }  # fmt: skip

    def listener(self) -> Listener:
        (listener,) = build_listeners(read_account(self._block))
        return listener

    def parser(self) -> CallbackParser:
        return build_parser(read_account(self._block))

    def put(self, text: str) -> None:
        self._put += 1
        mail = (
            f"From: {ADDRESSES['email']}\r\nTo: care@mail.bank.example\r\nSubject: Re: hello\r\n"
            f"Message-ID: <{self._put}@mail.example>\r\nDate: Sat, 30 Jan 2027 09:00:00 +0800\r\n"
            f"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            f"Content-Transfer-Encoding: 8bit\r\n\r\n{text}\r\n"
        )
        self._dovecot.put("care", f"{self._put}.test", mail.encode())

    def waiting(self) -> int:
        box = self._dovecot.maildirs / "care"
        return sum(1 for part in ("new", "cur") for _ in (box / part).glob("*"))

    def break_down(self) -> None:
        self._stack.close()

    def close(self) -> None:
        self._stack.close()
