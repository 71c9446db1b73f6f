"""Campaigns of every form for property tests: legal in form, their words and windows made up."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from hypothesis import strategies as st

from wenhou.core.audience import EVERYBODY, AllOf, AnyOf, Condition, Not, Rule
from wenhou.core.calendars.regional import known_festivals
from wenhou.core.campaigns import (
    DATE_KINDS,
    EVENT_KINDS,
    TASK_KINDS,
    AlternativeWords,
    Approval,
    ArticleTrigger,
    BusinessEventTrigger,
    Campaign,
    Every,
    FestivalTrigger,
    Late,
    Limits,
    OnceTrigger,
    PersonalDateTrigger,
    RecurringTrigger,
    Step,
    StepCondition,
    TaskStep,
    Trigger,
    Waves,
)
from wenhou.core.channels import CHANNELS
from wenhou.core.purposes import Purpose

KEYS = st.from_regex(r"[a-z][a-z0-9_]{1,20}", fullmatch=True)
TEXTS = st.text(
    st.characters(exclude_categories=("C", "Z"), include_characters=" "), min_size=1, max_size=40
).filter(lambda text: bool(text.strip()))
TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
DAYS = st.dates(date(2020, 1, 1), date(2099, 12, 31))
SHARES = st.one_of(st.integers(1, 50).map(float), st.sampled_from([0.1, 0.25, 12.5]))
_CHANNELS = st.lists(st.sampled_from(CHANNELS), min_size=1, unique=True).map(tuple)


def rules() -> st.SearchStrategy[Rule]:
    """Rules of the plainest conditions: what a rule may hold is tested with the audiences."""
    leaf = st.one_of(
        st.lists(st.sampled_from(["VIP", "普通"]), min_size=1, unique=True).map(
            lambda words: Condition(field="tier", operator="is", values=tuple(words))
        ),
        st.integers(0, 10_000_000).map(
            lambda amount: Condition(field="assets_yuan", operator="at_least", number=float(amount))
        ),
        st.booleans().map(lambda truth: Condition(field="has_advisor", operator="is", truth=truth)),
    )
    branch = st.one_of(
        leaf.map(lambda part: AllOf(parts=(part,))),
        st.lists(leaf, min_size=1, max_size=3).map(lambda parts: AnyOf(parts=tuple(parts))),
        leaf.map(lambda part: Not(part=part)),
    )
    return st.one_of(st.just(EVERYBODY), leaf, branch)


def triggers() -> st.SearchStrategy[Trigger]:
    """All six."""
    birthdays = st.builds(
        PersonalDateTrigger,
        kind=st.just("birthday"),
        days_before=st.integers(0, 60),
        milestones=st.lists(st.integers(1, 120), unique=True, max_size=4).map(
            lambda years: tuple(sorted(years))
        ),
        reckoning=st.sampled_from(["full", "nominal"]),
    )
    return st.one_of(
        st.builds(
            FestivalTrigger, festival=st.sampled_from(known_festivals()), days_before=st.integers(0, 60)
        ),
        birthdays,
        st.builds(PersonalDateTrigger, kind=st.sampled_from(DATE_KINDS), days_before=st.integers(0, 60)),
        st.builds(
            BusinessEventTrigger, event=st.sampled_from(EVENT_KINDS), workdays_after=st.integers(0, 60)
        ),
        st.builds(
            BusinessEventTrigger,
            event=st.sampled_from(EVENT_KINDS),
            workdays_after=st.just(0),
            at_once=st.just(True),
        ),
        st.builds(ArticleTrigger, topics=st.lists(TEXTS, max_size=3).map(tuple)),
        st.builds(OnceTrigger, on=DAYS),
        st.builds(
            RecurringTrigger,
            every=st.sampled_from([Every.WEEK, Every.MONTH, Every.QUARTER]),
            day=st.integers(1, 7),
            workday=st.booleans(),
            first_on=st.none() | st.dates(date(2020, 1, 1), date(2030, 1, 1)),
            last_on=st.none() | st.dates(date(2030, 1, 2), date(2040, 1, 1)),
        ),
        st.builds(
            RecurringTrigger, every=st.just(Every.YEAR), day=st.integers(1, 28), month=st.integers(1, 12)
        ),
    )


def _conditions(earlier: list[str]) -> st.SearchStrategy[StepCondition]:
    of = st.none() | st.sampled_from(earlier)
    return st.one_of(
        st.builds(
            StepCondition,
            fact=st.sampled_from(["replied", "delivered", "read", "done"]),
            holds=st.booleans(),
            of=of,
        ),
        st.builds(
            StepCondition,
            fact=st.just("rated"),
            holds=st.booleans(),
            of=of,
            at_most=st.none() | st.integers(0, 10),
        ),
        st.builds(
            StepCondition,
            fact=st.just("event"),
            holds=st.booleans(),
            of=of,
            event=st.sampled_from(EVENT_KINDS),
        ),
    )


@st.composite
def _steps(draw: st.DrawFn) -> tuple[Step, ...]:
    keys = draw(st.lists(KEYS, min_size=1, max_size=4, unique=True))
    numbers = draw(st.lists(st.integers(1, 99), min_size=4, max_size=4, unique=True))
    made: list[Step] = []
    for index, key in enumerate(keys):
        earlier = keys[:index]
        after = draw(st.none() | st.sampled_from(earlier)) if earlier else None
        days, workdays = draw(
            st.one_of(
                st.just((0, 0)),
                st.integers(1, 99).map(lambda n: (n, 0)),
                st.integers(1, 99).map(lambda n: (0, n)),
            )
        )
        common: dict[str, Any] = {
            "key": key,
            "after": after,
            "wait_days": days if after else 0,
            "wait_workdays": workdays if after else 0,
            "when": tuple(draw(st.lists(_conditions(earlier), max_size=2))) if earlier else (),
            "only": draw(rules()),
        }
        if draw(st.booleans()):
            made.append(Step(**common, number=0, task=draw(_tasks())))
        else:
            made.append(draw(_messages(common, numbers[index])))
    return tuple(made)


def _tasks() -> st.SearchStrategy[TaskStep]:
    return st.builds(TaskStep, kind=st.sampled_from(TASK_KINDS), title_zh=TEXTS, title_en=TEXTS, due_at=TIMES)


def _messages(common: dict[str, Any], number: int) -> st.SearchStrategy[Step]:
    return st.builds(
        Step,
        **{name: st.just(value) for name, value in common.items()},
        number=st.just(number),
        template=KEYS,
        alternative=st.none() | st.builds(AlternativeWords, template=KEYS, percent=st.integers(1, 99)),
        channels=_CHANNELS,
        send_at=TIMES,
        until=TIMES,
        valid_days=st.integers(0, 30),
        asks=st.sampled_from([None, "csat", "nps"]),
    )


@st.composite
def campaigns(draw: st.DrawFn) -> Campaign:
    """Any campaign that a document can hold."""
    late, late_days = draw(
        st.one_of(
            st.just((Late.SKIP, 0)),
            st.tuples(st.sampled_from([Late.SEND_LATE, Late.ASK_AGAIN]), st.integers(1, 60)),
        )
    )
    rates = st.none() | SHARES
    return Campaign(
        key=draw(KEYS),
        name_zh=draw(TEXTS),
        name_en=draw(TEXTS),
        purpose=draw(st.sampled_from(list(Purpose))),
        trigger=draw(triggers()),
        steps=draw(_steps()),
        audience=draw(rules()),
        approval=draw(st.sampled_from(list(Approval))),
        plan_ahead_workdays=draw(st.integers(0, 30)),
        priority=draw(st.none() | st.integers(1, 99)),
        occasion=draw(st.just("") | KEYS),
        late=late,
        late_days=late_days,
        holdout_percent=draw(st.just(0.0) | SHARES),
        limits=Limits(
            messages_a_day=draw(st.none() | st.integers(1, 1_000_000)),
            failure_percent=draw(rates),
            opt_out_percent=draw(rates),
            complaint_percent=draw(rates),
        ),
        waves=draw(
            st.none()
            | st.builds(
                Waves,
                percents=st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True).map(
                    lambda shares: tuple(sorted(shares))
                ),
                observe_minutes=st.integers(1, 10_080),
            )
        ),
        statutory=draw(st.booleans()),
        product=draw(st.none() | KEYS),
        refers=draw(st.booleans()),
        seeds=draw(st.booleans()),
        fallback_undelivered=draw(st.booleans()),
        org=draw(st.none() | KEYS),
    )
