"""Mail comes back through a real Postfix into our LMTP: answers, bounces that it makes itself, and a store that fails."""

from __future__ import annotations

import smtplib
import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from integrations.registry import build_listeners, build_parser, read_account
from integrations.settings import AccountSettings
from scheduler.listening import Listening
from store.callbacks import Arrival
from store.models.customers import ContactPoint
from store.models.handover import Attempt
from store.models.hearing import Callback
from store.models.messages import Message
from tests.integration.hearing.world import MAIL, World
from tests.peers.dovecot import running_dovecot
from tests.peers.postfix import BANK, Postfix, running_postfix
from tests.ports import free_port
from wenhou.core.channels import EMAIL, Listener
from wenhou.core.statuses import Status
from wenhou.services import intake

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

THEIRS = MAIL.partition("@")[2]


class Remote:
    """A mail server elsewhere; `says` is how it answers for every recipient, "" takes the mail."""

    def __init__(self) -> None:
        self.port = free_port()
        self.says = ""

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if not self.says:
            envelope.rcpt_tos.append(address)
        return self.says or "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        del server, session, envelope
        return "250 ok"


@pytest.fixture
def remote() -> Iterator[Remote]:
    handler = Remote()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


def account_of(inbound: dict[str, object]) -> AccountSettings:
    return read_account(
        {
            "provider": "email_smtp", "account": "mail", "channel": "email", "host": "127.0.0.1", "tls": "plain",
            "from_address": f"hello@{BANK}", "domain": BANK, "inbound": inbound,
        }
    )  # fmt: skip


class Ear:
    """The world with a mail account that listens."""

    def __init__(
        self, world: World, account: AccountSettings, *, broken: Callable[[], bool] = lambda: False
    ) -> None:
        self.world = world
        world.parsers["email_smtp", "mail"] = build_parser(account)
        listeners: Sequence[Listener] = [_Breakable(one, broken) for one in build_listeners(account)]
        self.listening = Listening(world.context, listeners, shortest_pause=0.2)

    def sent(self) -> tuple[Attempt, str]:
        """A mail in our provider's hands, and its reference."""
        _, attempt = self.world.sent(channel=EMAIL)
        with self.world.context.db.write() as session:
            row = session.get_one(Attempt, attempt.id)
            row.provider, row.account = "email_smtp", "mail"
        return attempt, self.world.context.vault.reference_of(attempt.id)

    def wait_for(self, count: int, seconds: float = 40) -> None:
        """So many items, applied."""
        end = time.monotonic() + seconds
        while len(self.world.callbacks()) < count:
            assert time.monotonic() < end, self.world.callbacks()
            time.sleep(0.1)
        intake.apply_pending(self.world.context, self.world.parsers)


class _Breakable:
    """A listener whose store fails while `broken` says so."""

    def __init__(self, inner: Listener, broken: Callable[[], bool]) -> None:
        self.provider, self.account = inner.provider, inner.account
        self._inner, self._broken = inner, broken

    def listen(self, deliver: Callable[[Sequence[bytes]], None], stop: Callable[[float], bool]) -> None:
        def maybe(items: Sequence[bytes]) -> None:
            if self._broken():
                msg = "the store is away"
                raise RuntimeError(msg)
            deliver(items)

        self._inner.listen(maybe, stop)


def send(postfix: Postfix, sender: str, to: str, text: str = "hello", subject: str = "hello") -> None:
    with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as client:
        head = f"From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\nMessage-ID: <{time.monotonic_ns()}@x.test>\r\n"
        head += "Content-Type: text/plain; charset=utf-8\r\n\r\n"
        client.sendmail(sender, [to], (head + text + "\r\n").encode())


def test_postfix_brings_an_answer_over_lmtp(world: World) -> None:
    port = free_port()
    ear = Ear(world, account_of({"mode": "lmtp", "port": port}))
    ear.listening.start()
    try:
        with running_postfix(lmtp_port=port) as postfix:
            attempt, reference = ear.sent()
            send(postfix, MAIL, f"care+{reference}@{BANK}", "可以，谢谢\n\n> 退订请回复 TD", "回复: 您好")
            ear.wait_for(1)
    finally:
        ear.listening.stop()
    (entry,) = [one for one in world.entries() if one.direction == "in"]
    assert entry.answers_message_id == attempt.message_id
    assert not entry.is_automatic
    assert Status(_message(world, attempt)) is Status.SENT


@pytest.mark.parametrize(
    ("says", "reachable"),
    [("550 Ip frequency limited", "yes"), ("550 5.1.1 no such user", "no"), ("550 User not exist", "no")],
)
def test_a_bounce_that_postfix_made_is_a_receipt_and_blames_the_address_only_for_its_own_fault(
    world: World, remote: Remote, says: str, reachable: str
) -> None:
    port = free_port()
    ear = Ear(world, account_of({"mode": "lmtp", "port": port}))
    ear.listening.start()
    try:
        with running_postfix(remote={THEIRS: remote.port}, lmtp_port=port) as postfix:
            attempt, reference = ear.sent()
            remote.says = says
            send(postfix, f"bounce+{reference}@{BANK}", MAIL)
            ear.wait_for(1)
    finally:
        ear.listening.stop()
    assert Status(_message(world, attempt)) is Status.UNDELIVERED
    assert _attempt(world, attempt).receipt == "undelivered"
    assert _reachable(ear, attempt) == reachable
    assert world.callbacks() == ["done"]


def _attempt(world: World, attempt: Attempt) -> Attempt:
    with world.context.db.read() as session:
        return session.get_one(Attempt, attempt.id)


def _message(world: World, attempt: Attempt) -> str:
    with world.context.db.read() as session:
        return session.get_one(Message, attempt.message_id).status


def _reachable(ear: Ear, attempt: Attempt) -> str:
    with ear.world.context.db.read() as session:
        assert attempt.contact_point_id is not None
        return session.get_one(ContactPoint, attempt.contact_point_id).reachable


def test_postfix_gives_up_a_full_mailbox_and_a_delay_before_that_changes_nothing(
    world: World, remote: Remote
) -> None:
    port = free_port()
    ear = Ear(world, account_of({"mode": "lmtp", "port": port}))
    ear.listening.start()
    try:
        # Postfix counts the warning's hours; one second is the least it can be told.
        with running_postfix(
            remote={THEIRS: remote.port}, lmtp_port=port, settings={"delay_warning_time": "1s"}
        ) as postfix:
            attempt, reference = ear.sent()
            remote.says = "452 4.2.2 mailbox full"
            send(postfix, f"bounce+{reference}@{BANK}", MAIL)
            ear.wait_for(1)
            first = Status(_message(world, attempt))
            kept = world.rows(Callback)
            ear.wait_for(2)
    finally:
        ear.listening.stop()
    assert first is Status.SENT
    assert [row.error for row in kept] == ["nothing_to_do"]
    assert Status(_message(world, attempt)) is Status.UNDELIVERED
    assert _reachable(ear, attempt) != "no"


def test_postfix_keeps_what_a_failing_store_could_not_take_and_brings_it_once(world: World) -> None:
    port = free_port()
    fails = threading.Event()
    fails.set()
    ear = Ear(world, account_of({"mode": "lmtp", "port": port}), broken=fails.is_set)
    ear.listening.start()
    try:
        with running_postfix(lmtp_port=port) as postfix:
            _, reference = ear.sent()
            send(postfix, MAIL, f"care+{reference}@{BANK}", "收到")
            time.sleep(1.5)
            assert world.callbacks() == []
            assert "451 4.3.0 not stored" in postfix.log.read_text()
            fails.clear()
            postfix.flush()
            ear.wait_for(1)
    finally:
        ear.listening.stop()
    assert world.callbacks() == ["done"]


def test_postfix_is_told_that_an_unknown_box_is_none_and_not_who_is_a_customer(world: World) -> None:
    port = free_port()
    ear = Ear(world, account_of({"mode": "lmtp", "port": port, "max_bytes": 20_000}))
    ear.listening.start()
    try:
        _wait_listening(port)
        with smtplib.LMTP("127.0.0.1", port) as client:
            client.ehlo_or_helo_if_needed()
            client.mail("")
            assert client.rcpt(f"nobody@{BANK}")[0] == 550
            assert client.rcpt("care@other.test")[0] == 550
            assert client.rcpt(f"care+aaaaaaaaaaaaaaaaaaaaaaaa@{BANK}")[0] == 250
            assert client.rcpt(f"care@{BANK}")[0] == 452
            assert client.data(b"From: wang@example.com\r\nSubject: x\r\n\r\n" + b"y" * 50_000)[0] == 250
        ear.wait_for(1)
    finally:
        ear.listening.stop()
    (row,) = world.rows(Callback)
    assert row.state == "done"
    assert len(row.payload) < 2000


def _wait_listening(port: int) -> None:
    for _ in range(100):
        try:
            smtplib.LMTP("127.0.0.1", port).quit()
        except OSError:
            time.sleep(0.05)
        else:
            return


def test_postfix_and_dovecot_bring_an_answer_once_though_we_die_before_it_is_moved(world: World) -> None:
    with running_postfix() as postfix, running_dovecot(maildirs=postfix.maildirs, idle_seconds=5) as dovecot:
        block = {
            "mode": "imap", "port": dovecot.port, "tls": "plain", "user": "care", "password": dovecot.password,
            "idle_seconds": 30,
        }  # fmt: skip
        account = account_of(block)
        died = threading.Event()

        first = Ear(world, account)
        _, reference = first.sent()
        send(postfix, MAIL, f"care+{reference}@{BANK}", "收到")
        postfix.wait_for_mails("care")
        (listener,) = build_listeners(account)

        def store_and_die(items: Sequence[bytes]) -> None:
            arrival = Arrival(provider="email_smtp", account="mail", received_at=world.context.clock.real())
            intake.take_in(world.context, arrival, items)
            died.set()
            msg = "killed between the commit and the move"
            raise RuntimeError(msg)

        with pytest.raises(RuntimeError, match="killed"):
            listener.listen(store_and_die, lambda _seconds: False)
        assert died.is_set()
        first.listening.start()
        try:
            done = postfix.maildirs / "care" / ".Wenhou"
            end = time.monotonic() + 20
            while not (done.exists() and [*(done / "cur").iterdir(), *(done / "new").iterdir()]):
                assert time.monotonic() < end
                time.sleep(0.1)
            first.wait_for(1)
        finally:
            first.listening.stop()
    assert world.callbacks() == ["done"]
    assert len([one for one in world.entries() if one.direction == "in"]) == 1
