"""What planning came to, occurrence by occurrence: the counts add up to the audience."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from wenhou.core.statuses import Status


@dataclass(slots=True, kw_only=True)
class OccurrencePlan:
    """What planning one step of a campaign for one day came to; the counts add up to the audience.

    `skipped_tasks`: of a step for people, whom it skipped without an advisor (they have no row to be counted by).
    `tasks`: steps given to a person. `new`, `new_tasks`: rows that were not there before.
    """

    campaign: str
    on_day: date
    step: str = ""
    audience: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    skipped_tasks: Counter[str] = field(default_factory=Counter)
    tasks: int = 0
    new: int = 0
    new_tasks: int = 0

    @property
    def going(self) -> int:
        """Messages of this run that wait to leave or left."""
        return sum(self.statuses.values())

    def copy_from(self, other: OccurrencePlan) -> None:
        """Take over another one's counts."""
        for name in ("statuses", "skipped", "skipped_tasks"):
            setattr(self, name, getattr(other, name).copy())
        for name in ("audience", "tasks", "new", "new_tasks"):
            setattr(self, name, getattr(other, name))

    def as_json(self) -> dict[str, Any]:
        """The contract's shape (DESIGN §15); `other` holds messages that went further than planning."""
        other = {
            status: amount
            for status, amount in sorted(self.statuses.items())
            if status not in (Status.PROPOSED, Status.SCHEDULED)
        }
        return {
            "campaign": self.campaign,
            "key": self.on_day.isoformat(),
            "step": self.step,
            "audience": self.audience,
            "proposed": self.statuses[Status.PROPOSED],
            "scheduled": self.statuses[Status.SCHEDULED],
            "skipped": dict(sorted(self.skipped.items())),
            "tasks": self.tasks,
            "other": other,
            "new": self.new,
            **(
                {"skipped_without_advisor": dict(sorted(self.skipped_tasks.items()))}
                if self.skipped_tasks
                else {}
            ),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReport:
    """Every occurrence that was planned. `failed`: (campaign, day) that could not be; the log says why."""

    occurrences: tuple[OccurrencePlan, ...]
    failed: tuple[tuple[str, date], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The JSON of `wenhou plan`."""
        return {"occurrences": [occurrence.as_json() for occurrence in self.occurrences]}
