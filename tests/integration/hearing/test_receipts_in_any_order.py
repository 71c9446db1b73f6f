"""Whatever order, number and loss of answers, receipts, deaths and deadlines: one state, by a model; never a second send.

The model is written from the rules, not from the code: it keeps what was said and derives the status from all of it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from store.attempts import ClosedAttempt, close_attempts
from store.models.handover import Attempt
from store.models.messages import Message, MessageEvent
from tests.integration.hearing.world import World, move
from wenhou.core.ids import new_id
from wenhou.core.statuses import Event, Status
from wenhou.services import closing_unknown, intake

PARTS = ("part-a", "part-b", "part-c")
DEADLINES = {("simulator", "sms"): 24}
"""Hours."""


class Provider(RuleBasedStateMachine):
    """One message of three parts in a provider's hands."""

    world: World

    @initialize()
    def leave(self) -> None:
        """Rows of earlier runs stay: each has a message and names of its own."""
        self.message, self.attempt = self.world.sent(upto=None)
        self.run = new_id().hex[:12]
        self.answer: str | None = None
        self.said: dict[str, tuple[str, int]] = {}
        self.parked: list[tuple[str, str, int]] = []
        self.is_closed = self.has_failed = False

    # what may happen

    @precondition(lambda self: self.answer is None)
    @rule()
    def accept(self) -> None:
        """The answer of the call is written, with a name for each part."""
        self._answer("accepted", Event.ACCEPT, [f"{self.run}-{part}" for part in PARTS])
        for part, status, minute in self.parked:
            self._say(part, status, minute)
        self.parked = []

    @precondition(lambda self: self.answer is None)
    @rule()
    def kill(self) -> None:
        """The process dies during the call: recovery finds the open attempt, and no name was ever written."""
        self._answer("unknown", Event.LOSE, [])

    @rule(
        part=st.sampled_from(PARTS),
        status=st.sampled_from(["delivered", "undelivered", "accepted"]),
        minute=st.integers(0, 4),
        times=st.integers(1, 3),
    )
    def receipt(self, part: str, status: str, minute: int, times: int) -> None:
        """A receipt of one part: early, late, reversed, doubled."""
        at = self.world.clock.now() - timedelta(minutes=10 - minute)
        event: dict[str, Any] = {
            "type": "receipt",
            "id": f"{self.run}-{part}-{status}-{minute}",
            "status": status,
            "at": at.isoformat(),
            "message_id": f"{self.run}-{part}",
            "reference": "",
            "address": "",
        }
        for _ in range(times):
            self.world.hear(event)
        if self.answer == "accepted":
            self._say(part, status, minute)
        elif (part, status, minute) not in self.parked:
            self.parked.append((part, status, minute))

    @rule()
    def deadline(self) -> None:
        """The account's deadline passes."""
        with self.world.context.db.write() as session:
            long_ago = self.world.context.clock.real() - timedelta(hours=25)
            session.get_one(Attempt, self.attempt.id).opened_at = long_ago
        closing_unknown.close_overdue(self.world.context, DEADLINES)
        self.is_closed = self.is_closed or self._expected() is Status.UNKNOWN

    @rule()
    def look_again(self) -> None:
        """The worker comes round: nothing is applied twice."""
        intake.apply_pending(self.world.context, self.world.parsers)

    # what must be so

    @invariant()
    def stands_as_the_model_says(self) -> None:
        row = self.world.message(self.message)
        assert Status(row.status) is self._expected()
        if self.is_closed and row.status == Status.UNKNOWN:
            assert row.reason == "closed_unknown"

    @invariant()
    def never_leaves_twice(self) -> None:
        with self.world.context.db.read() as session:
            events = session.query(MessageEvent).filter_by(message_id=self.message.id).all()
            assert [one.event for one in events].count(Event.START) == 1
            assert session.query(Attempt).filter_by(message_id=self.message.id).count() == 1
            assert session.get_one(Message, self.message.id).released_at is None

    # the model

    def _say(self, part: str, status: str, minute: int) -> None:
        """First verdict first, save that a delivery no earlier than the failure is believed.

        A text that failed once is undelivered until all of it has arrived: another channel may have taken over.
        """
        before = self.said.get(part)
        if before is None or before[0] == "accepted":
            if before is None or status != "accepted":
                self.said[part] = (status, minute)
        elif before[0] == "undelivered" and status == "delivered" and minute >= before[1]:
            self.said[part] = (status, minute)
        self.has_failed = self.has_failed or self.said[part][0] == "undelivered"

    def _expected(self) -> Status:
        if self.answer is None:
            return Status.SENDING
        if self.answer == "unknown":
            return Status.UNKNOWN
        verdicts = [status for status, _ in self.said.values()]
        if verdicts.count("delivered") == len(PARTS):
            return Status.DELIVERED
        return Status.UNDELIVERED if self.has_failed else Status.SENT

    def _answer(self, outcome: str, event: Event, names: list[str]) -> None:
        self.answer = outcome
        with self.world.context.db.write() as session:
            closed = ClosedAttempt(
                id=self.attempt.id,
                provider="simulator",
                account="sms",
                outcome=outcome,
                references=tuple(names),
            )
            close_attempts(session, [closed], self.world.context.clock.real())
            move(session, self.world, self.message.id, Status.SENDING, event)
        intake.apply_pending(self.world.context, self.world.parsers)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_order_number_and_loss_of_receipts_ends_where_the_model_says(world: World) -> None:
    machine = type("ProviderHere", (Provider,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
