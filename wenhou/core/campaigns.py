"""A campaign as a value: what triggers it, whom it speaks to, by which channels, under whose approval (DESIGN §9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from wenhou.core.audience import EVERYBODY, Rule
from wenhou.core.purposes import Purpose

EVENT_KINDS = (
    "account_opened",
    "loan_granted",
    "product_bought",
    "product_matured",
    "branch_visit",
    "case_closed",
)
DATE_KINDS = ("birthday", "account_opening", "deposit_maturity", "school_start")


class Approval(StrEnum):
    """Who must agree before a message may leave."""

    NONE = "none"
    ADVISOR = "advisor"
    TWO_PERSONS = "two_persons"

    @property
    def level(self) -> int:
        """How many people."""
        return {"none": 0, "advisor": 1, "two_persons": 2}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class FestivalTrigger:
    """On a festival, or some days before it."""

    festival: str
    days_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDateTrigger:
    """On a day of the customer's own life, solar or lunar, or some days before it."""

    kind: str
    days_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessEventTrigger:
    """Some workdays after something happened at the bank (0: the day itself)."""

    event: str
    workdays_after: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleTrigger:
    """When a reviewed article comes into force, to customers whose interests meet its topics."""

    topics: tuple[str, ...] = ()


Trigger = FestivalTrigger | PersonalDateTrigger | BusinessEventTrigger | ArticleTrigger
_IMPORTANCE = {PersonalDateTrigger: 10, FestivalTrigger: 20, BusinessEventTrigger: 5, ArticleTrigger: 40}


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign, checked. Times are the bank's local time.

    `send_at`: when messages fall due on their day; `until`: after it they expire, the same day or `valid_days` later.
    `plan_ahead_workdays`: how long before their day messages are proposed, so that somebody can read them.
    `importance`: of two promotional messages on one day the lower number goes.
    """

    key: str
    name_zh: str
    name_en: str
    purpose: Purpose
    trigger: Trigger
    template: str
    channels: tuple[str, ...]
    audience: Rule = EVERYBODY
    approval: Approval = Approval.ADVISOR
    send_at: time = time(9, 30)
    until: time = time(20, 0)
    valid_days: int = 0
    plan_ahead_workdays: int = 3
    asks: str | None = None
    priority: int | None = None

    @property
    def importance(self) -> int:
        """Lower goes first."""
        return self.priority if self.priority is not None else _IMPORTANCE[type(self.trigger)]
