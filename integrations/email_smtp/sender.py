"""Hands mails to a mail server over a pool of reused connections, one recipient a mail."""

from __future__ import annotations

import queue
import re
import uuid
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from integrations.email_smtp.line import Envelope, Line, LineDeadError, open_line
from integrations.email_smtp.message import build_mail, envelope_sender
from integrations.email_smtp.outcomes import INVALID
from integrations.email_smtp.settings import SmtpSettings
from wenhou.core.channels import Outcome, OutgoingMessage, Permanent
from wenhou.core.clock import Clock, SystemClock

_SAFE_ADDRESS = re.compile(
    r"[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]{1,64}@[^\s<>()\[\],;:\\\"@\x00-\x1f\x7f]{1,255}"
)


class SmtpSender:
    """See `wenhou.core.channels.Sender`; every outcome is returned, none raised."""

    provider = "email_smtp"

    def __init__(self, settings: SmtpSettings, *, clock: Clock | None = None) -> None:
        self.account = settings.account
        self.capabilities = settings.capabilities()
        self._settings = settings
        self._clock = clock or SystemClock()
        self._zone = ZoneInfo(settings.zone)
        self._idle: queue.LifoQueue[Line] = queue.LifoQueue(maxsize=settings.calls_in_flight)

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """One mail, one transaction."""
        (message,) = batch
        return {message.attempt_id: self._hand_over(message)}

    def _hand_over(self, message: OutgoingMessage) -> Outcome:
        recipient = _wire_address(message.address)
        if recipient is None:
            return Permanent(code="address_syntax", suppress=INVALID)
        mail = build_mail(message, self._settings, self._clock.real().astimezone(self._zone))
        envelope = Envelope(
            sender=envelope_sender(self._settings, message.reference),
            recipient=recipient,
            reference=message.reference,
        )
        reused = self._take_idle()
        if reused is not None:
            try:
                return self._transact(reused, envelope, mail)
            except LineDeadError:
                pass  # not a retry: nothing of this message was said on it
        line = open_line(self._settings)
        return self._transact(line, envelope, mail) if isinstance(line, Line) else line

    def _transact(self, line: Line, envelope: Envelope, mail: bytes) -> Outcome:
        try:
            if not envelope.recipient.isascii() and not line.accepts_utf8():
                return Permanent(code="smtputf8_missing")
            return line.transact(envelope, mail)
        except (UnicodeError, ValueError):
            line.is_broken = True
            return Permanent(code="not_encodable")
        finally:
            self._give_back(line)

    def _take_idle(self) -> Line | None:
        """A connection that still carries; worn and dead ones are closed on the way."""
        while True:
            try:
                line = self._idle.get_nowait()
            except queue.Empty:
                return None
            if not line.is_worn() and line.is_alive():
                return line
            line.close()

    def _give_back(self, line: Line) -> None:
        if line.is_worn():
            line.close()
            return
        try:
            self._idle.put_nowait(line)
        except queue.Full:
            line.close()

    def close(self) -> None:
        """Say goodbye on every idle connection."""
        while True:
            try:
                self._idle.get_nowait().close()
            except queue.Empty:
                return


def _wire_address(address: str) -> str | None:
    """The address with an ASCII domain, None when it could break out of the command or is no address."""
    if not _SAFE_ADDRESS.fullmatch(address):
        return None
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        return None
