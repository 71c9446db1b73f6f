"""The service was down over a birthday: each campaign's late policy applies, and the report says what was missed and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from scheduler.lateness import expected_by
from scheduler.planning import Planner
from store.accounts import ensure_account
from store.lateness import Outage, note_planner_beat
from store.models.campaigns import Campaign
from store.models.messages import Message
from tests import factories
from tests.factories import People
from tests.integration.scheduler.world import CountingSender
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import SMS
from wenhou.core.clock import ShiftedClock
from wenhou.services.approvals import approve
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context
from wenhou.services.lateness import LateRow, report_late

SHANGHAI = ZoneInfo("Asia/Shanghai")
POLICIES = {"VIP": "skip", "高净值": "{policy: send_late, days: 3}", "普通": "{policy: ask_again, days: 3}"}
CAMPAIGN = """
key: {key}
name: {{zh-CN: 生日, en: Birthday}}
purpose: care
trigger: {{type: personal_date, kind: birthday}}
audience: {{field: tier, is: [{tier}]}}
template: birthday
channels: [sms]
approval: none
late: {late}
plan_ahead_workdays: {ahead}
"""
DAY = datetime(2027, 2, 1, 0, 0, tzinfo=SHANGHAI)
"""A Monday: everybody's birthday."""


@dataclass
class Story:
    """The bank of the story."""

    context: Context
    clock: ShiftedClock
    sender: CountingSender
    carriers: Carriers
    people: People

    def tick(self) -> None:
        """What the running service does: plan, say that it was there, hand over."""
        Planner(self.context, self.carriers).plan_horizon()
        with self.context.db.write() as session:
            note_planner_beat(session, self.clock.now())
        worker = Dispatcher(self.context, self.carriers)
        try:
            worker.run_until_empty(patience_seconds=0.2)
        finally:
            worker.close()

    def messages(self) -> Mapping[str, Message]:
        """Policy → its message."""
        with self.context.db.read() as session:
            rows = session.query(Message).all()
        return {_policy_of(self.context, row): row for row in rows}


def _policy_of(context: Context, message: Message) -> str:
    with context.db.read() as session:
        return session.get_one(Campaign, message.campaign_id or uuid.UUID(int=0)).key


@pytest.fixture
def story(context: Context, clock: ShiftedClock) -> Story:
    sender = CountingSender()
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        for tier in POLICIES:
            factories.make_customer(
                session,
                context.vault,
                org=tree.outlet,
                advisor=people.advisor,
                tier=tier,
                birthday=("solar", DAY.month, DAY.day),
            )
        ensure_account(
            session,
            channel=SMS,
            provider=sender.provider,
            account=sender.account,
            rate=1000,
            real=clock.real(),
        )
    carriers = Carriers(senders={SMS: sender})
    return Story(context=context, clock=clock, sender=sender, carriers=carriers, people=people)


def _go_live(story: Story, ahead: int) -> None:
    keys = ("skips", "sends", "asks")
    for key, (tier, late) in zip(keys, POLICIES.items(), strict=True):
        text = CAMPAIGN.format(key=key, tier=tier, late=late, ahead=ahead)
        apply_campaigns(story.context, SYSTEM, read_campaigns(text, f"{key}.yaml"))


@pytest.mark.parametrize("ahead", [0, 3], ids=["not planned yet", "planned ahead"])
def test_each_policy_applies_when_the_service_comes_back_the_day_after(story: Story, ahead: int) -> None:
    _go_live(story, ahead)
    story.tick()  # Saturday, 09:00
    assert len(story.messages()) == (3 if ahead else 0)
    story.clock.move_to(DAY + timedelta(days=1, hours=10))  # down until Tuesday, 10:00
    story.tick()
    found = story.messages()
    assert (found["skips"].status in {"skipped", "expired"}, found["skips"].reason) == (True, "too_late")
    assert found["sends"].status == "sent"
    assert (found["asks"].status, found["asks"].level) == ("proposed", 1)
    assert sum(story.sender.counts.values()) == 1
    rows, outages = _report(story)
    assert {row.campaign: row.policy for row in rows} == {
        "skips": "skip",
        "sends": "send_late",
        "asks": "ask_again",
    }
    counts = {row.campaign: row.counts for row in rows}
    assert (counts["skips"].too_late, counts["sends"].sent_late, counts["asks"].asked_again) == (1, 1, 1)
    assert {row.cause for row in rows} == {"down"}
    assert [one.until for one in outages] == [story.clock.now()]


def test_what_was_asked_again_leaves_once_somebody_agrees_and_only_then(story: Story) -> None:
    _go_live(story, 3)
    story.tick()
    story.clock.move_to(DAY + timedelta(days=1, hours=10))
    story.tick()
    story.tick()
    asked = story.messages()["asks"]
    assert asked.status == "proposed"
    with story.context.db.read() as session:
        advisor = factories.actor_for(session, story.people.advisor)
    approve(story.context, advisor, asked.id, asked.content_hash or b"")
    story.clock.advance(timedelta(minutes=1))
    story.tick()
    assert story.messages()["asks"].status == "sent"


def test_what_nobody_agrees_to_is_over_when_its_late_days_are(story: Story) -> None:
    _go_live(story, 3)
    story.tick()
    story.clock.move_to(DAY + timedelta(days=1, hours=10))
    story.tick()
    story.clock.move_to(DAY + timedelta(days=4, hours=10))
    story.tick()
    assert (story.messages()["asks"].status, story.messages()["asks"].reason) == ("expired", "not_approved")
    assert sum(story.sender.counts.values()) == 1


def _report(story: Story) -> tuple[list[LateRow], list[Outage]]:
    return report_late(story.context, since=DAY - timedelta(days=2), expected=expected_by(story.context))
