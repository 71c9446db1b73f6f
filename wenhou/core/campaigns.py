"""A campaign as a value: what triggers it, whom it speaks to, in which steps, under whose approval (DESIGN §9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from enum import StrEnum

from wenhou.core.audience import EVERYBODY, AllOf, Condition, Rule
from wenhou.core.opinions import Opinion
from wenhou.core.purposes import Purpose

EVENT_KINDS = (
    "account_opened",
    "loan_granted",
    "loan_progress",
    "product_bought",
    "product_matured",
    "branch_visit",
    "service_done",
    "case_closed",
    "contact_added",
)
"""What happens at the bank and starts words. Risk events (`wenhou.core.risk`) start none: they stop them."""
CARD_ASKED = "advice_card"
OWN_EVENT_KINDS = (CARD_ASKED,)
"""What happens in Wenhou itself and starts words: an advisor asked for a card to be sent. Never taken in from outside."""

DATE_KINDS = ("birthday", "account_opening", "deposit_maturity", "school_start")
TASK_KINDS = ("call", "visit", "card", "gift")


class Approval(StrEnum):
    """Who must agree before a message may leave.

    `by_risk`: nobody for fixed service words, the advisor for all else, two persons where the words name a product,
    a rate or an amount. Risky words raise every level to two persons.
    """

    NONE = "none"
    ADVISOR = "advisor"
    TWO_PERSONS = "two_persons"
    BY_RISK = "by_risk"

    def level_for(self, purpose: Purpose, *, is_risky: bool) -> int:
        """How many people."""
        if is_risky or self is Approval.TWO_PERSONS:
            return 2
        if self is Approval.NONE or (self is Approval.BY_RISK and purpose is Purpose.SERVICE):
            return 0
        return 1


class Late(StrEnum):
    """What becomes of a message that was not planned or not sent in time (the service was down, nobody approved).

    `skip`: never sent late, with its reason. `send_late`: still sent until `late_days` after its day. `ask_again`:
    the advisor is asked whether it should still go, whatever the approval level.
    """

    SKIP = "skip"
    SEND_LATE = "send_late"
    ASK_AGAIN = "ask_again"


class Every(StrEnum):
    """How often a recurring campaign comes."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class FestivalTrigger:
    """On a festival, or some days before it."""

    festival: str
    days_before: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalDateTrigger:
    """On a day of the customer's own life, solar or lunar, or some days before it.

    `milestones`: only when it is that many years (周岁 `full`, 虚岁 `nominal`; years with the bank are `full`).
    """

    kind: str
    days_before: int = 0
    milestones: tuple[int, ...] = ()
    reckoning: str = "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessEventTrigger:
    """Some workdays after something happened at the bank (0: the day itself).

    `at_once`: as soon as the event is known, inside the send window, not at `send_at`: progress notices.
    """

    event: str
    workdays_after: int = 1
    at_once: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleTrigger:
    """When a reviewed article comes into force, to customers whose interests meet its topics."""

    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnceTrigger:
    """On one day. The audience is frozen when the campaign is approved."""

    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringTrigger:
    """Again and again, moved to the next workday where `workday` asks for it.

    `day`: the weekday 1–7 of a week, the day of a month (31: its last), of a quarter's first month, or of `month` of
    a year.
    """

    every: Every
    day: int
    month: int = 1
    workday: bool = False
    first_on: date | None = None
    last_on: date | None = None


Trigger = (
    FestivalTrigger
    | PersonalDateTrigger
    | BusinessEventTrigger
    | ArticleTrigger
    | OnceTrigger
    | RecurringTrigger
)
_IMPORTANCE: dict[type[Trigger], int] = {
    BusinessEventTrigger: 5,
    PersonalDateTrigger: 10,
    FestivalTrigger: 20,
    OnceTrigger: 30,
    ArticleTrigger: 40,
    RecurringTrigger: 50,
}

FACTS_OF_A_STEP = ("replied", "rated", "delivered", "read", "done", "event")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCondition:
    """What must have happened (`holds`) or must not have happened since an earlier step.

    `fact`: `replied`, `rated`, `delivered`, `read` ask of the earlier step's message; `done` of its task; `event`
    whether a business event of the kind `event` came since. `at_most`: a rating no better than this.
    What the message's channel cannot tell is unknown and meets no condition, neither way (DESIGN §7).
    """

    fact: str
    holds: bool = True
    of: str | None = None
    event: str | None = None
    at_most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskStep:
    """Something a person does instead of a message: a call, a visit, a handwritten card, a gift."""

    kind: str
    title_zh: str
    title_en: str
    due_at: time = time(16, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlternativeWords:
    """A/B: this share of the customers, always the same ones, reads another template."""

    template: str
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step: words or a task. Times are the bank's local time.

    `number`: of the message inside the campaign, part of its dedupe key; 0 for a task. `after`: the key of an earlier
    step, `wait_days` or `wait_workdays` after whose day this one falls; None for those that fall on the occasion's
    own day. `when`: all of them must hold. `only`: a further rule on the customer, for this step alone.
    `send_at`: when messages fall due on their day; `until`: after it they expire, the same day or `valid_days` later.
    """

    key: str
    number: int = 1
    template: str = ""
    alternative: AlternativeWords | None = None
    task: TaskStep | None = None
    channels: tuple[str, ...] = ()
    after: str | None = None
    wait_days: int = 0
    wait_workdays: int = 0
    when: tuple[StepCondition, ...] = ()
    only: Rule = EVERYBODY
    send_at: time = time(9, 30)
    until: time = time(20, 0)
    valid_days: int = 0
    asks: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a campaign may do at most, and the rates at which it stops itself. Percentages of what was handed over."""

    messages_a_day: int | None = None
    failure_percent: float | None = None
    opt_out_percent: float | None = None
    complaint_percent: float | None = None

    @property
    def stops_itself(self) -> bool:
        """Whether any rate is watched."""
        return any(
            rate is not None for rate in (self.failure_percent, self.opt_out_percent, self.complaint_percent)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Waves:
    """A run goes to a small share first: `percents` (1, 10) mean 1 %, then up to 10 %, then the rest.

    The next wave leaves when the one before has been out for `observe_minutes` and the limits still hold.
    """

    percents: tuple[int, ...]
    observe_minutes: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """One campaign, checked.

    `occasion`: campaigns that greet the same occasion in different ways (a text, a call for VIPs) share this word and
    with it the dedupe key, so that nobody gets both; by default the key.
    `plan_ahead_workdays`: how long before their day messages are proposed, so that somebody can read them.
    `importance`: of two promotional messages on one day the lower number goes.
    `holdout_percent`: the share never written to, for comparison. `statutory`: a notice the bank owes the customer,
    which passes an open complaint. `product`: the code of the product it speaks of. `refers`: it asks for a referral.
    `seeds`: a real run also goes to the seed list. `fallback_undelivered`: service only; a message reported as not
    delivered goes on to the next channel. `org`: the code of the part of the bank it speaks for, with all below; the
    whole bank where there is none. `opinion`: what the bank's consumer protection said of its words.
    """

    key: str
    name_zh: str
    name_en: str
    purpose: Purpose
    trigger: Trigger
    steps: tuple[Step, ...]
    audience: Rule = EVERYBODY
    approval: Approval = Approval.ADVISOR
    plan_ahead_workdays: int = 3
    priority: int | None = None
    occasion: str = ""
    late: Late = Late.SKIP
    late_days: int = 0
    holdout_percent: float = 0.0
    limits: Limits = field(default_factory=Limits)
    waves: Waves | None = None
    statutory: bool = False
    product: str | None = None
    refers: bool = False
    seeds: bool = False
    fallback_undelivered: bool = False
    org: str | None = None
    opinion: Opinion | None = None

    @property
    def reach(self) -> Rule:
        """The audience inside the campaign's own part of the bank: whom the planner looks among."""
        if self.org is None:
            return self.audience
        own = Condition(field="org", operator="is", values=(self.org,))
        return own if self.audience == EVERYBODY else AllOf(parts=(own, self.audience))

    @property
    def greets(self) -> str:
        """The occasion's word: the first part of every dedupe key of this campaign."""
        return self.occasion or self.key

    @property
    def importance(self) -> int:
        """Lower goes first."""
        return self.priority if self.priority is not None else _IMPORTANCE[type(self.trigger)]

    @property
    def first_steps(self) -> tuple[Step, ...]:
        """The steps that fall on the occasion's own day."""
        return tuple(step for step in self.steps if step.after is None)

    @property
    def message_steps(self) -> tuple[Step, ...]:
        """The steps that are words."""
        return tuple(step for step in self.steps if step.task is None)

    def step(self, key: str) -> Step:
        """The step of that key; raises KeyError."""
        for step in self.steps:
            if step.key == key:
                return step
        raise KeyError(key)

    def step_of_message(self, number: int) -> Step:
        """The step whose message has that number; raises KeyError."""
        for step in self.message_steps:
            if step.number == number:
                return step
        raise KeyError(number)
