"""The hours in which a line takes messages, as the gates are asked at hand-over."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import ZoneInfo

from scheduler.carriers import Carriers
from wenhou.core.policy.rules import Policy
from wenhou.core.policy.windows import LineHours


def with_line_hours(policy: Policy, carriers: Carriers, zone: ZoneInfo) -> Policy:
    """The policy with what the lines of this process say of their hours, wall time of the bank."""
    hours = {
        channel: LineHours(opens=span[0], closes=span[1], zone=zone)
        for channel, sender in carriers.senders.items()
        if (span := sender.capabilities.hours) is not None
    }
    return replace(policy, line_hours=hours) if hours else policy
