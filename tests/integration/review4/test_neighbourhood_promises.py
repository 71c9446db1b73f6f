"""Words of an old edition, of a household, of a company: whatever was read, planning goes on and stays small."""

from __future__ import annotations

from datetime import date

import pytest

from store import wordings
from store.models.customers import Customer
from store.models.organisation import Household, HouseholdMember
from tests.integration.planning.test_triggers import PROGRESS
from tests.integration.planning.town import Town
from wenhou.core.ids import new_id


def _rename(town: Town, customer: Customer, name: str) -> None:
    with town.context.db.write() as session:
        row = session.get_one(Customer, customer.id)
        row.name, row.updated_at = name, town.clock.now()


def test_a_service_notice_is_written_anew_when_its_customer_changed(town: Town) -> None:
    """What serves has no neighbours to look at: its own wording of before is known all the same."""
    town.go_live(PROGRESS)
    customer = town.customer()
    town.at(date(2027, 3, 1), 5)
    town.tell("loan_progress", customer, details={"step": "资料已收齐", "next": "三日内告知"})
    town.planner.plan_horizon()
    (before,) = town.messages()
    town.at(date(2027, 3, 1), 6)
    _rename(town, customer, "欧阳清")
    (made,) = [
        one for one in town.planner.plan_horizon(everything=True).as_json()["occurrences"] if one["audience"]
    ]

    (after,) = town.messages()
    assert "data_unreadable" not in made["skipped"]
    assert "欧阳" in town.words(after), (before.variant, after.variant)


@pytest.mark.parametrize(("members", "near"), [(4, True), (5, False)])
def test_a_household_of_more_than_anybody_compares_counts_for_nobody(
    town: Town, monkeypatch: pytest.MonkeyPatch, members: int, near: bool
) -> None:
    """An import that puts all whose field was empty into one household must not cost its size squared."""
    monkeypatch.setattr(wordings, "MOST_TOGETHER", 4)
    together = [town.customer(f"王{number}", advisor=None) for number in "一二三四五"[:members]]
    with town.context.db.write() as session:
        home = Household(id=new_id(), name="王家", created_at=town.clock.now())
        session.add(home)
        session.flush()
        session.add_all(
            HouseholdMember(household_id=home.id, customer_id=one.id, role="other") for one in together
        )

    with town.context.db.read() as session:
        found = wordings.people_near(session, [one.id for one in together])

    assert {len(others) for others in found.values()} == ({members - 1} if near else set())
