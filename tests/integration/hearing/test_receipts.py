"""Receipts: in any order, early, late, twice."""

from datetime import timedelta

import pytest

from store.models.customers import ContactPoint, Suppression
from store.models.handover import Attempt, ProviderTask
from store.models.hearing import Callback
from tests.integration.hearing.world import World, move
from wenhou.core.ids import new_id
from wenhou.core.statuses import Event, Status
from wenhou.services import intake


def test_a_delivered_receipt_moves_a_sent_message(world: World) -> None:
    message, attempt = world.sent()
    world.hear(world.receipt(attempt, "delivered"))
    assert world.status(message) is Status.DELIVERED


def test_a_late_accepted_receipt_does_not_undo_delivered(world: World) -> None:
    message, attempt = world.sent()
    world.hear(world.receipt(attempt, "delivered"))
    world.hear(world.receipt(attempt, "accepted"))
    assert world.status(message) is Status.DELIVERED


@pytest.mark.parametrize("order", [("delivered", "read"), ("read", "delivered"), ("undelivered", "read")])
def test_receipts_in_any_order_end_at_the_best(world: World, order: tuple[str, str]) -> None:
    message, attempt = world.sent()
    world.hear(*[world.receipt(attempt, status) for status in order])
    assert world.status(message) is Status.READ


def test_an_undelivered_sms_stays_delivered_once_it_was(world: World) -> None:
    message, attempt = world.sent()
    world.hear(world.receipt(attempt, "delivered"), world.receipt(attempt, "undelivered"))
    assert world.status(message) is Status.DELIVERED


def test_a_mail_that_bounces_hours_later_is_undelivered_after_all(world: World) -> None:
    message, attempt = world.sent(channel="email")
    world.hear(world.receipt(attempt, "delivered"), account="email")
    world.hear(world.receipt(attempt, "undelivered"), account="email")
    assert world.status(message) is Status.UNDELIVERED


def test_a_receipt_that_overtakes_the_answer_of_its_call_moves_the_message(world: World) -> None:
    message, attempt = world.sent(upto=None)
    world.hear(world.receipt(attempt, "delivered"))
    assert world.status(message) is Status.DELIVERED


def test_a_receipt_that_comes_before_its_attempt_waits_and_then_applies(world: World) -> None:
    unborn = new_id()
    world.hear(world.receipt(unborn, "delivered"))
    assert world.callbacks() == ["waiting"]
    message, attempt = world.sent()
    with world.context.db.write() as session:
        session.delete(session.get_one(Attempt, attempt.id))
        session.flush()
        session.add(
            Attempt(
                id=unborn,
                message_id=message.id,
                number=1,
                channel="sms",
                provider="simulator",
                account="sms",
                fence=1,
                opened_at=world.clock.now(),
            )
        )
        row = session.query(Callback).one()
        row.next_try_at = world.context.clock.real() - timedelta(seconds=1)
    assert intake.apply_pending(world.context, world.parsers) == 1
    assert world.status(message) is Status.DELIVERED
    assert world.callbacks() == ["done"]


def test_a_receipt_that_nobody_ever_matches_is_kept_and_counted(world: World) -> None:
    world.hear(world.receipt(new_id(), "delivered"))
    with world.context.db.write() as session:
        row = session.query(Callback).one()
        row.received_at = row.received_at - timedelta(days=4)
        row.next_try_at = row.received_at
    intake.apply_pending(world.context, world.parsers)
    (row,) = world.rows(Callback)
    assert (row.state, row.error) == ("failed", "unmatched")


def test_another_accounts_receipt_does_not_move_our_message(world: World) -> None:
    message, attempt = world.sent()
    world.hear(world.receipt(attempt, "delivered"), account="wechat")
    assert world.status(message) is Status.SENT


def test_an_unknown_message_turns_delivered_when_the_provider_says_so(world: World) -> None:
    message, attempt = world.sent(upto=Event.LOSE)
    world.hear(world.receipt(attempt, "delivered"))
    assert world.status(message) is Status.DELIVERED


def test_an_impossible_receipt_is_kept_on_the_attempt_and_moves_nothing(world: World) -> None:
    message, attempt = world.sent(upto=Event.RETRY)
    world.hear(world.receipt(attempt, "undelivered"))
    assert world.status(message) is Status.SCHEDULED
    assert world.rows(Attempt)[0].receipt == "undelivered"


def test_a_number_that_does_not_exist_is_never_written_to_again(world: World) -> None:
    message, attempt = world.sent()
    world.hear(world.receipt(attempt, "undelivered", suppress="number_invalid", code="MK:0001"))
    assert world.status(message) is Status.UNDELIVERED
    (ban,) = world.rows(Suppression)
    assert (ban.purpose, ban.reason, ban.source) == ("all", "number_invalid", "provider")
    point = next(row for row in world.rows(ContactPoint) if row.id == message.contact_point_id)
    assert (point.reachable, point.quality) == ("no", 0)


def test_a_platforms_blacklist_is_the_customers_refusal(world: World) -> None:
    waiting = world.planned("care")
    _, attempt = world.sent()
    world.hear(world.receipt(attempt, "undelivered", suppress="opted_out"))
    assert (world.status(waiting), world.message(waiting).reason) == (Status.SKIPPED, "consent_withdrawn")
    assert world.answers() == []


@pytest.mark.parametrize(("sent", "status"), [(True, Status.SENT), (False, Status.CANCELLED)])
def test_a_tap_ends_the_wait(world: World, sent: bool, status: Status) -> None:
    message, attempt = world.sent(upto=None)
    with world.context.db.write() as session:
        move(session, world, message.id, Status.SENDING, Event.AWAIT_TAP)
        session.add(
            ProviderTask(
                id=new_id(),
                provider="simulator",
                account="sms",
                task="task-1",
                attempt_id=attempt.id,
                message_id=message.id,
                body_hash=b"",
                closes_at=world.clock.now(),
                next_poll_at=world.clock.now(),
                created_at=world.clock.now(),
            )
        )
    world.hear({"type": "tap", "id": "tap-1", "task_id": "task-1", "sent": sent, "at": world.now()})
    assert world.status(message) is status
