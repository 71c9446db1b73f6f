"""The pace of an account, shared by all workers: the token bucket on both databases."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from store.accounts import ensure_account, pause_account, return_tokens, take_tokens
from store.database import Database
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.statuses import Status

NOW = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)


@pytest.fixture
def account(database: Database) -> Database:
    with database.write() as session:
        ensure_account(session, channel="sms", provider="p", account="a", rate=10, real=NOW)
    return database


def _take(database: Database, want: int, at: datetime) -> int:
    with database.write() as session:
        return take_tokens(session, provider="p", account="a", want=want, real=at)


def test_a_bucket_gives_a_second_s_worth_and_then_what_flows_in(account: Database) -> None:
    assert _take(account, 100, NOW) == 10
    assert _take(account, 100, NOW) == 0
    assert _take(account, 100, NOW + timedelta(milliseconds=500)) == 5
    assert _take(account, 100, NOW + timedelta(seconds=60)) == 10


def test_a_clock_that_runs_behind_fills_no_second_twice(account: Database) -> None:
    assert _take(account, 100, NOW + timedelta(seconds=2)) == 10
    assert _take(account, 100, NOW) == 0
    assert _take(account, 100, NOW + timedelta(seconds=2)) == 0


def test_what_was_not_used_is_given_back(account: Database) -> None:
    assert _take(account, 10, NOW) == 10
    with account.write() as session:
        return_tokens(session, provider="p", account="a", amount=4)

    assert _take(account, 10, NOW) == 4


def test_a_paused_account_gives_nothing(account: Database) -> None:
    with account.write() as session:
        pause_account(session, provider="p", account="a", code="balance", reason="no money", at=NOW)

    assert _take(account, 1, NOW + timedelta(hours=1)) == 0


def test_an_account_follows_its_settings_and_keeps_its_tokens(account: Database) -> None:
    assert _take(account, 10, NOW) == 10
    with account.write() as session:
        ensure_account(session, channel="sms", provider="p", account="a", rate=2, real=NOW)

    assert _take(account, 10, NOW + timedelta(seconds=1)) == 2


def test_workers_together_take_no_more_than_the_rate(account: Database) -> None:
    taken: list[int] = []

    def work() -> None:
        taken.extend(_take(account, 3, NOW) for _ in range(5))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(taken) == 10


def test_two_workers_keep_the_accounts_rate_between_them(world: World) -> None:
    sender = CountingSender(rate_per_second=20)
    for _ in range(50):
        world.message()
    workers = [world.dispatcher(sender) for _ in range(2)]
    began = time.monotonic()

    threads = [
        threading.Thread(target=worker.run_until_empty, kwargs={"patience_seconds": 1}) for worker in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    took = time.monotonic() - began
    assert world.statuses() == {Status.SENT: 50}
    assert took >= 1.4, "20 at once, then 20 a second"
