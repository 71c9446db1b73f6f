"""Who sees what: one small bank, one question a test."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from store import access
from store.database import Database
from store.models.customers import CareRestriction, Customer, CustomerKey
from store.models.hearing import Case, Conversation, Task
from store.models.messages import Message
from store.vault import Vault
from tests.factories import (
    AT,
    People,
    Tree,
    make_campaign,
    make_customer,
    make_message,
    make_org,
    make_people,
    make_tree,
)
from tests.factories import actor_for as make_actor
from wenhou.core.actors import CUSTOMER, SYSTEM, Actor
from wenhou.core.errors import AccessDenied


@dataclass
class World:
    database: Database
    vault: Vault
    tree: Tree
    people: People
    own: Customer
    others: Customer
    pool: Customer
    homeless: Customer
    messages: dict[str, Message]

    def actor(self, who: str, *, covers: str | None = None) -> Actor:
        absent = frozenset({getattr(self.people, covers).id}) if covers else frozenset()
        with self.database.read() as session:
            return make_actor(session, getattr(self.people, who), covers=absent)

    def seen(self, actor: Actor) -> set[str]:
        with self.database.read() as session:
            return {customer.external_ref for customer in access.list_customers(session, actor)}


@pytest.fixture
def world(database: Database, vault: Vault) -> World:
    with database.write() as session:
        tree = make_tree(session)
        people = make_people(session, tree)
        tree.outlet.pool_approver_id = people.deputy.id
        own = make_customer(session, vault, ref="OWN", org=tree.outlet, advisor=people.advisor, name="王芳")
        others = make_customer(
            session, vault, ref="YC", org=tree.other_branch, advisor=people.other_advisor, name="赵云"
        )
        pool = make_customer(session, vault, ref="POOL", org=tree.outlet, name="孙丽")
        homeless = make_customer(session, vault, ref="NO-ORG", name="钱多")
        campaign = make_campaign(session)
        messages = {
            customer.external_ref: make_message(
                session, vault, customer, campaign, text=f"问候 {customer.name}"
            )
            for customer in (own, others, pool)
        }
    return World(database, vault, tree, people, own, others, pool, homeless, messages)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("advisor", {"OWN"}),
        ("deputy", {"POOL"}),
        ("other_advisor", {"YC"}),
        ("supervisor", {"OWN", "POOL"}),
        ("operations", {"OWN", "YC", "POOL", "NO-ORG"}),
        ("compliance", {"OWN", "YC", "POOL", "NO-ORG"}),
    ],
)
def test_each_role_sees_its_customers_and_no_others(world: World, who: str, sees: set[str]) -> None:
    assert world.seen(world.actor(who)) == sees


def test_an_administrator_sees_no_customer(world: World) -> None:
    with pytest.raises(AccessDenied):
        world.seen(world.actor("administrator"))


def test_a_customer_or_a_provider_loads_nothing_and_the_system_everything(world: World) -> None:
    with pytest.raises(AccessDenied):
        world.seen(CUSTOMER)
    assert world.seen(SYSTEM) == {"OWN", "YC", "POOL", "NO-ORG"}


def test_out_of_sight_looks_like_not_there(world: World) -> None:
    said = []
    with world.database.read() as session:
        for ref in ("YC", "NOBODY"):
            with pytest.raises(AccessDenied) as refused:
                access.get_customer(session, world.actor("advisor"), ref)
            said.append(str(refused.value).replace(ref, "…"))
    assert said[0] == said[1]


def test_who_covers_an_absent_advisor_sees_their_customers_and_queue(world: World) -> None:
    cover = world.actor("other_advisor", covers="advisor")
    assert world.seen(cover) == {"OWN", "YC"}
    with world.database.read() as session:
        waiting = {customer.external_ref for _, customer in access.list_queue(session, cover)}
    assert waiting == {"OWN", "YC"}


def test_the_deputy_sees_the_customer_but_the_approval_lies_on_one_desk(world: World) -> None:
    with world.database.write() as session:
        session.get_one(Customer, world.own.id).deputy_advisor_id = world.people.deputy.id
    deputy = world.actor("deputy")
    assert world.seen(deputy) == {"OWN", "POOL"}
    with world.database.read() as session:
        assert {customer.external_ref for _, customer in access.list_queue(session, deputy)} == {"POOL"}
        assert access.get_message(session, deputy, world.messages["OWN"].id).status == "proposed"


def test_a_task_opens_the_customer_to_whom_it_was_given_until_it_is_done(world: World) -> None:
    helper = world.actor("other_advisor")
    with world.database.write() as session:
        task = Task(
            kind="call_back",
            dedupe_key="t1",
            customer_id=world.own.id,
            assignee_id=helper.user_id,
            org_id=world.tree.outlet.id,
            due_at=AT,
            created_at=AT,
        )
        session.add(task)
    assert "OWN" in world.seen(helper)
    with world.database.write() as session:
        assert [found.id for found in access.list_tasks(session, helper)] == [task.id]
        session.get_one(Task, task.id).state = "done"
    assert "OWN" not in world.seen(helper)


def test_a_branch_code_that_begins_like_another_is_another_branch(world: World) -> None:
    with world.database.write() as session:
        neighbour = make_org(session, "WH1", "武昌分行", "branch", world.tree.head_office)
        lower = make_org(session, "wh", "同名小写", "branch", world.tree.head_office)
        make_customer(session, world.vault, ref="NEXT", org=neighbour)
        make_customer(session, world.vault, ref="LOWER", org=lower)
    assert world.seen(world.actor("supervisor")) == {"OWN", "POOL"}


def test_messages_follow_their_customers(world: World) -> None:
    with world.database.read() as session:
        advisor = world.actor("advisor")
        assert access.find_message(session, advisor, world.messages["OWN"].id) is not None
        assert access.find_message(session, advisor, world.messages["YC"].id) is None
        with pytest.raises(AccessDenied):
            access.get_message(session, advisor, world.messages["YC"].id)
        assert [found.id for found in access.list_messages(session, advisor)] == [world.messages["OWN"].id]


def test_the_queue_is_paged_by_key_without_gaps_or_repeats(world: World) -> None:
    with world.database.write() as session:
        campaign = make_campaign(session, "festival")
        for number in range(7):
            due = AT + timedelta(minutes=number // 3)
            make_message(session, world.vault, world.own, campaign, due_at=due)
    found, after = [], None
    advisor = world.actor("advisor")
    with world.database.read() as session:
        while rows := access.list_queue(session, advisor, campaign="festival", after=after, limit=2):
            found += [(message.due_at, message.id) for message, _ in rows]
            after = found[-1]
    assert len(found) == 7
    assert found == sorted(set(found))


def test_other_lists_are_paged_by_key_too(world: World) -> None:
    everything = world.actor("operations")
    with world.database.read() as session:
        names, after = [], None
        while page := access.list_customers(session, everything, after=after, limit=3):
            names += [row.external_ref for row in page]
            after = (page[-1].name, page[-1].id)
        assert sorted(names) == ["NO-ORG", "OWN", "POOL", "YC"]
        first = access.list_messages(session, everything, limit=2)
        second = access.list_messages(session, everything, before=first[-1].id)
        assert len({*(row.id for row in first), *(row.id for row in second)}) == 3


def test_contents_open_in_the_plans_order_and_are_empty_once_erased(world: World) -> None:
    with world.database.read() as session:
        opened = access.open_contents(session, world.vault, world.messages["OWN"].id)
    assert [(content.channel, content.text) for content in opened] == [("sms", "问候 王芳")]
    with world.database.write() as session:
        session.get_one(CustomerKey, world.own.id).wrapped = None
    with world.database.read() as session:
        assert access.open_contents(session, world.vault, world.messages["OWN"].id) == []


def test_addresses_and_last_four_digits_stay_inside_the_callers_sight(world: World) -> None:
    with world.database.read() as session:
        own = access.list_addresses(session, world.vault, world.actor("advisor"), world.own.id)
        phone = next(found.address for found in own if found.channel == "sms")
        for who, count in (("advisor", 1), ("other_advisor", 0)):
            found = access.list_by_last_four(session, world.vault, world.actor(who), phone[-4:])
            assert len(found) == count
        with pytest.raises(AccessDenied):
            access.list_addresses(session, world.vault, world.actor("other_advisor"), world.own.id)


def test_only_compliance_learns_more_of_a_confidential_restriction_than_that_it_is_there(
    world: World,
) -> None:
    with world.database.write() as session:
        for kind, visibility in (("anti_money_laundering", "confidential"), ("overdue", "open")):
            session.add(
                CareRestriction(
                    customer_id=world.own.id,
                    kind=kind,
                    visibility=visibility,
                    from_on=date(2027, 1, 1),
                    purposes=["care"],
                    source="file",
                    created_at=AT,
                )
            )
    today = date(2027, 1, 30)
    with world.database.read() as session:
        for who in ("advisor", "supervisor", "operations"):
            shown = access.list_restrictions(session, world.actor(who), world.own.id, today)
            # Last, though it came first: its place among them would tell of it too.
            assert [row.kind for row in shown] == ["overdue", None]
            assert shown[1] == access.Restriction(kind=None, confidential=True)
        known = access.list_restrictions(session, world.actor("compliance"), world.own.id, today)
        assert [row.kind for row in known] == ["anti_money_laundering", "overdue"]


def test_a_complaint_is_not_shown_to_whom_it_is_about(world: World) -> None:
    with world.database.write() as session:
        case = Case(
            number="TS-1",
            customer_id=world.own.id,
            kind="complaint",
            org_id=world.tree.outlet.id,
            assignee_id=world.people.supervisor.id,
            about_user_id=world.people.advisor.id,
            opened_at=AT,
            first_answer_due_at=AT,
            solution_due_at=AT,
            regulator_due_on=date(2027, 2, 14),
        )
        session.add(case)
    with world.database.read() as session:
        assert access.find_case(session, world.actor("advisor"), "TS-1") is None
        assert access.list_cases(session, world.actor("advisor")) == []
        assert access.get_case(session, world.actor("supervisor"), case.id).number == "TS-1"
        assert [found.id for found in access.list_cases(session, world.actor("compliance"))] == [case.id]


def test_a_thread_of_nobody_is_seen_by_its_part_of_the_tree_and_its_pool(world: World) -> None:
    with world.database.write() as session:
        thread = Conversation(org_id=world.tree.outlet.id, last_entry_at=AT, created_at=AT)
        session.add(thread)
    with world.database.read() as session:
        sees = {
            who: access.find_conversation(session, world.actor(who), thread.id) is not None
            for who in ("advisor", "deputy", "supervisor", "operations", "other_advisor")
        }
        assert [found.id for found in access.list_conversations(session, world.actor("deputy"))] == [
            thread.id
        ]
    assert sees == {
        "advisor": False,
        "deputy": True,
        "supervisor": True,
        "operations": True,
        "other_advisor": False,
    }
