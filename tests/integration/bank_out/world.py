"""A bank in mid-run: a live campaign, its run of today, customers whose messages wait in waves."""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from store.campaigns import list_campaigns
from store.message_writes import NewMessage, insert_messages
from store.models.campaigns import Occurrence
from store.models.customers import Consent, Customer
from store.models.hearing import Case
from store.models.messages import Message
from store.models.steering import RunWave
from store.occurrences import open_run
from store.runs import RunRow, list_runs
from store.transitions import Change, change_status
from store.waves import wave_hold_key, waves_out
from tests import factories
from tests.factories import People, Tree
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.channels import SMS, Content
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Event, Status
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context

TODAY = date(2027, 1, 30)
CAMPAIGN = """
key: {key}
name: {{zh-CN: 新春问候, en: New year}}
purpose: care
trigger: {{type: festival, festival: spring_festival, days_before: 7}}
template: spring_festival
channels: [sms]
approval: none
{more}
"""
LIMITS = "limits: {failure_percent: 5, opt_out_percent: 1, complaint_percent: 0.5}"
WAVES = f"waves: {{percents: [10, 50], observe_minutes: 60}}\n{LIMITS}"
_numbers = itertools.count(1)


@dataclass
class World:
    """Everything a test touches."""

    context: Context
    clock: ShiftedClock
    tree: Tree
    people: People
    actors: dict[str, Actor]
    keys: dict[str, uuid.UUID] = field(default_factory=dict)

    def go_live(self, key: str = "new_year", more: str = WAVES) -> RunRow:
        """A live campaign with its run of today, planned whole."""
        documents = read_campaigns(CAMPAIGN.format(key=key, more=more), f"{key}.yaml")
        apply_campaigns(self.context, SYSTEM, documents)
        with self.context.db.write() as session:
            row = next(one for one in list_campaigns(session) if one.key == key)
            run_id = open_run(
                session, campaign_id=row.id, version_id=row.version_id, on_day=TODAY, at=self.clock.now()
            )
            session.get_one(Occurrence, run_id).state = "planned"
        return self.run(key)

    def run(self, key: str = "new_year") -> RunRow:
        """The run as it stands now."""
        with self.context.db.read() as session:
            return list_runs(session, since=TODAY, until=TODAY, campaign=key)[0]

    def wait(self, run: RunRow, wave: int | None, people: int) -> list[uuid.UUID]:
        """So many scheduled messages of a wave; held unless it is the first."""
        made = []
        with self.context.db.write() as session:
            for _ in range(people):
                customer = factories.make_customer(
                    session, self.context.vault, org=self.tree.outlet, advisor=self.people.advisor
                )
                made.append(self._message(run, wave, customer))
            insert_messages(session, self.context.vault, made, at=self.clock.now())
            for one in made:
                session.get_one(Message, one.id).wave = wave
        return [one.id for one in made]

    def _message(self, run: RunRow, wave: int | None, customer: Customer) -> NewMessage:
        now = self.clock.now()
        return NewMessage(
            customer_id=customer.id,
            dedupe_key=f"{run.campaign}|{next(_numbers)}/1",
            origin="campaign",
            purpose=Purpose.CARE,
            channel_plan=(SMS,),
            channel=SMS,
            status=Status.SCHEDULED,
            planned_for=run.on_day,
            not_before=now,
            due_at=now,
            expires_at=now + timedelta(days=1),
            campaign_id=run.campaign_id,
            campaign_version_id=run.version_id,
            occurrence_id=run.id,
            org_id=customer.managing_org_id,
            advisor_id=customer.main_advisor_id,
            hold_key=wave_hold_key(run.id, wave) if wave else None,
            contents=(Content(channel=SMS, sender="江城银行", text="【江城银行】新春好！拒收请回复R"),),
        )

    def hand_over(self, ids: list[uuid.UUID], event: Event = Event.ACCEPT) -> None:
        """These leave now, with this end."""
        with self.context.db.write() as session:
            start = [
                Change(message_id=one, was=Status.SCHEDULED, event=Event.START, actor="system") for one in ids
            ]
            assert change_status(session, start, self.clock.now()) == set(ids)
            end = [Change(message_id=one, was=Status.SENDING, event=event, actor="system") for one in ids]
            change_status(session, end, self.clock.now())

    def withdraw(self, message_id: uuid.UUID, source: str = "customer") -> None:
        """The recipient does not want such messages any longer."""
        with self.context.db.write() as session:
            session.add(
                Consent(
                    id=new_id(),
                    customer_id=session.get_one(Message, message_id).customer_id,
                    channel=SMS,
                    purpose="care",
                    act="withdrawn",
                    source=source,
                    at=self.clock.now(),
                )
            )

    def complain(self, message_id: uuid.UUID) -> None:
        """The recipient complains."""
        now = self.clock.now()
        with self.context.db.write() as session:
            session.add(
                Case(
                    id=new_id(),
                    number=f"TS20270130-{next(_numbers):04d}",
                    customer_id=session.get_one(Message, message_id).customer_id,
                    kind="complaint",
                    opened_at=now,
                    first_answer_due_at=now,
                    solution_due_at=now,
                    regulator_due_on=TODAY,
                )
            )

    def held(self, ids: list[uuid.UUID]) -> int:
        """How many of these still wait for their wave."""
        with self.context.db.read() as session:
            return sum(session.get_one(Message, one).hold_key is not None for one in ids)

    def out(self, run: RunRow) -> int:
        """The highest wave that may leave."""
        with self.context.db.read() as session:
            return waves_out(session, [run.id])[run.id]

    def wave_rows(self) -> list[RunWave]:
        """Everything that was let go."""
        with self.context.db.read() as session:
            return list(session.query(RunWave).order_by(RunWave.wave))


def make_world(context: Context, clock: ShiftedClock) -> World:
    """The bank's tree with its people."""
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        names = "advisor deputy other_advisor supervisor operations compliance administrator".split()
        actors = {name: factories.actor_for(session, getattr(people, name)) for name in names}
    return World(context=context, clock=clock, tree=tree, people=people, actors=actors)


def at(hour: int, minute: int = 0, day: date = TODAY) -> datetime:
    """An instant of the bank's day (Shanghai), in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
