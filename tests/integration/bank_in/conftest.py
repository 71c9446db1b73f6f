"""A branch with its people, one customer with a waiting greeting, and events told in one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from store.models.customers import CareRestriction, Customer
from store.models.messages import Message
from tests import factories
from tests.factories import People, Tree
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.statuses import Status
from wenhou.services.context import Context
from wenhou.services.events import EventsReport, NewEvent, take_in

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = datetime(2027, 1, 30, 8, 0, tzinfo=SHANGHAI)


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    tree: Tree
    people: People
    customer: Customer
    actors: dict[str, Actor]


@pytest.fixture
def branch(context: Context) -> Branch:
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        customer = factories.make_customer(
            session, context.vault, ref="C-1", org=tree.outlet, advisor=people.advisor
        )
        actors = {
            name: factories.actor_for(session, getattr(people, name))
            for name in ("advisor", "supervisor", "operations", "compliance")
        }
    return Branch(tree=tree, people=people, customer=customer, actors=actors)


Tell = Callable[..., EventsReport]


@pytest.fixture
def tell(context: Context, branch: Branch) -> Tell:
    """`tell("loan_overdue")` takes in one event of C-1; further arguments are those of `NewEvent`."""

    def _tell(kind: str, **facts: object) -> EventsReport:
        values: dict[str, object] = {
            "source": "core",
            "source_id": f"{kind}-1",
            "kind": kind,
            "customer": "C-1",
            "happened_at": TODAY,
        }
        return take_in(context, SYSTEM, [NewEvent(**{**values, **facts})])  # type: ignore[arg-type]

    return _tell


@pytest.fixture
def waiting(context: Context, branch: Branch) -> Callable[..., Message]:
    """A message of C-1 that waits; by purpose."""
    made: list[int] = []

    def _waiting(purpose: str = "care", status: Status = Status.SCHEDULED) -> Message:
        made.append(1)
        with context.db.write() as session:
            campaign = factories.make_campaign(session, key=f"{purpose}_{len(made)}", purpose=purpose)
            return factories.make_message(session, context.vault, branch.customer, campaign, status=status)

    return _waiting


def restrictions(context: Context) -> list[CareRestriction]:
    """Every restriction there is."""
    with context.db.read() as session:
        return list(session.scalars(select(CareRestriction).order_by(CareRestriction.id)))


def status_of(context: Context, message: Message) -> tuple[str, str | None]:
    """Where a message stands, and why."""
    with context.db.read() as session:
        found = session.get_one(Message, message.id)
        return found.status, found.reason
