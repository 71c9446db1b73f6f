"""In whatever order campaigns are planned, sent and withdrawn, no run of days ever holds more than the caps allow."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from store.models.messages import Message
from tests.integration.planning.town import Town
from wenhou.core.statuses import HANDED_OVER, PENDING

FIRST = date(2027, 3, 1)
RULES = {
    "caps": [
        {"purposes": ["care", "information", "marketing"], "days": 1, "most": 1},
        {"purposes": ["care", "information", "marketing"], "days": 7, "most": 2},
        {"purposes": ["care", "information", "marketing"], "days": 30, "most": 5},
    ],
    "care_ratio": False,
}
DAILY = """
key: {key}
name: {{zh-CN: 问候, en: Greeting}}
purpose: care
channels: [sms]
approval: none
template: birthday
audience: {{field: tier, is: [{tier}]}}
priority: {priority}
trigger: {{type: recurring, every: week, day: {day}}}
"""
WEEKS = st.integers(0, 5)
WEEKDAYS = (1, 1, 2, 4, 7)
ACTS = st.lists(
    st.tuples(st.sampled_from(("plan", "plan", "plan", "send")), st.integers(0, 4), WEEKS),
    min_size=8,
    max_size=40,
)


def _over(days: list[date]) -> list[tuple[int, date]]:
    return [
        (length, first)
        for length, most in ((1, 1), (7, 2), (30, 5))
        for first in days
        if sum(first <= day < first + timedelta(days=length) for day in days) > most
    ]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_order_of_planning_exceeds_a_cap(town: Town) -> None:
    town.set_policy(**RULES)
    tier = "甲"
    text = "---".join(
        DAILY.format(key=f"daily_{number}", tier=tier, priority=20 + number % 2, day=day)
        for number, day in enumerate(WEEKDAYS)
    )
    town.go_live(text)

    @settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
    @given(ACTS)
    def _any_order(acts: list[tuple[str, int, int]]) -> None:
        customer = town.customer(tier=tier)
        gone: list[Message] = []
        for act, number, week in acts:
            if act == "plan":
                day = FIRST + timedelta(days=7 * week + WEEKDAYS[number] - 1)
                town.planner.plan(day, day, campaign=f"daily_{number}")
            else:
                town.mark_oldest(customer)
            gone = [one for one in town.messages(customer=customer) if one.status in {*HANDED_OVER, *PENDING}]
            assert _over([one.planned_for for one in gone]) == []
        town.retire(customer)

    _any_order()
