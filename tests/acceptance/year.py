"""A bank's whole year, day by day on a moved clock: who its customers are, what happens to them, what left when."""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from borax.calendars.lunardate import LunarDate
from sqlalchemy import func, insert, select, text, update

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from scheduler.planning import Planner
from scheduler.waves import steer
from store.database import Session
from store.models.customers import (
    CareRestriction,
    Consent,
    ConsentState,
    ContactPoint,
    Customer,
    CustomerContact,
    CustomerKey,
    PersonalDate,
)
from store.models.hearing import Case, Task
from store.models.messages import Message
from store.vault import place
from tests import factories
from tests.integration.scheduler.world import CountingSender
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.channels import SMS, OutgoingMessage
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns, bundled_campaigns
from wenhou.services.context import Context
from wenhou.services.events import NewEvent, take_in
from wenhou.services.mourning import start_mourning
from wenhou.services.tasks import complete_task

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = ("Asia/Urumqi", "Europe/London", "America/New_York", "Asia/Kolkata")
_OBSERVED = timedelta(minutes=61)
"""A wave is watched for an hour before the next one leaves."""
Birth = tuple[str, int, int, bool]
"""Calendar, month, day, in a leap month."""


@dataclass(slots=True, kw_only=True)
class Person:
    """A customer as the test knows them, apart from the store."""

    id: uuid.UUID
    ref: str
    birth: Birth | None
    zone: str | None = None
    tier: str = "普通"
    phone: str = ""
    is_staff: bool = False
    consents: dict[str, tuple[datetime, datetime | None]] = field(default_factory=dict)
    complaint: tuple[datetime, datetime] | None = None
    restricted: tuple[date, date] | None = None

    @property
    def local(self) -> ZoneInfo:
        """Their own clock; the bank's where theirs is unknown."""
        return ZoneInfo(self.zone or "Asia/Shanghai")

    def agrees(self, purpose: str, at: datetime) -> bool:
        """Whether their consent stood at an instant."""
        since, until = self.consents.get(purpose, (datetime.max.replace(tzinfo=UTC), None))
        return since <= at and (until is None or at < until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One message at the moment of its call."""

    at: datetime
    message_id: uuid.UUID
    purpose: str
    address: str


@dataclass(slots=True, kw_only=True)
class Year:
    """The bank, its customers by id, and all that left."""

    context: Context
    clock: ShiftedClock
    people: dict[uuid.UUID, Person]
    operations: Actor
    advisor: Actor
    first: date
    last: date
    mourning: tuple[date, date]
    left: list[Left] = field(default_factory=list)
    plans: int = 0

    def live(self) -> None:
        """Every day from the first to the last, and a week after in which what waits meets its end."""
        sender = CountingSender(SMS, batch_size=200, rate_per_second=1e6, play=self._hear)
        carriers = Carriers(senders={SMS: sender})
        planner, worker = Planner(self.context, carriers), Dispatcher(self.context, carriers)
        try:
            day = self.first
            while day <= self.last + timedelta(days=7):
                self._live_day(day, planner, worker)
                day += timedelta(days=1)
        finally:
            worker.close()

    def _live_day(self, day: date, planner: Planner, worker: Dispatcher) -> None:
        self.clock.move_to(datetime.combine(day, time(0, 30), tzinfo=SHANGHAI))
        self._happen(day)
        if day <= self.last:
            report = planner.plan(day, day)
            self.plans += sum(one.new for one in report.occurrences)
        self._until(datetime.combine(day, time(16, 5), tzinfo=SHANGHAI), worker)
        self._call(day)
        self._until(datetime.combine(day, time(22, 0), tzinfo=SHANGHAI), worker)
        worker.recover()

    def _until(self, instant: datetime, worker: Dispatcher) -> None:
        """Hand over whatever falls due up to an instant, at the next full quarter."""
        while True:
            due = self._next_due()
            if due is None or due > instant:
                if self._waits_in_waves() and self.clock.now() + _OBSERVED <= instant:
                    self.clock.advance(_OBSERVED)
                    steer(self.context)
                    continue
                break
            self.clock.move_to(max(_quarter_after(due), self.clock.now()))
            while batch := worker.claim() or (worker.release() and worker.claim()):
                worker.deliver(batch)
            if self._next_due() == due:  # it waits for something else than the clock
                break
        self.clock.move_to(max(instant, self.clock.now()))

    def _waits_in_waves(self) -> bool:
        with self.context.db.read() as session:
            held = session.execute(text("SELECT status, hold_key FROM messages WHERE hold_key IS NOT NULL"))
            return any(one.status == Status.SCHEDULED and one.hold_key.startswith("wave:") for one in held)

    def _next_due(self) -> datetime | None:
        with self.context.db.read() as session:
            waits = text("status = 'scheduled' AND released_at IS NULL AND hold_key IS NULL")  # by its index
            return session.scalar(select(func.min(Message.due_at)).where(Message.channel == SMS, waits))

    def _hear(self, batch: Any) -> None:
        now = self.clock.now()
        self.left += [
            Left(at=now, message_id=one.message_id, purpose=one.purpose, address=one.address)
            for one in batch
            if isinstance(one, OutgoingMessage)
        ]

    # --- what happens in the year -----------------------------------------------------------------------------------

    def _happen(self, day: date) -> None:
        now = self.clock.now()
        if day == self.mourning[0] - timedelta(days=1):
            start_mourning(self.context, self.operations, org=None, days=self.mourning, reason="全国哀悼")
        if day.day == 1 and day.month == (self.last.month + 1) // 2 + 1:
            self._withdraw(now)
        with self.context.db.write() as session:
            for person in self.people.values():
                if person.complaint is not None:
                    _move_case(session, person, day)
        if day.weekday() == 0:
            self._tell(day)

    def _withdraw(self, now: datetime) -> None:
        """Every ninth changes their mind, in a transaction as the preferences page does."""
        with self.context.db.write() as session:
            for number, person in enumerate(self.people.values()):
                if number % 9 or "care" not in person.consents:
                    continue
                for purpose, (since, until) in list(person.consents.items()):
                    if until is not None:
                        continue
                    person.consents[purpose] = (since, now)
                    _consent(session, person, purpose, "withdrawn", now)

    def _tell(self, day: date) -> None:
        """A week's accounts, visits, loans."""
        chance = random.Random(day.toordinal())
        kinds = ("account_opened", "branch_visit", "loan_granted", "loan_progress", "product_bought")
        events = [
            NewEvent(
                source="core", source_id=f"{day}-{number}", kind=kinds[number % len(kinds)], org="WH0101",
                customer=chance.choice(list(self.people.values())).ref,
                happened_at=datetime.combine(day, time(0, 10), tzinfo=SHANGHAI),
                details={"step": "资料已收齐", "next": "3个工作日内告知结果", "product": "定期存款"},
            )
            for number in range(10)
        ]  # fmt: skip
        take_in(self.context, SYSTEM, events + events[:2])

    def _call(self, day: date) -> None:
        """Advisors reach half of the VIPs before the words would go."""
        with self.context.db.read() as session:
            tasks = session.scalars(
                select(Task.id).where(Task.planned_for == day, Task.state == "open")
            ).all()
        for task in tasks[::2]:
            complete_task(self.context, self.advisor, task, "reached")


def _quarter_after(instant: datetime) -> datetime:
    """The full quarter of an hour at or after an instant."""
    return instant + timedelta(seconds=-instant.timestamp() % 900)


# --- the people -------------------------------------------------------------------------------------------------------


def make_year(context: Context, clock: ShiftedClock, amount: int, last: date) -> Year:
    """A bank with customers of every sort, its bundled campaigns live without approvals, from New Year to `last`."""
    year = last.year
    for document in bundled_campaigns():
        source = document.source.replace("approval: advisor", "approval: none").replace("by_risk", "none")
        apply_campaigns(context, SYSTEM, read_campaigns(source, f"{document.campaign.key}.yaml"))
    with context.db.write() as session:
        tree = factories.make_tree(session)
        staff = factories.make_people(session, tree)
        people = [_person(number, year) for number in range(amount)]
        _write(session, context, people, {"org": tree.outlet.id, "advisor": staff.advisor.id}, clock.now())
        actors = {
            name: factories.actor_for(session, getattr(staff, name)) for name in ("operations", "advisor")
        }
    return Year(
        context=context, clock=clock, people={one.id: one for one in people}, operations=actors["operations"],
        advisor=actors["advisor"], first=date(year, 1, 1), last=last,
        mourning=(date(year, 2, 18), date(year, 2, 20)),
    )  # fmt: skip


def _person(number: int, year: int) -> Person:
    start, chance = datetime(year - 1, 12, 1, tzinfo=UTC), random.Random(number)
    person = Person(id=new_id(), ref=f"Y-{number:05d}", birth=_birth(number, chance))
    person.phone = f"+86137{(number - number % 2 if number % 25 == 1 else number):08d}"
    person.zone = ZONES[number // 20 % len(ZONES)] if number % 20 == 3 else None
    person.tier = "VIP" if number % 30 == 7 else "普通"
    person.is_staff = number % 100 == 50
    if number % 6 != 5:
        for purpose in ("care", "information") if number % 2 else ("care",):
            person.consents[purpose] = (start, None)
    if number % 40 == 11:
        opened = datetime(year, 1 + number % 12, 3, 2, tzinfo=UTC)
        person.complaint = (opened, opened + timedelta(days=20))
    if number % 50 == 13:
        begins = date(year, 1 + number % 12, 10)
        person.restricted = (begins, begins + timedelta(days=60))
    return person


def _birth(number: int, chance: random.Random) -> Birth | None:
    """Every hard day often enough: 29 February, day 30, leap months."""
    match number % 12:
        case 0:
            return ("solar", 2, 29, False)
        case 1:
            return ("lunar", chance.randint(1, 12), 30, False)
        case 2:
            return ("lunar", 5 if chance.random() < 0.5 else 6, chance.randint(1, 30), True)
        case 3 | 4 | 5:
            return ("lunar", chance.randint(1, 12), chance.randint(1, 29), False)
        case 6:
            return None
        case _:
            day = date(2000, 1, 1) + timedelta(days=chance.randrange(366))
            return ("solar", day.month, day.day, False)


def _write(
    session: Session, context: Context, people: list[Person], desk: dict[str, uuid.UUID], now: datetime
) -> None:
    rows: dict[type, list[dict[str, Any]]] = defaultdict(list)
    points: dict[str, uuid.UUID] = {}
    for number, one in enumerate(people):
        key, wrapped = context.vault.new_customer_key(one.id)
        rows[Customer].append({
            "id": one.id, "external_ref": one.ref, "name": "王芳", "gender": "female", "tier": one.tier,
            "time_zone": one.zone, "is_staff": one.is_staff, "managing_org_id": desk["org"],
            "opening_org_id": desk["org"], "main_advisor_id": desk["advisor"] if number % 3 else None,
            "interests": ["存款"], "created_at": now, "updated_at": now,
        })  # fmt: skip
        rows[CustomerKey].append(
            {
                "customer_id": one.id,
                "version": 1,
                "data_key_id": context.vault.data_key_id,
                "wrapped": wrapped,
            }
        )
        if one.phone not in points:
            points[one.phone] = new_id()
            rows[ContactPoint].append({
                "id": points[one.phone], "channel": SMS, "reachable": "yes", "created_at": now,
                "address": context.vault.seal(
                    place("contact_points", "address", points[one.phone]), one.phone.encode()
                ),
                "blind_index": context.vault.blind_index(SMS, "", one.phone),
            })  # fmt: skip
        rows[CustomerContact].append(
            {"customer_id": one.id, "contact_point_id": points[one.phone], "created_at": now}
        )
        if one.birth is not None:
            calendar, month, day, leap = one.birth
            date_id = new_id()
            born = str(1950 + number % 50).encode()
            rows[PersonalDate].append({
                "id": date_id, "customer_id": one.id, "kind": "birthday", "calendar": calendar, "month": month,
                "day": day, "is_leap_month": leap, "created_at": now, "updated_at": now,
                "year": key.seal(place("personal_dates", "year", date_id), born) if number % 4 else None,
            })  # fmt: skip
        if one.restricted is not None:
            rows[CareRestriction].append({
                "id": new_id(), "customer_id": one.id, "kind": "overdue", "from_on": one.restricted[0],
                "until_on": one.restricted[1], "purposes": ["care", "information", "marketing"],
                "source": "core", "created_at": now,
            })  # fmt: skip
    for table in (Customer, CustomerKey, ContactPoint, CustomerContact, PersonalDate, CareRestriction):
        session.execute(insert(table), rows[table])
    session.flush()
    for one in people:
        for purpose, (since, _) in one.consents.items():
            _consent(session, one, purpose, "granted", since)


def _consent(session: Session, person: Person, purpose: str, act: str, at: datetime) -> None:
    row = new_id()
    session.add(
        Consent(
            id=row, customer_id=person.id, channel=SMS, purpose=purpose, act=act, source="customer",
            wording_version="2026-01", at=at,
        )
    )  # fmt: skip
    if act == "granted":
        session.add(
            ConsentState(
                customer_id=person.id, channel=SMS, purpose=purpose, state=act, consent_id=row, at=at
            )
        )
        return
    session.execute(
        update(ConsentState)
        .where(ConsentState.customer_id == person.id, ConsentState.purpose == purpose)
        .values(state=act, consent_id=row, at=at)
    )


def _move_case(session: Session, person: Person, day: date) -> None:
    """Opens and closes a complaint at its instants."""
    opened, closed = person.complaint or (None, None)
    if opened is None or closed is None:
        return
    if day == opened.astimezone(SHANGHAI).date():
        session.add(
            Case(
                id=new_id(), number=f"TS-{person.ref}", customer_id=person.id, kind="complaint", opened_at=opened,
                first_answer_due_at=opened, solution_due_at=closed, regulator_due_on=closed.date(),
            )
        )  # fmt: skip
    elif day == closed.astimezone(SHANGHAI).date():
        session.execute(
            update(Case).where(Case.number == f"TS-{person.ref}").values(state="closed", closed_at=closed)
        )


# --- the days that must come, by another package ----------------------------------------------------------------------


def birthdays_until(last: date) -> dict[Birth, list[date]]:
    """On which days from New Year each date of birth is kept, by another package's lunar calendar."""
    kept: dict[Birth, list[date]] = defaultdict(list)
    day = date(last.year, 1, 1)
    while day <= last:
        kept["solar", day.month, day.day, False].append(day)
        if (day.month, day.day) == (2, 28) and (day + timedelta(days=1)).month == 3:
            kept["solar", 2, 29, False].append(day)
        for birth in _lunar_births(day):
            kept[birth].append(day)
        day += timedelta(days=1)
    return kept


def _lunar_births(day: date) -> list[Birth]:
    """Whose lunar birthday it is: leap months are kept in the ordinary month of years without them, 三十 on 廿九."""
    today, tomorrow = LunarDate.from_solar(day), LunarDate.from_solar(day + timedelta(days=1))
    is_leap = bool(today.leap)
    numbers = [today.day]
    if today.day == 29 and tomorrow.day == 1:
        numbers.append(30)
    births: list[Birth] = [("lunar", today.month, number, is_leap) for number in numbers]
    if not is_leap and not _has_leap_month(today.year, today.month):
        births += [("lunar", today.month, number, True) for number in numbers]
    return births


def _has_leap_month(year: int, month: int) -> bool:
    try:
        LunarDate(year, month, 1, 1)
    except ValueError:
        return False
    return True
