"""Mails on their way over one connection, pipelined where the server offers it (RFC 2920), the stage always known.

Nothing was sent before the final dot, so a connection lost earlier leaves a mail that may be tried again; one lost
later leaves it unknown, and it alone: the next mail's MAIL, RCPT and DATA ride with the dot, its body does not. DATA
ends a group, as the RFC asks.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from integrations.email_smtp.outcomes import Stage, Verdict, judge
from integrations.email_smtp.wire import Reply, Wire, WireLostError
from wenhou.core.channels import Transient, Unknown

_DOT = b".\r\n"
_CLOSING, _GO_ON = 421, 354
_SLOWEST_BYTES_PER_SECOND = 10_000


class LineDeadError(Exception):
    """A reused connection was already gone before anything of these mails was heard."""


class _ClosingError(Exception):
    """The server says 421: it hears no more on this connection."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("closing")
        self.verdict = verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """What is said around the mail; `reference` is the ENVID of delivery reports."""

    sender: str
    recipient: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """One mail to hand over, its bytes with CRLF and not dot-stuffed."""

    envelope: Envelope
    mail: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How to speak to this server, and how long to wait for it."""

    pipelines: bool
    asks_reports: bool
    tells_size: bool
    command_seconds: float
    reply_seconds: float


End = Literal["", "late", "lost", "closing", "stuck"]
"""Why a passage ended before its last mail: its time was over; the connection was cut between two mails (the rest may
go over another); the server said 421; it hangs, talks nonsense, or was lost in the middle of a mail."""


class Passage:
    """One call's mails. `verdicts` are of the first so many; of the others nothing was heard and no body was sent."""

    def __init__(self, wire: Wire, manner: Manner, parcels: Sequence[Parcel]) -> None:
        self._wire, self._manner, self._parcels = wire, manner, parcels
        self._steps: list[tuple[Stage, bytes]] = []
        self._stage: Stage = "mail"
        self._heard = self._dot_may_be_out = False
        self._refusal: Verdict | None = None
        self._until = 0.0
        self.verdicts: list[Verdict] = []
        self.needs_reset = self.is_broken = False
        self.end: End = ""

    def run(self, until: float, *, was_used: bool, needs_reset: bool) -> None:
        """No mail but the first begins after `until` (monotonic seconds).

        Raises LineDeadError when `was_used` and the server was gone before it said anything.
        """
        self.needs_reset, self._until = needs_reset, until
        try:
            self._run()
        except _ClosingError as closing:
            self.is_broken, self.end = True, "closing"
            if was_used and not self.verdicts and not self._heard:
                raise LineDeadError from None  # closed for idleness or age before we spoke
            self.verdicts.append(self._refusal or closing.verdict)
        except WireLostError as lost:
            self.is_broken = True
            self._lost(lost, was_used=was_used)

    def _run(self) -> None:
        steps = self._begin(0)
        for number, parcel in enumerate(self._parcels):
            self._steps, steps = steps, []
            is_last = number + 1 == len(self._parcels)
            verdict = self._address()
            self.needs_reset = verdict is not None
            if verdict is None:
                rides = self._manner.pipelines and not is_last and not self._is_late()
                following = self._opening(number + 1) if rides else []
                verdict = self._hand_over(parcel.mail, _joined(following))
                steps = following
            self.verdicts.append(verdict)
            if is_last:
                return
            if not steps:
                if self._is_late():
                    self.end = "late"
                    return
                steps = self._begin(number + 1)

    def _is_late(self) -> bool:
        return time.monotonic() > self._until

    def _begin(self, number: int) -> list[tuple[Stage, bytes]]:
        """The commands of a mail, already written where the server hears several at once."""
        self._forget()
        steps = self._opening(number)
        if self._manner.pipelines:
            self._stage = steps[0][0]
            self._wire.write(_joined(steps), self._manner.command_seconds)
        return steps

    def _forget(self) -> None:
        """What was of the mail before."""
        self._heard = self._dot_may_be_out = False
        self._refusal = None

    def _opening(self, number: int) -> list[tuple[Stage, bytes]]:
        envelope, manner = self._parcels[number].envelope, self._manner
        mail, rcpt = f"MAIL FROM:<{envelope.sender}>", f"RCPT TO:<{envelope.recipient}>"
        if manner.tells_size:
            mail += f" SIZE={len(self._parcels[number].mail)}"
        if not envelope.recipient.isascii():
            mail += " SMTPUTF8"
        if manner.asks_reports:
            mail += f" RET=HDRS ENVID={envelope.reference}"
            rcpt += " NOTIFY=FAILURE"
        reset: list[tuple[Stage, bytes]] = [("reset", b"rset\r\n")] if self.needs_reset else []
        return [
            *reset,
            ("mail", mail.encode() + b"\r\n"),
            ("rcpt", rcpt.encode() + b"\r\n"),
            ("data", b"DATA\r\n"),
        ]

    def _address(self) -> Verdict | None:
        """Say or hear MAIL, RCPT and DATA; None: the server now awaits a mail, which it may after a refusal, too."""
        self._forget()
        is_awaited = False
        for stage, command in self._steps:
            self._stage = stage
            if not self._manner.pipelines:
                if refusal := self._refusal:
                    return refusal
                self._wire.write(command, self._manner.command_seconds)
            is_awaited = self._weigh(stage, self._wire.read_reply(self._manner.command_seconds))
            self._heard = True
        return None if is_awaited else self._refusal

    def _weigh(self, stage: Stage, reply: Reply) -> bool:
        """Keep a refusal; whether this was the word to go on with the mail itself."""
        if reply.code == _CLOSING:
            raise _ClosingError(judge(_asked(stage), reply.code, reply.text))
        if stage == "data" and reply.code == _GO_ON:
            return True
        if reply.code >= 400 and stage != "reset":
            self._refusal = self._refusal or judge(_asked(stage), reply.code, reply.text)
        elif stage == "data" or not reply.is_positive:
            raise WireLostError("garbled")
        return False

    def _hand_over(self, mail: bytes, following: bytes) -> Verdict:
        """The mail and the next one's commands in one write; a refused one is ended with an empty body."""
        body = _DOT if self._refusal else stuffed(mail)
        self._stage = "data"
        try:
            self._wire.write(
                body + following, self._manner.command_seconds + len(body) / _SLOWEST_BYTES_PER_SECOND
            )
        except WireLostError as lost:
            self._dot_may_be_out = lost.written >= len(body)
            raise
        self._dot_may_be_out = True
        reply = self._wire.read_reply(self._manner.reply_seconds)
        if reply.code < 400 and not reply.is_positive:
            raise WireLostError("garbled")
        verdict = judge("data", reply.code, reply.text)
        if reply.code == _CLOSING:
            raise _ClosingError(verdict)
        return self._refusal or verdict

    def _lost(self, lost: WireLostError, *, was_used: bool) -> None:
        """What the end of the connection means for the mail under way."""
        is_cut = lost.why == "closed"
        self.end = "stuck"
        if self._refusal:
            self.verdicts.append(self._refusal)
            self.end = "lost" if is_cut else "stuck"
        elif self._dot_may_be_out:
            self.verdicts.append(Verdict(outcome=Unknown(code="no_reply_after_data")))
        elif not self._heard and not self.verdicts and was_used:
            raise LineDeadError
        elif not self._heard and self.verdicts and is_cut:
            self.end = "lost"  # nothing was heard of this one: it is of the rest
        else:
            why = "disconnected" if is_cut else lost.why
            self.verdicts.append(Verdict(outcome=Transient(code=f"{why}_at_{self._stage}")))


def stuffed(mail: bytes) -> bytes:
    """The mail as it stands between DATA and the next command: leading dots doubled, ended by the lone dot."""
    body = mail.replace(b"\r\n.", b"\r\n..").removesuffix(b"\r\n") + b"\r\n" + _DOT
    return b"." + body if body.startswith(b".") else body


def _joined(steps: Sequence[tuple[Stage, bytes]]) -> bytes:
    return b"".join(command for _, command in steps)


def _asked(stage: Stage) -> Stage:
    """A refused DATA command is no refusal of the mail's content."""
    return "rcpt" if stage == "data" else stage
