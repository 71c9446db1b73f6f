"""The worlds of planning, hand-over and hearing, side by side."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.hearing.world import World as Hearing
from tests.integration.hearing.world import make_world
from tests.integration.planning.test_planning import bank
from tests.integration.scheduler.world import World
from wenhou.core.clock import ShiftedClock
from wenhou.services.context import Context

__all__ = ["bank"]


@pytest.fixture
def world(context: Context, clock: ShiftedClock) -> Iterator[World]:
    made = World(context=context, clock=clock)
    yield made
    for dispatcher in made.dispatchers:
        dispatcher.close()


@pytest.fixture
def hearing(context: Context, clock: ShiftedClock) -> Hearing:
    return make_world(context, clock)
