"""A branch with its people, and a clock that can be moved to a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tests.integration.approvals.conftest import branch
from wenhou.core.clock import ShiftedClock

__all__ = ["branch"]


@pytest.fixture
def at_day(clock: ShiftedClock) -> Callable[[date], None]:
    def _move(day: date) -> None:
        clock.move_to(datetime.combine(day, time(9), tzinfo=ZoneInfo("Asia/Shanghai")))

    return _move
