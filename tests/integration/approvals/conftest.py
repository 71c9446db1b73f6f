"""A branch with its people, a customer and a waiting message."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from store.models.customers import Customer
from store.models.messages import Message
from tests import factories
from tests.factories import People, Tree
from wenhou.core.actors import Actor
from wenhou.services.context import Context


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
            session, context.vault, org=tree.outlet, advisor=people.advisor, deputy=people.deputy
        )
        actors = {
            name: factories.actor_for(session, getattr(people, name))
            for name in (
                "advisor deputy other_advisor supervisor operations compliance administrator".split()
            )
        }
    return Branch(tree=tree, people=people, customer=customer, actors=actors)


@pytest.fixture
def propose(context: Context, branch: Branch) -> Callable[..., Message]:
    made: list[int] = []

    def _propose(*, level: int = 1, text: str = "【江城银行】王女士，生日快乐！拒收请回复R") -> Message:
        with context.db.write() as session:
            campaign = factories.make_campaign(session, key=f"birthday_{len(made)}")
            made.append(1)
            return factories.make_message(
                session, context.vault, branch.customer, campaign, level=level, text=text
            )

    return _propose
