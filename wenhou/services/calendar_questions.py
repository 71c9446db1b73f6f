"""“公历还是农历？”: a certificate's birthday of an older customer is asked about once, and the answer kept."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, time, timedelta

from store import access
from store import calendar_questions as store_questions
from store.audit import record
from store.database import Session
from store.restrictions import touch_customers
from wenhou.core.actors import Actor
from wenhou.core.calendars.lunar import has_ever
from wenhou.core.calendars.personal import PersonalDate, next_on
from wenhou.core.calendars.validation import LUNAR, SOLAR
from wenhou.core.errors import InputError, Refused
from wenhou.services.context import Context
from wenhou.services.importing.work import CalendarQuestion

CALENDARS = (SOLAR, LUNAR)
_BEFORE = timedelta(days=10)
"""So long before the next birthday the answer is wanted: planning begins a few workdays before it."""
_BY = time(17, 0)


def ask_calendars(
    session: Session, context: Context, questions: Iterable[CalendarQuestion], at: datetime
) -> int:
    """Make the to-dos, each due some days before the customer's next birthday; how many were asked now."""
    zone = context.bank.zone
    today = at.astimezone(zone).date()
    dues: dict[uuid.UUID, datetime] = {}
    for one in questions:
        when = PersonalDate(kind="birthday", calendar=SOLAR, month=one.month, day=one.day)
        day = max(today + timedelta(days=1), next_on(when, today) - _BEFORE)
        dues[one.customer_id] = datetime.combine(day, _BY, zone)
    return store_questions.ask(session, dues, at) if dues else 0


def answer_calendar(context: Context, actor: Actor, task_id: uuid.UUID, calendar: str) -> None:
    """Close the question: solar leaves the date as it is, lunar takes the certificate's month and day for lunar ones.

    Words that wait for the other calendar's day are withdrawn. AccessDenied out of sight, Refused when it is answered.
    """
    if calendar not in CALENDARS:
        raise InputError(f"the calendar is solar or lunar, not {calendar!r}")
    now = context.clock.now()
    with context.db.write() as session:
        task = access.get_task(session, actor, task_id)
        session.refresh(task, with_for_update=True)
        if task.kind != store_questions.KIND or task.customer_id is None:
            raise Refused("这项待办不是问历法 (this to-do does not ask about a calendar)")
        if task.state != "open":
            raise Refused("这项待办已处理 (this to-do is closed already)")
        _keep(session, task.customer_id, calendar, now)
        wrong = SOLAR if calendar == LUNAR else LUNAR
        store_questions.withdraw_greetings(session, task.customer_id, wrong, actor=actor.label, at=now)
        task.state, task.outcome = "done", calendar
        task.done_by, task.done_at = actor.user_id, now
        touch_customers(session, [task.customer_id], now)
        details = {"kind": task.kind, "outcome": calendar}
        record(session, now, actor, "task.completed", "task", task.id, details)
    context.submit("planning")


def _keep(session: Session, customer_id: uuid.UUID, calendar: str, now: datetime) -> None:
    """Of two birthdays the answered one is celebrated; a single solar one becomes lunar in place."""
    known = store_questions.birthdays_of(session, customer_id)
    solar, lunar = known.get(SOLAR), known.get(LUNAR)
    if solar is None and lunar is None:
        raise Refused("客户没有登记生日 (the customer has no birthday on file)")
    if calendar == LUNAR and lunar is None and solar is not None:
        if not has_ever(solar.month, solar.day, leap=False):
            raise Refused(
                f"农历没有{solar.month}月{solar.day}日，只能是公历 (there is no such lunar day: it is solar)"
            )
        solar.calendar = LUNAR
        solar, lunar = None, solar
    for row in (solar, lunar):
        if row is not None:
            row.celebrated = row.calendar == calendar
            row.updated_at = now
            if row.celebrated:
                row.source, row.certainty = "advisor", "certain"
    session.flush()
