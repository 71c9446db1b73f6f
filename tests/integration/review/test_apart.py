"""One broken customer or campaign stops nobody else, and a run that ends with a full chunk is whole."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from scheduler import meeting, planning
from scheduler.occasions import Occasion, occasions_on
from store import candidates
from store.lateness import plan_from
from store.models.campaigns import Occurrence
from store.models.customers import CustomerKey
from tests.integration.planning.test_planning import SHANGHAI, Bank, _customer, _messages

DAY = date(2027, 2, 1)


def test_a_customer_whose_key_does_not_open_stops_nobody_else(bank: Bank) -> None:
    with bank.context.db.write() as session:
        people = [_customer(bank, session, birthday=("solar", 2, 1)) for _ in range(5)]
        session.execute(
            update(CustomerKey).where(CustomerKey.customer_id == people[2].id).values(wrapped=b"broken" * 10)
        )
    plan = bank.planner.plan(DAY, DAY, campaign="birthday").occurrences[0]
    assert {one.customer_id for one in _messages(bank.context)} == {
        one.id for number, one in enumerate(people) if number != 2
    }
    assert (plan.audience, plan.going, dict(plan.skipped), plan.new) == (5, 4, {"data_unreadable": 1}, 4)


def test_a_campaign_that_breaks_stops_no_other_and_the_look_counts(
    bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(session: object, campaign: object, *rest: object) -> list[Occasion]:
        if getattr(campaign, "key", "") == "account_anniversary":
            raise KeyError("template")
        return occasions_on(session, campaign, *rest)  # type: ignore[arg-type]

    with bank.context.db.write() as session:
        _customer(bank, session, birthday=("solar", 2, 1))
    monkeypatch.setattr(planning, "occasions_on", break_down)
    report = bank.planner.plan_horizon()
    assert {campaign for campaign, _ in report.failed} == {"account_anniversary"}
    assert any(one.dedupe_key.startswith("birthday|") for one in _messages(bank.context))
    with bank.context.db.read() as session:
        now = bank.context.clock.now()
        assert plan_from(session, now, SHANGHAI) == now.astimezone(SHANGHAI).date()


def test_a_run_that_ends_with_a_full_chunk_is_whole(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (candidates, meeting):
        monkeypatch.setattr(module, "CHUNK", 2)
    with bank.context.db.write() as session:
        for _ in range(4):
            _customer(bank, session, birthday=("solar", 2, 1))
    bank.planner.plan(DAY, DAY, campaign="birthday")
    with bank.context.db.read() as session:
        assert session.scalars(select(Occurrence.state)).one() == "planned"
    assert len(_messages(bank.context)) == 4
