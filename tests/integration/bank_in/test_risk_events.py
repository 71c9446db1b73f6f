"""Risk events of the bank's systems stop outreach at once, in the transaction that takes them in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from store.models.customers import Customer
from store.models.hearing import Task
from store.models.messages import Message
from store.models.records import AuditRow
from tests import factories
from tests.integration.bank_in.conftest import TODAY, Branch, Tell, restrictions, status_of
from wenhou.core.actors import SYSTEM
from wenhou.core.clock import ShiftedClock
from wenhou.core.risk import RISK_KINDS
from wenhou.core.statuses import Status
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.policies import apply_policy

Waiting = Callable[..., Message]


@pytest.mark.parametrize("kind", [name for name, kind in RISK_KINDS.items() if kind.restriction is not None])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_kind_that_stops_something_stops_what_waits_of_it_at_once(
    context: Context, waiting: Waiting, tell: Tell, kind: str
) -> None:
    messages = {purpose: waiting(purpose) for purpose in ("care", "marketing", "information", "service")}
    tell(kind)
    stops = RISK_KINDS[kind].stops
    for purpose, message in messages.items():
        is_stopped = "all" in stops or purpose in stops
        wanted = (Status.SKIPPED, "care_restricted") if is_stopped else (Status.SCHEDULED, None)
        assert status_of(context, message) == wanted, purpose


def test_an_overdue_loan_stops_care_marketing_and_news_but_not_service(
    context: Context, waiting: Waiting, tell: Tell
) -> None:
    care, service = waiting("care"), waiting("service")
    assert tell("loan_overdue").created == 1
    (found,) = restrictions(context)
    assert (found.kind, found.visibility, found.until_on) == ("overdue", "confidential", None)
    assert sorted(found.purposes) == ["care", "information", "marketing"]
    assert found.from_on == date(2027, 1, 30)
    assert status_of(context, care) == (Status.SKIPPED, "care_restricted")
    assert status_of(context, service) == (Status.SCHEDULED, None)


def test_what_a_worker_has_claimed_is_withdrawn_as_well(
    context: Context, waiting: Waiting, tell: Tell
) -> None:
    message = waiting("care")
    with context.db.write() as session:
        row = session.get_one(Message, message.id)
        row.claim_owner, row.claim_until, row.claim_fence = "worker", TODAY + timedelta(hours=3), 7
    tell("litigation")
    assert status_of(context, message) == (Status.SKIPPED, "care_restricted")
    with context.db.read() as session:
        assert session.get_one(Message, message.id).claim_fence != 7, "the worker's claim no longer holds"


def test_the_same_event_again_writes_nothing_twice(context: Context, tell: Tell) -> None:
    tell("loan_overdue")
    assert tell("loan_overdue").unchanged == 1
    assert len(restrictions(context)) == 1


def test_care_resumes_so_many_days_after_the_cure_as_the_policy_says(context: Context, tell: Tell) -> None:
    apply_policy(context, SYSTEM, {"care_after_cure_days": 7})
    tell("loan_overdue", happened_at=TODAY - timedelta(days=20))
    tell("overdue_cured", happened_at=TODAY - timedelta(days=2))
    (found,) = restrictions(context)
    assert found.until_on == date(2027, 2, 3), (
        "cured on the 28th: the 4th of February is the seventh day after"
    )


def test_a_cure_that_is_taken_back_leaves_the_loan_overdue(context: Context, tell: Tell) -> None:
    tell("loan_overdue", happened_at=TODAY - timedelta(days=20))
    tell("overdue_cured")
    tell("overdue_cured", cancelled=True)
    (found,) = restrictions(context)
    assert found.until_on is None


def test_a_cure_that_arrives_before_its_overdue_event_ends_it_all_the_same(
    context: Context, tell: Tell
) -> None:
    apply_policy(context, SYSTEM, {"care_after_cure_days": 0})
    tell("overdue_cured", happened_at=TODAY - timedelta(days=1))
    tell("loan_overdue", happened_at=TODAY - timedelta(days=9))
    (found,) = restrictions(context)
    assert found.until_on == date(2027, 1, 28)


def test_one_loan_cured_leaves_the_other_overdue(context: Context, tell: Tell) -> None:
    ago = TODAY - timedelta(days=9)
    tell("loan_overdue", source_id="L1", happened_at=ago, details={"loan": "A"})
    tell("loan_overdue", source_id="L2", happened_at=ago, details={"loan": "B"})
    tell("overdue_cured", details={"loan": "A"})
    assert sorted(one.until_on is None for one in restrictions(context)) == [False, True]


def test_a_cancelled_risk_event_lifts_its_restriction_and_the_planner_looks_again(
    context: Context, branch: Branch, tell: Tell, clock: ShiftedClock
) -> None:
    tell("customer_deceased")
    clock.advance(timedelta(hours=1))
    assert tell("customer_deceased", cancelled=True).cancelled == 1
    (found,) = restrictions(context)
    assert found.until_on is not None
    assert found.until_on < found.from_on, "as if it had never been in force"
    with context.db.read() as session:
        assert session.get_one(Customer, branch.customer.id).updated_at == context.clock.now()


def test_a_risk_event_corrected_to_another_customer_frees_the_first(context: Context, tell: Tell) -> None:
    with context.db.write() as session:
        customers = session.scalars(select(Customer.external_ref)).all()
        factories.make_customer(session, context.vault, ref="C-2")
    assert customers == ["C-1"]
    tell("litigation", source_id="X")
    assert tell("litigation", source_id="X", customer="C-2").corrected == 1
    first, second = restrictions(context)
    assert first.until_on is not None
    assert first.until_on < first.from_on
    assert second.until_on is None
    assert first.customer_id != second.customer_id


def test_the_audit_names_the_restriction_and_never_its_kind(context: Context, tell: Tell) -> None:
    tell("aml_review")
    (found,) = restrictions(context)
    with context.db.read() as session:
        rows = session.scalars(select(AuditRow)).all()
    acts = {row.act: row for row in rows}
    assert acts["care.restricted"].details == {"restriction": str(found.id)}
    assert not any("aml" in str(row.details) or "laundering" in str(row.details) for row in rows)


def test_a_dormant_customer_is_asked_after_once_and_wakes_with_the_account(
    context: Context, branch: Branch, waiting: Waiting, tell: Tell
) -> None:
    message = waiting("care")
    tell("account_dormant", happened_at=TODAY - timedelta(days=1))
    tell("account_dormant", happened_at=TODAY - timedelta(days=1))
    assert status_of(context, message) == (Status.SKIPPED, "care_restricted")
    with context.db.read() as session:
        (task,) = session.scalars(select(Task)).all()
        assert (task.kind, task.assignee_id) == ("verify_number", branch.people.advisor.id)
        assert session.get_one(Customer, branch.customer.id).state == "dormant"
    tell("account_reactivated")
    with context.db.read() as session:
        assert session.get_one(Customer, branch.customer.id).state == "active"
    assert restrictions(context)[0].until_on == date(2027, 1, 29)


def test_events_of_many_customers_are_followed_in_one_delivery(context: Context, branch: Branch) -> None:
    with context.db.write() as session:
        for number in range(5):
            factories.make_customer(session, context.vault, ref=f"M-{number}", org=branch.tree.outlet)
    events = [
        NewEvent(
            source="core",
            source_id=f"O-{number}",
            kind="loan_overdue",
            customer=f"M-{number % 5}",
            happened_at=TODAY,
        )
        for number in range(10)
    ]
    assert take_in(context, SYSTEM, events).created == 10
    assert len(restrictions(context)) == 10
