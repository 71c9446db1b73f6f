"""What a forecast of thirty days says is what planning each of those days then makes; and it writes nothing."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from scheduler.carriers import Carriers
from scheduler.foreseeing import Forecast, Wanted, foresee
from scheduler.planning import Planner
from store.database import Session
from store.models.base import Base
from store.models.campaigns import BusinessEvent
from store.models.customers import CareRestriction, Customer, PersonalDate
from store.models.hearing import Task
from store.models.messages import ContactLedger, Message
from tests.factories import (
    AT,
    People,
    Reach,
    Tree,
    actor_for,
    make_customer,
    make_people,
    make_tree,
)
from wenhou.core.actors import SYSTEM
from wenhou.core.channels import EMAIL, SMS, Capabilities, Outcome, OutgoingMessage
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns, live_campaigns
from wenhou.services.context import Context
from wenhou.services.quotas import apply_quotas, read_quotas

SHANGHAI = ZoneInfo("Asia/Shanghai")
FIRST, DAYS = date(2027, 1, 30), 30
WEEKLY = """
key: weekly_hello
name: {zh-CN: 每周问候, en: Weekly greeting}
purpose: care
trigger: {type: recurring, every: week, day: 3}
audience: {field: tier, is: [普通]}
template: birthday
channels: [sms, email]
waves: {percents: [10], observe_minutes: 30}
limits: {failure_percent: 5}
holdout: 5
approval: none
---
key: friday_hello
name: {zh-CN: 周五问候, en: Friday greeting}
purpose: care
trigger: {type: recurring, every: week, day: 5}
template: birthday
channels: [email, sms]
limits: {messages_a_day: 30}
"""


QUOTA = """
quotas:
  - {provider: mute, kind: daily, period: day, amount: 4, from: 2026-01-01, source: a test, confidence: unknown}
"""


class Mute:
    """A sender that planning asks for its capabilities only."""

    provider: str = "mute"
    account: str = "mute"

    def __init__(self, channel: str) -> None:
        self.capabilities = Capabilities(channel=channel, purposes=frozenset(Purpose))

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        raise AssertionError("planning never sends")

    def close(self) -> None:
        pass


@dataclass
class Bank:
    context: Context
    clock: ShiftedClock
    tree: Tree
    people: People
    carriers: Carriers
    planner: Planner


@pytest.fixture
def bank(context: Context, clock: ShiftedClock) -> Bank:
    apply_campaigns(context, SYSTEM, bundled_campaigns())
    apply_campaigns(context, SYSTEM, read_campaigns(WEEKLY, "weekly.yaml"))
    with context.db.write() as session:
        tree = make_tree(session)
        people = make_people(session, tree)
    carriers = Carriers(senders={SMS: Mute(SMS), EMAIL: Mute(EMAIL)})
    made = Bank(
        context=context,
        clock=clock,
        tree=tree,
        people=people,
        carriers=carriers,
        planner=Planner(context, carriers),
    )
    _populate(made)
    return made


def _populate(bank: Bank) -> None:
    """120 customers of every kind: birthdays of both calendars and leap days, VIPs, shared phones, refusals, events."""
    dice = random.Random(7)
    birthdays = [("solar", 2, 28), ("solar", 2, 29), ("lunar", 12, 30), ("lunar", 1, 15), ("lunar", 1, 1)]
    with bank.context.db.write() as session:
        for number in range(120):
            day = FIRST + timedelta(days=dice.randrange(DAYS))
            birthday = birthdays[number] if number < len(birthdays) else ("solar", day.month, day.day)
            if number % 7 == 0:
                birthday = (
                    ("lunar", 12, dice.randrange(23, 30))
                    if number % 2
                    else ("lunar", 1, dice.randrange(1, 22))
                )
            phone = f"+86139{number - number % 10 if number % 10 == 1 else number:08d}"
            consents = ((SMS, "care"), (EMAIL, "care")) if number % 6 else ((SMS, "care"),)
            customer = make_customer(
                session,
                bank.context.vault,
                name="王芳李静赵敏陈杰"[number % 4 * 2 : number % 4 * 2 + 2],
                org=bank.tree.outlet,
                advisor=bank.people.advisor if number % 3 else None,
                reach=Reach(
                    phone=phone, email=None if number % 10 in (0, 1, 5) else f"c{number}@example.com"
                ),
                consents=() if number % 11 == 0 else consents,
                birthday=birthday,
                tier="VIP" if number % 8 == 0 else "普通",
            )
            _more(session, customer, number, dice)


def _more(session: Session, customer: Customer, number: int, dice: random.Random) -> None:
    if number % 9 == 1:  # a second birthday, kept by the other calendar
        session.add(
            PersonalDate(
                customer_id=customer.id,
                kind="birthday",
                calendar="lunar",
                label="二",
                month=1,
                day=dice.randrange(1, 20),
                created_at=AT,
                updated_at=AT,
            )
        )
    if number % 13 == 0:
        session.add(
            CareRestriction(
                customer_id=customer.id,
                kind="overdue",
                from_on=FIRST,
                until_on=FIRST + timedelta(days=12),
                purposes=["care"],
                source="file",
                visibility="confidential",
                created_at=AT,
            )
        )
    if number % 4 == 0:  # near the caps
        for back in range(3):
            session.add(
                ContactLedger(
                    message_id=new_id(),
                    customer_id=customer.id,
                    on_day=FIRST - timedelta(days=2 + 5 * back),
                    purpose="care",
                    channel=SMS,
                    state="committed",
                )
            )
    if number % 10 == 3:
        session.add(
            BusinessEvent(
                source="core",
                source_id=f"E{number}",
                kind="account_opened",
                customer_id=customer.id,
                happened_at=datetime.combine(FIRST, time(10), tzinfo=SHANGHAI),
                received_at=AT,
                details={},
            )
        )


Row = tuple[str, str, str, str, str | None, str, str | None]


def _foreseen(found: Forecast) -> Counter[Row]:
    return Counter(
        (line.customer, line.campaign, line.on.isoformat(), line.step, line.channel, line.status, line.reason)
        for line in found.tally.lines
    )


def _planned(bank: Bank) -> Counter[Row]:
    with bank.context.db.read() as session:
        specs = {row.id: (row.key, spec) for row, spec in live_campaigns(session)}
        names = {row.id: row.external_ref for row in session.scalars(select(Customer))}
        rows: list[Row] = [
            (
                names[one.customer_id],
                specs[one.campaign_id][0],
                one.planned_for.isoformat(),
                specs[one.campaign_id][1].step_of_message(one.step).key,
                one.channel,
                one.status,
                one.reason,
            )
            for one in session.scalars(select(Message).where(Message.campaign_id.is_not(None)))
            if one.campaign_id is not None
        ]
        rows += [
            (
                names[one.customer_id],
                specs[one.campaign_id][0],
                str(one.planned_for),
                str(one.step_key),
                None,
                "task",
                None,
            )
            for one in session.scalars(select(Task).where(Task.campaign_id.is_not(None)))
            if one.customer_id and one.campaign_id
        ]
    return Counter(rows)


def _row_counts(session: Session) -> dict[str, int]:
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0
        for table in Base.metadata.sorted_tables
    }


def _wanted(limit: int = 100_000) -> Wanted:
    return Wanted(first=FIRST, last=FIRST + timedelta(days=DAYS - 1), limit=limit)


def _without_skipped_tasks(rows: Counter[Row]) -> Counter[Row]:
    """A step for people that is skipped leaves no row behind."""
    return Counter({row: n for row, n in rows.items() if not (row[3] == "call" and row[5] == "skipped")})


def test_thirty_days_are_planned_as_they_were_foreseen(bank: Bank) -> None:
    found = foresee(bank.context, bank.carriers, SYSTEM, _wanted())
    parts = []
    for ahead in range(DAYS):
        day = FIRST + timedelta(days=ahead)
        if ahead:
            bank.clock.move_to(datetime.combine(day, time(0, 5), tzinfo=SHANGHAI))
        parts += [one for one in bank.planner.plan(day, day).as_json()["occurrences"] if one["audience"]]
    foreseen, planned = _without_skipped_tasks(_foreseen(found)), _planned(bank)
    assert foreseen - planned == Counter()
    assert planned - foreseen == Counter()
    assert sum(planned.values()) > 300
    reasons = {row[6] for row in planned}
    assert {"cap_reached", "no_consent", "care_restricted", "address_cap_reached", "wave_waiting"} <= reasons
    assert {"more_important_message", "holdout", "campaign_limit"} <= reasons
    shown = {(one["campaign"], one["key"], one["step"]): one for one in found.tally.occurrences()}
    for part in parts:
        one = shown[part["campaign"], part["key"], part["step"]]
        for name in ("audience", "proposed", "scheduled", "skipped", "tasks"):
            assert one[name] == part[name], (part, one)


def test_a_platform_limit_is_foreseen_as_it_is_kept(bank: Bank, tmp_path: Path) -> None:
    file = tmp_path / "quotas.yaml"
    file.write_text(QUOTA, encoding="utf-8")
    apply_quotas(bank.context, SYSTEM, read_quotas(file))
    found = foresee(bank.context, bank.carriers, SYSTEM, _wanted())
    for ahead in range(DAYS):
        day = FIRST + timedelta(days=ahead)
        if ahead:
            bank.clock.move_to(datetime.combine(day, time(0, 5), tzinfo=SHANGHAI))
        bank.planner.plan(day, day)
    foreseen, planned = _without_skipped_tasks(_foreseen(found)), _planned(bank)
    assert foreseen - planned == Counter()
    assert planned - foreseen == Counter()
    assert found.places.running_out(), "a Friday asks for more places than a day has"


def test_what_stands_already_is_counted_once_and_gives_way_as_it_will(bank: Bank) -> None:
    bank.planner.plan(FIRST, FIRST + timedelta(days=12), campaign="friday_hello")
    with bank.context.db.write() as session:
        customers = session.scalars(select(Customer).order_by(Customer.id)).all()
        for customer in customers[::6]:  # their words are looked at again
            customer.name, customer.updated_at = "周敏", bank.clock.now() + timedelta(minutes=1)
    bank.clock.move_to(bank.clock.now() + timedelta(minutes=5))
    found = foresee(bank.context, bank.carriers, SYSTEM, _wanted())
    for ahead in range(DAYS):
        day = FIRST + timedelta(days=ahead)
        if ahead:
            bank.clock.move_to(datetime.combine(day, time(0, 5), tzinfo=SHANGHAI))
        bank.planner.plan(day, day)
    foreseen, planned = _without_skipped_tasks(_foreseen(found)), _planned(bank)
    assert foreseen - planned == Counter()
    assert planned - foreseen == Counter()
    assert any(line.stands and line.reason == "more_important_message" for line in found.tally.lines)


def test_a_forecast_writes_nothing(bank: Bank) -> None:
    with bank.context.db.read() as session:
        before = _row_counts(session)
    found = foresee(bank.context, bank.carriers, SYSTEM, _wanted())
    with bank.context.db.read() as session:
        assert _row_counts(session) == before
        assert session.scalars(select(Message.id)).all() == []
    document = found.as_json()
    assert document["messages_left_out"] == 0
    assert {row["reason"] for row in document["collisions"]} >= {"more_important_message", "cap_reached"}
    assert all(len(row["examples"]) <= 5 for row in document["collisions"])
    for funnel in document["funnels"].values():
        assert funnel["audience"] == sum(box["customers"] for box in funnel["boxes"])


def test_an_advisor_foresees_their_own_customers_only(bank: Bank) -> None:
    with bank.context.db.read() as session:
        advisor = actor_for(session, bank.people.advisor)
        mine = set(
            session.scalars(
                select(Customer.external_ref).where(Customer.main_advisor_id == bank.people.advisor.id)
            )
        )
    found = foresee(bank.context, bank.carriers, advisor, _wanted())
    seen = {line.customer for line in found.tally.lines}
    assert seen <= mine
    assert len(seen) > 40
    everything = foresee(bank.context, bank.carriers, SYSTEM, _wanted(limit=10))
    assert len(everything.tally.lines) == 10
    assert everything.tally.left_out > len(found.tally.lines)
