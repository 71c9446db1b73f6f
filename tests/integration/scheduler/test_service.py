"""The clock of an installation: it wakes, survives a failing job, stops cleanly, and two of it are harmless."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.bell import Bell
from scheduler.carriers import Carriers
from scheduler.service import ANCHORS, AUDIT, CALLBACKS, DISPATCH, PLANNING, Options, SchedulerService
from store.audit import record
from wenhou.core.actors import SYSTEM
from wenhou.services.audit import verify_audit
from wenhou.services.context import Context

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
HOUR, SOON = timedelta(hours=1), timedelta(seconds=0.05)


def make(context: Context, bell: Bell, *, jobs: frozenset[str]) -> SchedulerService:
    seldom = dict.fromkeys((PLANNING, DISPATCH, CALLBACKS, AUDIT), HOUR)
    options = Options(jobs=jobs, every=seldom)
    return SchedulerService(context, Carriers(senders={}), {}, bell=bell, options=options)


def wait_until(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.01)


def write_audit(context: Context) -> None:
    with context.db.write() as session:
        record(session, context.clock.now(), SYSTEM, "test.act", "test", None)


def test_a_ring_wakes_a_job_long_before_its_next_tick(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = threading.Semaphore(0)
    bell = Bell()
    service = make(context, bell, jobs=frozenset({CALLBACKS}))
    monkeypatch.setitem(service._acts, CALLBACKS, ran.release)  # noqa: SLF001 - the job itself is tested elsewhere
    service.start()
    try:
        assert ran.acquire(timeout=5)
        bell.ring(CALLBACKS)
        assert ran.acquire(timeout=5)
        bell.ring("nothing of ours")
    finally:
        service.stop()


def test_a_failing_job_is_logged_and_runs_again(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def fail() -> None:
        tries.append(1)
        raise ValueError("made up")

    bell = Bell()
    service = make(context, bell, jobs=frozenset({PLANNING}))
    monkeypatch.setitem(service._acts, PLANNING, fail)  # noqa: SLF001
    service.start()
    try:
        wait_until(lambda: len(tries) == 1)

        def rung() -> bool:
            bell.ring(PLANNING)
            return len(tries) >= 2

        wait_until(rung)
    finally:
        service.stop()


def test_two_services_started_by_mistake_seal_one_sound_chain(context: Context) -> None:
    bells = [Bell(), Bell()]
    services = [make(context, bell, jobs=frozenset({AUDIT, PLANNING, DISPATCH})) for bell in bells]
    for service in services:
        service.start()
    try:
        for _ in range(20):
            write_audit(context)
            for bell in bells:
                bell.ring(AUDIT)
            time.sleep(0.01)
    finally:
        for service in services:
            service.stop()
    report = verify_audit(context, SYSTEM)
    assert report.is_sound, report.problems


def test_a_stopped_service_hears_no_ring_and_may_be_stopped_twice(context: Context) -> None:
    bell = Bell()
    service = make(context, bell, jobs=frozenset({AUDIT}))
    service.start()
    service.stop()
    service.stop()
    bell.ring(AUDIT)


def test_the_end_of_the_audit_is_signed_outside_the_database(context: Context, tmp_path: Path) -> None:
    anchors = tmp_path / "audit.anchors"
    options = Options(jobs=frozenset({AUDIT, ANCHORS}), anchors=anchors, every={AUDIT: HOUR, ANCHORS: SOON})
    service = SchedulerService(context, Carriers(senders={}), {}, bell=Bell(), options=options)
    write_audit(context)
    service.start()
    try:
        wait_until(anchors.exists)
    finally:
        service.stop()
    report = verify_audit(context, SYSTEM, anchors)
    assert report.is_sound
    assert report.anchors == 1
