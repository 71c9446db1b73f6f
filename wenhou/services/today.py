"""The first page of a working day: what waits, how long it takes, in the order of its clocks; what was held and why."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from store import access, overview
from store.overview import Waiting
from wenhou.core.actors import Actor
from wenhou.core.calendars.dated import DatedCalendar
from wenhou.core.calendars.festivals import FestivalDay
from wenhou.core.calendars.lunar import format_lunar, to_lunar
from wenhou.core.calendars.personal import keys_on
from wenhou.core.errors import AccessDenied
from wenhou.services import queue_items, tasks
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.queue_items import Row
from wenhou.services.tasks import TaskRow

__all__ = ["Waiting", "birthdays", "count_waiting", "list_cases", "list_held", "read_today", "unread_threads"]

_SECONDS = {"approvals": 12, "replies": 120, "cases": 420, "tasks": 180}
"""What one of each usually takes; approvals in a row are quick."""
_DAYS_AHEAD = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case as a list shows it, with its next clock."""

    id: uuid.UUID
    number: str
    customer_name: str
    kind: str
    severity: str
    state: str
    due_at: datetime
    is_overdue: bool
    solution_due_at: datetime
    regulator_due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ThreadLine:
    """A thread somebody wrote in and nobody has read."""

    id: uuid.UUID
    customer_name: str
    unread: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """A birthday of the coming days."""

    on: date
    customer_ref: str
    customer_name: str
    tier: str
    words: str
    words_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A message that is not going, and why."""

    customer_ref: str
    customer_name: str
    campaign: str
    campaign_key: str
    planned_for: date
    reason: str
    is_hold: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """Everything of the first page."""

    name: str
    on: date
    lunar: str
    lunar_en: str
    festivals: tuple[tuple[int, FestivalDay], ...]
    waiting: Waiting
    minutes: int
    next_rows: tuple[Row, ...]
    threads: tuple[ThreadLine, ...]
    cases: tuple[CaseLine, ...]
    tasks: tuple[TaskRow, ...]
    people: Mapping[uuid.UUID, tuple[str, str]]
    birthdays: tuple[Birthday, ...]
    held: tuple[Held, ...]
    statuses: Mapping[str, int]


def read_today(context: Context, actor: Actor, *, locale: str = "zh-CN") -> Today:
    """The day of this person; an administrator's is empty, for no customer is theirs to see."""
    now = context.clock.now()
    day = now.astimezone(context.bank.zone).date()
    lunar = to_lunar(day)
    with context.db.read() as session:
        calendar = calendar_in_force(session)
    waiting = count_waiting(context, actor)
    cost = sum(getattr(waiting, kind) * seconds for kind, seconds in _SECONDS.items())
    sees = _sees_customers(context, actor)
    todos = tuple(tasks.list_open(context, actor, locale=locale, limit=8)) if sees else ()
    return Today(
        name=actor.name,
        on=day,
        lunar=format_lunar(day),
        lunar_en=queue_items.lunar_in_english(lunar.month, lunar.day, leap=lunar.is_leap_month),
        festivals=coming_festivals(calendar, day, actor.org_path),
        waiting=waiting,
        minutes=-(-cost // 60) if cost else 0,
        next_rows=queue_items.list_rows(context, actor, limit=5).rows,
        threads=tuple(unread_threads(context, actor)) if sees else (),
        cases=tuple(list_cases(context, actor)) if sees else (),
        tasks=todos,
        people=people_of_tasks(context, todos),
        birthdays=tuple(birthdays(context, actor, day)) if sees else (),
        held=tuple(list_held(context, actor, day)) if sees else (),
        statuses=_statuses(context, actor) if sees else {},
    )


def count_waiting(context: Context, actor: Actor) -> Waiting:
    """What lies on the desk now."""
    try:
        with context.db.read() as session:
            return overview.count_waiting(session, actor)
    except AccessDenied:
        return Waiting(approvals=0, replies=0, cases=0, tasks=0)


def coming_festivals(
    calendar: DatedCalendar, day: date, org_path: str | None = None
) -> tuple[tuple[int, FestivalDay], ...]:
    """(days until, festival) of the coming two weeks, as that part of the bank keeps them."""
    found = [
        (ahead, festival)
        for ahead in range(15)
        for festival in calendar.festivals_on(day + timedelta(days=ahead), org_path)
    ]
    return tuple(found[:3])


def list_cases(context: Context, actor: Actor, *, limit: int = 50) -> list[CaseLine]:
    """Open cases, the shortest clock first."""
    now = context.clock.now()
    with context.db.read() as session:
        found = access.list_cases(session, actor, limit=limit)
        people = overview.customers_of(session, [case.customer_id for case in found])
        return [
            CaseLine(
                id=case.id,
                number=case.number,
                customer_name=people[case.customer_id].name
                if case.customer_id in people
                else "未识别的来信人",
                kind=case.kind,
                severity=case.severity,
                state=case.state,
                due_at=case.solution_due_at if case.first_answered_at else case.first_answer_due_at,
                is_overdue=(case.solution_due_at if case.first_answered_at else case.first_answer_due_at)
                < now,
                solution_due_at=case.solution_due_at,
                regulator_due_on=case.regulator_due_on,
            )
            for case in found
        ]


def unread_threads(context: Context, actor: Actor, *, limit: int = 5) -> list[ThreadLine]:
    """Threads with words nobody has read, the newest first."""
    with context.db.read() as session:
        found = [one for one in access.list_conversations(session, actor) if one.unread][:limit]
        people = overview.customers_of(session, [one.customer_id for one in found])
        return [
            ThreadLine(
                id=one.id,
                customer_name=people[one.customer_id].name if one.customer_id in people else "未识别的来信人",
                unread=one.unread,
                at=one.last_entry_at,
            )
            for one in found
        ]


def birthdays(context: Context, actor: Actor, day: date) -> list[Birthday]:
    """Birthdays of the coming week on this person's desk, solar and lunar."""
    found: list[Birthday] = []
    with context.db.read() as session:
        for ahead in range(_DAYS_AHEAD):
            on = day + timedelta(days=ahead)
            keys = {(key.calendar, key.month, key.day) for key in keys_on(on)}
            for customer, date_row in overview.list_birthdays(session, actor, keys):
                words, words_en = queue_items.birthday_words(date_row)
                found.append(
                    Birthday(
                        on=on,
                        customer_ref=customer.external_ref,
                        customer_name=customer.name,
                        tier=customer.tier or "",
                        words=words,
                        words_en=words_en,
                    )
                )
    return found[:8]


def people_of_tasks(context: Context, rows: Sequence[TaskRow]) -> dict[uuid.UUID, tuple[str, str]]:
    """(name, the bank's number) of the customers that to-dos in sight are about."""
    with context.db.read() as session:
        found = overview.customers_of(session, [row.customer_id for row in rows])
    return {key: (customer.name, customer.external_ref) for key, customer in found.items()}


def list_held(context: Context, actor: Actor, day: date, *, limit: int = 8) -> list[Held]:
    """What will not go, from today on, and why."""
    with context.db.read() as session:
        found = overview.list_stopped(session, actor, since=day, limit=limit)
        campaigns = overview.campaigns_of(session, [message.campaign_id for message, _ in found])
        return [
            Held(
                customer_ref=customer.external_ref,
                customer_name=customer.name,
                campaign=campaigns[message.campaign_id].name,
                campaign_key=campaigns[message.campaign_id].key,
                planned_for=message.planned_for,
                reason=message.reason or "",
                is_hold=message.hold_key is not None,
            )
            for message, customer in found
            if message.campaign_id is not None
        ]


def _statuses(context: Context, actor: Actor) -> Mapping[str, int]:
    with context.db.read() as session:
        return overview.count_statuses(session, actor)


def _sees_customers(context: Context, actor: Actor) -> bool:
    try:
        with context.db.read() as session:
            access.list_customers(session, actor, limit=1)
    except AccessDenied:
        return False
    return True
