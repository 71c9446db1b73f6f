"""A look at a big run judges those whose data changed; everybody it skipped only now and then."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from scheduler import judging, planning
from store.database import Session
from store.facts import Question, load_facts
from store.models.customers import ConsentState
from tests.factories import grant
from tests.integration.planning.test_planning import Bank, _customer, _messages
from wenhou.core.clock import ShiftedClock
from wenhou.core.policy.facts import Facts


def test_a_long_run_judges_again_who_agreed_since_and_not_everybody(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bank.context.db.write() as session:
        people = [_customer(bank, session, birthday=("solar", 2, 1), consents=()) for _ in range(3)]
    judged: list[int] = []

    def count(session: Session, questions: Sequence[Question], **rest: Any) -> Mapping[uuid.UUID, Facts]:
        if questions[0].planned_for == date(2027, 2, 1):
            judged.append(len(questions))
        return load_facts(session, questions, **rest)

    monkeypatch.setattr(judging, "load_facts", count)
    monkeypatch.setattr(planning, "_SELDOM", 1_000_000)  # as if it had taken very long
    clock = bank.context.clock
    assert isinstance(clock, ShiftedClock)
    bank.planner.plan_horizon()
    assert judged == [3]
    clock.move_to(clock.now() + timedelta(minutes=5))
    with bank.context.db.write() as session:
        grant(session, people[1], "sms", "care")
        session.execute(update(ConsentState).values(at=clock.now()))
    clock.move_to(clock.now() + timedelta(minutes=6))
    bank.planner.plan_horizon()
    assert judged == [3, 1]
    assert {one.customer_id for one in _messages(bank.context) if one.status != "skipped"} == {people[1].id}
    clock.move_to(clock.now() + timedelta(minutes=11))
    bank.planner.plan_horizon(everything=True)
    assert judged == [3, 1, 2]
