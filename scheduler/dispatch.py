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
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from scheduler.carriers import Carriers
from scheduler.heartbeat import Heartbeat
from scheduler.images import forget_unknown, with_images
from scheduler.line_hours import with_line_hours
from scheduler.outcomes import STALE, STOPPED, outcome_of_error
from scheduler.preparing import Prepared, Ready, prepare
from scheduler.recording import Result, record_results
from scheduler.tally import Tally
from store.accounts import ensure_account, paused_accounts, return_tokens, take_tokens
from store.database import Session
from store.outbox import (
    Claimed,
    claim_released,
    expire_passed,
    give_back,
    next_due,
    recover_claims,
    release_due,
    waiting_by_channel,
    withdraw_released,
)
from store.stops import Stops, current_stops
from wenhou.core.channels import Outcome, Sender, Transient, Unknown
from wenhou.services.context import Context
from wenhou.services.policies import policy_in_force

__all__ = ["Dispatcher", "Tally"]

log = logging.getLogger("wenhou.dispatch")
_RELEASE_SECONDS = 2
_BUCKET_SECONDS = 1.0
_FINISH_SECONDS = 120.0
_GATES_SECONDS = 5.0
"""How old the gates' word may be when a call begins (DESIGN §11): older, they are asked anew."""
_FRESH_SECONDS = 0.02
"""How old a look at the orders to stop may be when a call begins: all calls of a group begin at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """The orders to stop as read at `at` (monotonic seconds)."""

    at: float
    stops: Stops

    def covers(self, batch: Sequence[Ready]) -> bool:
        """Whether a message of the batch must not leave."""
        return any(
            self.stops.covers(
                purpose=item.message.purpose,
                channel=item.message.channel,
                campaign_id=item.message.campaign_id,
                org_id=item.message.org_id,
            )
            for item in batch
        )


class Dispatcher:
    """One worker's hands. Several may run, in one process or many: claims keep them apart."""

    def __init__(
        self, context: Context, carriers: Carriers, *, lease: timedelta = timedelta(seconds=60)
    ) -> None:
        self._context = context
        self._carriers = carriers
        self._lease = lease
        self.owner = f"{socket.gethostname()[:24]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._pools = {
            channel: ThreadPoolExecutor(
                sender.capabilities.calls_in_flight, thread_name_prefix=f"send-{channel}"
            )
            for channel, sender in carriers.senders.items()
        }
        self._closing = threading.Event()
        self._make_accounts()
        self._heartbeat = Heartbeat(context, owner=self.owner, lease=lease)

    def close(self) -> None:
        """Finish the calls in flight, give back the rest and let go."""
        self._closing.set()
        if not self._heartbeat.wait_until_idle(_FINISH_SECONDS):
            log.warning("closed_with_calls_in_flight")
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._heartbeat.close()

    def _make_accounts(self) -> None:
        with self._context.db.write() as session:
            for channel, sender in self._carriers.senders.items():
                ensure_account(
                    session,
                    channel=channel,
                    provider=sender.provider,
                    account=sender.account,
                    rate=sender.capabilities.rate_per_second,
                    real=self._context.clock.real(),
                )

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
            stops, now = current_stops(session), context.clock.now()
            channels = self._open_channels(session)
            withdraw_released(session, now=now, stops=stops, channels=channels)
            waiting = waiting_by_channel(session)
            room = {channel: self._room(channel) - waiting.get(channel, 0) for channel in channels}
            released = release_due(session, now=now, real=context.clock.real(), room=room, stops=stops)
            context.passed("release.before_commit")
        context.passed("release.after_commit")
        return released

    def _room(self, channel: str) -> int:
        what = self._carriers.senders[channel].capabilities
        return max(int(what.rate_per_second * _RELEASE_SECONDS), what.batch_size, 1)

    def _open_channels(self, session: Session) -> list[str]:
        """Channels whose account is not paused."""
        paused = paused_accounts(session)
        return [
            channel
            for channel, sender in self._carriers.senders.items()
            if (sender.provider, sender.account) not in paused
        ]

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
                channels=self._open_channels(session),
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
        with self._heartbeat.holding(message.id for message in claimed):
            if len(by_channel) == 1:
                tally.add(self._deliver_channel(*next(iter(by_channel.items()))))
            elif by_channel:
                with ThreadPoolExecutor(len(by_channel)) as pool:
                    for part in pool.map(lambda item: self._deliver_channel(*item), by_channel.items()):
                        tally.add(part)
        return tally

    def _deliver_channel(self, channel: str, messages: Sequence[Claimed]) -> Tally:
        sender, tally = self._carriers.senders[channel], Tally()
        size = sender.capabilities.batch_size * sender.capabilities.calls_in_flight
        waiting, granted = list(messages), 0
        while waiting and not self._closing.is_set():
            granted = granted or self._take_tokens(sender, len(waiting))
            if granted == 0:
                break
            take = min(size, granted)
            group, waiting, granted = waiting[:take], waiting[take:], granted - take
            tally.add(self._deliver_group(sender, group))
        if waiting:
            with self._context.db.write() as session:
                give_back(session, ids=[(message.id, message.fence) for message in waiting])
                self._return_tokens(session, sender, granted)
            tally.scheduled_again += len(waiting)
        return tally

    def _take_tokens(self, sender: Sender, want: int) -> int:
        """From the shared bucket, up to a second's worth; waits about a second, 0 when it is empty or paused."""
        pause = min(0.05, 1 / max(sender.capabilities.rate_per_second, 1.0))
        deadline = time.monotonic() + _BUCKET_SECONDS
        while True:
            with self._context.db.write() as session:
                granted = take_tokens(
                    session,
                    provider=sender.provider,
                    account=sender.account,
                    want=want,
                    real=self._context.clock.real(),
                )
            if granted or time.monotonic() > deadline or self._closing.wait(pause):
                return granted

    def _return_tokens(self, session: Session, sender: Sender, amount: int) -> None:
        return_tokens(session, provider=sender.provider, account=sender.account, amount=amount)

    def _deliver_group(self, sender: Sender, group: Sequence[Claimed]) -> Tally:
        context = self._context
        with context.db.write() as session:
            policy = policy_in_force(session, context.clock.now())
            policy = with_line_hours(policy, self._carriers, context.bank.zone)
            prepared = prepare(session, context, self._carriers, group, policy=policy)
            self._return_tokens(session, sender, len(group) - len(prepared.ready))
            context.passed("open.before_commit")
        context.passed("open.after_commit")
        ready, unfit = with_images(context, sender, prepared.ready)
        results = [*unfit, *self._call(sender, ready)]
        context.passed("call.after")
        forget_unknown(context, sender, results)
        counts = record_results(context, sender, results, channels=self._carriers.channels)
        context.passed("record.after_commit")
        return _tally(prepared, counts)

    def _call(self, sender: Sender, ready: Sequence[Ready]) -> list[Result]:
        if not ready:
            return []
        size = sender.capabilities.batch_size
        batches = [ready[start : start + size] for start in range(0, len(ready), size)]
        look = self._look_at_stops()
        calls = self._pools[sender.capabilities.channel].map(
            lambda part: self._call_one(sender, part, look), batches
        )
        results: list[Result] = []
        for batch, outcomes in zip(batches, calls, strict=True):
            results += [
                Result(ready=item, outcome=outcomes.get(item.attempt.id, Unknown(code="not_in_answer")))
                for item in batch
            ]
        return results

    def _call_one(self, sender: Sender, batch: Sequence[Ready], look: _Look) -> Mapping[uuid.UUID, Outcome]:
        """One provider call. An order to stop is obeyed even now: nothing has left yet."""
        if time.monotonic() - look.at > _FRESH_SECONDS:
            look = self._look_at_stops()  # it waited behind slower calls
        if look.covers(batch):
            return {item.attempt.id: Transient(code=STOPPED) for item in batch}
        if time.monotonic() - min(item.judged_at for item in batch) > _GATES_SECONDS:
            return {item.attempt.id: Transient(code=STALE) for item in batch}
        self._context.passed("call.before")
        try:
            return sender.send([item.outgoing for item in batch])
        except Exception as error:  # noqa: BLE001 - the call boundary: whatever it was, it has an outcome
            outcome = outcome_of_error(error)
            log.warning("call_failed", extra={"provider": sender.provider, "error": type(error).__name__})
            return {item.attempt.id: outcome for item in batch}

    def _look_at_stops(self) -> _Look:
        began = time.monotonic()
        with self._context.db.read() as session:
            return _Look(at=began, stops=current_stops(session))

    def _wait_for_more(self, patience_seconds: float) -> bool:
        with self._context.db.read() as session:
            due = next_due(session, channels=self._open_channels(session), stops=current_stops(session))
        if due is None:
            return False
        wait = (due - self._context.clock.now()).total_seconds()
        if wait > patience_seconds:
            return False
        return not self._closing.wait(max(wait, 0.05))


def _tally(prepared: Prepared, counts: Mapping[str, int]) -> Tally:
    return Tally(
        sent=counts.get("sent", 0),
        awaiting_tap=counts.get("awaiting_tap", 0),
        failed=counts.get("failed", 0),
        unknown=counts.get("unknown", 0),
        scheduled_again=counts.get("scheduled", 0) + prepared.held + prepared.returned,
        skipped=prepared.skipped,
    )
