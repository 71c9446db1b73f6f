"""The fixture of every test of lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.scheduler.world import World
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context


@pytest.fixture
def world(context: Context, clock: ShiftedClock) -> Iterator[World]:
    made = World(context=context, clock=clock)
    yield made
    for dispatcher in made.dispatchers:
        dispatcher.close()
