"""A campaign's own limit of the day counts who goes: neither who was skipped, nor only who was met so far."""

from __future__ import annotations

from datetime import date

import pytest

from scheduler import meeting
from store import candidates
from tests.factories import grant
from tests.integration.planning.test_planning import Bank, _customer, _messages
from wenhou.core.actors import SYSTEM
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns

DAY = date(2027, 2, 3)
LIMITED = """
key: weekly_hello
name: {zh-CN: 每周问候, en: Weekly greeting}
purpose: care
trigger: {type: recurring, every: week, day: 3}
template: birthday
channels: [sms]
approval: none
limits: {messages_a_day: 2}
"""


def _going(bank: Bank) -> int:
    return sum(message.status != "skipped" for message in _messages(bank.context))


@pytest.fixture
def limited(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> Bank:
    apply_campaigns(bank.context, SYSTEM, read_campaigns(LIMITED, "weekly.yaml"))
    for module in (candidates, meeting):
        monkeypatch.setattr(module, "CHUNK", 3)
    return bank


def test_who_may_not_be_written_to_takes_nobodys_place(limited: Bank) -> None:
    with limited.context.db.write() as session:
        for _ in range(2):
            _customer(limited, session, consents=())
        for _ in range(4):
            _customer(limited, session)
    limited.planner.plan(DAY, DAY, campaign="weekly_hello")
    assert _going(limited) == 2


def test_planning_again_never_goes_over_the_limit(limited: Bank) -> None:
    with limited.context.db.write() as session:
        first = _customer(limited, session, consents=())
        for _ in range(5):
            _customer(limited, session)
    limited.planner.plan(DAY, DAY, campaign="weekly_hello")
    with limited.context.db.write() as session:
        grant(session, first, "sms", "care")
    limited.planner.plan(DAY, DAY, campaign="weekly_hello")
    assert _going(limited) == 2
