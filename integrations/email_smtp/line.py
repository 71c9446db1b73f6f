"""One SMTP connection with our own track of the stage: nothing was sent before the final dot.

`smtplib` raises the same SMTPServerDisconnected for both (mail specification §0.7), so the steps are taken
one by one.
"""

from __future__ import annotations

import smtplib
import ssl
import time
from dataclasses import dataclass

from integrations.email_smtp.outcomes import Stage, outcome_of
from integrations.email_smtp.settings import SmtpSettings
from wenhou.core.channels import ChannelFault, Outcome, Permanent, Transient, Unknown

_DOT = b"\r\n.\r\n"


class LineDeadError(Exception):
    """A reused connection was already gone before anything of this message was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is said around the mail; `reference` is the ENVID of delivery reports."""

    sender: str
    recipient: str
    reference: str


class Line:
    """An open, greeted, encrypted and authenticated connection; used by one thread at a time."""

    def __init__(self, server: smtplib.SMTP, settings: SmtpSettings) -> None:
        self._server = server
        self._settings = settings
        self._opened = self._used = time.monotonic()
        self._count = 0
        self.is_broken = False

    def is_worn(self) -> bool:
        """Whether it has carried its share or lived its time."""
        age = time.monotonic() - self._opened
        return (
            self.is_broken
            or self._count >= self._settings.messages_per_connection
            or age > self._settings.connection_seconds
        )

    def is_alive(self) -> bool:
        """Asks the server after a longer pause only."""
        if time.monotonic() - self._used < self._settings.idle_check_seconds:
            return True
        try:
            return self._server.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def transact(self, envelope: Envelope, mail: bytes) -> Outcome:
        """Hand over one mail. Raises LineDeadError when a reused connection turns out to be gone at MAIL."""
        was_used = self._count > 0
        self._count += 1
        self._server.command_encoding = "ascii" if envelope.recipient.isascii() else "utf-8"
        stage: Stage = "mail"
        try:
            for stage, command in self._commands(envelope, len(mail)):
                code, text = self._server.docmd(command)
                if code not in {250, 251, 252, 354}:
                    if was_used and stage == "mail" and code in {421, -1}:
                        self.is_broken = True  # closed for idleness or age before we spoke
                        raise LineDeadError
                    return self._refused(stage, code, text)
            self._server.send(mail.replace(b"\r\n.", b"\r\n..").removesuffix(b"\r\n") + _DOT)
        except (smtplib.SMTPException, OSError):
            self.is_broken = True
            if was_used and stage == "mail":
                raise LineDeadError from None
            return Transient(code=f"disconnected_at_{stage}")
        return self._final_reply()

    def _commands(self, envelope: Envelope, size: int) -> list[tuple[Stage, str]]:
        mail, rcpt = f"MAIL FROM:<{envelope.sender}>", f"RCPT TO:<{envelope.recipient}>"
        if self._server.has_extn("size"):
            mail += f" SIZE={size}"
        if not envelope.recipient.isascii():
            mail += " SMTPUTF8"
        # A server without the extension refuses the whole transaction over these (mail specification §2.2).
        if self._settings.dsn and self._server.has_extn("dsn"):
            mail += f" RET=HDRS ENVID={envelope.reference}"
            rcpt += " NOTIFY=FAILURE"
        return [("mail", mail), ("rcpt", rcpt), ("data", "DATA")]

    def _refused(self, stage: Stage, code: int, text: bytes) -> Outcome:
        """Refused before any body: clear the transaction, or give the connection up."""
        if code in {421, -1}:
            self.is_broken = True
            return Transient(code="disconnected_at_" + stage) if code == -1 else outcome_of(stage, code, text)
        try:
            self.is_broken = self._server.rset()[0] != 250
        except (smtplib.SMTPException, OSError):
            self.is_broken = True
        return outcome_of("rcpt" if stage == "data" else stage, code, text)

    def _final_reply(self) -> Outcome:
        """The reply after the final dot, which may take minutes (RFC 5321 §4.5.3.2); none is an unknown outcome."""
        sock = self._server.sock
        try:
            if sock is not None:
                sock.settimeout(self._settings.data_reply_seconds)
            code, text = self._server.getreply()
            if sock is not None:
                sock.settimeout(self._settings.command_seconds)
        except (smtplib.SMTPException, OSError):
            self.is_broken = True
            return Unknown(code="no_reply_after_data")
        self._used = time.monotonic()
        if code == -1:
            self.is_broken = True
            return Unknown(code="no_reply_after_data")
        self.is_broken = self.is_broken or code == 421
        return outcome_of("data", code, text)

    def accepts_utf8(self) -> bool:
        """Whether the server takes addresses beyond ASCII."""
        return bool(self._server.has_extn("smtputf8"))

    def close(self) -> None:
        """Say goodbye if it can be heard, without waiting for long."""
        try:
            if not self.is_broken and self._server.sock is not None:
                self._server.sock.settimeout(2)
                self._server.quit()
        except (smtplib.SMTPException, OSError):
            pass
        finally:
            self._server.close()


def open_line(settings: SmtpSettings) -> Line | Outcome:
    """A ready connection, or the outcome that its failure means for any message: nothing was sent."""
    server: smtplib.SMTP | None = None
    try:
        server = _connected(settings)
        if server.sock is not None:
            server.sock.settimeout(settings.command_seconds)
        if settings.tls == "starttls":
            server.starttls(context=_context(settings))
            server.ehlo()
        if settings.user is not None and settings.password is not None:
            server.login(settings.user, settings.password.get_secret_value())
        return Line(server, settings)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        outcome = _failure(error)
    if server is not None:
        server.close()
    return outcome


def _connected(settings: SmtpSettings) -> smtplib.SMTP:
    helo, wait = settings.helo or settings.domain, settings.connect_seconds
    server: smtplib.SMTP
    if settings.tls == "implicit":
        context = _context(settings)
        server = smtplib.SMTP_SSL(settings.host, settings.port, helo, timeout=wait, context=context)
    else:
        server = smtplib.SMTP(settings.host, settings.port, helo, timeout=wait)
    try:
        server.ehlo_or_helo_if_needed()
    except (smtplib.SMTPException, OSError):
        server.close()
        raise
    return server


def _context(settings: SmtpSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


def _failure(error: Exception) -> Outcome:
    """Refused credentials, a bad certificate and a server without TLS are the account's; the rest may pass."""
    match error:
        case ssl.SSLCertVerificationError():
            return ChannelFault(code="certificate", reason="tls")
        case smtplib.SMTPAuthenticationError():
            return outcome_of("auth", error.smtp_code, b"")
        case smtplib.SMTPNotSupportedError():
            return ChannelFault(code="not_supported", reason="tls_or_auth_missing")
        case smtplib.SMTPConnectError() | smtplib.SMTPHeloError():
            made = outcome_of("rcpt", error.smtp_code, b"")
            return (
                ChannelFault(code=str(error.smtp_code), reason="refused_at_greeting")
                if isinstance(made, Permanent)
                else made
            )
        case FileNotFoundError():
            return ChannelFault(code="ca_file", reason="tls")
        case _:
            return Transient(code="unreachable")
