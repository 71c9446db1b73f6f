"""Whose a message is, on both databases: parallel workers, leases, dead workers, orderly ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from scheduler.dispatch import Dispatcher
from scheduler.preparing import Ready, prepare
from scheduler.recording import Result, record_results
from store.outbox import claim_released
from store.stops import Stops
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.channels import Accepted, OutgoingMessage, Transient
from wenhou.core.statuses import Status
from wenhou.services.policies import policy_in_force


def _pause_a_little(_: Sequence[OutgoingMessage]) -> None:
    time.sleep(0.005)


def test_two_workers_at_once_send_nothing_twice(world: World) -> None:
    sender = CountingSender(play=_pause_a_little)
    for _ in range(120):
        world.message()
    workers = [world.dispatcher(sender) for _ in range(3)]
    threads = [
        threading.Thread(target=worker.run_until_empty, kwargs={"patience_seconds": 0.5})
        for worker in workers
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert world.statuses() == {Status.SENT: 120}
    assert max(sender.counts.values()) == 1
    assert len(sender.counts) == 120


def test_what_one_worker_claimed_another_does_not_get(world: World) -> None:
    world.message()
    one, two = world.dispatcher(CountingSender()), world.dispatcher(CountingSender())
    one.release()

    assert len(one.claim()) == 1
    assert two.claim() == []


def test_a_dead_workers_claim_returns_when_its_lease_ends(world: World) -> None:
    sender, message_id = CountingSender(), world.message()
    dead = world.dispatcher(CountingSender(), lease_seconds=0.05)
    dead.release()
    assert dead.claim()
    time.sleep(0.1)
    alive = world.dispatcher(sender)

    assert alive.recover() == (1, 0)
    alive.run_once()

    assert (world.status(message_id), sender.calls) == (Status.SENT, 1)
    assert world.row(message_id).claim_fence == 2


def test_a_worker_that_lost_its_claim_opens_nothing(world: World) -> None:
    slow_sender, sender, message_id = CountingSender(), CountingSender(), world.message()
    slow = world.dispatcher(slow_sender, lease_seconds=0.05)
    slow.release()
    claimed = slow.claim()
    time.sleep(0.1)
    world.dispatcher(sender).run_once()

    tally = slow.deliver(claimed)

    assert (sender.calls, slow_sender.calls, tally.sent) == (1, 0, 0)
    assert world.status(message_id) == Status.SENT
    assert len(world.attempts(message_id)) == 1


def test_a_worker_whose_claim_another_holds_opens_nothing(world: World) -> None:
    slow_sender, message_id = CountingSender(), world.message()
    slow = world.dispatcher(slow_sender, lease_seconds=0.05)
    slow.release()
    claimed = slow.claim()
    time.sleep(0.1)
    holder = world.dispatcher(CountingSender())
    holder.recover()
    holder.release()
    assert holder.claim(), "claimed, and not opened yet"

    slow.deliver(claimed)

    assert slow_sender.calls == 0
    assert world.attempts(message_id) == []
    row = world.row(message_id)
    assert (row.status, row.claim_owner, row.claim_fence) == (Status.SCHEDULED, holder.owner, 2)


def test_a_call_longer_than_the_lease_is_not_taken_for_a_dead_worker(world: World) -> None:
    other = world.dispatcher(CountingSender())
    recovered: list[tuple[int, int]] = []

    def slow(_: Sequence[OutgoingMessage]) -> None:
        for _number in range(8):
            time.sleep(0.15)
            recovered.append(other.recover())

    message_id = world.message()

    world.dispatcher(CountingSender(play=slow), lease_seconds=0.5).run_once()

    assert set(recovered) == {(0, 0)}
    assert world.status(message_id) == Status.SENT


def test_an_open_attempt_of_a_dead_worker_is_unknown_and_its_late_answer_still_counts(world: World) -> None:
    sender, message_id = CountingSender(), world.message()
    dead = world.dispatcher(sender, lease_seconds=0.05)
    ready, carriers = _open(world, dead)
    time.sleep(0.1)

    assert world.dispatcher(CountingSender()).recover() == (0, 1)

    row = world.row(message_id)
    assert (row.status, row.reason) == (Status.UNKNOWN, "interrupted")
    [attempt] = world.attempts(message_id)
    assert (attempt.outcome, attempt.code) == ("unknown", "interrupted")
    late = Result(ready=ready, outcome=Accepted(provider_message_ids=("late-1",)))
    record_results(world.context, sender, [late], channels=carriers)
    assert world.status(message_id) == Status.SENT
    assert [event for event, _ in world.history(message_id)] == ["plan", "start", "lose", "accept"]


def test_a_late_refusal_of_a_lost_claim_schedules_nothing(world: World) -> None:
    sender, message_id = CountingSender(), world.message()
    dead = world.dispatcher(sender, lease_seconds=0.05)
    ready, carriers = _open(world, dead)
    time.sleep(0.1)
    world.dispatcher(CountingSender()).recover()

    record_results(
        world.context, sender, [Result(ready=ready, outcome=Transient(code="busy"))], channels=carriers
    )

    assert world.status(message_id) == Status.UNKNOWN


def _open(world: World, dispatcher: Dispatcher) -> tuple[Ready, tuple[str, ...]]:
    """Claim and open one message as the dispatcher does, and stop there as if it died."""
    carriers = dispatcher._carriers  # noqa: SLF001 - the very state of a worker that died
    dispatcher.release()
    claimed = dispatcher.claim()
    with world.context.db.write() as session:
        policy = policy_in_force(session, world.clock.now())
        prepared = prepare(session, world.context, carriers, claimed, policy=policy)
    return prepared.ready[0], carriers.channels


def test_an_orderly_end_finishes_its_calls_and_gives_back_the_rest(world: World) -> None:
    started = threading.Event()

    def slow(_: Sequence[OutgoingMessage]) -> None:
        started.set()
        time.sleep(0.3)

    sender = CountingSender(calls_in_flight=2, play=slow)
    for _ in range(10):
        world.message()
    dispatcher = world.dispatcher(sender)
    runner = threading.Thread(target=dispatcher.run_once)
    runner.start()
    assert started.wait(10)

    dispatcher.close()
    runner.join()

    _assert_nothing_in_hand(world, sender)


def test_an_orderly_end_between_opening_and_calling_makes_the_call(world: World) -> None:
    closing: list[threading.Thread] = []

    def close_now(point: str) -> None:
        if point == "open.after_commit" and not closing:
            closing.append(threading.Thread(target=dispatcher.close))
            closing[0].start()
            time.sleep(0.2)

    sender = CountingSender(calls_in_flight=2)
    for _ in range(10):
        world.message()
    world.context = replace(world.context, passed=close_now)
    dispatcher = world.dispatcher(sender)

    dispatcher.run_once()
    closing[0].join()

    _assert_nothing_in_hand(world, sender)


def _assert_nothing_in_hand(world: World, sender: CountingSender) -> None:
    statuses = world.statuses()
    assert statuses[Status.UNKNOWN] == statuses[Status.SENDING] == 0
    assert statuses[Status.SENT] == sender.counts.total() < 10
    assert statuses[Status.SCHEDULED] == 10 - statuses[Status.SENT]
    with world.context.db.read() as session:
        assert not claim_released(
            session,
            owner="x",
            real=world.clock.real(),
            now=world.clock.now(),
            lease=timedelta(seconds=1),
            stops=Stops(everything=True),
            channels=("sms",),
        )
