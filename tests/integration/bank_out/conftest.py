"""`world`: a bank in mid-run."""

import pytest

from tests.integration.bank_out.world import World, make_world
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context


@pytest.fixture
def world(context: Context, clock: ShiftedClock) -> World:
    return make_world(context, clock)
