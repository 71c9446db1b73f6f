"""Listeners run under a lease: one process of many, stored before anything else, begun anew when they fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.listening import Listening
from store import callbacks, leases, listener_states
from store.models.hearing import ListenerState
from wenhou.core.errors import ChannelFaultError, TransientSendError
from wenhou.services.context import Context

SHORT = timedelta(seconds=1.2)
NAME = "listen:email_smtp:mail"


class Fake:
    """A listener in the test's hand."""

    provider, account = "email_smtp", "mail"

    def __init__(self, *failures: Exception, items: Sequence[bytes] = ()) -> None:
        self.sessions = 0
        self.inside = threading.Event()
        self.deaf = False
        self._failures = list(failures)
        self._items = items

    def listen(self, deliver: Callable[[Sequence[bytes]], None], stop: Callable[[float], bool]) -> None:
        self.sessions += 1
        while self.sessions > 1 and self.deaf:
            time.sleep(0.01)
        if self._failures:
            raise self._failures.pop(0)
        if self._items:
            deliver(self._items)
        self.inside.set()
        while not stop(0.05) or self.deaf:
            time.sleep(0.01)
        self.inside.clear()


def wait_for(what: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def running(context: Context, *fakes: Fake) -> Iterator[Listening]:
    listening = Listening(context, fakes, lease=SHORT, shortest_pause=0.05)
    listening.start()
    try:
        yield listening
    finally:
        for fake in fakes:
            fake.deaf = False
        listening.stop()


def state(context: Context) -> ListenerState:
    with context.db.read() as session:
        (row,) = listener_states.list_listeners(session)
        return row


def stored(context: Context) -> int:
    with context.db.read() as session:
        return sum(callbacks.count_by_state(session).values())


def test_of_two_processes_one_listens_and_the_other_takes_over_at_once(context: Context) -> None:
    first, second = Fake(), Fake()
    with running(context, first) as one:
        wait_for(first.inside.is_set)
        with running(context, second):
            time.sleep(1.5)
            assert not second.sessions
            one.stop()
            wait_for(second.inside.is_set)


def test_a_dead_process_is_replaced_when_its_lease_ends(context: Context) -> None:
    now = context.clock.real()
    with context.db.write() as session:
        assert leases.take_lease(session, NAME, "dead", until=now + timedelta(seconds=1), now=now) == 1
    fake = Fake()
    with running(context, fake):
        time.sleep(0.3)
        assert not fake.sessions
        wait_for(fake.inside.is_set)
        with context.db.write() as session:
            kept = leases.renew_lease(session, NAME, "dead", 1, until=now + timedelta(seconds=9))
        assert not kept


def test_a_lease_is_renewed_while_its_owner_lives(context: Context) -> None:
    fake, other = Fake(), Fake()
    with running(context, fake), running(context, other):
        wait_for(lambda: fake.inside.is_set() or other.inside.is_set())
        time.sleep(3)
        assert fake.sessions + other.sessions == 1


def test_whoever_loses_the_lease_stops(context: Context) -> None:
    fake = Fake()
    with running(context, fake):
        wait_for(fake.inside.is_set)
        now = context.clock.real() + timedelta(seconds=60)
        with context.db.write() as session:
            assert leases.take_lease(session, NAME, "thief", until=now + timedelta(seconds=60), now=now) == 2
        wait_for(lambda: not fake.inside.is_set())


def test_what_is_brought_is_stored_once_and_rung_for(context: Context) -> None:
    rung: list[str] = []
    fake = Fake(TransientSendError("x", provider_code="lost"), items=[b"one", b"two", b"one"])
    with running(replace(context, submit=rung.append), fake):
        wait_for(fake.inside.is_set)
    again = Fake(items=[b"one", b"two"])
    with running(context, again):
        wait_for(again.inside.is_set)
    assert stored(context) == 2
    assert "callbacks" in rung


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TransientSendError("x", provider_code="imap_lost"), "imap_lost"),
        (ChannelFaultError("x", provider_code="imap_login"), "imap_login"),
        (RuntimeError("x"), "RuntimeError"),
    ],
)
def test_a_listener_that_fails_is_begun_anew_and_its_failure_noted(
    context: Context, error: Exception, code: str
) -> None:
    fake = Fake(error)
    fake.deaf = True  # so that the failure is not overwritten by the next session's sign of life
    with running(context, fake):
        wait_for(lambda: _failed_with(context, code))
        fake.deaf = False
        wait_for(fake.inside.is_set, 20)
        wait_for(lambda: state(context).failures == 0)
    row = state(context)
    assert row.failed_at is not None
    assert row.alive_at is not None


def _failed_with(context: Context, code: str) -> bool:
    with context.db.read() as session:
        return any(row.code == code for row in listener_states.list_listeners(session))


def test_stopping_takes_seconds_even_if_a_listener_is_deaf(context: Context) -> None:
    fake = Fake()
    fake.deaf = True
    listening = Listening(context, [fake], lease=SHORT)
    listening.start()
    wait_for(fake.inside.is_set)
    begin = time.monotonic()
    listening.stop()
    took = time.monotonic() - begin
    fake.deaf = False
    listening.stop()
    assert took < 8


def test_two_listeners_of_one_account_have_leases_of_their_own(context: Context) -> None:
    first, second = Fake(), Fake()
    with running(context, first, second):
        wait_for(lambda: first.inside.is_set() and second.inside.is_set())
