"""`town`: a small bank with a movable clock, an SMS line and no campaigns yet."""

import pytest

from tests.integration.planning.town import Town, make_town
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    return make_town(context, clock)
