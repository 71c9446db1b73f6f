"""Handing over: release, claim, gates again, attempts opened, call, record (DESIGN §11).

No transaction is open during a call; only open attempts can become unknown; a group is no larger than the calls in
flight, so at most that many are unknown when the process is killed.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import timedelta

from scheduler.carriers import Carriers
from scheduler.outcomes import outcome_of_error
from scheduler.preparing import Prepared, Ready, prepare
from scheduler.recording import Result, record_results
from store.accounts import return_tokens, take_tokens
from store.outbox import (
    Claimed,
    claim_released,
    expire_passed,
    give_back,
    next_due,
    recover_claims,
    release_due,
    renew_claims,
    waiting_by_channel,
)
from store.stops import current_stops
from wenhou.core.channels import Outcome, Sender, Transient, Unknown
from wenhou.core.errors import RetryHint
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force

log = logging.getLogger("wenhou.dispatch")
_RELEASE_SECONDS = 2
_STOPPED_RETRY = timedelta(seconds=1)


@dataclass(slots=True, kw_only=True)
class Tally:
    """What one dispatch did; the JSON of `wenhou dispatch`."""

    claimed: int = 0
    sent: int = 0
    awaiting_tap: int = 0
    failed: int = 0
    unknown: int = 0
    scheduled_again: int = 0
    skipped: int = 0

    def add(self, other: Tally) -> None:
        """Sum up."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)

    def as_json(self) -> dict[str, int]:
        """The contract's shape."""
        return asdict(self)


class Dispatcher:
    """One worker's hands. Several may run, in one process or many: claims keep them apart."""

    def __init__(
        self, context: Context, carriers: Carriers, *, lease: timedelta = timedelta(seconds=60)
    ) -> None:
        self._context = context
        self._carriers = carriers
        self._lease = lease
        self.owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._in_hand: set[uuid.UUID] = set()
        self._in_hand_lock = threading.Lock()
        self._pools = {
            channel: ThreadPoolExecutor(
                sender.capabilities.calls_in_flight, thread_name_prefix=f"send-{channel}"
            )
            for channel, sender in carriers.senders.items()
        }
        self._closing = threading.Event()
        self._heart = threading.Thread(target=self._beat, name="claim-heartbeat", daemon=True)
        self._heart.start()

    def close(self) -> None:
        """Finish calls in flight and let go."""
        self._closing.set()
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._heart.join(timeout=5)

    def run_once(self) -> Tally:
        """One tick: recover, expire, release, then deliver everything claimed. Returns what happened."""
        self.recover()
        self.release()
        tally = Tally()
        while batch := self.claim():
            tally.add(self.deliver(batch))
            if self._closing.is_set():
                break
            self.release()
        return tally

    def run_until_empty(self, *, patience_seconds: float = 12.0) -> Tally:
        """Until nothing is due nor falls due within `patience_seconds` (undo time, back-off, empty buckets)."""
        tally = Tally()
        while not self._closing.is_set():
            tally.add(self.run_once())
            if not self._wait_for_more(patience_seconds):
                return tally
        return tally

    def recover(self) -> tuple[int, int]:
        """Give back dead workers' claims, close their open attempts as unknown, expire what is past."""
        with self._context.db.write() as session:
            recovered = recover_claims(session, real=self._context.clock.real(), at=self._context.clock.now())
            expire_passed(session, now=self._context.clock.now())
        if any(recovered):
            log.warning("claims_recovered", extra={"returned": recovered[0], "unknown": recovered[1]})
        return recovered

    def release(self) -> int:
        """Release what is due, at most two seconds of each route's rate beyond what already waits."""
        context = self._context
        with context.db.write() as session:
            waiting = waiting_by_channel(session)
            room = {
                channel: int(
                    max(
                        sender.capabilities.rate_per_second * _RELEASE_SECONDS, sender.capabilities.batch_size
                    )
                )
                - waiting.get(channel, 0)
                for channel, sender in self._carriers.senders.items()
            }
            released = release_due(
                session,
                now=context.clock.now(),
                real=context.clock.real(),
                room=room,
                stops=current_stops(session),
            )
            context.passed("release.before_commit")
        context.passed("release.after_commit")
        return released

    def claim(self) -> list[Claimed]:
        """Take released messages."""
        context = self._context
        with context.db.write() as session:
            claimed = claim_released(
                session,
                owner=self.owner,
                real=context.clock.real(),
                now=context.clock.now(),
                lease=self._lease,
                stops=current_stops(session),
                channels=self._carriers.channels,
            )
        if claimed:
            context.passed("claim.after_commit")
        return claimed

    def deliver(self, claimed: Sequence[Claimed]) -> Tally:
        """Hand over a claimed batch, group by group; channels go in parallel."""
        tally = Tally(claimed=len(claimed))
        by_channel: dict[str, list[Claimed]] = {}
        for message in claimed:
            by_channel.setdefault(message.channel, []).append(message)
        with self._in_hand_lock:
            self._in_hand |= {message.id for message in claimed}
        lock = threading.Lock()

        def work(channel: str, messages: list[Claimed]) -> None:
            for part in self._deliver_channel(channel, messages):
                with lock:
                    tally.add(part)

        try:
            if len(by_channel) == 1:
                work(*next(iter(by_channel.items())))
            else:
                with ThreadPoolExecutor(len(by_channel)) as pool:
                    list(pool.map(lambda item: work(*item), by_channel.items()))
        finally:
            with self._in_hand_lock:
                self._in_hand -= {message.id for message in claimed}
        return tally

    def _deliver_channel(self, channel: str, messages: list[Claimed]) -> Iterator[Tally]:
        sender = self._carriers.senders[channel]
        size = sender.capabilities.batch_size * sender.capabilities.calls_in_flight
        waiting = list(messages)
        while waiting:
            granted = self._take_tokens(sender, min(size, len(waiting)))
            if granted == 0:
                with self._context.db.write() as session:
                    give_back(session, ids=[(message.id, message.fence) for message in waiting])
                yield Tally(scheduled_again=len(waiting))
                return
            group, waiting = waiting[:granted], waiting[granted:]
            yield self._deliver_group(sender, group)

    def _take_tokens(self, sender: Sender, want: int) -> int:
        """From the shared bucket; waits up to a second for the next token, 0 when the account is paused."""
        for _ in range(20):
            with self._context.db.write() as session:
                granted = take_tokens(
                    session,
                    provider=sender.provider,
                    account=sender.account,
                    want=want,
                    real=self._context.clock.real(),
                )
            if granted or self._closing.is_set():
                return granted
            time.sleep(min(0.05, 1 / max(sender.capabilities.rate_per_second, 1)))
        return 0

    def _deliver_group(self, sender: Sender, group: Sequence[Claimed]) -> Tally:
        context = self._context
        with context.db.write() as session:
            policy = policy_in_force(session, context.clock.now())
            prepared = prepare(session, context, self._carriers, group, policy=policy)
            return_tokens(
                session,
                provider=sender.provider,
                account=sender.account,
                amount=len(group) - len(prepared.ready),
            )
            context.passed("open.before_commit")
        context.passed("open.after_commit")
        results = self._call(sender, prepared.ready)
        context.passed("call.after")
        counts = record_results(context, sender, results)
        context.passed("record.after_commit")
        return _tally(prepared, counts)

    def _call(self, sender: Sender, ready: Sequence[Ready]) -> list[Result]:
        size = sender.capabilities.batch_size
        batches = [ready[start : start + size] for start in range(0, len(ready), size)]
        channel = sender.capabilities.channel
        results: list[Result] = []
        for batch, outcomes in zip(
            batches, self._pools[channel].map(lambda part: self._call_one(sender, part), batches), strict=True
        ):
            results += [
                Result(ready=item, outcome=outcomes.get(item.attempt.id, Unknown(code="not_in_answer")))
                for item in batch
            ]
        return results

    def _call_one(self, sender: Sender, batch: Sequence[Ready]) -> Mapping[uuid.UUID, Outcome]:
        """One provider call. An order to stop is obeyed even now: nothing has left yet."""
        if self._is_stopped(batch):
            held = Transient(code="stopped", retry=RetryHint(after=_STOPPED_RETRY))
            return {item.attempt.id: held for item in batch}
        self._context.passed("call.before")
        try:
            return sender.send([item.outgoing for item in batch])
        except Exception as error:  # noqa: BLE001 - the call boundary: whatever it was, it has an outcome
            outcome = outcome_of_error(error)
            log.warning("call_failed", extra={"provider": sender.provider, "error": type(error).__name__})
            return {item.attempt.id: outcome for item in batch}

    def _is_stopped(self, batch: Sequence[Ready]) -> bool:
        with self._context.db.read() as session:
            stops = current_stops(session)
        return any(
            stops.covers(
                purpose=item.message.purpose,
                channel=item.message.channel,
                campaign_id=item.message.campaign_id,
                org_id=item.message.org_id,
            )
            for item in batch
        )

    def _wait_for_more(self, patience_seconds: float) -> bool:
        with self._context.db.read() as session:
            if current_stops(session).everything:
                return False
            due = next_due(session, channels=self._carriers.channels)
        if due is None:
            return False
        wait = (due - self._context.clock.now()).total_seconds()
        if wait > patience_seconds:
            return False
        return not self._closing.wait(max(wait, 0.02))

    def _beat(self) -> None:
        """Lengthen the lease of what is in hand: a slow call must not look like a dead worker."""
        while not self._closing.wait(self._lease.total_seconds() / 3):
            with self._in_hand_lock:
                ids = list(self._in_hand)
            if not ids:
                continue
            try:
                with self._context.db.write() as session:
                    renew_claims(
                        session, owner=self.owner, ids=ids, until=self._context.clock.real() + self._lease
                    )
            except Exception:
                log.exception("heartbeat_failed")


def _tally(prepared: Prepared, counts: Mapping[str, int]) -> Tally:
    return Tally(
        sent=counts.get("sent", 0),
        awaiting_tap=counts.get("awaiting_tap", 0),
        failed=counts.get("failed", 0),
        unknown=counts.get("unknown", 0),
        scheduled_again=counts.get("scheduled", 0) + prepared.held + prepared.returned,
        skipped=prepared.skipped,
    )
