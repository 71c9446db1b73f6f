"""What comes of a call, on both databases: sent, next channel, later, paused, tapped, unknown."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from store.accounts import resume_account
from store.models.customers import Suppression
from store.models.handover import ChannelAccount, ProviderCall, ProviderRef, ProviderTask
from store.models.messages import ContactLedger
from store.transitions import Change, change_status
from tests.factories import make_contact
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.statuses import Event, Status


def test_an_accepted_message_is_sent_with_its_attempt_reference_and_place_in_the_ledger(world: World) -> None:
    sender, message_id = CountingSender(), world.message()

    tally = world.dispatcher(sender).run_once()

    assert (tally.claimed, tally.sent) == (1, 1)
    assert world.status(message_id) == Status.SENT
    assert world.history(message_id) == [("plan", None), ("start", None), ("accept", None)]
    [attempt] = world.attempts(message_id)
    assert (attempt.outcome, attempt.closed_at is not None) == ("accepted", True)
    with world.context.db.read() as session:
        assert session.scalar(select(ProviderRef.attempt_id)) == attempt.id
        assert session.scalar(select(ContactLedger.state)) == "committed"
    assert sender.taken[0].content.text == "【江城银行】生日快乐！"


def test_a_refused_message_goes_by_the_next_channel_of_its_plan(world: World) -> None:
    sms, mail = CountingSender("sms", answers=[Permanent(code="x")]), CountingSender("email")
    message_id = world.message(channels=("sms", "email"))

    tally = world.dispatcher(sms, mail).run_once()

    assert world.status(message_id) == Status.SENT
    assert (sms.calls, mail.calls, tally.sent, tally.scheduled_again) == (1, 1, 1, 1)
    assert [attempt.channel for attempt in world.attempts(message_id)] == ["sms", "email"]


def test_a_message_refused_everywhere_has_failed(world: World) -> None:
    refuse = [Permanent(code="x")]
    sms, mail = CountingSender("sms", answers=refuse), CountingSender("email", answers=refuse)
    message_id = world.message(channels=("sms", "email"))

    world.dispatcher(sms, mail).run_once()

    assert (world.status(message_id), world.row(message_id).reason) == (Status.FAILED, "refused")
    with world.context.db.read() as session:
        assert session.scalar(select(ContactLedger.state)) == "released"


def test_an_address_that_is_none_is_never_used_again(world: World) -> None:
    sender = CountingSender(answers=[Permanent(code="x", suppress="number_invalid")])
    customer = world.customer()
    world.message(customer)
    dispatcher = world.dispatcher(sender)
    dispatcher.run_once()
    second = world.message(customer, purpose="service", campaign="call")

    dispatcher.run_once()

    with world.context.db.read() as session:
        assert session.scalar(select(Suppression.reason)) == "number_invalid"
    assert world.status(second) == Status.SKIPPED
    assert sender.calls == 1


@pytest.mark.parametrize("answer", [Unknown(), TimeoutError("no answer"), ValueError("unforeseen")])
def test_an_unknown_outcome_is_never_sent_again_by_any_channel(
    world: World, answer: Outcome | Exception
) -> None:
    sms, mail = CountingSender("sms", answers=[answer]), CountingSender("email")
    message_id = world.message(channels=("sms", "email"))
    dispatcher = world.dispatcher(sms, mail)

    tally = dispatcher.run_once()
    world.clock.advance(timedelta(hours=3))
    dispatcher.run_once()

    assert tally.unknown == 1
    assert (world.status(message_id), world.row(message_id).reason) == (Status.UNKNOWN, "no_answer")
    assert (sms.calls, mail.calls) == (1, 0)
    with world.context.db.read() as session:
        assert session.scalar(select(ContactLedger.state)) == "committed"


def test_a_throttled_message_is_tried_again_after_a_while_and_then_sent(world: World) -> None:
    sender, message_id = CountingSender(answers=[Transient(code="busy")]), world.message()
    dispatcher = world.dispatcher(sender)

    dispatcher.run_once()
    assert (world.status(message_id), world.row(message_id).tries) == (Status.SCHEDULED, 1)
    dispatcher.run_once()
    assert sender.calls == 1, "not before its time"
    world.clock.advance(timedelta(seconds=3))
    dispatcher.run_once()

    assert (world.status(message_id), sender.calls) == (Status.SENT, 2)
    assert [attempt.number for attempt in world.attempts(message_id)] == [1, 2]


def test_a_message_throttled_until_its_deadline_fails_and_is_not_sent_late(world: World) -> None:
    sender = CountingSender(answers=[Transient(code="busy")] * 20)
    message_id = world.message(expires_at=world.clock.now() + timedelta(seconds=10))
    dispatcher = world.dispatcher(sender)

    for _ in range(20):
        dispatcher.run_once()
        world.clock.advance(timedelta(seconds=1))

    assert world.status(message_id) in (Status.FAILED, Status.EXPIRED)
    assert sender.calls <= 4


def test_a_fault_of_the_account_pauses_it_and_keeps_the_messages(world: World) -> None:
    sender = CountingSender(answers=[ChannelFault(code="balance", reason="no money")], calls_in_flight=1)
    ids = [world.message() for _ in range(5)]
    dispatcher = world.dispatcher(sender)

    dispatcher.run_until_empty(patience_seconds=3600)

    assert sender.calls == 1
    assert world.statuses() == {Status.SCHEDULED: 5}
    with world.context.db.read() as session:
        account = session.scalars(select(ChannelAccount)).one()
    assert (account.paused_code, account.paused_reason) == ("balance", "no money")
    with world.context.db.write() as session:
        assert resume_account(session, provider="counting", account="sms", at=world.clock.now())
    world.clock.advance(timedelta(minutes=6))
    dispatcher.run_once()
    assert {world.status(message_id) for message_id in ids} == {Status.SENT}


def test_a_task_waits_for_its_tap_and_closes_with_the_message(world: World) -> None:
    sender = CountingSender("wecom", answers=[TaskCreated(provider_task_id="task-1")])
    customer = world.customer()
    with world.context.db.write() as session:
        make_contact(session, world.context.vault, customer, "wecom", "external-1")
    message_id = world.message(customer, channels=("wecom",), purpose="service", campaign="call")

    tally = world.dispatcher(sender).run_once()

    assert (tally.awaiting_tap, world.status(message_id)) == (1, Status.AWAITING_TAP)
    with world.context.db.read() as session:
        task = session.scalars(select(ProviderTask)).one()
    assert (task.task, task.state, task.message_id) == ("task-1", "open", message_id)
    assert task.closes_at == world.row(message_id).expires_at


def test_a_batch_is_one_call_with_one_row_and_what_the_answer_leaves_out_is_unknown(world: World) -> None:
    class Forgetful(CountingSender):
        def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
            super().send(batch)
            return {message.attempt_id: Accepted() for message in batch[:-1]}

    sender = Forgetful(batch_size=3, calls_in_flight=2)
    for _ in range(5):
        world.message()

    world.dispatcher(sender).run_once()

    assert sender.calls == 2
    assert world.statuses() == {Status.SENT: 3, Status.UNKNOWN: 2}
    with world.context.db.read() as session:
        calls = session.scalars(select(ProviderCall).order_by(ProviderCall.size)).all()
        assert [call.size for call in calls] == [2, 3]
        assert all(call.closed_at is not None for call in calls)


def test_a_receipt_that_overtakes_its_answer_is_not_undone_by_it(world: World) -> None:
    def receipt(batch: Sequence[OutgoingMessage]) -> None:
        with world.context.db.write() as session:
            change = Change(
                message_id=batch[0].message_id, was=Status.SENDING, event=Event.DELIVER, actor="provider"
            )
            assert change_status(session, [change], world.clock.now())

    message_id = world.message()

    world.dispatcher(CountingSender(play=receipt)).run_once()

    assert world.status(message_id) == Status.DELIVERED
    [attempt] = world.attempts(message_id)
    assert attempt.outcome == "accepted"
    with world.context.db.read() as session:
        assert session.scalar(select(func.count()).select_from(ProviderRef)) == 1


def test_an_account_remembers_when_it_did_well_and_how_often_it_did_not(world: World) -> None:
    sender = CountingSender(answers=[Transient(code="busy"), Unknown(), Permanent(code="x")])
    dispatcher = world.dispatcher(sender)
    for _ in range(3):
        world.message()
        dispatcher.run_once()
    with world.context.db.read() as session:
        account = session.scalars(select(ChannelAccount)).one()
        assert (account.errors_in_row, account.last_success_at) == (2, None)
        assert account.last_error_at is not None

    world.message()
    dispatcher.run_once()

    with world.context.db.read() as session:
        account = session.scalars(select(ChannelAccount)).one()
        assert (account.errors_in_row, account.last_success_at) == (0, world.context.clock.now())
