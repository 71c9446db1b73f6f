"""One customer's data that cannot be read stops nobody else: a chunk that fails is halved until they stand alone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from scheduler.judging import Judge
from scheduler.plan_report import OccurrencePlan
from store.candidates import Candidate
from store.vault import VaultError

log = logging.getLogger("wenhou.planning")
UNREADABLE = "data_unreadable"
"""The box of whose data cannot be read: they have no row, and are tried again at the next look."""
_BAD_DATA = (VaultError, ValueError, LookupError, TypeError, ArithmeticError, AttributeError)
"""What data causes. A database that fails is nobody's data: that ends the run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Candidates to plan together. `is_end`: nobody follows them."""

    candidates: tuple[Candidate, ...]
    is_end: bool


def apart(part: Part, judge: Judge, plan: OccurrencePlan, act: Callable[[Part], None]) -> None:
    """Act on a part; where somebody's data breaks it, on its halves, counts and memory being as they were before."""
    counts = OccurrencePlan(campaign=plan.campaign, on_day=plan.on_day, step=plan.step)
    counts.copy_from(plan)
    taken, greeted, going = set(judge.taken), dict(judge.greeted), judge.going
    try:
        act(part)
    except _BAD_DATA as error:
        plan.copy_from(counts)
        judge.taken, judge.greeted, judge.going = taken, greeted, going
        _halved(part, judge, plan, act, error)


def _halved(
    part: Part, judge: Judge, plan: OccurrencePlan, act: Callable[[Part], None], error: Exception
) -> None:
    candidates = part.candidates
    if len(candidates) > 1:
        middle = len(candidates) // 2
        apart(replace(part, candidates=candidates[:middle], is_end=False), judge, plan, act)
        apart(replace(part, candidates=candidates[middle:]), judge, plan, act)
        return
    plan.audience += 1
    plan.skipped[UNREADABLE] += 1
    log.error(
        "customer_not_planned",
        extra={
            "campaign": plan.campaign,
            "day": str(plan.on_day),
            "customer": str(candidates[0].customer_id),
            "error": type(error).__name__,
        },
    )
