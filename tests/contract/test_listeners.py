"""The contract of every listener: deliver before acknowledging, never lose, never twice in the store, stop at once."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence

import pytest

from store.callbacks import Arrival
from tests.contract.messages import CANARIES
from tests.contract.provided import OFFERS, Offers
from wenhou.core.channels import Listener, ReplyEvent
from wenhou.core.errors import SendError
from wenhou.services import intake
from wenhou.services.context import Context

STOPS_WITHIN = 2.0
EACH = pytest.mark.parametrize("name", OFFERS)
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Killed(BaseException):
    """The process dies."""


class Session:
    """A listener that runs in a thread until it is told to stop."""

    def __init__(self, listener: Listener, deliver: Callable[[Sequence[bytes]], None]) -> None:
        self.raised: BaseException | None = None
        self._stop = threading.Event()
        self._listener, self._deliver = listener, deliver
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._listener.listen(self._deliver, self._stop.wait)
        except BaseException as error:  # noqa: BLE001 - what came out is what is looked at
            self.raised = error

    def stop(self) -> float:
        """Tell it to stop; how long it took."""
        began = time.monotonic()
        self._stop.set()
        self._thread.join(timeout=15)
        assert not self._thread.is_alive(), "it does not stop at all"
        return time.monotonic() - began

    def ended(self, seconds: float) -> bool:
        """Whether it came out by itself in that time."""
        self._thread.join(timeout=seconds)
        return not self._thread.is_alive()


@pytest.fixture
def offers(name: str) -> Iterator[Offers]:
    made = OFFERS[name]()
    yield made
    made.close()


def _until(true: Callable[[], object], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            pytest.fail(what)
        time.sleep(0.02)


@EACH
def test_what_waited_and_what_comes_later_is_brought_and_then_acknowledged(offers: Offers) -> None:
    brought: list[bytes] = []
    waiting_when_delivered: list[int] = []

    def deliver(items: Sequence[bytes]) -> None:
        waiting_when_delivered.append(offers.waiting())
        brought.extend(items)

    offers.put("第一句")
    session = Session(offers.listener(), deliver)
    _until(lambda: len(brought) == 1 and offers.waiting() == 0, "the first words were not brought")
    offers.put("第二句")
    _until(lambda: len(brought) == 2 and offers.waiting() == 0, "the second words were not brought")
    assert session.stop() < STOPS_WITHIN
    assert session.raised is None
    assert all(waiting_when_delivered), "acknowledged before it was stored"
    events = [event for item in brought for event in offers.parser().parse(item)]
    assert [event.text for event in events if isinstance(event, ReplyEvent)] == ["第一句", "第二句"]


@EACH
@ON_SQLITE
def test_a_kill_between_storing_and_acknowledging_brings_it_again_and_the_store_knows_it(
    offers: Offers, context: Context
) -> None:
    offers.put("退订")
    first = offers.listener()
    arrival = Arrival(provider=first.provider, account=first.account, received_at=context.clock.real())
    stored: list[int] = []

    def store_and_die(items: Sequence[bytes]) -> None:
        stored.append(intake.take_in(context, arrival, items))
        raise Killed

    def store(items: Sequence[bytes]) -> None:
        stored.append(intake.take_in(context, arrival, items))

    session = Session(first, store_and_die)
    _until(lambda: stored, "nothing was brought")
    session.stop()
    assert offers.waiting() == 1, "acknowledged although nobody said that it was stored"
    session = Session(offers.listener(), store)
    _until(lambda: len(stored) > 1 and offers.waiting() == 0, "it was not brought again")
    session.stop()
    assert [stored[0], sum(stored[1:])] == [1, 0]


@EACH
def test_a_store_that_cannot_take_it_leaves_it_with_the_provider(offers: Offers) -> None:
    offers.put("收到")
    tried: list[int] = []

    def refuse(items: Sequence[bytes]) -> None:
        tried.append(len(items))
        msg = "the database is away"
        raise OSError(msg)

    session = Session(offers.listener(), refuse)
    _until(lambda: tried, "nothing was brought")
    session.stop()
    assert offers.waiting() == 1


@EACH
def test_an_idle_listener_stops_within_two_seconds(offers: Offers) -> None:
    session = Session(offers.listener(), lambda _: None)
    assert not session.ended(0.7)
    assert session.stop() < STOPS_WITHIN
    assert session.raised is None


@EACH
def test_a_session_that_breaks_is_raised_as_a_failure_of_the_call_without_any_secret(
    offers: Offers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = Session(offers.listener(), lambda _: None)
    time.sleep(0.3)
    offers.break_down()
    assert session.ended(20), "it does not notice"
    assert isinstance(session.raised, SendError)
    seen = ["".join(traceback.format_exception(session.raised))]
    seen += [repr(record.__dict__) + record.getMessage() for record in caplog.records]
    assert {canary for canary in CANARIES for text in seen if canary in text} == set()
