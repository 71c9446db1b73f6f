"""Kill the sender in the middle of a run, start it again, and count: lost, twice, unknown.

The killed process is a real one, killed with SIGKILL; the provider is a real HTTP server in this process, which
counts what it took by address. The store and the provider's counts are then compared customer by customer.
"""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from store import keys, migrate
from store.database import Database, Synchronous, open_database
from store.reckoning import UNFINISHED, Reckoned, reckon
from store.vault import LocalKeyService
from wenhou.bench.population import add_people, phone_of, ref_of
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock, SystemClock
from wenhou.core.statuses import HANDED_OVER, Status
from wenhou.demo.counting_provider import CountingProvider
from wenhou.demo.crash_child import ChildPlan
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Bank, Context

POINTS = (
    "planning.before_commit",
    "planning.after_commit",
    "release.after_commit",
    "claim.after_commit",
    "open.after_commit",
    "call.within",
    "call.after",
    "record.before_commit",
)
"""The labelled points. `call.within`: the provider has taken the message, its answer was not read."""

CALLS_IN_FLIGHT = 8
_CHUNK = 500
START = datetime(2027, 2, 5, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai on the last day of the lunar year: the greeting of Spring Festival is due."""
CAMPAIGN = """
key: crash
name: {zh-CN: 中断演示, en: Interrupted run}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CrashReport:
    """What a killed run came to.

    `lost`: customers without a named end, or named as sent without the provider knowing. `twice`: customers the
    provider counted more than once. `explained`: the unknown ones whose attempt and reason say what happened.
    `unknown_taken`: those of the unknown that the provider did take. `limit`: calls that could be in flight.
    """

    planned: int
    sent: int
    lost: int
    twice: int
    unknown: int
    explained: int
    unknown_taken: int
    limit: int
    killed: tuple[str, ...]
    statuses: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def is_kept(self) -> bool:
        """Whether the promise held (DESIGN §2.1)."""
        return (
            not self.lost and not self.twice and self.unknown == self.explained and self.unknown <= self.limit
        )

    @property
    def sentence(self) -> str:
        """For the demo's page."""
        return (
            f"计划 {self.planned} 条，发出 {self.sent} 条；丢失 {self.lost}，重复 {self.twice}，"
            f"结果未知 {self.unknown}（均已说明，不会重发）。"
        )

    def as_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)


def run_crash(
    folder: Path,
    messages: int,
    *,
    kill_at: str | None = None,
    kill_after_seconds: float | None = None,
    kills: int = 1,
    database_url: str | None = None,
    secret: str | None = None,
    synchronous: Synchronous = "NORMAL",
    lease_seconds: float = 2.0,
    progress: Callable[[int], None] = lambda _: None,
) -> CrashReport:
    """Send `messages` greetings, killing the sender `kills` times on the way, and reckon.

    `kill_at`: one of POINTS. `kill_after_seconds`: so long after the first message was taken. With neither, half way.
    `database_url` names an empty or migrated database (with the `secret` of its keys); without it, a file in `folder`.
    `progress` hears how many messages the provider has taken.
    """
    run = _Run(
        folder=folder,
        messages=messages,
        database_url=database_url or f"sqlite:///{folder / 'crash.db'}",
        secret=secret or secrets.token_hex(16),
        synchronous=synchronous,
        lease_seconds=lease_seconds,
        progress=progress,
    )
    started = time.monotonic()
    database = run.prepare()
    try:
        for number in range(kills):
            run.start_and_kill(_aim(kill_at, kill_after_seconds, messages), number)
        run.finish()
        with database.read() as session:
            found = reckon(session)
        return run.report(found, time.monotonic() - started)
    finally:
        run.provider.close()
        database.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """Where to kill: a point and its passing, a number of messages taken, or seconds after the first."""

    point: str | None = None
    on: int = 1
    taken: int | None = None
    seconds: float | None = None


def _aim(kill_at: str | None, kill_after_seconds: float | None, messages: int) -> _Aim:
    if kill_at is not None and kill_at not in POINTS:
        msg = f"unknown point {kill_at}; one of {', '.join(POINTS)}"
        raise ValueError(msg)
    if kill_after_seconds is not None:
        return _Aim(seconds=kill_after_seconds)
    if kill_at is None or kill_at == "call.within":
        return _Aim(taken=max(1, messages // 2))
    if kill_at.startswith("planning."):
        return _Aim(point=kill_at, on=2 if messages > _CHUNK else 1)
    if kill_at in ("release.after_commit", "claim.after_commit"):
        return _Aim(point=kill_at, on=2 if messages > _CHUNK else 1)
    return _Aim(point=kill_at, on=max(1, messages // CALLS_IN_FLIGHT // 2))


class _Run:
    """One run: its provider, its children, its clock."""

    def __init__(
        self,
        *,
        folder: Path,
        messages: int,
        database_url: str,
        secret: str,
        synchronous: Synchronous,
        lease_seconds: float,
        progress: Callable[[int], None],
    ) -> None:
        self._folder = folder
        self._messages = messages
        self._url = database_url
        self._secret = secret
        self._synchronous = synchronous
        self._lease = lease_seconds
        self._progress = progress
        self._account_secret = secrets.token_hex(16)
        self._began = time.monotonic()
        self._child: subprocess.Popen[bytes] | None = None
        self._aim = _Aim()
        self._base = 0
        self._first_taken_at: float | None = None
        self._killed: list[str] = []
        self.provider = CountingProvider(latency_seconds=0.002, accepted=self._taken)

    def prepare(self) -> Database:
        """The schema, the keys, the customers and the campaign."""
        database = open_database(self._url, synchronous="OFF")
        migrate.upgrade(database)
        service = LocalKeyService(self._secret.encode())
        with database.write() as session:
            keys.make_data_keys(session, service, SystemClock().real())
        with database.read() as session:
            vault = keys.open_vault(session, service)
        add_people(database, vault, self._messages, at=START - timedelta(days=30))
        context = Context(db=database, vault=vault, clock=ShiftedClock(START), bank=Bank())
        apply_campaigns(context, SYSTEM, read_campaigns(CAMPAIGN, "crash.yaml"))
        return database

    def start_and_kill(self, aim: _Aim, number: int) -> None:
        """Start the sender and kill it where the aim says; a run that ends before is noted as not killed."""
        self._aim, self._base, self._first_taken_at = aim, sum(self.provider.counts().values()), None
        child = self._start(aim, number)
        while child.poll() is None:
            if aim.seconds is not None and self._seconds_since_first() >= aim.seconds:
                self._kill()
            time.sleep(0.002)
        self._killed.append("SIGKILL" if child.returncode == -signal.SIGKILL else f"exit {child.returncode}")

    def finish(self) -> None:
        """Start the sender again and let it finish."""
        self._aim = _Aim()
        child = self._start(self._aim, number=99)
        if child.wait() != 0:
            msg = f"the sender that was started again ended with {child.returncode}; see {self._folder}"
            raise RuntimeError(msg)

    def _start(self, aim: _Aim, number: int) -> subprocess.Popen[bytes]:
        now = START + timedelta(seconds=time.monotonic() - self._began)
        plan = ChildPlan(
            database_url=self._url,
            synchronous=self._synchronous,
            secret=self._secret,
            provider_url=self.provider.url,
            account_secret=self._account_secret,
            business_time=now.isoformat(),
            lease_seconds=self._lease,
            calls_in_flight=CALLS_IN_FLIGHT,
            kill_at=aim.point,
            kill_on=aim.on,
        )
        path = self._folder / f"sender-{number}.json"
        plan.write(path)
        command = [sys.executable, "-m", "wenhou.demo.crash_child", str(path)]
        with (self._folder / f"sender-{number}.log").open("ab") as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own module
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        return self._child

    def _taken(self, total: int) -> bool:
        """The provider took a message: the moment to kill whoever waits for the answer."""
        if self._first_taken_at is None:
            self._first_taken_at = time.monotonic()
        self._progress(total)
        if self._aim.taken is not None and total - self._base == self._aim.taken:
            self._kill()
            return False
        return True

    def _seconds_since_first(self) -> float:
        first = self._first_taken_at
        return -1.0 if first is None else time.monotonic() - first

    def _kill(self) -> None:
        if self._child is not None and self._child.poll() is None:
            os.kill(self._child.pid, signal.SIGKILL)

    def report(self, found: list[Reckoned], seconds: float) -> CrashReport:
        """Compare the store with what the provider counted, customer by customer."""
        counts = self.provider.counts()
        by_ref = {one.ref: one for one in found}
        taken = {ref_of(number): counts.get(phone_of(number), 0) for number in range(self._messages)}
        unknown = [one for one in found if one.status == Status.UNKNOWN]
        return CrashReport(
            planned=len(found),
            sent=sum(one.status in HANDED_OVER - {Status.UNKNOWN} for one in found),
            lost=sum(_is_lost(by_ref.get(ref), amount) for ref, amount in taken.items()),
            twice=sum(amount > 1 for amount in counts.values()),
            unknown=len(unknown),
            explained=sum(one.explained for one in unknown),
            unknown_taken=sum(taken[one.ref] > 0 for one in unknown),
            limit=CALLS_IN_FLIGHT * len(self._killed),
            killed=tuple(self._killed),
            statuses=dict(sorted(Counter(one.status for one in found).items())),
            seconds=round(seconds, 2),
        )


def _is_lost(message: Reckoned | None, taken: int) -> bool:
    """No message, no named end, or a status that the provider's count contradicts."""
    if message is None or message.status in UNFINISHED:
        return True
    if message.status == Status.UNKNOWN:
        return False
    return (message.status in HANDED_OVER) != (taken > 0)
