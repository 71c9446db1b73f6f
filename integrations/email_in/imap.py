"""Empties a mailbox over IMAP: told by IDLE when something comes, looking anyway every few minutes.

A mail is moved to the done folder only after it is stored. A kill between the two brings it again, and the store knows
it by its bytes; so the place of a mail is all the state there is, and a new UIDVALIDITY costs nothing.
"""

from __future__ import annotations

import contextlib
import imaplib
import logging
import re
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from imap_tools import BaseMailBox, MailBox, MailboxLoginError, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from integrations.email_in.settings import InboundSettings
from integrations.email_in.stub import make_stub
from wenhou.core.errors import ChannelFaultError, SendError, TransientSendError

Deliver = Callable[[Sequence[bytes]], None]
Stop = Callable[[float], bool]

_CHUNK: Final = 200
_BATCH, _BATCH_BYTES = 20, 8 << 20
_SLICE: Final = 1.0
"""How long it may take to hear that we are told to stop, in seconds."""
_NUMBERS: Final = re.compile(rb"UID (\d+).{0,80}?RFC822\.SIZE (\d+)|RFC822\.SIZE (\d+).{0,80}?UID (\d+)")
_WHO_WE_ARE: Final = '("name" "wenhou" "version" "1" "vendor" "wenhou")'

log = logging.getLogger(__name__)


class ImapListener:
    """See `wenhou.core.channels.Listener`."""

    def __init__(self, settings: InboundSettings, *, provider: str, account: str) -> None:
        self.provider = provider
        self.account = account
        self._settings = settings

    def listen(self, deliver: Deliver, stop: Stop) -> None:
        """Bring what is in the folder and what comes, until told to stop; raises SendError when the session fails."""
        try:
            box = self._open()
            try:
                self._session(_Folder(box, self._settings), deliver, stop)
            finally:
                with contextlib.suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                    box.logout()
                with contextlib.suppress(OSError):
                    box.client.shutdown()  # a server that is gone leaves logout, and with it the socket, unfinished
        except (imaplib.IMAP4.error, ImapToolsError, OSError) as error:
            raise _failure(error) from None

    def _session(self, folder: _Folder, deliver: Deliver, stop: Stop) -> None:
        while not stop(0):
            folder.empty(deliver, stop)
            if folder.can_idle:
                folder.wait(stop)
            elif stop(self._settings.poll_seconds):
                return
            else:
                folder.refresh()

    def _open(self) -> BaseMailBox:
        """A session that has logged in, said who it is and selected nothing yet."""
        settings = self._settings
        password = settings.secret()
        if password is None:
            msg = "the password file cannot be read"
            raise ChannelFaultError(msg, provider_code="password_file")
        box = self._connected()
        try:
            box.login(settings.user or "", password, initial_folder=None)
            said = box.client.capability()[1][-1]
            box.client.capabilities = tuple(said.decode("ascii", "replace").upper().split())
            if "ID" in box.client.capabilities:
                # NetEase answers "Unsafe Login" to whoever does not say what program it is (specification §7.2).
                box.client.xatom("ID", _WHO_WE_ARE)
            if not box.folder.exists(settings.done_folder):
                box.folder.create(settings.done_folder)
        except BaseException:
            with contextlib.suppress(imaplib.IMAP4.error, ImapToolsError, OSError):
                box.client.shutdown()
            raise
        return box

    def _connected(self) -> BaseMailBox:
        settings = self._settings
        place, wait = (settings.host, settings.port), settings.io_seconds
        if settings.tls == "plain":
            return MailBoxUnencrypted(*place, timeout=wait)
        context = ssl.create_default_context(cafile=settings.ca_file)
        kind = MailBox if settings.tls == "implicit" else MailBoxStartTls
        return kind(*place, timeout=wait, ssl_context=context)


class _Folder:
    """The folder of one session, and what of it is stored but could not be moved yet."""

    def __init__(self, box: BaseMailBox, settings: InboundSettings) -> None:
        self._box = box
        self._settings = settings
        self._stored: set[str] = set()
        box.folder.set(settings.folder)
        self.can_idle = "IDLE" in box.client.capabilities

    def empty(self, deliver: Deliver, stop: Stop) -> None:
        """Store and move everything that is there. All of it is asked for: `n:*` brings one old mail for ever."""
        uids = self._box.uids("UNDELETED", charset=None)
        left = [uid for uid in uids if uid in self._stored]
        if left:
            self._move(left)
        fresh = [uid for uid in uids if uid not in self._stored]
        for begin in range(0, len(fresh), _CHUNK):
            for batch in _batches(self._sizes(fresh[begin : begin + _CHUNK]), self._settings.max_bytes):
                if stop(0):
                    return
                self._bring(batch, deliver)

    def _bring(self, batch: dict[str, int], deliver: Deliver) -> None:
        mails = {uid: mail for uid, size in batch.items() if (mail := self._fetch(uid, size)) is not None}
        if not mails:
            return
        deliver(list(mails.values()))
        self._stored.update(mails)
        self._move(list(mails))

    def _move(self, uids: list[str]) -> None:
        self._box.move(uids, self._settings.done_folder)
        self._stored.difference_update(uids)

    def _sizes(self, uids: list[str]) -> dict[str, int]:
        """The size of each mail that is still there, before a byte of it is fetched."""
        kind, rows = self._box.client.uid("FETCH", ",".join(uids), "(UID RFC822.SIZE)")
        _require(kind)
        found: dict[str, int] = {}
        for row in rows:
            match = _NUMBERS.search(row) if isinstance(row, bytes) else None
            if match:
                found[(match[1] or match[4]).decode()] = int(match[2] or match[3])
        return {uid: found[uid] for uid in uids if uid in found}

    def _fetch(self, uid: str, size: int) -> bytes | None:
        """The mail, or a stub of one that is too large; None when somebody took it away meanwhile."""
        is_large = size > self._settings.max_bytes
        wanted = "(BODY.PEEK[HEADER])" if is_large else "(BODY.PEEK[])"
        kind, rows = self._box.client.uid("FETCH", uid, wanted)
        _require(kind)
        for row in rows:
            if isinstance(row, tuple) and isinstance(row[1], bytes):
                return make_stub(row[1], size) if is_large else row[1]
        return None

    def wait(self, stop: Stop) -> None:
        """IDLE until something happens, or long enough that the server might have forgotten us."""
        end = time.monotonic() + self._settings.idle_seconds
        self._box.idle.start()  # type: ignore[no-untyped-call]
        while time.monotonic() < end and not stop(0):
            began = time.monotonic()
            said = self._box.idle.poll(timeout=min(_SLICE, max(0.05, end - began)))
            if any(b"EXISTS" in line or b"BYE" in line for line in said):
                break
            if not said and time.monotonic() - began < _SLICE / 4:
                break  # readable and nothing to read: the line is dead, as the end of IDLE will show
        self._box.idle.stop()  # type: ignore[no-untyped-call]

    def refresh(self) -> None:
        """Let a server that knows no IDLE tell what has come."""
        _require(self._box.client.noop()[0])


def _batches(sizes: dict[str, int], largest: int) -> Iterator[dict[str, int]]:
    """Mails to store in one commit: not many, and not much of them in memory."""
    batch: dict[str, int] = {}
    held = 0
    for uid, size in sizes.items():
        brought = size if size <= largest else 0
        if batch and (len(batch) >= _BATCH or held + brought > _BATCH_BYTES):
            yield batch
            batch, held = {}, 0
        batch[uid] = size
        held += brought
    if batch:
        yield batch


def _require(kind: str) -> None:
    if kind != "OK":
        msg = f"the mailbox answered {kind}"
        raise imaplib.IMAP4.error(msg)


def _failure(error: Exception) -> SendError:
    """What an ended session means; the server's own words may hold names and go nowhere."""
    match error:
        case MailboxLoginError():
            return ChannelFaultError("the mailbox refuses this login", provider_code="imap_login")
        case ssl.SSLCertVerificationError():
            return ChannelFaultError(
                "the mailbox shows a certificate that is not trusted", provider_code="certificate"
            )
        case FileNotFoundError():
            return ChannelFaultError("ca_file is not there", provider_code="ca_file")
        case imaplib.IMAP4.abort() | OSError():
            return TransientSendError("the mailbox cannot be reached", provider_code="imap_lost")
        case _:
            return TransientSendError("the mailbox refused a command", provider_code="imap_refused")
