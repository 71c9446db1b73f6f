"""What a forecast comes to: counted as it is foreseen; a list of lines no longer than was asked for."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from scheduler.plan_report import OccurrencePlan
from wenhou.core.funnel import Funnel, box_of
from wenhou.core.statuses import PENDING, Status

COLLISIONS = (
    "more_important_message",
    "greeted_this_birth_year",
    "cap_reached",
    "address_cap_reached",
    "campaign_limit",
    "care_ratio",
    "quota_exhausted",
)
"""Reasons by which messages stand in each other's way."""
_EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One message or task to be. `status` is a message's, or `task`. `after_answers`: only if an answer comes or not."""

    customer: str
    campaign: str
    step: str
    on: date
    due_at: datetime
    channel: str | None
    status: str
    reason: str | None
    advisor: str | None
    is_first_step: bool = True
    after_answers: bool = False
    stands: bool = False

    @property
    def goes(self) -> bool:
        """Whether something reaches the customer: a message that is not stopped, or a person."""
        return self.status == "task" or self.status not in (
            Status.SKIPPED,
            Status.REJECTED,
            Status.CANCELLED,
            Status.EXPIRED,
        )

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return {
            "customer": self.customer,
            "campaign": self.campaign,
            "step": self.step,
            "on": self.on.isoformat(),
            "due_at": self.due_at.isoformat(),
            "channel": self.channel,
            "status": self.status,
            "reason": self.reason,
            "advisor": self.advisor,
            "after_answers": self.after_answers,
            "stands": self.stands,
        }


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts by campaign, day and step, by day, by advisor, and what collides. `limit`: lines that are kept.

    `plans`: what the planner itself counted, given where nobody is out of sight.
    """

    limit: int
    lines: list[Line] = field(default_factory=list)
    left_out: int = 0
    parts: dict[tuple[str, date, str], Counter[tuple[str, str | None]]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    days: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    channels: dict[date, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    advisors: dict[str | None, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    collisions: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))
    collided: Counter[tuple[str, str]] = field(default_factory=Counter)
    funnels: dict[str, Funnel] = field(default_factory=lambda: defaultdict(Funnel))
    after_answers: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    plans: list[OccurrencePlan] = field(default_factory=list)

    def add(self, line: Line) -> None:
        """Count a line."""
        part = (line.campaign, line.on, line.step)
        self.parts[part][line.status, line.reason] += 1
        self._count(line)
        if line.after_answers and line.goes:
            self.after_answers[part] += 1
        if line.reason in COLLISIONS and not line.goes:
            self.collide(line.reason, line.campaign, line.customer)
        if line.is_first_step:
            box = box_of(line.status, line.reason)
            self.funnels[line.campaign].count(box, has_advisor=line.advisor is not None)
        if len(self.lines) < self.limit:
            self.lines.append(line)
        else:
            self.left_out += 1

    def collide(self, reason: str, campaign: str, ref: str) -> None:
        """Two things in each other's way, with an example or two."""
        self.collided[reason, campaign] += 1
        examples = self.collisions[reason, campaign]
        if len(examples) < _EXAMPLES and ref not in examples:
            examples.append(ref)

    def _count(self, line: Line) -> None:
        if not line.goes:
            return
        kind = "tasks" if line.status == "task" else "messages"
        self.days[line.on][kind] += 1
        self.advisors[line.advisor][kind] += 1
        if line.channel is not None:
            self.channels[line.on][line.channel] += 1

    def occurrences(self) -> list[dict[str, Any]]:
        """The shape of `wenhou plan`, and the planner's own words (`plans`) where everybody is in sight."""
        own = [
            {**plan.as_json(), "after_answers": self.after_answers[plan.campaign, plan.on_day, plan.step]}
            for plan in self.plans
            if plan.audience
        ]
        said = {(plan.campaign, plan.on_day, plan.step) for plan in self.plans if plan.audience}
        counted = [
            _occurrence(campaign, on, step, counts, self.after_answers[campaign, on, step])
            for (campaign, on, step), counts in sorted(
                self.parts.items(), key=lambda item: (item[0][1], item[0])
            )
            if sum(counts.values()) and (campaign, on, step) not in said
        ]
        return sorted(own + counted, key=lambda one: (one["key"], one["campaign"], one["step"]))

    def as_json(self) -> dict[str, Any]:
        """Everything counted."""
        return {
            "occurrences": self.occurrences(),
            "days": [
                {
                    "on": on.isoformat(),
                    "messages": counts["messages"],
                    "tasks": counts["tasks"],
                    "channels": {name: n for name, n in sorted(self.channels[on].items()) if n},
                }
                for on, counts in sorted(self.days.items())
            ],
            "advisors": [
                {"advisor": login, "messages": counts["messages"], "tasks": counts["tasks"]}
                for login, counts in sorted(self.advisors.items(), key=lambda item: item[0] or "")
            ],
            "collisions": [
                {
                    "reason": reason,
                    "campaign": campaign,
                    "count": amount,
                    "examples": self.collisions[reason, campaign],
                }
                for (reason, campaign), amount in sorted(self.collided.items())
            ],
            "funnels": {campaign: funnel.as_json() for campaign, funnel in sorted(self.funnels.items())},
            "messages": [line.as_json() for line in self.lines],
            "messages_left_out": self.left_out,
        }


def _occurrence(
    campaign: str, on: date, step: str, counts: Counter[tuple[str, str | None]], after_answers: int
) -> dict[str, Any]:
    statuses: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for (status, reason), amount in counts.items():
        statuses[status] += amount
        if status == Status.SKIPPED:
            skipped[reason or "other"] += amount
    known = {*PENDING, Status.SKIPPED, "task"}
    return {
        "campaign": campaign,
        "key": on.isoformat(),
        "step": step,
        "audience": sum(counts.values()),
        "proposed": statuses[Status.PROPOSED],
        "scheduled": statuses[Status.SCHEDULED],
        "skipped": {reason: n for reason, n in sorted(skipped.items()) if n},
        "tasks": statuses["task"],
        "other": {status: n for status, n in sorted(statuses.items()) if n and status not in known},
        "after_answers": after_answers,
    }
