"""A small town with a movable clock: campaigns by their text, customers, days planned, messages really handed over."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from scheduler.planning import Planner
from store.keys import customer_key
from store.message_writes import open_body
from store.models.customers import Customer
from store.models.hearing import Conversation, ConversationEntry, Feedback, Task
from store.models.messages import Message, MessageContent
from tests import factories
from tests.factories import People, Reach, Tree
from tests.integration.scheduler.world import CountingSender
from wenhou.core.actors import SYSTEM, Actor
from wenhou.core.channels import SMS
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.statuses import Status
from wenhou.services.calendars import apply_calendar
from wenhou.services.campaign_files import read_campaigns
from wenhou.services.campaigns import apply_campaigns
from wenhou.services.context import Context
from wenhou.services.events import EventsReport, NewEvent, take_in
from wenhou.services.policies import apply_policy

SHANGHAI = ZoneInfo("Asia/Shanghai")
ALL_CONSENTS = tuple((SMS, purpose) for purpose in ("care", "information", "marketing"))
_numbers = itertools.count(1)


@dataclass(slots=True)
class Town:
    """Everything a story of planning touches. Times are Shanghai's."""

    context: Context
    clock: ShiftedClock
    tree: Tree
    people: People
    sender: CountingSender
    planner: Planner
    carriers: Carriers
    actors: dict[str, Actor] = field(default_factory=dict)

    # --- campaigns and customers ------------------------------------------------------------------------------------

    def go_live(self, text: str) -> None:
        """Apply campaigns as operations would, in force at once."""
        apply_campaigns(self.context, SYSTEM, read_campaigns(text, "town.yaml"))

    def set_policy(self, **rules: Any) -> None:
        """The bank's rules from now on."""
        apply_policy(self.context, self.actors["operations"], rules)

    def set_calendar(self, text: str) -> None:
        """The operator's days from now on."""
        apply_calendar(self.context, self.actors["operations"], text, "town-calendar.yaml")

    def customer(self, name: str = "王芳", **facts: Any) -> Customer:
        """Reached by SMS with every consent, looked after by 李伟; a number of their own unless told otherwise."""
        number = next(_numbers)
        more: dict[str, Any] = {
            "org": self.tree.outlet,
            "advisor": self.people.advisor,
            "reach": Reach(phone=f"+86138{number:08d}"),
            "consents": ALL_CONSENTS,
        } | facts
        changes = {key: more.pop(key) for key in ("festivals", "time_zone", "life_stage") if key in more}
        with self.context.db.write() as session:
            customer = factories.make_customer(session, self.context.vault, name=name, **more)
            for key, value in changes.items():
                setattr(customer, key, value)
        return customer

    # --- time -------------------------------------------------------------------------------------------------------

    def at(self, day: date, hour: int = 9, minute: int = 0) -> None:
        """Move the clock."""
        self.clock.move_to(datetime.combine(day, time(hour, minute), tzinfo=SHANGHAI))

    def plan(
        self, day: date, last: date | None = None, *, campaign: str | None = None
    ) -> list[dict[str, Any]]:
        """Plan days; the reports of the occasions that met anybody."""
        report = self.planner.plan(day, last or day, campaign=campaign).as_json()
        return [one for one in report["occurrences"] if one["audience"]]

    def dispatch(self) -> int:
        """Hand over everything that is due; how many left."""
        worker = Dispatcher(self.context, self.carriers)
        try:
            return worker.run_until_empty(patience_seconds=0).sent
        finally:
            worker.close()

    # --- what happens -----------------------------------------------------------------------------------------------

    def tell(self, kind: str, customer: Customer, **facts: Any) -> EventsReport:
        """A business event of a customer, now unless told otherwise."""
        more: dict[str, Any] = {
            "source": "core",
            "source_id": f"{kind}-{customer.external_ref}",
            "happened_at": self.clock.now(),
        }
        event = NewEvent(kind=kind, customer=customer.external_ref, **{**more, **facts})
        return take_in(self.context, SYSTEM, [event])

    def reply(self, customer: Customer, *, is_automatic: bool = False) -> None:
        """Words of the customer, now."""
        now = self.clock.now()
        with self.context.db.write() as session:
            thread = Conversation(id=new_id(), customer_id=customer.id, last_entry_at=now, created_at=now)
            session.add(thread)
            session.flush()
            session.add(
                ConversationEntry(
                    id=new_id(), conversation_id=thread.id, customer_id=customer.id, direction="in", channel=SMS,
                    text=b"-", sealed_for="customer", is_automatic=is_automatic, at=now, created_at=now,
                )
            )  # fmt: skip

    def rate(self, message: Message, score: int) -> None:
        """A rating of a message, now."""
        with self.context.db.write() as session:
            session.add(
                Feedback(
                    id=new_id(), customer_id=message.customer_id, message_id=message.id, kind="csat", score=score,
                    at=self.clock.now(),
                )
            )  # fmt: skip

    def mark(self, status: Status, *messages: Message) -> None:
        """What receipts said of these, or what happened behind the planner's back."""
        with self.context.db.write() as session:
            session.execute(
                update(Message).where(Message.id.in_([one.id for one in messages])).values(status=status)
            )

    def mark_oldest(self, customer: Customer) -> None:
        """The earliest of a customer's waiting messages leaves."""
        waiting = [one for one in self.messages(customer=customer) if one.status == Status.SCHEDULED]
        if waiting:
            self.mark(Status.SENT, min(waiting, key=lambda one: one.planned_for))

    def retire(self, customer: Customer) -> None:
        """No campaign's audience any more."""
        with self.context.db.write() as session:
            session.get_one(Customer, customer.id).tier = "-"

    # --- what stands ------------------------------------------------------------------------------------------------

    def messages(self, *, customer: Customer | None = None, step: int | None = None) -> list[Message]:
        """Messages, oldest first."""
        with self.context.db.read() as session:
            found: Sequence[Message] = session.scalars(select(Message).order_by(Message.id)).all()
        return [
            one
            for one in found
            if (customer is None or one.customer_id == customer.id) and step in (None, one.step)
        ]

    def standing(self, **which: Any) -> list[tuple[str, str | None]]:
        """(status, reason) of each."""
        return [(one.status, one.reason) for one in self.messages(**which)]

    def tasks(self) -> list[Task]:
        """To-dos, oldest first."""
        with self.context.db.read() as session:
            return list(session.scalars(select(Task).order_by(Task.id)))

    def words(self, message: Message, channel: str = SMS) -> str:
        """What it says."""
        with self.context.db.read() as session:
            body = session.scalars(
                select(MessageContent.body).where(
                    MessageContent.message_id == message.id, MessageContent.channel == channel
                )
            ).one()
            return open_body(
                customer_key(session, self.context.vault, message.customer_id), message.id, channel, body
            ).text


def make_town(context: Context, clock: ShiftedClock, *, capable: CountingSender | None = None) -> Town:
    """A bank with people and an SMS line that takes everything."""
    with context.db.write() as session:
        tree = factories.make_tree(session)
        people = factories.make_people(session, tree)
        actors = {
            name: factories.actor_for(session, getattr(people, name))
            for name in ("advisor", "deputy", "supervisor", "operations", "compliance")
        }
    sender = capable or CountingSender(SMS, batch_size=100, rate_per_second=100_000.0)
    carriers = Carriers(senders={SMS: sender})
    return Town(
        context=context,
        clock=clock,
        tree=tree,
        people=people,
        sender=sender,
        planner=Planner(context, carriers),
        carriers=carriers,
        actors=actors,
    )


def ids_of(messages: Sequence[Message]) -> set[uuid.UUID]:
    """Whose they are."""
    return {one.customer_id for one in messages}
