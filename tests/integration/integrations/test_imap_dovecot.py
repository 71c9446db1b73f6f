"""A mailbox is emptied over IMAP: a real Dovecot, a real store, and kills in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest

from integrations.email_in.imap import ImapListener
from integrations.email_in.settings import InboundSettings
from tests.peers.dovecot import Dovecot, running_dovecot
from wenhou.core.errors import ChannelFaultError, SendError, TransientSendError

MAIL = b"From: wang@mail.example\r\nTo: care@bank.test\r\nMessage-ID: <%d@mail.example>\r\nSubject: x\r\n\r\nhello %d\r\n"


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    with running_dovecot(idle_seconds=5) as peer:
        yield peer


def listener_of(dovecot: Dovecot, user: str, **changes: object) -> ImapListener:
    block = {
        "mode": "imap", "port": dovecot.port, "tls": "plain", "user": user, "password": dovecot.password,
        "idle_seconds": 3, "io_seconds": 10, **changes,
    }  # fmt: skip
    return ImapListener(InboundSettings.model_validate(block), provider="email_smtp", account="mail")


class Running:
    """A listener in a thread; what it brought, and how it ended."""

    def __init__(
        self, listener: ImapListener, deliver: Callable[[Sequence[bytes]], None] | None = None
    ) -> None:
        self.items: list[bytes] = []
        self.error: BaseException | None = None
        self.halted = threading.Event()
        self._deliver = deliver or self.items.extend
        self._listener = listener
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._listener.listen(self._deliver, self.halted.wait)
        except (SendError, RuntimeError) as error:
            self.error = error

    def stop(self) -> float:
        """How long it took to stop, in seconds."""
        self.halted.set()
        begin = time.monotonic()
        self._thread.join(20)
        assert not self._thread.is_alive()
        return time.monotonic() - begin


def wait_for(what: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


def test_dovecot_tells_of_new_mail_while_idle_and_each_is_moved_when_stored(dovecot: Dovecot) -> None:
    dovecot.put("idle", "1.x", MAIL % (1, 1))
    run = Running(listener_of(dovecot, "idle", idle_seconds=60))
    wait_for(lambda: len(run.items) == 1)
    time.sleep(0.5)
    dovecot.put("idle", "2.x", MAIL % (2, 2))
    wait_for(lambda: len(run.items) == 2)
    wait_for(
        lambda: (
            not [
                *(dovecot.maildirs / "idle" / "cur").iterdir(),
                *(dovecot.maildirs / "idle" / "new").iterdir(),
            ]
        )
    )
    assert run.stop() < 10
    assert run.items == [MAIL % (1, 1), MAIL % (2, 2)]
    done = dovecot.maildirs / "idle" / ".Wenhou"
    assert len([*(done / "cur").iterdir(), *(done / "new").iterdir()]) == 2


def test_dovecot_brings_a_mail_again_that_was_stored_and_not_moved(dovecot: Dovecot) -> None:
    dovecot.put("kill", "1.x", MAIL % (1, 1))
    brought: list[bytes] = []

    def die_after(items: Sequence[bytes]) -> None:
        brought.extend(items)
        msg = "killed"
        raise RuntimeError(msg)

    run = Running(listener_of(dovecot, "kill"), die_after)
    wait_for(lambda: run.error is not None)
    run.stop()
    again = Running(listener_of(dovecot, "kill"))
    wait_for(lambda: len(again.items) == 1)
    again.stop()
    assert brought == again.items


def test_dovecot_keeps_the_headers_only_of_a_mail_that_is_too_large(dovecot: Dovecot) -> None:
    dovecot.put("large", "1.x", MAIL % (1, 1) + b"x" * 78 * 1000)
    run = Running(listener_of(dovecot, "large", max_bytes=20_000))
    wait_for(lambda: len(run.items) == 1)
    run.stop()
    assert b"Message-ID: <1@mail.example>" in run.items[0]
    assert len(run.items[0]) < 1000


def test_dovecot_is_looked_at_again_when_idle_has_lasted_long(dovecot: Dovecot) -> None:
    listener = listener_of(dovecot, "poll", poll_seconds=0.2, idle_seconds=0.5)
    run = Running(listener)
    for number in range(3):
        dovecot.put("poll", f"{number}.x", MAIL % (number, number))
        time.sleep(0.7)
    wait_for(lambda: len(run.items) == 3)
    run.stop()


def test_dovecot_takes_many_mails_in_their_order(dovecot: Dovecot) -> None:
    for number in range(60):
        dovecot.put("many", f"{number:04}.x", MAIL % (number, number))
    run = Running(listener_of(dovecot, "many"))
    wait_for(lambda: len(run.items) == 60)
    run.stop()
    assert len(set(run.items)) == 60


def test_dovecot_refuses_a_wrong_password_and_the_account_is_told(dovecot: Dovecot) -> None:
    run = Running(listener_of(dovecot, "care", password="wrong"))
    wait_for(lambda: run.error is not None, 30)
    run.stop()
    assert isinstance(run.error, ChannelFaultError)
    assert run.error.provider_code == "imap_login"


def test_nobody_at_the_port_is_a_matter_of_time(dovecot: Dovecot) -> None:
    run = Running(listener_of(dovecot, "care", port=1))
    wait_for(lambda: run.error is not None)
    run.stop()
    assert isinstance(run.error, TransientSendError)
