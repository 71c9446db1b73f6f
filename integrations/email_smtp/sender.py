"""Hands mails to a mail server over a pool of reused connections, one recipient a mail."""

from __future__ import annotations

import itertools
import queue
import re
import time
import uuid
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from integrations.email_smtp.dkim_signer import DkimSigner
from integrations.email_smtp.line import Envelope, Line, LineDeadError, Parcel
from integrations.email_smtp.message import build_mail, envelope_sender
from integrations.email_smtp.opening import open_line
from integrations.email_smtp.outcomes import Verdict
from integrations.email_smtp.pace import PUBLIC, Paces
from integrations.email_smtp.probing import probe_account
from integrations.email_smtp.reply_table import INVALID
from integrations.email_smtp.settings import SmtpSettings
from wenhou.core.channels import NOT_TRIED, PACED, Outcome, OutgoingMessage, Permanent, Probe, Transient
from wenhou.core.clock import Clock, SystemClock
from wenhou.core.errors import RetryHint

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
        self._signers = [DkimSigner(key) for key in settings.dkim]
        self._paces = Paces(settings.pace if settings.relayed else {**PUBLIC, **settings.pace})
        self._idle: queue.LifoQueue[Line] = queue.LifoQueue(maxsize=settings.calls_in_flight)

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """Each mail by itself, one after the other over one connection."""
        outcomes: dict[uuid.UUID, Outcome] = {}
        taken: list[tuple[OutgoingMessage, str]] = []
        domains: set[str] = set()
        for message in batch:
            recipient = _wire_address(message.address)
            if recipient is None:
                outcomes[message.attempt_id] = Permanent(code="address_syntax", suppress=INVALID)
                continue
            domain = _domain(recipient)
            wait = self._paces.take(domain, again=domain in domains)
            if wait is not None:
                outcomes[message.attempt_id] = Transient(code=PACED, retry=RetryHint(after=wait))
                continue
            domains.add(domain)
            taken.append((message, recipient))
        verdicts: Sequence[Verdict] = []
        try:
            verdicts = self._carry([self._parcel(*one) for one in taken])
        finally:
            for (_, recipient), verdict in itertools.zip_longest(taken, verdicts):
                domain = _domain(recipient)
                slows = verdict is not None and verdict.slows
                self._paces.give_back(domain, slows=slows, again=domain not in domains)
                domains.discard(domain)
        for (message, _), verdict in zip(taken, verdicts, strict=True):
            outcomes[message.attempt_id] = verdict.outcome
        return outcomes

    def probe(self) -> Probe:
        """See `wenhou.core.channels.Prober`; over a connection of its own."""
        return probe_account(self._settings)

    def _parcel(self, message: OutgoingMessage, recipient: str) -> Parcel:
        envelope = Envelope(
            sender=envelope_sender(self._settings, message.reference),
            recipient=recipient,
            reference=message.reference,
        )
        at = self._clock.real().astimezone(self._zone)
        mail = build_mail(message, self._settings, at)
        signatures = [signer.header(mail, at) for signer in self._signers]
        return Parcel(envelope=envelope, mail=b"".join((*signatures, mail)))

    def _carry(self, parcels: Sequence[Parcel]) -> list[Verdict]:
        """One verdict a parcel. A second connection only for those of which nothing was said or heard on the first."""
        verdicts: list[Verdict] = []
        until = time.monotonic() + self._settings.batch_seconds
        while len(verdicts) < len(parcels):
            line = self._take_idle() or open_line(self._settings)
            if not isinstance(line, Line):
                return verdicts + [Verdict(outcome=line)] * (len(parcels) - len(verdicts))
            came, rest = self._over(line, parcels[len(verdicts) :], until)
            verdicts += came
            if rest is not None:
                return verdicts + [Verdict(outcome=rest)] * (len(parcels) - len(verdicts))
        return verdicts

    def _over(
        self, line: Line, parcels: Sequence[Parcel], until: float
    ) -> tuple[list[Verdict], Outcome | None]:
        """What came of the first so many, and the outcome of the others; None: they may go over another line."""
        refused = line.refuses(parcels[0].envelope.recipient, len(parcels[0].mail))
        if refused is not None:
            self._give_back(line)
            return [Verdict(outcome=refused)], None
        share = [parcels[0], *itertools.takewhile(lambda parcel: _is_taken(line, parcel), parcels[1:])]
        try:
            passage = line.carry(share[: line.room()], until)
        except LineDeadError:
            return [], None  # not a retry: nothing of these mails was heard on it
        finally:
            self._give_back(line)
        match passage.end:
            case "late":
                return passage.verdicts, Transient(code=NOT_TRIED)
            case "closing":
                return passage.verdicts, passage.verdicts[-1].outcome
            case "stuck":
                return passage.verdicts, Transient(code="line_lost")
            case _:
                return passage.verdicts, None

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


def _domain(address: str) -> str:
    return address.rpartition("@")[2]


def _is_taken(line: Line, parcel: Parcel) -> bool:
    return line.refuses(parcel.envelope.recipient, len(parcel.mail)) is None


def _wire_address(address: str) -> str | None:
    """The address with an ASCII domain, None when it could break out of the command or is no address."""
    if not _SAFE_ADDRESS.fullmatch(address):
        return None
    local, _, domain = address.rpartition("@")
    try:
        local.encode()  # a lone surrogate has no bytes
        return f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        return None
