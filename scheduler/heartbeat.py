"""The lease of what is in hand: lengthened while it is worked on, so that a slow call is not taken for a dead worker."""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from store.outbox import renew_claims
from wenhou.services.context import Context

log = logging.getLogger("wenhou.dispatch")


class Heartbeat:
    """One thread a dispatcher; beats three times a lease."""

    def __init__(self, context: Context, *, owner: str, lease: timedelta) -> None:
        self._context = context
        self._owner = owner
        self._lease = lease
        self._in_hand: set[uuid.UUID] = set()
        self._changed = threading.Condition()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="claim-heartbeat", daemon=True)
        self._thread.start()

    @contextmanager
    def holding(self, ids: Iterable[uuid.UUID]) -> Iterator[None]:
        """These messages are in hand while the block runs."""
        mine = set(ids)
        with self._changed:
            self._in_hand |= mine
        try:
            yield
        finally:
            with self._changed:
                self._in_hand -= mine
                self._changed.notify_all()

    def wait_until_idle(self, timeout_seconds: float) -> bool:
        """Until nothing is in hand; False when it took too long."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._in_hand, timeout_seconds)

    def close(self) -> None:
        """Stop beating."""
        self._stopped.set()
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while not self._stopped.wait(self._lease.total_seconds() / 3):
            with self._changed:
                ids = list(self._in_hand)
            if ids:
                self._beat(ids)

    def _beat(self, ids: list[uuid.UUID]) -> None:
        until = self._context.clock.real() + self._lease
        try:
            with self._context.db.write() as session:
                renew_claims(session, owner=self._owner, ids=ids, until=until)
        except Exception:
            log.exception("heartbeat_failed")
