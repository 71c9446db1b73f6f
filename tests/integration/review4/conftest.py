"""A town with two people of compliance, and a desk where templates are written."""

from __future__ import annotations

import pytest

from tests import factories
from tests.integration.planning.town import Town, make_town
from tests.integration.words.desk import Desk, make_desk
from wenhou.core.actors import Role
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context
from wenhou.services.relinting import judge_standing_words


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    town = make_town(context, clock)
    with context.db.write() as session:
        other = factories.make_user(session, "hegui2", "何规", town.tree.head_office, Role.COMPLIANCE)
        town.actors["second"] = factories.actor_for(session, other)
    judge_standing_words(context)
    return town


@pytest.fixture
def desk(town: Town) -> Desk:
    return make_desk(town)
