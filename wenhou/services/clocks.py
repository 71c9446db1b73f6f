"""The clocks of promises to customers: service hours of the desk, natural hours, the regulator's days (DESIGN §13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wenhou.core.service_hours import ServiceHours
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context

FIRST_ANSWER = timedelta(hours=2)
SOLUTION = timedelta(hours=24)
REGULATOR = timedelta(days=15)
"""From receipt, natural days; may be extended twice (30, +30) by the desk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClocks:
    """When each promise of a case falls due."""

    first_answer_at: datetime
    solution_at: datetime
    regulator_on: date


def case_clocks(context: Context, opened_at: datetime) -> CaseClocks:
    """Two service hours to a first answer, 24 natural hours to a solution, 15 natural days by the regulator."""
    return CaseClocks(
        first_answer_at=in_service_hours(context, opened_at, FIRST_ANSWER),
        solution_at=opened_at + SOLUTION,
        regulator_on=(opened_at + REGULATOR).astimezone(context.bank.zone).date(),
    )


def in_service_hours(context: Context, start: datetime, promised: timedelta) -> datetime:
    """The instant at which so much service time has passed."""
    with context.db.read() as session:
        work = calendar_in_force(session).work_calendar()
    return ServiceHours(zone=context.bank.zone).due(start, promised, work.is_workday)


def spoken(context: Context, instant: datetime, locale: str = "zh-CN") -> str:
    """An absolute time as customers read it: 今天15:30, 明天10:30, 2月1日10:30."""
    local = instant.astimezone(context.bank.zone)
    days = (local.date() - context.clock.now().astimezone(context.bank.zone).date()).days
    if not locale.startswith("zh"):
        return f"{local:%H:%M} today" if days == 0 else f"{local:%H:%M}, {local.day} {local:%b}"
    day = {0: "今天", 1: "明天"}.get(days, f"{local.month}月{local.day}日")
    return f"{day}{local:%H:%M}"
