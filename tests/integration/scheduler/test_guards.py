"""What stops a message at the last moment, on both databases: gates, orders to stop, pauses, changed words."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from scheduler.dispatch import Dispatcher
from store.models.campaigns import Campaign
from store.models.customers import ConsentState, Customer
from store.models.handover import Stop
from store.models.hearing import Case
from store.models.messages import Message, MessageContent
from store.outbox import expire_passed
from store.transitions import Change, change_status
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.channels import OutgoingMessage
from wenhou.core.statuses import Event, Status


def _stop(world: World, scope: str, value: str = "") -> None:
    with world.context.db.write() as session:
        session.add(Stop(scope=scope, value=value, ordered_at=world.clock.now()))


def _lift_all(world: World) -> None:
    with world.context.db.write() as session:
        session.execute(update(Stop).values(lifted_at=world.clock.now()))


def _pause(world: World, key: str, state: str = "paused") -> None:
    with world.context.db.write() as session:
        session.execute(update(Campaign).where(Campaign.key == key).values(state=state))


def test_an_opt_out_between_claim_and_call_is_obeyed(world: World) -> None:
    sender, customer = CountingSender(), world.customer()
    message_id = world.message(customer)
    dispatcher = world.dispatcher(sender)
    dispatcher.release()
    claimed = dispatcher.claim()
    with world.context.db.write() as session:
        session.execute(
            update(ConsentState).where(ConsentState.customer_id == customer.id).values(state="withdrawn")
        )

    tally = dispatcher.deliver(claimed)

    assert (tally.skipped, sender.calls) == (1, 0)
    row = world.row(message_id)
    assert (row.status, row.reason, row.claim_owner) == (Status.SKIPPED, "consent_withdrawn", None)
    assert row.trace


def test_a_closed_customer_is_not_written_to(world: World) -> None:
    sender, customer = CountingSender(), world.customer()
    message_id = world.message(customer)
    with world.context.db.write() as session:
        session.execute(update(Customer).where(Customer.id == customer.id).values(state="closed"))

    world.dispatcher(sender).run_once()

    assert (world.row(message_id).reason, sender.calls) == ("customer_inactive", 0)


def test_a_consent_withdrawn_on_one_channel_moves_the_message_to_the_next(world: World) -> None:
    sms, mail, customer = CountingSender("sms"), CountingSender("email"), world.customer()
    message_id = world.message(customer, channels=("sms", "email"))
    with world.context.db.write() as session:
        session.execute(
            update(ConsentState)
            .where(ConsentState.customer_id == customer.id, ConsentState.channel == "sms")
            .values(state="withdrawn")
        )

    world.dispatcher(sms, mail).run_once()

    assert (sms.calls, mail.calls, world.status(message_id)) == (0, 1, Status.SENT)


@pytest.mark.parametrize(
    ("scope", "value"), [("all", ""), ("purpose", "care"), ("channel", "sms"), ("campaign", "")]
)
def test_an_order_to_stop_holds_what_is_claimed_already(world: World, scope: str, value: str) -> None:
    sender, message_id = CountingSender(), world.message()
    dispatcher = world.dispatcher(sender)
    dispatcher.release()
    claimed = dispatcher.claim()
    _stop(world, scope, value or str(world.campaigns["birthday"].id) if scope == "campaign" else value)

    dispatcher.deliver(claimed)

    row = world.row(message_id)
    assert (row.status, row.claim_owner, row.released_at, sender.calls) == (Status.SCHEDULED, None, None, 0)
    assert world.attempts(message_id) == [], "not even opened"
    _lift_all(world)
    dispatcher.run_once()
    assert world.status(message_id) == Status.SENT


def test_an_order_to_stop_is_obeyed_between_opening_and_calling(world: World) -> None:
    sender, message_id = CountingSender(), world.message()

    def stop_now(point: str) -> None:
        if point == "open.after_commit" and not sender.calls:
            _stop(world, "all")

    world.context = replace(world.context, passed=stop_now)
    dispatcher = world.dispatcher(sender)

    dispatcher.run_once()

    row = world.row(message_id)
    assert (row.status, row.reason, row.tries, sender.calls) == (Status.SCHEDULED, "stopped", 0, 0)
    [attempt] = world.attempts(message_id)
    assert (attempt.outcome, attempt.code) == ("transient", "stopped")


def test_an_order_to_stop_takes_effect_before_the_next_call_of_a_running_batch(world: World) -> None:
    def stop_after_first(_: Sequence[OutgoingMessage]) -> None:
        _stop(world, "all")

    sender = CountingSender(calls_in_flight=1, play=stop_after_first)
    for _ in range(6):
        world.message()

    world.dispatcher(sender).run_until_empty(patience_seconds=3600)

    assert sender.calls == 1
    assert world.statuses() == {Status.SENT: 1, Status.SCHEDULED: 5}


def test_other_purposes_go_on_while_one_is_stopped(world: World) -> None:
    sender = CountingSender()
    care = world.message()
    service = world.message(purpose="service", campaign="call")
    _stop(world, "purpose", "care")

    world.dispatcher(sender).run_until_empty(patience_seconds=3600)

    assert (world.status(care), world.status(service)) == (Status.SCHEDULED, Status.SENT)


def test_a_paused_campaign_waits_and_does_not_stand_in_the_way_of_others(world: World) -> None:
    sender = CountingSender(rate_per_second=1)
    dispatcher = world.dispatcher(sender)
    waiting = [world.message() for _ in range(3)]
    dispatcher.release()
    assert [world.row(one).released_at is not None for one in waiting].count(True) == 2
    _pause(world, "birthday")
    other = world.message(purpose="service", campaign="call")

    dispatcher.run_once()

    assert world.status(other) == Status.SENT, "released messages of a paused campaign filled the route"
    assert all(world.row(one).released_at is None for one in waiting)
    assert sender.calls == 1
    _pause(world, "birthday", "live")
    dispatcher.run_until_empty(patience_seconds=5)
    assert {world.status(one) for one in waiting} == {Status.SENT}


def test_a_campaign_paused_between_claim_and_call_waits(world: World) -> None:
    sender, message_id = CountingSender(), world.message()
    dispatcher = world.dispatcher(sender)
    dispatcher.release()
    claimed = dispatcher.claim()
    _pause(world, "birthday")

    dispatcher.deliver(claimed)

    assert (world.status(message_id), sender.calls) == (Status.SCHEDULED, 0)


def test_quiet_hours_hold_until_the_morning(world: World) -> None:
    sender = CountingSender()
    evening = world.clock.now() + timedelta(hours=12)
    message_id = world.message(due_at=evening, expires_at=evening + timedelta(hours=14))
    world.clock.move_to(evening)
    dispatcher = world.dispatcher(sender)

    tally = dispatcher.run_once()

    row = world.row(message_id)
    assert (row.status, row.reason, tally.scheduled_again) == (Status.SCHEDULED, "outside_window", 1)
    assert row.due_at == evening + timedelta(hours=11)
    world.clock.move_to(row.due_at)
    dispatcher.run_once()
    assert world.status(message_id) == Status.SENT


def test_quiet_hours_that_last_beyond_the_day_skip_the_greeting(world: World) -> None:
    evening = world.clock.now() + timedelta(hours=12)
    message_id = world.message(due_at=evening, expires_at=evening + timedelta(hours=1))
    world.clock.move_to(evening)

    world.dispatcher(CountingSender()).run_once()

    assert (world.status(message_id), world.row(message_id).reason) == (Status.SKIPPED, "no_slot")


def test_an_open_complaint_holds_until_it_is_closed(world: World) -> None:
    sender, customer = CountingSender(), world.customer()
    message_id = world.message(customer)
    with world.context.db.write() as session:
        session.add(_complaint(world, customer))

    world.dispatcher(sender).run_until_empty(patience_seconds=3600)

    row = world.row(message_id)
    assert (row.status, row.reason, sender.calls) == (Status.SCHEDULED, "open_case", 0)
    assert row.hold_key
    assert row.hold_key.startswith("case:")


def _complaint(world: World, customer: Customer) -> Case:
    at = world.clock.now()
    return Case(
        number=f"T{customer.external_ref}",
        customer_id=customer.id,
        kind="complaint",
        opened_at=at,
        first_answer_due_at=at,
        solution_due_at=at,
        regulator_due_on=at.date(),
    )


def test_one_greeting_a_day_to_a_customer_even_if_two_are_due(world: World) -> None:
    sender, customer = CountingSender(), world.customer()
    first = world.message(customer)
    dispatcher = world.dispatcher(sender)
    dispatcher.run_once()
    second = world.message(customer, campaign="spring_festival")

    dispatcher.run_once()

    assert (world.status(first), world.status(second)) == (Status.SENT, Status.SKIPPED)
    assert world.row(second).reason == "cap_reached"
    assert sender.calls == 1


@pytest.mark.parametrize("what", ["hash", "digest", "words"])
def test_words_that_differ_from_what_was_approved_go_back_to_the_approver(world: World, what: str) -> None:
    sender, message_id = CountingSender(), world.message()
    other = world.message(campaign="spring_festival")
    with world.context.db.write() as session:
        if what == "hash":
            session.execute(update(Message).where(Message.id == message_id).values(content_hash=b"\1" * 32))
        elif what == "digest":
            session.execute(
                update(MessageContent)
                .where(MessageContent.message_id == message_id)
                .values(digest=b"\1" * 32)
            )
        else:
            body = session.get_one(MessageContent, (other, "sms")).body
            session.execute(
                update(MessageContent).where(MessageContent.message_id == message_id).values(body=body)
            )

    world.dispatcher(sender).run_once()

    row = world.row(message_id)
    assert (row.status, row.reason, row.approvals) == (Status.PROPOSED, "content_changed", 0)
    assert world.status(other) == Status.SENT
    assert sender.calls == 1


@pytest.mark.parametrize("what", ["hash", "digest"])
def test_words_that_came_back_leave_once_they_are_approved_again(world: World, what: str) -> None:
    sender, message_id = CountingSender(), world.message()
    column = {"content_hash": b"\1" * 32} if what == "hash" else {"digest": b"\1" * 32}
    table = Message if what == "hash" else MessageContent
    of = Message.id if what == "hash" else MessageContent.message_id
    with world.context.db.write() as session:
        session.execute(update(table).where(of == message_id).values(column))
    dispatcher = world.dispatcher(sender)
    dispatcher.run_once()
    assert sender.calls == 0
    with world.context.db.write() as session:
        agreed = Change(message_id=message_id, was=Status.PROPOSED, event=Event.APPROVE, actor="user:test")
        assert change_status(session, [agreed], world.clock.now()) == {message_id}

    dispatcher.run_once()

    assert world.status(message_id) == Status.SENT


def test_what_nobody_approved_in_time_expires(world: World) -> None:
    message_id = world.message(expires_at=world.clock.now() + timedelta(hours=1))
    with world.context.db.write() as session:
        session.execute(update(Message).where(Message.id == message_id).values(status=Status.PROPOSED))
    world.clock.advance(timedelta(hours=2))

    with world.context.db.write() as session:
        assert expire_passed(session, now=world.clock.now()) == 1

    assert (world.status(message_id), world.row(message_id).reason) == (Status.EXPIRED, "not_approved")


def test_the_most_urgent_purpose_is_released_first(world: World) -> None:
    sender = CountingSender(rate_per_second=1, calls_in_flight=1)
    for _ in range(4):
        world.message()
    urgent: uuid.UUID = world.message(purpose="service", campaign="call")
    dispatcher: Dispatcher = world.dispatcher(sender)

    dispatcher.release()

    assert world.row(urgent).released_at is not None
    assert dispatcher.claim()[0].id == urgent
