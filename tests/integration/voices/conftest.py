"""A bank's people, as actors."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests import factories
from tests.factories import People, Tree
from wenhou.core.actors import Actor
from wenhou.services.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """The tree, its people and the actors they are."""

    tree: Tree
    people: People
    actors: dict[str, Actor]


@pytest.fixture
def staff(context: Context) -> Staff:
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        names = "advisor deputy other_advisor supervisor operations compliance administrator".split()
        actors = {name: factories.actor_for(session, getattr(people, name)) for name in names}
    return Staff(tree=tree, people=people, actors=actors)
