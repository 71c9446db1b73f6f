"""Calls Wenhou back, as providers do: later, from a thread of its own, again when refused.

Events that are due together travel together; a refused callback is tried again after growing pauses and then
dropped and counted, because a real provider gives up too.
"""

from __future__ import annotations

import heapq
import itertools
import json
import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from integrations.http_edge import HttpEdge
from integrations.signing import signed_headers
from wenhou.core.clock import Clock
from wenhou.core.errors import SendError

log = logging.getLogger(__name__)
PAUSES_SECONDS = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
EVENTS_A_CALL = 50

Event = dict[str, object]


@dataclass(slots=True)
class Switches:
    """How untidy the provider is; may be changed while it runs."""

    duplicates: bool = False
    shuffle: bool = False
    silent: bool = False


@dataclass(order=True, slots=True)
class _Job:
    due: float
    number: int
    account: str = field(compare=False)
    events: list[Event] = field(compare=False)
    tries: int = field(compare=False, default=0)
    before: Callable[[], None] | None = field(compare=False, default=None)


class Caller:
    """The provider's out-tray; one daemon thread, started with the first event."""

    def __init__(
        self, hooks_url: str | None, secrets: Mapping[str, str], clock: Clock, switches: Switches
    ) -> None:
        self._hooks_url = hooks_url.rstrip("/") if hooks_url else None
        self._secrets = secrets
        self._clock = clock
        self._switches = switches
        self._edge = HttpEdge(connect_seconds=2, read_seconds=10, pool_size=4)
        self._jobs: list[_Job] = []
        self._numbers = itertools.count()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._working = False
        self.dropped = 0

    def schedule(
        self, delay_seconds: float, account: str, event: Event, *, before: Callable[[], None] | None = None
    ) -> None:
        """Report `event` after a while; `before` runs at that moment (the message arrives at the phone)."""
        due = time.monotonic() + delay_seconds
        self._push(_Job(due, next(self._numbers), account, [event], before=before))

    def report_now(self, account: str, event: Event) -> bool:
        """Report in the calling thread; whether Wenhou took it."""
        return self._post(account, [event])

    def wait_until_idle(self, timeout_seconds: float = 10.0) -> bool:
        """Whether everything scheduled was reported (or dropped) in time."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            with self._wake:
                if not self._jobs and not self._working:
                    return True
            time.sleep(0.01)
        return False

    def close(self) -> None:
        """Stop; what was not reported is lost, as with a provider that goes down."""
        with self._wake:
            self._closed = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=15)
        self._edge.close()

    def _push(self, job: _Job) -> None:
        with self._wake:
            if self._closed:
                return
            heapq.heappush(self._jobs, job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="simulator-caller", daemon=True)
                self._thread.start()
            self._wake.notify_all()

    def _run(self) -> None:
        while True:
            jobs = self._take_due()
            if jobs is None:
                return
            for account in sorted({job.account for job in jobs}):
                self._report(account, [job for job in jobs if job.account == account])
            with self._wake:
                self._working = False

    def _take_due(self) -> list[_Job] | None:
        with self._wake:
            while not self._closed:
                now = time.monotonic()
                jobs: list[_Job] = []
                while self._jobs and self._jobs[0].due <= now and len(jobs) < EVENTS_A_CALL:
                    jobs.append(heapq.heappop(self._jobs))
                if jobs:
                    self._working = True
                    return jobs
                self._wake.wait(self._jobs[0].due - now if self._jobs else None)
        return None

    def _report(self, account: str, jobs: list[_Job]) -> None:
        for job in jobs:
            if job.before is not None:
                job.before()
        events = [event for job in jobs for event in job.events]
        if self._switches.shuffle:
            random.shuffle(events)
        taken = self._post(account, events)
        if taken and self._switches.duplicates:
            self._post(account, events)
        tries = max(job.tries for job in jobs)
        if taken:
            return
        if tries >= len(PAUSES_SECONDS):
            self.dropped += len(events)
            log.warning("simulator.callback_dropped", extra={"account": account, "events": len(events)})
            return
        due = time.monotonic() + PAUSES_SECONDS[tries]
        self._push(_Job(due, next(self._numbers), account, events, tries=tries + 1))

    def _post(self, account: str, events: list[Event]) -> bool:
        if self._hooks_url is None or self._switches.silent:
            return True
        body = json.dumps({"events": events}, ensure_ascii=False).encode()
        headers = signed_headers(self._secrets[account], account, self._clock.real(), body)
        url = f"{self._hooks_url}/hooks/simulator/{account}"
        try:
            answer = self._edge.call(
                "POST", url, headers={"Content-Type": "application/json", **headers}, body=body
            )
        except SendError:
            return False
        return answer.status in range(200, 300)
