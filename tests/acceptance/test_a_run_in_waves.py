"""A greeting to sixty customers in waves, from planning to hand-over: each wave leaves after the one before did well."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from scheduler.planning import Planner
from scheduler.waves import steer
from store.accounts import ensure_account
from store.models.messages import Message
from tests import factories
from tests.integration.scheduler.world import CountingSender
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import SMS, Permanent
from wenhou.core.clock import ShiftedClock
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = datetime(2027, 2, 1, 9, 31, tzinfo=SHANGHAI)
PEOPLE = 60
CAMPAIGN = """
key: greeting
name: {zh-CN: 生日, en: Birthday}
purpose: care
trigger: {type: personal_date, kind: birthday}
template: birthday
channels: [sms]
approval: none
plan_ahead_workdays: 0
waves: {percents: [15, 50], observe_minutes: 30}
limits: {failure_percent: 5}
"""


def _bank(context: Context, sender: CountingSender) -> Carriers:
    apply_campaigns(context, SYSTEM, read_campaigns(CAMPAIGN, "greeting.yaml"))
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        for _ in range(PEOPLE):
            factories.make_customer(
                session, context.vault, org=tree.outlet, advisor=people.advisor, birthday=("solar", 2, 1)
            )
        ensure_account(
            session,
            channel=SMS,
            provider=sender.provider,
            account=sender.account,
            rate=1000,
            real=context.clock.real(),
        )
    return Carriers(senders={SMS: sender})


def _tick(context: Context, carriers: Carriers) -> dict[int | None, Counter[str]]:
    """Plan, steer, hand over; wave → statuses."""
    Planner(context, carriers).plan_horizon()
    steer(context)
    worker = Dispatcher(context, carriers)
    try:
        worker.run_until_empty(patience_seconds=0.1)
    finally:
        worker.close()
    found: dict[int | None, Counter[str]] = {0: Counter(), 1: Counter(), 2: Counter()}
    with context.db.read() as session:
        for row in session.query(Message):
            found[row.wave][row.status] += 1
    return found


def test_each_wave_leaves_when_the_one_before_has_done_well(context: Context, clock: ShiftedClock) -> None:
    sender = CountingSender()
    carriers = _bank(context, sender)
    clock.move_to(DAY)
    waves = _tick(context, carriers)
    sizes = {wave: sum(counts.values()) for wave, counts in waves.items()}
    assert sum(sizes.values()) == PEOPLE
    assert all(sizes.values())
    assert [set(waves[wave]) for wave in (0, 1, 2)] == [{"sent"}, {"scheduled"}, {"scheduled"}]
    clock.advance(timedelta(minutes=20))
    assert _tick(context, carriers)[1]["sent"] == 0
    clock.advance(timedelta(minutes=11))
    waves = _tick(context, carriers)
    assert (waves[1]["sent"], waves[2]["sent"]) == (sizes[1], 0)
    clock.advance(timedelta(minutes=31))
    assert _tick(context, carriers)[2]["sent"] == sizes[2]
    assert set(sender.counts.values()) == {1}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_first_wave_that_fails_keeps_all_others_from_leaving(context: Context, clock: ShiftedClock) -> None:
    sender = CountingSender(answers=[Permanent(code="refused")] * PEOPLE)
    carriers = _bank(context, sender)
    clock.move_to(DAY)
    first = sum(_tick(context, carriers)[0].values())
    clock.advance(timedelta(minutes=31))
    waves = _tick(context, carriers)
    clock.advance(timedelta(minutes=31))
    waves = _tick(context, carriers)
    assert (waves[0]["failed"], waves[1]["scheduled"] > 0, sender.calls) == (first, True, first)
