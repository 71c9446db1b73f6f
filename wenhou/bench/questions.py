"""What is asked of many customers before anything is planned: whose day it is, and how many an audience has."""

from __future__ import annotations

import statistics
from datetime import date

from store.database import Session
from store.measuring import count_customers, count_of, due_customers, explain_due, plan_of
from wenhou.bench.figures import timed
from wenhou.core.audience import AllOf, Condition, Rule
from wenhou.core.calendars.personal import keys_on
from wenhou.services.context import Context

_DAYS = tuple(date(2027, month, day) for month in (1, 2, 3, 5, 8, 11) for day in (3, 12, 17, 28))
_ROUNDS = 5
_ACTIVE = Condition(field="state", operator="is", values=("active",))
RULES: dict[str, Rule] = {
    "count_tier_ms": AllOf(parts=(_ACTIVE, Condition(field="tier", operator="is", values=("VIP",)))),
    "count_org_ms": AllOf(parts=(_ACTIVE, Condition(field="org", operator="is", values=("B03",)))),
    "count_assets_ms": AllOf(
        parts=(_ACTIVE, Condition(field="assets_yuan", operator="at_least", number=1_000_000))
    ),
    "count_all_three_ms": AllOf(
        parts=(
            _ACTIVE,
            Condition(field="tier", operator="is", values=("VIP", "高净值")),
            Condition(field="org", operator="is", values=("B03", "B04")),
            Condition(field="assets_yuan", operator="at_least", number=500_000),
        )
    ),
}


def looked_up(context: Context) -> tuple[dict[str, float], list[str]]:
    """Who is due on a day, and live counts; with the database's plans."""
    now = context.clock.now()
    with context.db.read() as session:
        figures = {"customers": float(count_customers(session)), **_due(session), **_counts(context, session)}
        says = ["who is due:", *explain_due(session, "birthday", keys_of(_DAYS[0]))]
        for name, rule in RULES.items():
            says += [f"{name.removesuffix('_ms').replace('_', ' ')}:", *plan_of(session, count_of(rule, now))]
    return figures, says


def keys_of(day: date) -> list[tuple[str, int, int, bool]]:
    """The dates celebrated on a day, as the index keeps them."""
    return [(key.calendar, key.month, key.day, key.is_leap_month) for key in keys_on(day)]


def _due(session: Session) -> dict[str, float]:
    """Each day asked several times: the first time from the disk, then as the planner finds it each minute."""
    took: list[float] = []
    amounts: list[int] = []
    for _ in range(_ROUNDS):
        for day in _DAYS:
            keys = keys_of(day)
            with timed() as one:
                amounts.append(len(due_customers(session, "birthday", keys)))
            took.append(one.seconds * 1000)
    return {
        "due_on_a_day": round(statistics.median(amounts)),
        "who_is_due_ms": round(statistics.median(took), 2),
        "who_is_due_worst_ms": round(max(took), 2),
    }


def _counts(context: Context, session: Session) -> dict[str, float]:
    figures: dict[str, float] = {}
    for name, rule in RULES.items():
        took = []
        for _ in range(_ROUNDS):
            with timed() as one:
                session.execute(count_of(rule, context.clock.now())).scalar_one()
            took.append(one.seconds * 1000)
        figures[name] = round(statistics.median(took), 1)
    return figures
