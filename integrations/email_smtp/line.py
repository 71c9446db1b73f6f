"""An open SMTP connection: what its server can do, how much it has carried, whether it is still good."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from integrations.email_smtp.pipeline import Envelope, LineDeadError, Manner, Parcel, Passage
from integrations.email_smtp.settings import SmtpSettings
from integrations.email_smtp.wire import Wire, WireLostError
from wenhou.core.channels import Outcome, Permanent

__all__ = ["Envelope", "Line", "LineDeadError", "Parcel"]

_GOODBYE_SECONDS = 2


class Line:
    """Greeted, encrypted and authenticated; used by one thread at a time."""

    def __init__(self, wire: Wire, extensions: Mapping[str, str], settings: SmtpSettings) -> None:
        self._wire, self._extensions, self._settings = wire, extensions, settings
        self._manner = Manner(
            pipelines=settings.pipelining and "PIPELINING" in extensions,
            # A server without the extension refuses the whole transaction over these (mail specification §2.2).
            asks_reports=settings.dsn and "DSN" in extensions,
            tells_size="SIZE" in extensions,
            command_seconds=settings.command_seconds,
            reply_seconds=settings.data_reply_seconds,
        )
        self._largest = int(extensions.get("SIZE", "")) if extensions.get("SIZE", "").isdecimal() else 0
        self._opened = self._used = time.monotonic()
        self._count = 0
        self._needs_reset = False
        self.is_broken = False

    def room(self) -> int:
        """How many mails it may still carry."""
        return max(self._settings.messages_per_connection - self._count, 0)

    def is_worn(self) -> bool:
        """Whether it has carried its share or lived its time."""
        age = time.monotonic() - self._opened
        return self.is_broken or self.room() == 0 or age > self._settings.connection_seconds

    def is_alive(self) -> bool:
        """Asks the server after a longer pause only."""
        if self._wire.has_closed():
            return False
        if time.monotonic() - self._used < self._settings.idle_check_seconds:
            return True
        try:
            return self._wire.command(b"noop", self._settings.command_seconds).is_positive
        except WireLostError:
            return False

    def refuses(self, recipient: str, size: int) -> Outcome | None:
        """What the server has said it never takes; None: it may be asked."""
        if not recipient.isascii() and "SMTPUTF8" not in self._extensions:
            return Permanent(code="smtputf8_missing")
        return Permanent(code="too_large") if self._largest and size > self._largest else None

    def carry(self, parcels: Sequence[Parcel], until: float) -> Passage:
        """Hand over mails in their order, as many as begin by `until`: the passage says how far and why no farther.

        Raises LineDeadError when a reused connection turns out to be gone before the first was heard.
        """
        passage = Passage(self._wire, self._manner, parcels)
        try:
            passage.run(until, was_used=self._count > 0, needs_reset=self._needs_reset)
        finally:
            self._count += max(len(passage.verdicts), 1)
            self._needs_reset = passage.needs_reset
            self.is_broken = passage.is_broken
            self._used = time.monotonic()
        return passage

    def transact(self, envelope: Envelope, mail: bytes) -> Outcome:
        """Hand over one mail."""
        return self.carry([Parcel(envelope=envelope, mail=mail)], time.monotonic()).verdicts[0].outcome

    def noop(self) -> bool:
        """Whether the server answers at all."""
        return self._wire.command(b"noop", self._settings.command_seconds).is_positive

    def close(self) -> None:
        """Say goodbye if it can be heard, without waiting for long."""
        try:
            if not self.is_broken:
                self._wire.command(b"quit", _GOODBYE_SECONDS)
        except WireLostError:
            pass
        finally:
            self._wire.close()
