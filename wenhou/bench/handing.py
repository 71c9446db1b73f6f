"""`wenhou bench dispatch`: the whole hand-over, and beside it in the same run the bare transport without a ledger."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from scheduler.planning import Planner
from wenhou.bench.figures import Figures, machine, peak_rss_mb, timed
from wenhou.bench.ground import START, open_ground, populate
from wenhou.bench.population import phone_of
from wenhou.bootstrap import open_carriers
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import SMS, Content, OutgoingMessage, Sender
from wenhou.core.ids import new_id
from wenhou.demo.crash_run import CAMPAIGN
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context
from wenhou.settings import Settings

RATE = 100_000
"""Messages a second the account allows: more than any figure, so that the bucket is not what is measured."""
_TEXT = "【江城银行】王女士，新春快乐！祝您和家人新的一年平安顺遂。拒收请回复R"


def bench_dispatch(messages: int, calls_in_flight: int = 8, database_url: str | None = None) -> Figures:
    """Messages a second through gates, ledger, attempts and calls; the limit is the same sender without them."""
    with (
        tempfile.TemporaryDirectory(prefix="wenhou-bench-") as name,
        open_ground(Path(name), database_url=database_url) as context,
        using_sink(context, calls_in_flight=calls_in_flight) as carriers,
    ):
        limit = _bare(carriers.senders[SMS], messages, calls_in_flight)
        populate(context, messages)
        greet(context)
        today = START.astimezone(context.bank.zone).date()
        Planner(context, carriers).plan(today, today)
        dispatcher = Dispatcher(context, carriers)
        with timed() as taken:
            tally = dispatcher.run_until_empty(patience_seconds=1)
        dispatcher.close()
    figures = {
        "messages": messages,
        "sent": tally.sent,
        "calls_in_flight": calls_in_flight,
        "messages_per_s": taken.rate(messages),
        "limit_per_s": limit,
        "ratio": round(taken.rate(messages) / limit, 3),
        "peak_rss_mb": peak_rss_mb(),
    }
    return Figures(name="dispatch", figures=figures, machine=machine())


def greet(context: Context) -> None:
    """The campaign that is due on the benchmark's day."""
    apply_campaigns(context, SYSTEM, read_campaigns(CAMPAIGN, "bench.yaml"))


@contextmanager
def using_sink(context: Context, *, calls_in_flight: int) -> Iterator[Carriers]:
    """Carriers that hand over to a provider in another process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wenhou.bench.sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        url = process.stdout.readline().strip() if process.stdout else ""
        carriers = open_carriers(
            context, Settings(mode="demo", accounts=[account_of(url, calls_in_flight=calls_in_flight)])
        )
        yield carriers
        carriers.close()
    finally:
        process.communicate("")


def account_of(url: str, *, calls_in_flight: int, channel: str = SMS) -> dict[str, object]:
    """The settings of the benchmark's account on a channel."""
    return {
        "channel": channel,
        "provider": "simulator",
        "account": channel,
        "base_url": url,
        "secret": "benchmarks hold nobody's data",
        "rate_per_second": RATE,
        "calls_in_flight": calls_in_flight,
    }


def _bare(sender: Sender, messages: int, calls_in_flight: int) -> float:
    """The same sender and provider, as many calls at once, and nothing else."""
    batch = [_outgoing(number) for number in range(messages)]
    with ThreadPoolExecutor(calls_in_flight) as pool, timed() as taken:
        for _ in pool.map(lambda one: sender.send([one]), batch):
            pass
    return taken.rate(messages)


def _outgoing(number: int) -> OutgoingMessage:
    return OutgoingMessage(
        message_id=new_id(),
        attempt_id=new_id(),
        reference=f"{number:026d}",
        address=phone_of(number),
        display_name="",
        content=Content(channel=SMS, sender="江城银行", text=_TEXT),
        purpose="care",
        deadline=START + timedelta(hours=9),
    )
