"""`wenhou bench plan`: a day's birthdays and a festival among many customers, live counts, and one answer to "why?"."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from scheduler.carriers import Carriers
from scheduler.explaining import judging_with
from scheduler.planning import Planner
from store.bare import insert_bare, newest_message
from store.candidates import CHUNK
from store.measuring import bytes_used
from wenhou.bench.figures import Figures, machine, timed
from wenhou.bench.ground import START, open_ground, populate
from wenhou.bench.handing import account_of
from wenhou.bench.population import ref_of
from wenhou.bench.progress import Enough, Progress
from wenhou.bench.questions import looked_up
from wenhou.bench.stores import Stores
from wenhou.bootstrap import open_carriers
from wenhou.collecting import calm
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import EMAIL, SMS, WECHAT
from wenhou.core.ids import first_id_at
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context
from wenhou.services.explain_why import explain
from wenhou.settings import Settings

BIRTHDAYS = """
key: bench_birthday
name: {zh-CN: 生日测速, en: Birthdays measured}
purpose: care
trigger: {type: personal_date, kind: birthday}
audience:
  all:
    - {field: state, is: [active]}
template: birthday
channels: [sms]
approval: advisor
send_at: "09:30"
until: "20:00"
"""
FESTIVAL = """
key: bench_festival
name: {zh-CN: 春节测速, en: Spring Festival measured}
purpose: care
trigger: {type: festival, festival: spring_festival, days_before: 1}
audience:
  all:
    - {field: state, is: [active]}
template: spring_festival
channels: [sms]
approval: none
send_at: "08:00"
until: "18:00"
"""
THREE = (WECHAT, SMS, EMAIL)
_THREE_CUSTOMERS = 10_000
_BIRTHDAYS_ON = START.date() + timedelta(days=3)
_ASKED = 20
"""Customers about whom `explain` is asked."""


def bench_plan(
    stores: Stores,
    folder: Path,
    customers: int,
    messages: int | None = None,
    *,
    done: Callable[[int], None] = lambda _: None,
) -> Figures:
    """Measure one database among `customers`; the festival goes to the first `messages` of them, or to all.

    Two copies of the kept store: one is planned on, the other takes the same rows by bare INSERT.
    """
    calm()
    planned_on = stores.copied(stores.prepared(customers, done=done), 1)
    with (
        open_ground(folder, database_url=stores.url_of(planned_on)) as context,
        _carriers(context) as carriers,
    ):
        figures, says = looked_up(context)
        apply_campaigns(context, SYSTEM, read_campaigns(BIRTHDAYS, "bench.yaml"))
        figures |= _birthdays(context, carriers)
        figures |= _explained(replace(context, judge_one=judging_with(carriers)))
        apply_campaigns(context, SYSTEM, read_campaigns(FESTIVAL, "bench.yaml"))
        _festival(context, carriers, CHUNK)  # what a run writes once stands in both copies
    bare_on = stores.copied(planned_on, 2)
    with (
        open_ground(folder, database_url=stores.url_of(planned_on)) as context,
        _carriers(context) as carriers,
    ):
        figures |= _measured(context, carriers, messages, folder, stores.url_of(bare_on))
    figures |= _on_three_channels(stores, folder, min(customers, _THREE_CUSTOMERS))
    return Figures(name="plan", figures=figures, machine=machine(), says=tuple(says), database=stores.name)


def _on_three_channels(stores: Stores, folder: Path, customers: int) -> dict[str, float]:
    """The festival with words for WeChat, SMS and mail each, in a small store of its own."""
    url = stores.url_of(stores.empty(3))
    with open_ground(folder, database_url=url) as context, _carriers(context, THREE) as carriers:
        populate(context, customers, channels=THREE)
        document = FESTIVAL.replace("channels: [sms]", f"channels: [{', '.join(THREE)}]")
        apply_campaigns(context, SYSTEM, read_campaigns(document, "bench.yaml"))
        with context.db.read() as session:
            before = bytes_used(session)
        with timed() as one:
            _festival(context, carriers, None)
        with context.db.read() as session:
            after = bytes_used(session)
    return {
        "three_channels_rows_per_s": round(one.rate(customers)),
        "three_channels_bytes": round((after - before) / customers),
    }


@contextmanager
def _carriers(context: Context, channels: Sequence[str] = (SMS,)) -> Iterator[Carriers]:
    """Accounts that are never called: planning asks only what their platforms carry."""
    accounts = [account_of("http://127.0.0.1:9", calls_in_flight=1, channel=one) for one in channels]
    settings = Settings(mode="demo", accounts=accounts)
    carriers = open_carriers(context, settings)
    try:
        yield carriers
    finally:
        carriers.close()


def _birthdays(context: Context, carriers: Carriers) -> dict[str, float]:
    """One day's, by all gates and with their words, as the planner meets them the first time."""
    began = time.perf_counter()
    report = Planner(context, carriers).plan(_BIRTHDAYS_ON, _BIRTHDAYS_ON, campaign="bench_birthday")
    seconds = time.perf_counter() - began
    return {
        "birthdays": sum(one.audience for one in report.occurrences),
        "birthdays_s": round(seconds, 2),
    }


def _explained(context: Context) -> dict[str, float]:
    took = []
    for number in range(_ASKED):
        with timed() as one:
            explain(context, SYSTEM, ref_of(number), "bench_birthday", _BIRTHDAYS_ON)
        took.append(one.seconds * 1000)
    return {"explain_ms": round(statistics.median(took), 2)}


def _festival(context: Context, carriers: Carriers, messages: int | None, *, known: int = 0) -> Progress:
    progress = Progress(most=-(-messages // CHUNK) if messages else None, known=known)
    today = START.astimezone(context.bank.zone).date()
    with suppress(Enough):
        Planner(replace(context, passed=progress.note), carriers).plan(
            today, today, campaign="bench_festival"
        )
    return progress


def _measured(
    context: Context, carriers: Carriers, messages: int | None, folder: Path, bare_url: str
) -> dict[str, float]:
    """The festival, then its rows once more without anything else; the same chunks, the same tables."""
    with context.db.read() as session:
        last = newest_message(session) or first_id_at(START)
        before = bytes_used(session)
    progress = _festival(context, carriers, messages, known=1)
    with context.db.read() as session:
        after = bytes_used(session)
    with open_ground(folder, database_url=bare_url) as other:
        rows, seconds = insert_bare(context.db, other.db, last, CHUNK)
    figures = progress.figures(rows)
    bare = rows / seconds
    return {
        **figures,
        "bare_insert_rows_per_s": round(bare),
        "ratio": round(figures["festival_rows_per_s"] / bare, 3),
        "bytes_per_message": round((after - before) / rows),
    }
