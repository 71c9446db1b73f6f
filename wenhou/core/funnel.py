"""The funnel of a run: in which box each customer of the audience ends, by the first gate that said no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from wenhou.core.statuses import PENDING, Status

BOXES: dict[str, tuple[str, str]] = {
    "restricted": ("按规定暂不联系或数据未到", "Not to be contacted, or data is late"),
    "set_aside": ("条件未到、对照组或当天有更重要的一条", "Condition, holdout or a more important message"),
    "unreachable": ("渠道联系不上", "Not reachable"),
    "no_consent": ("没有同意", "No consent"),
    "suppressed": ("免打扰名单", "Suppressed"),
    "open_case": ("投诉未结或刚结", "A complaint is open or just closed"),
    "words": ("内容不能发", "The words may not go"),
    "caps": ("频次、配比或额度已到", "Caps, care ratio or quota"),
    "window": ("没有可发送时段", "No window in time"),
    "other": ("其他原因", "Another reason"),
    "task": ("交由人来做", "Given to a person"),
    "planned": ("已排期", "Planned"),
}
"""In the order of the gates; the names in Chinese and English."""

_REASONS: dict[str, tuple[str, ...]] = {
    "restricted": (
        "customer_inactive",
        "care_restricted",
        "feed_late",
        "number_unverified",
        "minor",
        "guardian_missing",
    ),
    "set_aside": (
        "not_in_audience",
        "condition_not_met",
        "condition_unknown",
        "holdout",
        "more_important_message",
        "greeted_this_birth_year",
        "already_greeted",
    ),
    "unreachable": ("no_reachable_channel", "platform_forbids"),
    "no_consent": ("no_consent", "consent_withdrawn"),
    "suppressed": ("suppressed",),
    "open_case": ("open_case", "case_rest"),
    "words": (
        "placeholder_missing",
        "content_blocked",
        "shared_address",
        "article_withdrawn",
        "product_not_on_sale",
        "product_too_risky",
        "not_assessed",
        "assessment_expired",
        "too_risky_for_age",
    ),
    "caps": ("cap_reached", "address_cap_reached", "campaign_limit", "care_ratio", "quota_exhausted"),
    "window": (
        "outside_window",
        "blackout",
        "crowded_minute",
        "mourning",
        "wave_waiting",
        "no_slot",
        "too_late",
    ),
}
BOX_OF: dict[str, str] = {reason: box for box, reasons in _REASONS.items() for reason in reasons}
"""Reason → box."""
HELD = ("open_case", "feed_late")
"""Reasons for which a message that waits has no instant: it waits for an event, in the box of that gate."""
STOPPED = frozenset({Status.SKIPPED, Status.CANCELLED})
"""Statuses whose reason names the gate; whoever was rejected or expired had been planned."""


def box_of(status: str, reason: str | None) -> str:
    """The box of a message or, with the status `task`, of a step given to a person."""
    if status == "task":
        return "task"
    if status in STOPPED:
        return BOX_OF.get(reason or "", "other" if status == Status.SKIPPED else "planned")
    if status in PENDING and reason in HELD:
        return BOX_OF[reason or ""]
    return "planned"


@dataclass(slots=True, kw_only=True)
class Funnel:
    """Customers by box, those with an advisor (有管户) and those of a branch pool (无管户) apart."""

    with_advisor: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BOXES, 0))
    without_advisor: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BOXES, 0))

    def count(self, box: str, amount: int = 1, *, has_advisor: bool) -> None:
        """Put customers into a box."""
        (self.with_advisor if has_advisor else self.without_advisor)[box] += amount

    @property
    def boxes(self) -> Mapping[str, int]:
        """All customers by box."""
        return {box: self.with_advisor[box] + self.without_advisor[box] for box in BOXES}

    @property
    def audience(self) -> int:
        """Everybody: the sum of the boxes."""
        return sum(self.boxes.values())

    def left_after(self) -> dict[str, int]:
        """How many are still in after each box has taken its own."""
        left, found = self.audience, {}
        for box, amount in self.boxes.items():
            if box not in ("task", "planned"):
                left -= amount
                found[box] = left
        return found

    def as_json(self) -> dict[str, Any]:
        """Counts that add up: audience = the sum of all boxes = with + without an advisor."""
        boxes, left = self.boxes, self.left_after()
        return {
            "audience": self.audience,
            "with_advisor": sum(self.with_advisor.values()),
            "without_advisor": sum(self.without_advisor.values()),
            "boxes": [
                {
                    "box": box,
                    "name": BOXES[box][0],
                    "name_en": BOXES[box][1],
                    "customers": boxes[box],
                    "with_advisor": self.with_advisor[box],
                    "without_advisor": self.without_advisor[box],
                    "left": left.get(box),
                }
                for box in BOXES
            ],
        }
