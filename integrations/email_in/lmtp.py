"""The last stop of the bank's own mail server: takes mails over LMTP and answers 250 only when they are stored.

Every tagged recipient is accepted, whoever it belongs to, so that nobody learns which customers there are; what is
neither tagged nor a box of ours gets 550 (mail specification §21).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from typing import Final

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from integrations.email_in.settings import InboundSettings
from integrations.email_in.stub import MAX_HEADERS, make_stub
from integrations.email_in.verdicts import COMPLAINT_BOXES, UNSUBSCRIBE_BOX, Ours
from wenhou.core.errors import TransientSendError

Deliver = Callable[[Sequence[bytes]], None]

HARD_LIMIT: Final = 96 << 20
"""Beyond this not even a stub is made: the mail server is told at once, and tells the sender."""
_LONGEST_LINE: Final = 8 << 20
_STORED, _NOT_STORED = "250 2.0.0 stored", "451 4.3.0 not stored, try again"
_BEAT: Final = 0.5

# aiosmtpd writes commands, addresses and lines of mails into its log.
logging.getLogger("mail").setLevel(logging.CRITICAL)


class _Lmtp(LMTP):
    line_length_limit = _LONGEST_LINE  # longer ones are not allowed and written all the same


class _Server(Controller):
    def factory(self) -> LMTP:
        return _Lmtp(self.handler, **self.SMTP_kwargs)


class LmtpListener:
    """See `wenhou.core.channels.Listener`."""

    def __init__(self, settings: InboundSettings, ours: Ours, *, provider: str, account: str) -> None:
        self.provider = provider
        self.account = account
        self._settings = settings
        self._ours = ours

    def listen(self, deliver: Deliver, stop: Callable[[float], bool]) -> None:
        """Take mails until told to stop; raises SendError when the port is not to be had."""
        handler = _Handler(deliver, self._ours, self._settings.max_bytes)
        server = _Server(
            handler,
            hostname=self._settings.host,
            port=self._settings.port,
            data_size_limit=HARD_LIMIT,
            enable_SMTPUTF8=True,
            timeout=self._settings.io_seconds,
            ident="wenhou",
        )
        try:
            server.start()
        except (OSError, RuntimeError) as error:
            with contextlib.suppress(OSError, RuntimeError):
                server.stop(no_assert=True)
            msg = "the port for LMTP cannot be used"
            raise TransientSendError(msg, provider_code="lmtp_port") from error
        try:
            while not stop(_BEAT):
                pass
        finally:
            server.stop()


class _Handler:
    """What aiosmtpd asks; one recipient a transaction, so that each mail has one answer."""

    def __init__(self, deliver: Deliver, ours: Ours, max_bytes: int) -> None:
        self._deliver = deliver
        self._ours = ours
        self._max_bytes = max_bytes
        boxes = {ours.bounce, ours.care, UNSUBSCRIBE_BOX, "postmaster", *COMPLAINT_BOXES}
        self._known = frozenset({f"{box}@{ours.domain}" for box in boxes} | ours.own)

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if envelope.rcpt_tos:
            return "452 4.5.3 one recipient at a time"
        wanted = address.lower()
        if wanted not in self._known and not self._ours.tag.fullmatch(wanted):
            return "550 5.1.1 no such box here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        del server, session
        raw = envelope.content
        if not isinstance(raw, bytes):
            return _NOT_STORED
        size = len(raw)
        if size > self._max_bytes:
            raw = make_stub(raw[: 2 * MAX_HEADERS], size)
        sender = (envelope.mail_from or "").strip("<>")
        route = f"Return-Path: <{sender}>\r\nX-Original-To: {envelope.rcpt_tos[0]}\r\n"
        await asyncio.to_thread(self._deliver, [route.encode("utf-8", "replace") + raw])
        return _STORED

    async def handle_exception(self, error: Exception) -> str:
        """The mail server keeps what we could not store; without this hook it would be told never to come again."""
        del error
        return _NOT_STORED
