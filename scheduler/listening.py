"""Runs every account's listeners: one thread each, under a lease, so that of all processes one listens.

What a listener brings is stored before it may acknowledge it (`intake.take_in`), and the work is rung for. A process
that dies stops renewing, and another takes over when the lease ends; two at once for a moment would store the same
items once. A listener that fails is begun anew, ever more slowly.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

import structlog

from store import leases, listener_states
from store.callbacks import Arrival
from wenhou.core.channels import Listener
from wenhou.core.errors import ChannelFaultError, SendError
from wenhou.services.context import Context
from wenhou.services.intake import take_in

log = structlog.get_logger(__name__)
T = TypeVar("T")

LEASE = timedelta(seconds=30)
SHORTEST_PAUSE, LONGEST_PAUSE, FAULT_PAUSE = 1.0, 300.0, 60.0
"""Seconds between two tries of a listener; at least the last where the account itself is refused."""
SIGN_OF_LIFE = 60.0
"""Seconds between two notes that a listener is alive."""
_STOP_SECONDS = 5.0


@dataclass(slots=True, kw_only=True)
class _Seat:
    """A listener and the lease that it needs. `halted` is set when it must stop: we close, or the lease is lost."""

    name: str
    listener: Listener
    halted: threading.Event = field(default_factory=threading.Event)
    epoch: int | None = None
    renewed: float = 0.0
    noted: float = -SIGN_OF_LIFE


class Listening:
    """Runs from `start` to `stop`."""

    def __init__(
        self,
        context: Context,
        listeners: Sequence[Listener],
        *,
        lease: timedelta = LEASE,
        shortest_pause: float = SHORTEST_PAUSE,
    ) -> None:
        self._context = context
        self._lease = lease
        self._pause = shortest_pause
        self._owner = f"listening-{uuid.uuid4().hex[:12]}"
        self._closing = threading.Event()
        self._seats = [_Seat(name=name, listener=one) for name, one in _named(listeners)]
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to listen, where nobody else does."""
        for seat in self._seats:
            self._begin(f"listen-{seat.listener.account}", seat)
        if self._seats:
            keeper = threading.Thread(target=self._keep, name="listen-leases", daemon=True)
            keeper.start()
            self._threads.append(keeper)
            log.info("listening_started", listeners=[seat.name for seat in self._seats], owner=self._owner)

    def stop(self) -> None:
        """Stop within seconds; a session that does not hear it is left to end with the process. Safe to call twice."""
        self._closing.set()
        for seat in self._seats:
            seat.halted.set()
        end = time.monotonic() + _STOP_SECONDS
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            log.warning("listening_stopped_late")

    def _begin(self, name: str, seat: _Seat) -> None:
        thread = threading.Thread(target=self._run, args=(seat,), name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _run(self, seat: _Seat) -> None:
        """The top of a listener's thread: takes the lease, listens, waits after a failure, for ever."""
        failures = 0
        while not self._closing.is_set():
            began = time.monotonic()
            try:
                if not self._take(seat):
                    self._closing.wait(self._lease.total_seconds() / 3)
                    continue
                seat.listener.listen(
                    lambda items: self._deliver(seat, items), lambda wait: self._stop(seat, wait)
                )
                failures = 0
                self._closing.wait(self._pause)
            except SendError as error:
                failures = self._failed(seat, error.provider_code or error.code, failures, began)
                self._closing.wait(self._wait_after(error, failures))
            except Exception as error:
                log.exception("listener_failed", listener=seat.name, error=type(error).__name__)
                failures = self._failed(seat, type(error).__name__, failures, began)
                self._closing.wait(self._back_off(failures))
        self._release(seat)

    def _stop(self, seat: _Seat, seconds: float) -> bool:
        """What a listener waits with; that it does is its sign of life."""
        now = time.monotonic()
        if now - seat.noted >= SIGN_OF_LIFE and not seat.halted.is_set():
            seat.noted = now
            self._note(seat, None)
        return seat.halted.wait(seconds) if seconds > 0 else seat.halted.is_set()

    def _deliver(self, seat: _Seat, items: Sequence[bytes]) -> None:
        listener = seat.listener
        arrival = Arrival(
            provider=listener.provider, account=listener.account, received_at=self._context.clock.real()
        )
        fresh = take_in(self._context, arrival, items)
        self._note(seat, None, heard=fresh)
        self._context.submit("callbacks")

    def _take(self, seat: _Seat) -> bool:
        if seat.epoch is not None and not seat.halted.is_set():
            return True
        now = self._context.clock.real()
        with self._context.db.write() as session:
            epoch = leases.take_lease(session, seat.name, self._owner, until=now + self._lease, now=now)
        if epoch is None:
            return False
        if not self._closing.is_set():
            seat.halted.clear()
        seat.epoch, seat.renewed = epoch, time.monotonic()
        log.info("listening", listener=seat.name, epoch=epoch)
        return True

    def _keep(self) -> None:
        """Renew what we hold; whose lease is lost, or could not be renewed in time, stops."""
        while not self._closing.wait(self._lease.total_seconds() / 3):
            for seat in self._seats:
                if seat.epoch is not None:
                    self._renew(seat, seat.epoch)

    def _renew(self, seat: _Seat, epoch: int) -> None:
        now = self._context.clock.real()

        def renew() -> bool:
            with self._context.db.write() as session:
                return leases.renew_lease(session, seat.name, self._owner, epoch, until=now + self._lease)

        is_ours = _quietly("lease_not_renewed", seat, renew)
        if is_ours:
            seat.renewed = time.monotonic()
        elif is_ours is None:  # the store is away for a moment: ours until the lease ends
            is_ours = time.monotonic() - seat.renewed < self._lease.total_seconds()
        if not is_ours:
            log.warning("lease_lost", listener=seat.name)
            seat.epoch = None
            seat.halted.set()

    def _release(self, seat: _Seat) -> None:
        if seat.epoch is None:
            return
        epoch, seat.epoch = seat.epoch, None

        def release() -> None:
            with self._context.db.write() as session:
                leases.release_lease(session, seat.name, self._owner, epoch, now=self._context.clock.real())

        _quietly("lease_not_released", seat, release)

    def _failed(self, seat: _Seat, code: str, failures: int, began: float) -> int:
        """Note it; how many failures in a row, a long session in between forgotten."""
        log.warning("listener_ended", listener=seat.name, code=code)
        self._note(seat, code)
        return 1 if time.monotonic() - began > LONGEST_PAUSE else failures + 1

    def _back_off(self, failures: int) -> float:
        return float(min(self._pause * 2 ** min(failures - 1, 12), LONGEST_PAUSE))

    def _wait_after(self, error: SendError, failures: int) -> float:
        wait = self._back_off(failures)
        if isinstance(error, ChannelFaultError):
            wait = max(wait, FAULT_PAUSE * self._pause)
        hinted = error.retry.after.total_seconds() if error.retry.after else 0.0
        return min(max(wait, hinted), LONGEST_PAUSE)

    def _note(self, seat: _Seat, code: str | None, *, heard: int = 0) -> None:
        """For `wenhou check` and the watch over accounts; that it cannot be written changes nothing."""
        listener = seat.listener

        def note() -> None:
            with self._context.db.write() as session:
                listener_states.note_listener(
                    session, name=seat.name, provider=listener.provider, account=listener.account,
                    at=self._context.clock.real(), code=code, heard=heard,
                )  # fmt: skip

        _quietly("listener_not_noted", seat, note)


def _quietly(event: str, seat: _Seat, act: Callable[[], T]) -> T | None:
    """Do what must not end a thread when the store is away; None when it failed."""
    try:
        return act()
    except Exception as error:
        log.exception(event, listener=seat.name, error=type(error).__name__)
        return None


def _named(listeners: Sequence[Listener]) -> list[tuple[str, Listener]]:
    """A lease's name for each; an account with several has them numbered."""
    names: dict[str, int] = {}
    found = []
    for one in listeners:
        name = f"listen:{one.provider}:{one.account}"
        names[name] = names.get(name, 0) + 1
        found.append((name if names[name] == 1 else f"{name}:{names[name]}", one))
    return found
