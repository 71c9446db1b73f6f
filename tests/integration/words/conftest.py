"""`town` with a movable clock, and a `desk` where templates are written and decided on."""

import pytest

from tests.integration.planning.town import Town, make_town
from tests.integration.words.desk import Desk, make_desk
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    return make_town(context, clock)


@pytest.fixture
def desk(town: Town) -> Desk:
    return make_desk(town)
