from datetime import timedelta

import pytest

from store.access import list_queue
from store.models.customers import Customer
from store.models.hearing import Task
from store.models.messages import ContactLedger, Message
from store.models.organisation import Delegation, Org, User
from store.models.records import StaffNotice
from store.pools import orgs_in_nobodys_hands, people_for
from store.users import load_actor
from tests import factories
from tests.integration.bank_out.world import World
from wenhou.core.actors import Role
from wenhou.core.ids import new_id
from wenhou.services import approvals, tasks
from wenhou.services.pools import watch_queues


def _proposed(world: World, *, advised: bool, hours: float = 3) -> Message:
    with world.context.db.write() as session:
        advisor = world.people.advisor if advised else None
        customer = factories.make_customer(
            session, world.context.vault, org=world.tree.outlet, advisor=advisor
        )
        campaign = factories.make_campaign(session, key=f"c_{new_id().hex[-8:]}")
        message = factories.make_message(session, world.context.vault, customer, campaign)
        message.expires_at = world.clock.now() + timedelta(hours=hours)
        return message


def _approver(world: World, org: Org, user: User) -> None:
    with world.context.db.write() as session:
        session.get_one(Org, org.id).pool_approver_id = user.id


def _absent(world: World, user: User, deputy: User) -> None:
    now = world.clock.now()
    with world.context.db.write() as session:
        session.add(
            Delegation(
                id=new_id(),
                absent_id=user.id,
                deputy_id=deputy.id,
                starts_at=now - timedelta(days=1),
                ends_at=now + timedelta(days=1),
                reason="leave",
            )
        )


def _leave(world: World, *users: User) -> None:
    with world.context.db.write() as session:
        for one in users:
            session.get_one(User, one.id).is_active = False


def _told(world: World) -> list[tuple[str | None, int]]:
    with world.context.db.read() as session:
        rows = session.query(StaffNotice).filter_by(kind="queue_expiring").order_by(StaffNotice.id)
        return [
            (session.get_one(User, row.user_id).login if row.user_id else None, row.body["stage"])
            for row in rows
        ]


def _supervisor(world: World, login: str, org: Org) -> User:
    with world.context.db.write() as session:
        return factories.make_user(session, login, login, org, Role.SUPERVISOR)


def test_a_pool_customers_message_waits_with_the_pools_approver_who_may_approve_it(world: World) -> None:
    _approver(world, world.tree.outlet, world.people.deputy)
    message = _proposed(world, advised=False)
    with world.context.db.read() as session:
        approver = load_actor(session, world.people.deputy, world.clock.now())
        assert [row.id for row, _ in list_queue(session, approver)] == [message.id]
        assert list_queue(session, world.actors["advisor"]) == []
    approvals.approve(world.context, approver, message.id, message.content_hash or b"")
    with world.context.db.read() as session:
        assert session.get_one(Message, message.id).status == "scheduled"


def test_who_covers_for_the_pools_approver_gets_the_pools_work(world: World) -> None:
    _approver(world, world.tree.outlet, world.people.deputy)
    _absent(world, world.people.deputy, world.people.advisor)
    message = _proposed(world, advised=False)
    with world.context.db.read() as session:
        cover = load_actor(session, world.people.advisor, world.clock.now())
        assert [row.id for row, _ in list_queue(session, cover)] == [message.id]
    watch_queues(world.context)
    assert _told(world) == [("liwei", 1)]


def test_an_absent_advisors_work_lies_with_the_deputy_who_is_warned(world: World) -> None:
    _absent(world, world.people.advisor, world.people.deputy)
    message = _proposed(world, advised=True)
    with world.context.db.read() as session:
        cover = load_actor(session, world.people.deputy, world.clock.now())
        assert [row.id for row, _ in list_queue(session, cover)] == [message.id]
    watch_queues(world.context)
    assert _told(world) == [("chenjing", 1)]


def test_the_warning_climbs_the_tree_as_the_end_comes_near(world: World) -> None:
    _supervisor(world, "outlet_boss", world.tree.outlet)
    _proposed(world, advised=True, hours=5)
    assert watch_queues(world.context) == 0
    for minutes in (61, 121, 60):
        world.clock.advance(timedelta(minutes=minutes))
        assert watch_queues(world.context) == 1
        assert watch_queues(world.context) == 0
    assert _told(world) == [("liwei", 1), ("outlet_boss", 2), ("zhangmin", 3)]


def test_without_an_approver_the_nearest_active_supervisor_above_is_told(world: World) -> None:
    near = _supervisor(world, "sub_boss", world.tree.sub_branch)
    _proposed(world, advised=False)
    with world.context.db.read() as session:
        people = people_for(session, None, world.tree.outlet.id, world.clock.now())
        assert [one.login for one in people] == ["sub_boss", "zhangmin"]
    _leave(world, near)
    watch_queues(world.context)
    assert _told(world) == [("zhangmin", 1)]


def test_where_nobody_is_left_in_the_bank_operations_is_told(world: World) -> None:
    _leave(world, world.people.advisor, world.people.supervisor)
    _proposed(world, advised=True, hours=0.5)
    watch_queues(world.context)
    assert _told(world) == [(None, 1)]
    with world.context.db.read() as session:
        assert world.tree.outlet.code in {
            org.code for org in orgs_in_nobodys_hands(session, world.clock.now())
        }


def test_an_absent_supervisor_is_told_after_one_who_is_at_work(world: World) -> None:
    near = _supervisor(world, "outlet_boss", world.tree.outlet)
    _absent(world, near, world.people.deputy)
    with world.context.db.read() as session:
        people = people_for(session, None, world.tree.outlet.id, world.clock.now())
    assert [one.login for one in people] == ["zhangmin", "outlet_boss"]


def test_to_dos_that_fall_due_are_warned_of_as_well(world: World) -> None:
    _approver(world, world.tree.outlet, world.people.deputy)
    with world.context.db.write() as session:
        customer = factories.make_customer(session, world.context.vault, org=world.tree.outlet)
        session.add(_task(world, customer, None, 3))
    watch_queues(world.context)
    assert _told(world) == [("chenjing", 1)]


def _task(world: World, customer: Customer, assignee: User | None, hours: int) -> Task:
    now = world.clock.now()
    return Task(
        id=new_id(),
        kind="call",
        dedupe_key=f"task:{customer.id}",
        customer_id=customer.id,
        org_id=world.tree.outlet.id,
        assignee_id=assignee.id if assignee else None,
        due_at=now + timedelta(hours=hours),
        created_at=now,
    )


def test_a_steps_call_that_was_made_counts_as_a_contact(world: World) -> None:
    with world.context.db.write() as session:
        customer = factories.make_customer(
            session, world.context.vault, org=world.tree.outlet, advisor=world.people.advisor
        )
        task = _task(world, customer, world.people.advisor, 3)
        session.add(task)
    tasks.complete_task(world.context, world.actors["advisor"], task.id, "reached", "聊得愉快")
    with world.context.db.read() as session:
        (row,) = session.query(ContactLedger)
        assert (row.customer_id, row.purpose, row.channel, row.state) == (
            customer.id,
            "care",
            "call",
            "committed",
        )
        assert session.get_one(Customer, customer.id).last_contact_at == world.clock.now()


@pytest.mark.parametrize("kind", ["call", "visit"])
def test_a_call_that_did_not_come_about_is_no_contact_and_leaves_the_text_its_turn(
    world: World, kind: str
) -> None:
    with world.context.db.write() as session:
        customer = factories.make_customer(
            session, world.context.vault, org=world.tree.outlet, advisor=world.people.advisor
        )
        task = _task(world, customer, world.people.advisor, 3)
        task.kind = kind
        session.add(task)
    tasks.complete_task(world.context, world.actors["advisor"], task.id, tasks.NOT_REACHED)
    with world.context.db.read() as session:
        assert session.query(ContactLedger).count() == 0
        assert session.get_one(Task, task.id).state == "dropped"
