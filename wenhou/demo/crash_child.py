"""The process that is killed: plans, releases, claims, calls and records, as `wenhou serve` does.

Run as `python -m wenhou.demo.crash_child PLAN`, where PLAN is a JSON file made by `wenhou.demo.crash_run`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.dispatch import Dispatcher
from scheduler.planning import Planner
from store.database import Synchronous, open_database
from store.keys import open_vault
from store.reckoning import count_in
from store.vault import LocalKeyService
from wenhou.bootstrap import open_carriers
from wenhou.core.channels import SMS
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Bank, Context
from wenhou.settings import Settings

_LONGEST_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildPlan:
    """What the child is told. It kills itself when it passes `kill_at` for the `kill_on`-th time."""

    database_url: str
    synchronous: Synchronous
    secret: str
    provider_url: str
    account_secret: str
    business_time: str
    lease_seconds: float
    calls_in_flight: int
    kill_at: str | None = None
    kill_on: int = 1

    def write(self, path: Path) -> None:
        """For the child to read; only its owner may."""
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> ChildPlan:
        """What `write` wrote."""
        return cls(**json.loads(path.read_text(encoding="utf-8")))


def suicide(label: str | None, on: int) -> Callable[[str], None]:
    """A probe that kills this very process, at once and without any farewell, at the `on`-th passing of a point."""
    lock, seen = threading.Lock(), 0

    def passed(point: str) -> None:
        nonlocal seen
        if point != label:
            return
        with lock:
            seen += 1
            if seen == on:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(60)

    return passed


def run(plan: ChildPlan) -> None:
    """Plan the day and hand over until nothing is left to do."""
    database = open_database(plan.database_url, synchronous=plan.synchronous)
    with database.read() as session:
        vault = open_vault(session, LocalKeyService(plan.secret.encode()))
    clock = ShiftedClock(datetime.fromisoformat(plan.business_time))
    context = Context(
        db=database, vault=vault, clock=clock, bank=Bank(), passed=suicide(plan.kill_at, plan.kill_on)
    )
    carriers = open_carriers(context, Settings(mode="demo", accounts=[_account(plan)]))
    today = clock.now().astimezone(context.bank.zone).date()
    Planner(context, carriers).plan(today, today)
    dispatcher = Dispatcher(context, carriers, lease=timedelta(seconds=plan.lease_seconds))
    deadline = time.monotonic() + _LONGEST_SECONDS
    while time.monotonic() < deadline:
        dispatcher.run_until_empty(patience_seconds=2)
        with database.read() as session:
            if count_in(session) == 0:
                break
        time.sleep(0.1)
    dispatcher.close()
    carriers.close()
    database.close()


def _account(plan: ChildPlan) -> dict[str, object]:
    return {
        "channel": SMS,
        "provider": "simulator",
        "account": "sms",
        "base_url": plan.provider_url,
        "secret": plan.account_secret,
        "rate_per_second": 5000,
        "calls_in_flight": plan.calls_in_flight,
    }


if __name__ == "__main__":
    run(ChildPlan.read(Path(sys.argv[1])))
