"""Whoever's birthday moves from one calendar to the other is never greeted twice in one birth year."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update

from scheduler.carriers import Carriers
from scheduler.planning import Planner
from store.calendar_questions import ask
from store.models.customers import PersonalDate
from store.models.hearing import Task
from store.models.messages import Message
from tests import factories
from tests.integration.bank_in.conftest import Branch
from tests.integration.planning.test_planning import Mute
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import EMAIL, SMS
from wenhou.core.statuses import Status
from wenhou.services.calendar_questions import answer_calendar
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context

SOLAR_DAY = date(2027, 2, 3)
"""3 February 2027; 二月初三 of that year is 10 March."""
LUNAR_DAY = date(2027, 3, 10)


@pytest.fixture
def planner(context: Context, branch: Branch) -> Planner:
    apply_campaigns(context, SYSTEM, bundled_campaigns())
    with context.db.write() as session:
        customer = factories.make_customer(
            session,
            context.vault,
            ref="K-1",
            org=branch.tree.outlet,
            advisor=branch.people.advisor,
            birthday=("solar", 2, 3),
        )
        session.execute(update(PersonalDate).values(source="certificate", certainty="questioned"))
        ask(session, {customer.id: context.clock.now()}, context.clock.now())
    return Planner(context, Carriers(senders={SMS: Mute(SMS), EMAIL: Mute(EMAIL)}))


def _greetings(context: Context) -> list[tuple[str, str]]:
    with context.db.read() as session:
        rows = session.scalars(
            select(Message).where(Message.dedupe_key.contains("birthday:")).order_by(Message.planned_for)
        )
        return [(row.dedupe_key.split("|")[1], row.status) for row in rows]


def _plan(planner: Planner, day: date) -> None:
    planner.plan(day, day, campaign="birthday")


def _answer(context: Context, branch: Branch, calendar: str) -> None:
    with context.db.read() as session:
        task_id = session.scalars(select(Task.id).where(Task.kind == "ask_calendar")).one()
    answer_calendar(context, branch.actors["advisor"], task_id, calendar)


def test_after_a_greeting_has_left_the_other_calendars_day_of_that_year_is_passed_over(
    context: Context, branch: Branch, planner: Planner
) -> None:
    _plan(planner, SOLAR_DAY)
    with context.db.write() as session:
        session.execute(update(Message).values(status=Status.SENT))
    _answer(context, branch, "lunar")
    _plan(planner, LUNAR_DAY)
    live = [key for key, status in _greetings(context) if status not in {Status.SKIPPED, Status.CANCELLED}]
    assert live == ["birthday:solar:2027/1"]


def test_a_greeting_that_waits_is_withdrawn_and_the_right_day_is_kept(
    context: Context, branch: Branch, planner: Planner
) -> None:
    _plan(planner, SOLAR_DAY)
    _answer(context, branch, "lunar")
    _plan(planner, SOLAR_DAY)
    _plan(planner, LUNAR_DAY)
    found = dict(_greetings(context))
    assert found["birthday:solar:2027/1"] == Status.CANCELLED
    assert found["birthday:lunar:2027/1"] == Status.PROPOSED


def test_the_next_birth_year_is_greeted_again(context: Context, branch: Branch, planner: Planner) -> None:
    _plan(planner, SOLAR_DAY)
    with context.db.write() as session:
        session.execute(update(Message).values(status=Status.SENT))
    _answer(context, branch, "lunar")
    next_year = date(2028, 2, 27)  # 二月初三 of 2028
    for day in (next_year - timedelta(days=1), next_year, next_year + timedelta(days=1)):
        _plan(planner, day)
    assert "birthday:lunar:2028/1" in dict(_greetings(context))
