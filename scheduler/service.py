"""The clock of a running installation: APScheduler wakes us, the database decides what is due and who owns it.

Two services started by mistake are harmless: planning meets the unique key, hand-over meets claims, callbacks their
locks. Whoever is told to stop finishes the calls in flight and gives back what it has not begun.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler

from scheduler.bell import Bell
from scheduler.carriers import Carriers
from scheduler.channel_watch import watch_channels
from scheduler.daily import Daily, watch
from scheduler.dispatch import Dispatcher
from scheduler.listening import Listening
from scheduler.planning import Planner
from scheduler.seeding import pending_seeds
from scheduler.waves import steer
from store.partitions import ensure_partitions
from store.pending import sweep_held
from wenhou.core.alerts import Alerter, NobodyToTell
from wenhou.core.channels import Listener
from wenhou.services.audit import anchor_audit, seal_audit
from wenhou.services.context import Context
from wenhou.services.intake import Parsers, apply_pending
from wenhou.services.relinting import judge_standing_words

log = structlog.get_logger(__name__)

PLANNING, DISPATCH, CALLBACKS = "planning", "dispatch", "callbacks"
AUDIT, ANCHORS, PARTITIONS = "audit", "anchors", "partitions"
RUNS, SEEDS, WATCH, DAILY, EVENTS, RULES = "runs", "seeds", "watch", "daily", "events", "rules"
CHANNELS = "channels"
LEADER_JOBS = frozenset(
    {
        PLANNING,
        DISPATCH,
        CALLBACKS,
        AUDIT,
        ANCHORS,
        PARTITIONS,
        RUNS,
        SEEDS,
        WATCH,
        DAILY,
        EVENTS,
        RULES,
        CHANNELS,
    }
)
WORKER_JOBS = frozenset({DISPATCH, CALLBACKS})
"""What one more pair of hands does: no planning, no sealing."""

_EVERY = {
    PLANNING: timedelta(minutes=1),
    DISPATCH: timedelta(seconds=1),
    CALLBACKS: timedelta(seconds=1),
    AUDIT: timedelta(seconds=1),
    ANCHORS: timedelta(hours=1),
    PARTITIONS: timedelta(days=1),
    RUNS: timedelta(minutes=1),
    SEEDS: timedelta(seconds=30),
    WATCH: timedelta(minutes=5),
    DAILY: timedelta(minutes=10),
    EVENTS: timedelta(minutes=1),
    RULES: timedelta(seconds=30),
    CHANNELS: timedelta(seconds=10),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`lease`: how long a claim lives without a sign of life. `jobs`: what this process does.

    `anchors`: the file outside the database to which the audit's end is signed each hour; None: not kept.
    """

    lease: timedelta = timedelta(seconds=60)
    anchors: Path | None = None
    jobs: frozenset[str] = LEADER_JOBS
    every: dict[str, timedelta] = field(default_factory=dict)
    """Other intervals, by job; for tests."""


class SchedulerService:
    """Runs from `start` to `stop` in threads of its own."""

    def __init__(
        self,
        context: Context,
        carriers: Carriers,
        parsers: Parsers,
        *,
        bell: Bell,
        options: Options | None = None,
        listeners: Sequence[Listener] = (),
        alerter: Alerter | None = None,
    ) -> None:
        self._context = context
        self._parsers = parsers
        self._bell = bell
        self._options = options or Options()
        self._planner = Planner(context, carriers)
        self._dispatcher = Dispatcher(context, carriers, lease=self._options.lease)
        self._listening = Listening(context, listeners)
        told = alerter or NobodyToTell()
        self._closing = threading.Event()
        self._rung: set[str] = set()
        """Rung while at work: APScheduler would skip the second run, so the first goes round again."""
        self._acts: dict[str, Callable[[], object]] = {
            PLANNING: self._plan,
            DISPATCH: self._dispatcher.run_once,
            CALLBACKS: self._apply,
            AUDIT: lambda: seal_audit(context),
            ANCHORS: self._anchor,
            PARTITIONS: lambda: ensure_partitions(context.db, context.clock.real()),
            RUNS: lambda: steer(context),
            SEEDS: lambda: pending_seeds(context, carriers),
            WATCH: lambda: watch(context, carriers.deadlines),
            RULES: lambda: judge_standing_words(context),
            DAILY: Daily(context).run_if_due,
            EVENTS: self._plan_events,
            CHANNELS: lambda: watch_channels(context, carriers, told),
        }
        # A job that is late still runs, several missed runs are one, and none runs beside itself. UTC: the bank's
        # days are the planner's business, an interval knows none.
        self._scheduler = BackgroundScheduler(
            executors={"default": ThreadPoolExecutor(len(_EVERY))},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            timezone="UTC",
        )

    def start(self) -> None:
        """Begin to tick; the first tick of each job is now."""
        for name in sorted(self._options.jobs):
            every = self._options.every.get(name, _EVERY[name])
            self._scheduler.add_job(
                self._run,
                "interval",
                args=(name,),
                id=name,
                seconds=every.total_seconds(),
                next_run_time=self._context.clock.real(),
            )
        self._scheduler.start()
        self._bell.listen(self._wake)
        self._listening.start()
        log.info("scheduler_started", jobs=sorted(self._options.jobs), owner=self._dispatcher.owner)

    def stop(self) -> None:
        """Take no more work, finish the calls in flight, let go. Safe to call twice."""
        if self._closing.is_set():
            return
        self._closing.set()
        self._bell.listen(None)
        self._listening.stop()
        self._dispatcher.close()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        log.info("scheduler_stopped")

    def _wake(self, work: str) -> None:
        if work == PLANNING:
            self._wake(EVENTS)
        if work not in self._options.jobs or self._closing.is_set():
            return
        self._rung.add(work)
        try:
            self._scheduler.modify_job(work, next_run_time=self._context.clock.real())
        except JobLookupError:  # between start and stop; the next tick finds the work
            return

    def _run(self, name: str) -> None:
        """The top of every job: the only place that catches everything, and logs it by its type."""
        while not self._closing.is_set():
            self._rung.discard(name)
            try:
                self._acts[name]()
            except Exception as error:
                log.exception("job_failed", job=name, error=type(error).__name__)
            if name not in self._rung:
                return

    def _plan(self) -> None:
        with self._context.db.write() as session:
            sweep_held(session, self._context.clock.now())
        report = self._planner.plan_horizon()
        if any(occurrence.new for occurrence in report.occurrences):
            self._bell.ring(DISPATCH)

    def _plan_events(self) -> None:
        if any(occurrence.new for occurrence in self._planner.plan_events().occurrences):
            self._bell.ring(DISPATCH)

    def _anchor(self) -> None:
        if self._options.anchors is not None:
            anchor_audit(self._context, self._options.anchors)

    def _apply(self) -> None:
        while not self._closing.is_set() and apply_pending(self._context, self._parsers):
            pass
