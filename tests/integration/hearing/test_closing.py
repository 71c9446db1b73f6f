"""What comes before its time waits for its name; what never comes is closed as unknown, and still counts if it does."""

from datetime import timedelta

import pytest

from store.attempts import ClosedAttempt, close_attempts
from store.models.handover import Attempt, ParkedReceipt
from store.models.hearing import Callback
from store.models.messages import MessageEvent
from tests.factories import actor_for
from tests.integration.hearing.world import World
from wenhou.core.errors import AccessDenied
from wenhou.core.ids import new_id
from wenhou.core.statuses import Event, Status
from wenhou.services import closing_unknown, intake

DEADLINES = {("simulator", "sms"): 24}


def close(world: World, attempt: Attempt, *references: str) -> None:
    """The answer of the call is written: what the provider calls the message."""
    with world.context.db.write() as session:
        closed = ClosedAttempt(
            id=attempt.id, provider="simulator", account="sms", outcome="accepted", references=references
        )
        close_attempts(session, [closed], world.context.clock.real())


def early(world: World, status: str, theirs: str, **more: object) -> dict[str, object]:
    """A receipt by the provider's own name alone."""
    return world.receipt(new_id(), status, reference="", message_id=theirs, **more)


def left(world: World, attempt: Attempt, *, hours: int) -> None:
    """The call began so long ago by the wall clock."""
    with world.context.db.write() as session:
        session.get_one(Attempt, attempt.id).opened_at = world.context.clock.real() - timedelta(hours=hours)


def test_an_early_receipt_is_applied_as_soon_as_its_name_stands(world: World) -> None:
    message, attempt = world.sent()
    world.hear(early(world, "delivered", "T-1"))
    with world.context.db.write() as session:
        session.query(Callback).one().next_try_at = world.context.clock.real() + timedelta(hours=1)
    assert intake.apply_pending(world.context, world.parsers) == 0
    close(world, attempt, "T-1")
    assert intake.apply_pending(world.context, world.parsers) == 1
    assert world.status(message) is Status.DELIVERED
    assert world.rows(ParkedReceipt) == []


def test_receipts_that_match_nothing_are_listed_to_operations_and_forgotten_in_time(world: World) -> None:
    world.hear(early(world, "delivered", "theirs-alone"))
    with world.context.db.read() as session:
        supervisor = actor_for(session, world.people.supervisor)
        advisor = actor_for(session, world.people.advisor)
    total, found = closing_unknown.list_unmatched(world.context, supervisor, 10)
    assert (total, [(one.reference, one.state) for one in found]) == (1, [("theirs-alone", "waiting")])
    with pytest.raises(AccessDenied):
        closing_unknown.list_unmatched(world.context, advisor, 10)
    assert closing_unknown.forget_old_unmatched(world.context) == 0
    with world.context.db.write() as session:
        session.query(ParkedReceipt).one().parked_at -= timedelta(days=91)
    assert closing_unknown.forget_old_unmatched(world.context) == 1


def test_an_unknown_outcome_is_closed_at_its_accounts_deadline_and_not_before(world: World) -> None:
    message, attempt = world.sent(upto=Event.LOSE)
    left(world, attempt, hours=23)
    assert closing_unknown.close_overdue(world.context, DEADLINES) == 0
    left(world, attempt, hours=25)
    assert closing_unknown.close_overdue(world.context, DEADLINES) == 1
    assert (world.status(message), world.message(message).reason) == (Status.UNKNOWN, "closed_unknown")
    assert closing_unknown.close_overdue(world.context, DEADLINES) == 0
    with world.context.db.read() as session:
        supervisor = actor_for(session, world.people.supervisor)
    (group,) = closing_unknown.count_unknown(world.context, supervisor)
    assert (group.campaign, group.waiting, group.closed) == ("campaign_service", 0, 1)


def test_a_receipt_after_the_deadline_still_counts(world: World) -> None:
    message, attempt = world.sent(upto=Event.LOSE)
    left(world, attempt, hours=25)
    closing_unknown.close_overdue(world.context, DEADLINES)
    world.hear(world.receipt(attempt, "delivered"))
    assert world.status(message) is Status.DELIVERED


def test_a_long_text_is_delivered_when_every_part_is(world: World) -> None:
    message, attempt = world.sent()
    close(world, attempt, "P-1", "P-2", "P-3")
    for name in ("P-3", "P-1"):
        world.hear(early(world, "delivered", name))
        assert world.status(message) is Status.SENT
    world.hear(early(world, "delivered", "P-2"))
    assert world.status(message) is Status.DELIVERED


def test_one_part_that_fails_fails_the_text_until_it_comes_after_all(world: World) -> None:
    message, attempt = world.sent()
    close(world, attempt, "P-1", "P-2")
    world.hear(early(world, "delivered", "P-1"), early(world, "undelivered", "P-2"))
    assert world.status(message) is Status.UNDELIVERED
    later = (world.clock.now() + timedelta(minutes=3)).isoformat()
    world.clock.advance(timedelta(minutes=5))
    world.hear(early(world, "delivered", "P-2", at=later))
    assert world.status(message) is Status.DELIVERED


def test_two_recipients_under_one_name_are_told_apart_by_their_numbers(world: World) -> None:
    message, attempt = world.sent()
    other, second = world.sent(channel="email")
    with world.context.db.write() as session:
        session.get_one(Attempt, second.id).account = "sms"
        both = [
            ClosedAttempt(
                id=one.id, provider="simulator", account="sms", outcome="accepted", references=("B",)
            )
            for one in (second, attempt)
        ]
        close_attempts(session, both, world.context.clock.real())
    world.hear(early(world, "delivered", "B", address="138 0013 8000"))
    assert (world.status(message), world.status(other)) == (Status.DELIVERED, Status.SENT)
    world.hear(early(world, "delivered", "B", address="13900000000"))
    assert world.status(other) is Status.SENT
    assert world.callbacks() == ["done", "waiting"]


def test_a_contradiction_is_kept_in_the_messages_events(world: World) -> None:
    message, attempt = world.sent()
    world.hear(world.receipt(attempt, "delivered"), world.receipt(attempt, "undelivered"))
    events = [row.event for row in world.rows(MessageEvent) if row.message_id == message.id]
    assert events.count("receipt_conflict") == 1


def test_a_delivery_of_before_the_failure_does_not_undo_it(world: World) -> None:
    message, attempt = world.sent()
    before = (world.clock.now() - timedelta(minutes=9)).isoformat()
    world.hear(world.receipt(attempt, "undelivered"), world.receipt(attempt, "delivered", at=before))
    assert world.status(message) is Status.UNDELIVERED
