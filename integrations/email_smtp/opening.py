"""From nothing to a connection that takes mail: connect, greet, encrypt, sign in; each step's failure has a name.

Whatever fails here fails before any mail: nothing was sent.
"""

from __future__ import annotations

import functools
import os
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from integrations.email_smtp.auth import choose, say
from integrations.email_smtp.line import Line
from integrations.email_smtp.outcomes import judge, outcome_of
from integrations.email_smtp.settings import SmtpSettings
from integrations.email_smtp.wire import Reply, Wire, WireLostError
from wenhou.core.channels import ChannelFault, Outcome, Transient

Step = Literal["connect", "greeting", "tls", "auth"]
_EXTENSION_NAMES: Final = 64
_STEPS: Final[Mapping[Step, str]] = {
    "connect": "unreachable", "greeting": "no_greeting", "tls": "no_tls", "auth": "no_auth",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOpened:
    """Where it failed and what that means for any message. `reason`: as in ChannelFault, else what hindered."""

    step: Step
    reason: str
    outcome: Outcome


class _FailedError(Exception):
    def __init__(self, reason: str, outcome: Outcome) -> None:
        super().__init__(reason)
        self.reason, self.outcome = reason, outcome


def open_line(settings: SmtpSettings) -> Line | Outcome:
    """A ready connection, or the outcome that its failure means for any message."""
    opened = try_to_open(settings)
    return opened.outcome if isinstance(opened, NotOpened) else opened


def try_to_open(settings: SmtpSettings) -> Line | NotOpened:
    """The same, with the step that failed."""
    opening = _Opening(settings)
    try:
        return opening.run()
    except _FailedError as failed:
        found = NotOpened(step=opening.step, reason=failed.reason, outcome=failed.outcome)
    except WireLostError as lost:
        why = _STEPS[opening.step] if lost.why == "closed" else lost.why
        found = NotOpened(step=opening.step, reason=lost.why, outcome=Transient(code=why))
    except ssl.SSLCertVerificationError as error:
        fault = ChannelFault(code=_certificate_word(error), reason="tls")
        found = NotOpened(step=opening.step, reason=fault.code, outcome=fault)
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError):
        found = NotOpened(step=opening.step, reason="closed", outcome=Transient(code=_STEPS[opening.step]))
    except ssl.SSLError:
        found = _tls_failed(opening.step)
    except (OSError, UnicodeError) as error:
        reason = _network_word(error)
        found = NotOpened(step=opening.step, reason=reason, outcome=Transient(code=_STEPS[opening.step]))
    opening.give_up()
    return found


def _tls_failed(step: Step) -> NotOpened:
    """No common version or cipher, or a port that speaks no TLS: it does not pass by waiting."""
    return NotOpened(step=step, reason="no_common_tls", outcome=ChannelFault(code="handshake", reason="tls"))


def _certificate_word(error: ssl.SSLCertVerificationError) -> str:
    """`certificate_` and what is wrong with it, by OpenSSL's number."""
    return {
        9: "certificate_not_yet_valid", 10: "certificate_expired",
        62: "certificate_of_another_name", 64: "certificate_of_another_name",
    }.get(error.verify_code, "certificate")  # fmt: skip


def _network_word(error: Exception) -> str:
    if isinstance(error, socket.gaierror | UnicodeError):
        return "name_unknown"
    if isinstance(error, TimeoutError):
        return "timed_out"
    return "refused" if isinstance(error, ConnectionRefusedError) else "unreachable"


class _Opening:
    """One attempt; `step` is where it is."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._wire: Wire | None = None
        self._until = 0.0
        self.step: Step = "connect"

    def run(self) -> Line:
        settings = self._settings
        # Read before connecting: a missing CA file is nobody else's fault.
        context = None if settings.tls == "plain" else self._context()
        sock = socket.create_connection((settings.host, settings.port), settings.connect_seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        wire = self._wire = Wire(sock)
        self._until = time.monotonic() + settings.greeting_seconds
        if settings.tls == "implicit" and context is not None:
            self._encrypt(wire, context)
        self.step = "greeting"
        greeting = wire.read_reply(self._left())
        if greeting.code != 220:
            self._refused(greeting)
        extensions = self._greet(wire)
        if settings.tls == "starttls" and context is not None:
            extensions = self._start_tls(wire, context, extensions)
        if settings.user is not None:
            self.step = "auth"
            self._sign_in(wire, extensions, settings.user)
        return Line(wire, extensions, settings)

    def give_up(self) -> None:
        """Close what was opened."""
        if self._wire is not None:
            self._wire.close()

    def _left(self) -> float:
        """All of the opening shares one time: a server that answers each line late is no faster for it."""
        return max(self._until - time.monotonic(), 0.01)

    def _context(self) -> ssl.SSLContext:
        try:
            ca_file = self._settings.ca_file
            return _context_for(ca_file, os.stat(ca_file).st_mtime_ns if ca_file else 0)  # noqa: PTH116 - its time only
        except (OSError, ssl.SSLError):
            self.step = "tls"
            raise _FailedError("ca_file", ChannelFault(code="ca_file", reason="tls")) from None

    def _greet(self, wire: Wire) -> Mapping[str, str]:
        name = (self._settings.helo or self._settings.domain).encode()
        reply = wire.command(b"ehlo " + name, self._left())
        if reply.code == 250:
            return _extensions(reply.text)
        if reply.code in (500, 501, 502, 504):  # a server older than ESMTP
            reply = wire.command(b"helo " + name, self._left())
            if reply.code == 250:
                return {}
        return self._refused(reply)

    def _refused(self, reply: Reply) -> Mapping[str, str]:
        verdict = judge("greeting", reply.code, reply.text)
        raise _FailedError("refused_at_greeting", verdict.outcome)

    def _start_tls(
        self, wire: Wire, context: ssl.SSLContext, extensions: Mapping[str, str]
    ) -> Mapping[str, str]:
        self.step = "tls"
        if "STARTTLS" not in extensions:
            raise _FailedError(
                "no_starttls", ChannelFault(code="not_supported", reason="tls_or_auth_missing")
            )
        reply = wire.command(b"STARTTLS", self._left())
        if reply.code != 220:
            outcome = outcome_of("greeting", reply.code, reply.text)
            raise _FailedError("no_starttls", outcome)
        self._encrypt(wire, context)
        return self._greet(wire)  # what was offered in clear may have been a stranger's words

    def _encrypt(self, wire: Wire, context: ssl.SSLContext) -> None:
        self.step = "tls"
        wire.encrypt(context, self._settings.host, self._left())

    def _sign_in(self, wire: Wire, extensions: Mapping[str, str], user: str) -> None:
        secret = self._settings.secret()
        if secret is None:
            raise _FailedError("password_file", ChannelFault(code="password_file", reason="credentials"))
        mechanism = choose(self._settings.auth, extensions.get("AUTH", ""))
        if mechanism is None:
            raise _FailedError("no_auth", ChannelFault(code="not_supported", reason="tls_or_auth_missing"))
        reply = say(mechanism, lambda line: wire.command(line, self._left()), user, secret)
        if reply.code != 235:
            outcome = outcome_of("auth", reply.code, b"")
            raise _FailedError("credentials" if reply.code >= 500 else "auth_unavailable", outcome)


def _extensions(text: bytes) -> Mapping[str, str]:
    """Keyword → parameters. `AUTH=PLAIN` is how servers of the nineties say `AUTH PLAIN`."""
    found: dict[str, str] = {}
    for line in text.decode("ascii", "replace").splitlines()[1 : 1 + _EXTENSION_NAMES]:
        keyword, _, parameters = line.strip().replace("AUTH=", "AUTH ", 1).partition(" ")
        known = found.get(keyword.upper(), "")
        found[keyword.upper()] = f"{known} {parameters}".strip()
    return found


@functools.lru_cache(maxsize=16)
def _context_for(ca_file: str | None, changed_at: int) -> ssl.SSLContext:
    """Verifies certificate and name; TLS 1.2 at least. Read again when the file has changed."""
    del changed_at
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
