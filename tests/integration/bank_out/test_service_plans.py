from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from store.models.customers import CareRestriction, Customer
from store.models.hearing import Task
from store.models.messages import ContactLedger
from store.models.steering import CustomerPlan
from tests import factories
from tests.integration.bank_out.world import World
from wenhou.core.errors import AccessDenied, InputError
from wenhou.core.ids import new_id
from wenhou.services import tasks
from wenhou.services.service_plans import (
    apply_plans,
    bundled_plans,
    list_gaps,
    plan_gaps,
    quarter_of,
    read_plans,
    show_plans,
)

PLAN = """
plans:
  - tier: VIP
    contacts: 4
    by_person: 2
    non_sales_percent: 50
"""
LATE = date(2027, 3, 1)
"""Two thirds of the quarter are over: all of the plan is due."""


def _apply(world: World, text: str = PLAN) -> dict[str, str]:
    return apply_plans(world.context, world.actors["operations"], read_plans(text, "plans.yaml"))


def _customer(world: World, *, tier: str = "VIP", advised: bool = True) -> Customer:
    with world.context.db.write() as session:
        return factories.make_customer(
            session,
            world.context.vault,
            org=world.tree.outlet,
            advisor=world.people.advisor if advised else None,
            tier=tier,
        )


def _contact(world: World, customer: Customer, channel: str = "sms", purpose: str = "care") -> None:
    with world.context.db.write() as session:
        session.add(
            ContactLedger(
                message_id=new_id(),
                customer_id=customer.id,
                on_day=date(2027, 2, 3),
                purpose=purpose,
                channel=channel,
                state="committed",
            )
        )


def _tasks(world: World) -> list[Task]:
    with world.context.db.read() as session:
        return list(session.query(Task).order_by(Task.due_at))


def test_a_quarter_counts_what_was_made_by_whom_and_whether_it_sold(world: World) -> None:
    _apply(world)
    customer, other = _customer(world), _customer(world, tier="普通")
    _contact(world, customer)
    _contact(world, customer, channel="call")
    _contact(world, customer, purpose="marketing")
    plan_gaps(world.context, LATE)
    with world.context.db.read() as session:
        (row,) = session.query(CustomerPlan)
    assert (row.customer_id, row.quarter) == (customer.id, date(2027, 1, 1))
    assert (row.promised, row.promised_by_person, row.promised_non_sales) == (4, 2, 2)
    assert (row.made, row.by_person, row.non_sales) == (3, 1, 2)
    assert other.id != row.customer_id


def test_a_lacking_contact_becomes_one_to_do_of_the_advisor(world: World) -> None:
    _apply(world)
    customer = _customer(world)
    assert plan_gaps(world.context, LATE) == 1
    assert plan_gaps(world.context, LATE) == 0
    (task,) = _tasks(world)
    assert (task.customer_id, task.assignee_id) == (customer.id, world.people.advisor.id)
    assert task.due_at.astimezone(ZoneInfo("Asia/Shanghai")).date() > LATE


def test_the_next_to_do_comes_when_one_is_closed_and_what_was_done_counts(world: World) -> None:
    _apply(world)
    customer = _customer(world)
    plan_gaps(world.context, LATE)
    for expected in (1, 2):
        (todo,) = tasks.list_open(world.context, world.actors["advisor"])
        assert todo.name == "按服务计划联系客户"
        tasks.complete_task(world.context, world.actors["advisor"], todo.id, "reached")
        plan_gaps(world.context, LATE)
        with world.context.db.read() as session:
            assert session.query(CustomerPlan).one().by_person == expected
    _contact(world, customer)
    _contact(world, customer)
    plan_gaps(world.context, LATE)
    assert [one.state for one in _tasks(world) if one.state == "open"] == []


def test_a_contact_that_did_not_come_about_is_asked_for_again(world: World) -> None:
    _apply(world)
    _customer(world)
    plan_gaps(world.context, LATE)
    (todo,) = tasks.list_open(world.context, world.actors["advisor"])
    tasks.complete_task(world.context, world.actors["advisor"], todo.id, tasks.NOT_REACHED)
    assert plan_gaps(world.context, LATE) == 1
    assert sorted(one.state for one in _tasks(world)) == ["dropped", "open"]


def test_without_an_advisor_it_goes_to_the_branch_pool(world: World) -> None:
    _apply(world)
    _customer(world, advised=False)
    plan_gaps(world.context, LATE)
    (task,) = _tasks(world)
    assert (task.assignee_id, task.org_id) == (None, world.tree.outlet.id)


def test_to_dos_are_spread_over_the_workdays_that_are_left(world: World) -> None:
    _apply(world)
    for _ in range(8):
        _customer(world)
    assert plan_gaps(world.context, date(2027, 3, 24)) == 8
    local = [one.due_at.astimezone(ZoneInfo("Asia/Shanghai")) for one in _tasks(world)]
    assert [day.date() for day in local] == [date(2027, 3, day) for day in (25, 25, 26, 26, 29, 29, 30, 31)]
    assert {day.hour for day in local} == {17}


def test_nobody_is_asked_for_everything_on_the_first_day(world: World) -> None:
    _apply(world)
    _customer(world)
    assert plan_gaps(world.context, date(2027, 1, 4)) == 0
    assert plan_gaps(world.context, date(2027, 2, 1)) == 1


def test_who_may_not_be_contacted_gets_no_call_by_plan(world: World) -> None:
    _apply(world)
    customer = _customer(world)
    with world.context.db.write() as session:
        session.add(
            CareRestriction(
                id=new_id(),
                customer_id=customer.id,
                kind="deceased",
                from_on=date(2027, 1, 1),
                purposes=["care"],
                source="bank",
                created_at=world.clock.now(),
            )
        )
    assert plan_gaps(world.context, LATE) == 0


def test_a_quarter_that_is_over_takes_its_to_dos_with_it(world: World) -> None:
    _apply(world)
    _customer(world)
    plan_gaps(world.context, LATE)
    world.clock.move_to(datetime(2027, 4, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai")))
    plan_gaps(world.context, date(2027, 4, 1))
    (task,) = _tasks(world)
    assert (task.state, task.outcome) == ("dropped", "plan_kept_or_over")


def test_gaps_are_listed_within_sight_and_plans_with_their_counts(world: World) -> None:
    _apply(world)
    customer = _customer(world)
    plan_gaps(world.context, LATE)
    (gap,) = list_gaps(world.context, world.actors["supervisor"])
    assert (gap.customer, gap.promised, gap.made) == (customer.external_ref, 4, 0)
    assert list_gaps(world.context, world.actors["other_advisor"]) == []
    (shown,) = show_plans(world.context)
    assert (shown.tier, shown.customers, shown.kept) == ("VIP", 1, 0)


def test_plans_are_replaced_whole(world: World) -> None:
    assert _apply(world) == {"VIP": "created"}
    assert _apply(world) == {"VIP": "unchanged"}
    assert _apply(world, PLAN.replace("contacts: 4", "contacts: 5")) == {"VIP": "changed"}
    assert _apply(world, bundled_plans()) == {"VIP": "changed", "高净值": "created", "普通": "created"}
    assert _apply(world) == {"VIP": "changed", "高净值": "ended", "普通": "ended"}
    with pytest.raises(AccessDenied):
        apply_plans(world.context, world.actors["advisor"], [])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        (PLAN.replace("contacts: 4", "contacts: many"), 4),
        (PLAN.replace("by_person: 2", "by_person: 9"), 5),
        (PLAN.replace("non_sales_percent", "non_sale_percent"), 6),
        (PLAN + PLAN.split("plans:\n")[1], 7),
        ("plans: []", None),
    ],
)
def test_a_faulty_file_is_refused_with_its_line(world: World, text: str, line: int | None) -> None:
    with pytest.raises(InputError) as caught:
        _apply(world, text)
    if line is not None:
        assert caught.value.line == line


def test_quarters_end_with_their_third_month() -> None:
    assert quarter_of(date(2027, 12, 31)) == (date(2027, 10, 1), date(2027, 12, 31))
    assert quarter_of(date(2027, 2, 3)) == (date(2027, 1, 1), date(2027, 3, 31))
    for ahead in range(800):
        day = date(2027, 1, 1) + timedelta(days=ahead)
        first, last = quarter_of(day)
        assert first <= day <= last
        assert quarter_of(last + timedelta(days=1))[0] == last + timedelta(days=1)
