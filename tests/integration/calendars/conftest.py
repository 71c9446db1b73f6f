"""The bank's tree and its people: organisations a calendar file may name, and who may apply one."""

import pytest

from store.database import Database
from tests import factories
from wenhou.core.actors import Actor


@pytest.fixture
def people(database: Database) -> dict[str, Actor]:
    with database.write() as session:
        found = factories.make_people(session, factories.make_tree(session))
        return {
            name: factories.actor_for(session, getattr(found, name)) for name in ("operations", "advisor")
        }
