"""A private Kannel: bearerbox and smsbox with its fake SMSC, and the phones behind that SMSC in the test's hand.

The fake SMSC speaks lines over TCP, `sender receiver type payload`, both ways: what Kannel sends can be read as a
phone would, and a phone's words can be put in. It reports success at once; other fates need another SMSC.
"""

from __future__ import annotations

import contextlib
import queue
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tests.peers.process import (
    PeerFailedError,
    find_program,
    log_end,
    peer_folder,
    running,
    wait_until_listening,
)
from tests.ports import free_port

PACKAGE = "kannel"
USER, PASSWORD = "wenhou", "kannel-of-a-test"

_CONFIG = """
group = core
admin-port = {admin}
admin-password = {password}
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 0
dlr-storage = internal
store-type = spool
store-location = "{folder}/spool"
sms-resend-freq = 1

group = smsc
smsc = fake
smsc-id = fake1
our-host = 127.0.0.1
port = {smsc}
connect-allow-ip = "127.0.0.1"

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
log-file = "{folder}/smsbox.log"
log-level = 0
http-request-retry = 30
http-queue-delay = 1

group = sendsms-user
username = {user}
password = {password}
user-allow-ip = "127.0.0.1"
max-messages = 10
concatenation = true
"""
_SERVICE = """
group = sms-service
keyword = default
catch-all = true
max-messages = 0
get-url = "{url}"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sms:
    """One part of a message, as the SMSC took it; `kind` is text, data, ucs-2 or udh, `raw` the payload as bytes."""

    sender: str
    receiver: str
    kind: str
    raw: bytes

    @property
    def text(self) -> str:
        """The words; of a part with a header, the words behind it (UCS-2)."""
        if self.kind.startswith("ucs"):
            return self.raw.decode("utf-16-be", "replace")
        return self.raw.decode("utf-8", "replace")


class Phones:
    """The phones behind the fake SMSC."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._socket.settimeout(None)
        self._taken: queue.Queue[Sms] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError), self._socket.makefile("rb") as lines:
            for line in lines:
                sender, receiver, kind, payload = line.rstrip(b"\r\n").split(b" ", 3)
                encoded = kind != b"text"
                self._taken.put(
                    Sms(
                        sender=sender.decode(),
                        receiver=receiver.decode(),
                        kind=kind.decode(),
                        raw=unquote_to_bytes(payload.replace(b"+", b" ")) if encoded else payload,
                    )
                )

    def take(self, seconds: float = 15) -> Sms:
        """The next message for any phone; raises PeerFailedError when none comes."""
        try:
            return self._taken.get(timeout=seconds)
        except queue.Empty:
            msg = "no message came to the phones"
            raise PeerFailedError(msg) from None

    def write(self, phone: str, to: str, text: str) -> None:
        """A phone's words to one of the bank's numbers, in UCS-2 where ASCII does not hold them."""
        if text.isascii():
            kind, payload = "text", text
        else:
            kind, payload = "ucs2", quote_from_bytes(text.encode("utf-16-be"), safe="")
        self._socket.sendall(f"{phone} {to} {kind} {payload}\n".encode())

    def close(self) -> None:
        """Leave the SMSC; Kannel keeps what it cannot send now."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(timeout=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kannel:
    """A running instance. `phones` is connected; `status_url` answers the health probe."""

    sendsms_url: str
    status_url: str
    user: str
    password: str
    phones: Phones
    smsc_port: int
    logs: tuple[Path, ...]

    def log_end(self) -> str:
        """The end of both logs, for a failing test."""
        return log_end(*self.logs)


@contextlib.contextmanager
def running_kannel(*, mo_url: str | None = None) -> Iterator[Kannel]:
    """A Kannel until the block ends.

    `mo_url`: the get-url of the catch-all service, with Kannel's %-codes, called for every phone's words; tried again
    each second, thirty times, until it answers 2xx. None: nobody hears the phones.
    """
    bearerbox, smsbox = find_program(PACKAGE, "bearerbox"), find_program(PACKAGE, "smsbox")
    with peer_folder("kannel") as folder, contextlib.ExitStack() as stack:
        admin, box, sendsms, smsc = free_port(), free_port(), free_port(), free_port()
        (folder / "spool").mkdir()
        config = folder / "kannel.conf"
        text = _CONFIG.format(
            admin=admin, box=box, sendsms=sendsms, smsc=smsc, folder=folder, user=USER, password=PASSWORD
        )
        config.write_text(text.lstrip() + (_SERVICE.format(url=mo_url) if mo_url else ""))
        logs = tuple(folder / name for name in ("bearerbox.log", "smsbox.log", "words.log"))
        gate = stack.enter_context(running([bearerbox, str(config)], logs[2]))
        wait_until_listening(box, *logs, process=gate)
        wait_until_listening(smsc, *logs, process=gate)
        front = stack.enter_context(running([smsbox, str(config)], logs[2]))
        wait_until_listening(sendsms, *logs, process=front)
        phones = Phones(smsc)
        stack.callback(phones.close)
        yield Kannel(
            sendsms_url=f"http://127.0.0.1:{sendsms}/cgi-bin/sendsms",
            status_url=f"http://127.0.0.1:{admin}/status.xml?password={PASSWORD}",
            user=USER, password=PASSWORD, phones=phones, smsc_port=smsc, logs=logs,
        )  # fmt: skip
