"""Stages of life, kept by a daily job; on the eighteenth birthday contact and consent are asked anew."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from store import life_stages as store_stages
from store import pending, tasks
from store.audit import record
from store.consent_writes import WITHDRAWN, Act, record_consents
from store.database import Session
from store.events import insert_events
from store.life_stages import Living
from store.models.customers import Customer
from store.restrictions import touch_customers
from store.sealing import Sealer
from wenhou.core.actors import SYSTEM
from wenhou.core.calendars.personal import DateKey, keys_on
from wenhou.core.calendars.validation import SOLAR
from wenhou.core.ids import new_id
from wenhou.core.life_stage import MINORS, comes_of_age_on, life_stage_on
from wenhou.core.purposes import Purpose
from wenhou.services.clocks import in_service_hours
from wenhou.services.context import Context
from wenhou.services.risk import follow_risk_events

_PROMOTIONAL = (Purpose.CARE, Purpose.INFORMATION, Purpose.MARKETING)
_ASK_WITHIN = timedelta(hours=40)
"""Service hours: a week of the desk."""


@dataclass(slots=True, kw_only=True)
class StagesReport:
    """What a day's run did: customers looked at, stages that changed, customers who came of age."""

    looked_at: int = 0
    changed: int = 0
    came_of_age: int = 0


def refresh_life_stages(context: Context, day: date) -> StagesReport:
    """Bring every stage up to date for a day, 500 customers a transaction; running it twice changes nothing.

    Minors are all looked at each day, so that no eighteenth birthday is missed while the service was down.
    """
    report = StagesReport()
    keys = list(_keys(day))
    after: uuid.UUID | None = None
    while True:
        with context.db.read() as session:
            page = store_stages.people_to_look_at(
                session, context.vault, keys, is_new_year=(day.month, day.day) == (1, 1), after=after
            )
        if not page:
            return report
        after = page[-1].id
        _settle(context, page, day, report)


def _keys(day: date) -> set[DateKey]:
    """Birthdays kept that day, and 29 February on 1 March, when those born on it come of age in common years."""
    keys = set(keys_on(day))
    if (day.month, day.day) == (3, 1):
        keys.add(DateKey(calendar=SOLAR, month=2, day=29))
    return keys


def _settle(context: Context, page: list[Living], day: date, report: StagesReport) -> None:
    report.looked_at += len(page)
    stages = [(one, life_stage_on(day, one.birth_year, one.birthdays)) for one in page]
    moved = [(one, stage) for one, stage in stages if stage != one.stage]
    if not moved:
        return
    now = context.clock.now()
    with context.db.write() as session:
        store_stages.set_stages(session, [(one.id, stage) for one, stage in moved])
        for one, stage in moved:
            if one.stage in MINORS and stage is not None and stage not in MINORS:
                _come_of_age(session, context, one, day, now)
                report.came_of_age += 1
        touch_customers(session, [one.id for one, _ in moved], now)
    report.changed += len(moved)


def _come_of_age(session: Session, context: Context, who: Living, day: date, now: datetime) -> None:
    """The guardian's contact is used no more, what the guardian agreed to ends, the advisor asks both anew.

    The customer's own word of that birthday or later stays; a restriction as a minor ends by an event of our own.
    """
    customer_id = who.id
    birthday = min(day, comes_of_age_on(who.birth_year, who.birthdays) or day)
    since = datetime.combine(birthday, time(), context.bank.zone)
    store_stages.end_guardianship(session, customer_id, now)
    given = store_stages.granted_before(session, customer_id, _PROMOTIONAL, since)
    evidence = {"rule": "came_of_age", "on": birthday.isoformat()}
    acts = [
        Act(
            customer_id=customer_id,
            channel=channel,
            purpose=purpose,
            act=WITHDRAWN,
            source="staff",
            at=now,
            evidence=evidence,
        )
        for channel, purpose in given
    ]
    if acts:
        record_consents(session, acts)
        ended = sorted({act.purpose for act in acts})
        store_stages.keep_until_asked(session, customer_id, ended)
        purposes = [Purpose(word) for word in ended]
        pending.skip_pending(
            session, [customer_id], purposes, reason="consent_withdrawn", actor="system", at=now
        )
    event = {
        "id": new_id(),
        "source": "wenhou",
        "source_id": f"came_of_age:{customer_id}",
        "kind": "came_of_age",
        "customer_id": customer_id,
        "org_id": None,
        "happened_at": now,
        "details": {},
        "revision": None,
        "state": "active",
        "received_at": now,
    }
    insert_events(session, [event])
    follow_risk_events(session, context, SYSTEM, {customer_id})
    customer = session.get_one(Customer, customer_id)
    task = tasks.NewTask(
        kind="came_of_age",
        dedupe_key=f"came_of_age:{customer_id}",
        due_at=in_service_hours(context, now, _ASK_WITHIN),
        customer_id=customer_id,
        org_id=customer.managing_org_id,
        assignee_id=customer.main_advisor_id,
    )
    tasks.add_task(session, Sealer(session, context.vault), task, now)
    record(session, now, SYSTEM, "customer.came_of_age", "customer", customer_id, {"ended": len(acts)})
