"""`wenhou bench plan`: who is due among many customers, and how fast their messages are planned and how big they are."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from scheduler.planning import Planner
from store.database import Session
from store.measuring import bytes_used, count_customers, due_customers, explain_due
from wenhou.bench.figures import Figures, machine, peak_rss_mb, timed
from wenhou.bench.ground import START, open_ground, populate, prepared
from wenhou.bench.handing import greet, using_sink
from wenhou.core.calendars.personal import keys_on

_DAYS = tuple(date(2027, month, day) for month in (1, 2, 3, 5, 8, 11) for day in (3, 12, 17, 28))
_ROUNDS = 5


def bench_plan(
    folder: Path,
    customers: int,
    messages: int,
    *,
    database_url: str | None = None,
    done: Callable[[int], None] = lambda _: None,
) -> Figures:
    """The look-up of one day among `customers` (median and worst of many days), then planning `messages`."""
    prepared(folder, customers, done=done)
    with open_ground(folder, name=f"customers-{customers}") as context, context.db.read() as session:
        found = {"customers": float(count_customers(session)), **_due(session)}
        plan = explain_due(session, "birthday", _keys(_DAYS[0]))
    planned = _plan(messages, database_url)
    figures = {**found, **planned, "peak_rss_mb": peak_rss_mb()}
    return Figures(name="plan", figures=figures, machine=machine(), says=tuple(plan))


def _keys(day: date) -> list[tuple[str, int, int, bool]]:
    return [(key.calendar, key.month, key.day, key.is_leap_month) for key in keys_on(day)]


def _due(session: Session) -> dict[str, float]:
    """Each day asked several times: the first time from the disk, then as the planner finds it each minute."""
    took: list[float] = []
    amounts: list[int] = []
    for _ in range(_ROUNDS):
        for day in _DAYS:
            keys = _keys(day)
            began = time.perf_counter()
            amounts.append(len(due_customers(session, "birthday", keys)))
            took.append((time.perf_counter() - began) * 1000)
    return {
        "due_on_a_day": round(statistics.median(amounts)),
        "who_is_due_ms": round(statistics.median(took), 2),
        "who_is_due_worst_ms": round(max(took), 2),
    }


def _plan(messages: int, database_url: str | None) -> dict[str, float]:
    with (
        tempfile.TemporaryDirectory(prefix="wenhou-bench-") as name,
        open_ground(Path(name), database_url=database_url) as context,
        using_sink(context, calls_in_flight=1) as carriers,
    ):
        populate(context, messages)
        greet(context)
        with context.db.read() as session:
            before = bytes_used(session)
        today = START.astimezone(context.bank.zone).date()
        with timed() as first:
            Planner(context, carriers).plan(today, today)
        with timed() as again:
            Planner(context, carriers).plan(today, today)
        with context.db.read() as session:
            after = bytes_used(session)
    return {
        "messages": messages,
        "planned_per_s": first.rate(messages),
        "planned_again_per_s": again.rate(messages),
        "bytes_per_message": round((after - before) / messages),
    }
