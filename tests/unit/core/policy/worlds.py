"""Facts of a customer to whom everything may go, to be spoilt one at a time."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wenhou.core.policy.facts import Facts, Route
from wenhou.core.purposes import Purpose

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2027, 1, 30, 4, 0, tzinfo=UTC)
"""12:00 in Shanghai, inside every default window."""
POINT = uuid.UUID(int=1)


def route(channel: str = "sms", **known: Any) -> Route:
    """A route that may be taken."""
    sound = Route(channel=channel, contact_point_id=POINT, reachable=True, consent="granted")
    return replace(sound, **known)


def facts(**known: Any) -> Facts:
    """Facts that pass every gate at NOON, changed as told."""
    sound = Facts(
        purpose=Purpose.CARE,
        zone=SHANGHAI,
        routes=(route(),),
        planned_at=NOON,
        expires_at=NOON + timedelta(days=1),
        non_sales_before=9,
    )
    return replace(sound, **known)
