"""A sender that counts in this process, and messages that are due: the hand-over's small world."""

from __future__ import annotations

import itertools
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from store.message_writes import NewMessage, insert_messages
from store.models.campaigns import Campaign
from store.models.customers import Customer
from store.models.handover import Attempt
from store.models.messages import Message, MessageEvent
from tests.factories import Reach, make_campaign, make_customer
from wenhou.core.channels import Accepted, Capabilities, Content, Outcome, OutgoingMessage
from wenhou.core.clock import ShiftedClock
from wenhou.core.purposes import Purpose
from wenhou.core.statuses import Status
from wenhou.services.context import Context

EVERY = frozenset(str(purpose) for purpose in Purpose)
_numbers = itertools.count(1)

Answer = Outcome | Exception
Play = Callable[[Sequence[OutgoingMessage]], None]


class CountingSender:
    """Takes everything and counts by address; `answers` plays another outcome, `play` runs inside the call."""

    provider = "counting"

    def __init__(
        self,
        channel: str = "sms",
        *,
        batch_size: int = 1,
        calls_in_flight: int = 4,
        rate_per_second: float = 1000.0,
        answers: Sequence[Answer] = (),
        play: Play = lambda _: None,
    ) -> None:
        self.account = channel
        self.capabilities = Capabilities(
            channel=channel,
            purposes=EVERY,
            batch_size=batch_size,
            calls_in_flight=calls_in_flight,
            rate_per_second=rate_per_second,
        )
        self.counts: Counter[str] = Counter()
        self.calls = 0
        self.taken: list[OutgoingMessage] = []
        self._answers = list(answers)
        self._play = play
        self._lock = threading.Lock()

    def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
        """Count, then answer."""
        with self._lock:
            self.calls += 1
            self.counts.update(message.address for message in batch)
            self.taken += batch
            answer: Answer = self._answers.pop(0) if self._answers else Accepted()
        self._play(batch)
        if isinstance(answer, Exception):
            raise answer
        return {
            message.attempt_id: Accepted(provider_message_ids=(f"p-{message.attempt_id.hex}",))
            if isinstance(answer, Accepted)
            else answer
            for message in batch
        }

    def close(self) -> None:
        """Nothing to give back."""


@dataclass(slots=True, kw_only=True)
class World:
    """Customers with due messages, and the dispatchers that were made."""

    context: Context
    clock: ShiftedClock
    dispatchers: list[Dispatcher] = field(default_factory=list)
    campaigns: dict[str, Campaign] = field(default_factory=dict)

    def dispatcher(self, *senders: CountingSender, lease_seconds: float = 60.0) -> Dispatcher:
        """A worker with these senders, closed at the end of the test."""
        carriers = Carriers(senders={sender.capabilities.channel: sender for sender in senders})
        made = Dispatcher(self.context, carriers, lease=timedelta(seconds=lease_seconds))
        self.dispatchers.append(made)
        return made

    def customer(self, *, reach: Reach | None = None) -> Customer:
        """Reached by SMS and mail, with consent to both."""
        number = next(_numbers)
        found = reach or Reach(phone=f"+8613700{number:06d}", email=f"w{number}@example.com")
        consents = tuple((channel, purpose) for channel in ("sms", "email", "wechat") for purpose in EVERY)
        with self.context.db.write() as session:
            return make_customer(session, self.context.vault, reach=found, consents=consents)

    def message(
        self,
        customer: Customer | None = None,
        *,
        channels: tuple[str, ...] = ("sms",),
        purpose: str = "care",
        campaign: str = "birthday",
        due_at: datetime | None = None,
        expires_at: datetime | None = None,
        contents: tuple[Content, ...] = (),
    ) -> uuid.UUID:
        """A message that is due now, approved, with its words for every channel."""
        customer = customer or self.customer()
        now = self.clock.now()
        with self.context.db.write() as session:
            if campaign not in self.campaigns:
                self.campaigns[campaign] = make_campaign(session, campaign, purpose)
            row = self.campaigns[campaign]
            new = NewMessage(
                customer_id=customer.id,
                dedupe_key=f"{campaign}|{next(_numbers)}/1",
                origin="campaign",
                purpose=Purpose(purpose),
                channel_plan=channels,
                channel=channels[0],
                status=Status.SCHEDULED,
                planned_for=now.astimezone(self.context.bank.zone).date(),
                not_before=now,
                due_at=due_at or now,
                expires_at=expires_at or now + timedelta(hours=9),
                campaign_id=row.id,
                campaign_version_id=row.current_version_id,
                contents=contents
                or tuple(
                    Content(
                        channel=channel, sender="江城银行", text="【江城银行】生日快乐！", subject="生日快乐"
                    )
                    for channel in channels
                ),
            )
            assert insert_messages(session, self.context.vault, [new], at=now) == {new.id}
        return new.id

    def row(self, message_id: uuid.UUID) -> Message:
        """The message as it stands."""
        with self.context.db.read() as session:
            return session.get_one(Message, message_id)

    def status(self, message_id: uuid.UUID) -> str:
        """Its status."""
        return self.row(message_id).status

    def statuses(self) -> Counter[str]:
        """All messages by status."""
        with self.context.db.read() as session:
            return Counter(session.scalars(select(Message.status)))

    def history(self, message_id: uuid.UUID) -> list[tuple[str, str | None]]:
        """(event, reason) in order."""
        with self.context.db.read() as session:
            rows = session.execute(
                select(MessageEvent.event, MessageEvent.reason)
                .where(MessageEvent.message_id == message_id)
                .order_by(MessageEvent.id)
            )
            return [(row.event, row.reason) for row in rows]

    def attempts(self, message_id: uuid.UUID) -> list[Attempt]:
        """Its attempts in order."""
        with self.context.db.read() as session:
            return list(
                session.scalars(select(Attempt).where(Attempt.message_id == message_id).order_by(Attempt.id))
            )
