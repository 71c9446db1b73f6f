"""Service plans: what each tier is promised a quarter, how customers stand, and to-dos where a contact lacks.

Nobody is asked for everything on the first day: of a plan as much is expected as the quarter has gone, half as fast
again, so that all of it is due in the last third. Where the plan wants a person's contact and one lacks by then, the
advisor gets a to-do, or the branch pool where there is none; the next comes when that one is closed.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any

from store import plan_gaps as gaps
from store import service_plans as plans
from store.audit import record
from store.models.steering import ServicePlan
from store.plan_gaps import Expected, Gap
from store.service_plans import PlanSpec, Standing
from wenhou.core.actors import Actor, Role
from wenhou.core.calendars.workdays import WorkCalendar
from wenhou.core.campaigns import TASK_KINDS
from wenhou.core.errors import AccessDenied, InputError
from wenhou.services.calendars import calendar_in_force
from wenhou.services.context import Context
from wenhou.services.text_files import read_text
from wenhou.services.yaml_reading import YamlReader, load_documents

_FIELDS = ("tier", "name", "contacts", "by_person", "non_sales_percent", "contact")
_MOST = 60
_DUE = time(17, 0)
_PACE = 1.5
Queue = tuple[uuid.UUID | None, uuid.UUID | None]
"""Whose desk: (advisor, None) or (None, org of the pool)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A tier's plan with how its customers stand this quarter."""

    tier: str
    name: str
    contacts: int
    by_person: int
    non_sales_percent: int
    contact: str
    customers: int
    kept: int


def bundled_plans() -> str:
    """The text of the plans that ship with Wenhou."""
    return (files("wenhou") / "content" / "service_plans.yaml").read_text(encoding="utf-8")


def read_plans(text: str, file: str) -> list[PlanSpec]:
    """The plans of a YAML file; InputError with file and line."""
    reader = YamlReader(file)
    documents = load_documents(text, file)
    if len(documents) != 1:
        raise InputError("one document, starting with `plans:`", file=file)
    top = reader.mapping(documents[0], "the file", parent=None, name=None)
    reader.known(top, ("plans",))
    rows = top.get("plans")
    if not isinstance(rows, list) or not rows:
        reader.fail(top, "plans", "plans: give a list, one plan a tier")
    found = [_read(reader, rows, index) for index in range(len(rows))]
    tiers = [one.tier for one in found]
    twice = next((index for index, tier in enumerate(tiers) if tier in tiers[:index]), None)
    if twice is not None:
        reader.fail(rows, twice, f"tier {tiers[twice]} stands twice; one plan a tier")
    return found


def read_plan_file(path: Path) -> list[PlanSpec]:
    """As `read_plans`, from disk."""
    return read_plans(read_text(path), str(path))


def apply_plans(context: Context, actor: Actor, specs: Sequence[PlanSpec]) -> dict[str, str]:
    """Put these plans in force; a tier that is not named has none any longer. Tier → what became of it."""
    if not may_keep(actor):
        raise AccessDenied("服务计划由运营维护 (only operations keeps service plans)")
    now = context.clock.now()
    with context.db.write() as session:
        outcomes = plans.save_plans(session, specs, by=actor.user_id, at=now)
        changed = {tier: outcome for tier, outcome in outcomes.items() if outcome != "unchanged"}
        if changed:
            record(session, now, actor, "service_plans.apply", "service_plan", None, changed)
    return outcomes


def may_keep(actor: Actor) -> bool:
    """Whether keeping plans is one of this person's acts."""
    return actor.kind == "system" or actor.has(Role.OPERATIONS)


def show_plans(context: Context) -> list[Shown]:
    """The plans in force and how this quarter stands."""
    quarter = quarter_of(_today(context))
    with context.db.read() as session:
        counts = plans.count_standings(session, quarter[0])
        return [
            Shown(
                tier=one.tier,
                name=one.name,
                contacts=one.contacts,
                by_person=one.by_person,
                non_sales_percent=one.non_sales_percent,
                contact=one.contact_kind,
                customers=counts.get(one.tier, (0, 0))[0],
                kept=counts.get(one.tier, (0, 0))[1],
            )
            for one in plans.list_plans(session)
        ]


def list_gaps(context: Context, actor: Actor, *, limit: int = 1000) -> list[Standing]:
    """Customers in sight whose quarter lacks something, the widest gap first."""
    quarter = quarter_of(_today(context))
    with context.db.read() as session:
        return plans.list_standings(session, actor, quarter[0], only_gaps=True, limit=limit)


def compute_plans(context: Context, day: date) -> int:
    """Give every active customer of a tier with a plan this quarter's row and bring it up to date; how many windows."""
    quarter = quarter_of(day)
    with context.db.read() as session:
        found = plans.list_plans(session)
    windows = 0
    after: uuid.UUID | None = None
    while found:
        with context.db.write() as session:
            after = plans.compute_batch(session, quarter, found, after=after, at=context.clock.now())
        if after is None:
            break
        windows += 1
    return windows


def plan_gaps(context: Context, day: date) -> int:
    """The nightly job: quarters worked out anew, then a to-do for each customer who lacks a contact; how many were made.

    To-dos are spread over the workdays that are left of the quarter, on each desk's emptiest day first. Again: nothing.
    """
    compute_plans(context, day)
    quarter = quarter_of(day)
    with context.db.write() as session:
        gaps.drop_met(session, quarter[0], at=context.clock.now())
    with context.db.read() as session:
        found = plans.list_plans(session)
        work = calendar_in_force(session).work_calendar()
        load = gaps.open_by_day(session)
    days = _workdays_left(work, day, quarter[1])
    expected = [expected_by(one, quarter, day) for one in found if one.by_person]
    loads: dict[Queue, dict[datetime, int]] = defaultdict(dict, load)
    dues = [datetime.combine(one, _DUE, tzinfo=context.bank.zone) for one in days]
    return sum(_plan_of(context, quarter[0], one, day, dues, loads) for one in expected)


def _plan_of(
    context: Context,
    quarter: date,
    expected: Expected,
    day: date,
    dues: Sequence[datetime],
    loads: dict[Queue, dict[datetime, int]],
) -> int:
    made, after = 0, None
    while True:
        with context.db.read() as session:
            chunk = gaps.list_gaps(session, quarter, expected, day=day, after=after)
        if not chunk:
            return made
        after = chunk[-1].customer_id
        spread = [(gap, _emptiest(loads[_queue_of(gap)], dues)) for gap in chunk]
        with context.db.write() as session:
            made += gaps.add_plan_tasks(
                session,
                quarter,
                spread,
                contact_kind=expected.contact_kind,
                day=day,
                at=context.clock.now(),
            )


def expected_by(plan: ServicePlan, quarter: tuple[date, date], day: date) -> Expected:
    """How much of a plan should have been made by a day."""
    gone = (day - quarter[0]).days + 1
    share = min(1.0, _PACE * gone / ((quarter[1] - quarter[0]).days + 1))
    return Expected(
        plan_id=plan.id,
        contact_kind=plan.contact_kind,
        contacts=int(plan.contacts * share),
        by_person=int(plan.by_person * share),
        non_sales=int(plans.promised_non_sales(plan) * share),
    )


def quarter_of(day: date) -> tuple[date, date]:
    """The first and last day of the quarter a day lies in."""
    first = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)
    after = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
    return first, after - timedelta(days=1)


def as_json(standing: Standing) -> dict[str, Any]:
    """As printed: the bank's number, never the name."""
    row = asdict(standing)
    for name in ("customer_id", "advisor_id", "org_id"):
        row[name] = str(row[name]) if row[name] else None
    return row


def _queue_of(gap: Gap) -> Queue:
    return (gap.assignee_id, None) if gap.assignee_id else (None, gap.org_id)


def _emptiest(load: dict[datetime, int], dues: Sequence[datetime]) -> datetime:
    """The day with the fewest to-dos on this desk, the earliest of several; takes a place there."""
    chosen = min(dues, key=lambda due: (load.get(due, 0), due))
    load[chosen] = load.get(chosen, 0) + 1
    return chosen


def _workdays_left(work: WorkCalendar, day: date, last: date) -> list[date]:
    """Workdays after a day to the quarter's end; the next one where none is left."""
    found = [
        one
        for ahead in range(1, (last - day).days + 1)
        if work.is_workday(one := day + timedelta(days=ahead))
    ]
    return found or [work.next_workday(day)]


def _read(reader: YamlReader, rows: list[Any], index: int) -> PlanSpec:
    row = reader.mapping(rows[index], "a plan", parent=rows, name=index)
    reader.known(row, _FIELDS)
    contacts = reader.number(row, "contacts", least=1, most=_MOST)
    by_person = reader.number(row, "by_person", 0, least=0, most=_MOST)
    if by_person > contacts:
        reader.fail(row, "by_person", f"by_person: {by_person} of {contacts} contacts cannot be")
    tier = reader.text(row, "tier").strip()
    return PlanSpec(
        tier=tier,
        name=reader.text(row, "name", tier).strip(),
        contacts=contacts,
        by_person=by_person,
        non_sales_percent=reader.number(row, "non_sales_percent", 0, least=0, most=100),
        contact_kind=reader.word(row, "contact", TASK_KINDS, "call"),
    )


def _today(context: Context) -> date:
    return context.clock.now().astimezone(context.bank.zone).date()
