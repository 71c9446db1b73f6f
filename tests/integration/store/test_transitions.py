import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from store.database import Database
from store.models.messages import ContactLedger, Message, MessageEvent
from store.transitions import Change, change_many, change_status
from store.vault import Vault
from tests.factories import AT, make_campaign, make_customer, make_message
from wenhou.core.errors import InvalidTransition
from wenhou.core.ids import new_id
from wenhou.core.statuses import Event, Status

Mover = Callable[[Session, Sequence[Change], datetime], set[uuid.UUID]]


@pytest.fixture
def ids(database: Database, vault: Vault) -> list[uuid.UUID]:
    """Three scheduled messages, claimed under fence 1."""
    with database.write() as session:
        customer, campaign = make_customer(session, vault), make_campaign(session)
        made = [
            make_message(session, vault, customer, campaign, status=Status.SCHEDULED).id for _ in range(3)
        ]
        session.execute(
            update(Message).values(
                claim_owner="w1", claim_until=AT + timedelta(minutes=1), claim_fence=1, released_at=AT
            )
        )
    return made


def _start(message_id: uuid.UUID, fence: int | None = 1) -> Change:
    return Change(message_id=message_id, was=Status.SCHEDULED, event=Event.START, actor="system", fence=fence)


def _accept(message_id: uuid.UUID, **more: object) -> Change:
    values: dict[str, object] = {"fence": 1, **more}
    return Change(
        message_id=message_id,
        was=Status.SENDING,
        event=Event.ACCEPT,
        actor="system",
        **values,  # type: ignore[arg-type]
    )


def _row(database: Database, message_id: uuid.UUID) -> Message:
    with database.read() as session:
        return session.get_one(Message, message_id)


def _history(database: Database, message_id: uuid.UUID) -> list[str]:
    with database.read() as session:
        return list(
            session.scalars(
                select(MessageEvent.event)
                .where(MessageEvent.message_id == message_id)
                .order_by(MessageEvent.id)
            )
        )


def _ledger(database: Database, message_id: uuid.UUID) -> str:
    with database.read() as session:
        return session.scalars(
            select(ContactLedger.state).where(ContactLedger.message_id == message_id)
        ).one()


@pytest.mark.parametrize("change", [change_status, change_many])
def test_a_move_writes_row_event_and_ledger_together(
    database: Database, ids: list[uuid.UUID], change: Mover
) -> None:
    with database.write() as session:
        assert change(session, [_start(ids[0]), _start(ids[1])], AT) == set(ids[:2])
    with database.write() as session:
        assert change(session, [_accept(ids[0])], AT) == {ids[0]}
    row = _row(database, ids[0])
    assert (row.status, row.claim_owner, row.released_at) == ("sent", None, None)
    assert _row(database, ids[1]).claim_owner == "w1"
    assert _history(database, ids[0]) == ["plan", "start", "accept"]
    assert [_ledger(database, each) for each in ids] == ["committed", "reserved", "reserved"]


@pytest.mark.parametrize("change", [change_status, change_many])
def test_who_lost_the_fence_moves_nothing(database: Database, ids: list[uuid.UUID], change: Mover) -> None:
    with database.write() as session:
        assert change(session, [_start(ids[0], fence=7), _start(ids[1])], AT) == {ids[1]}
    assert _row(database, ids[0]).status == "scheduled"
    assert _history(database, ids[0]) == ["plan"]


@pytest.mark.parametrize("change", [change_status, change_many])
def test_a_message_no_longer_as_seen_does_not_move(
    database: Database, ids: list[uuid.UUID], change: Mover
) -> None:
    with database.write() as session:
        assert change(session, [_accept(ids[0])], AT) == set()
    assert _history(database, ids[0]) == ["plan"]


@pytest.mark.parametrize("change", [change_status, change_many])
def test_an_illegal_pair_stops_all_before_anything_is_written(
    database: Database, ids: list[uuid.UUID], change: Mover
) -> None:
    wrong = Change(message_id=ids[1], was=Status.READ, event=Event.START, actor="system", fence=1)
    with pytest.raises(InvalidTransition), database.write() as session:
        change(session, [_start(ids[0]), wrong], AT)
    assert _row(database, ids[0]).status == "scheduled"


@pytest.mark.parametrize(
    ("event", "state"),
    [
        (Event.FAIL, "released"),
        (Event.LOSE, "committed"),
        (Event.RETRY, "reserved"),
        (Event.AWAIT_TAP, "reserved"),
    ],
)
def test_the_ledger_follows_the_outcome(
    database: Database, ids: list[uuid.UUID], event: Event, state: str
) -> None:
    with database.write() as session:
        change_many(session, [_start(each) for each in ids], AT)
        ended = [
            Change(
                message_id=each, was=Status.SENDING, event=event, actor="system", fence=1, sets={"tries": 1}
            )
            for each in ids
        ]
        assert change_many(session, ended, AT) == set(ids)
    assert [_ledger(database, each) for each in ids] == [state] * 3
    assert _row(database, ids[0]).tries == 1


def test_change_many_takes_fenced_changes_only(database: Database, ids: list[uuid.UUID]) -> None:
    with pytest.raises(InvalidTransition, match="fenced"), database.write() as session:
        change_many(session, [_start(ids[0], fence=None)], AT)


def test_a_requirement_that_no_longer_holds_stops_the_move(database: Database, ids: list[uuid.UUID]) -> None:
    with database.write() as session:
        change_status(session, [_start(ids[0])], AT)
        assert change_status(session, [_accept(ids[0], requires={"content_hash": b"other"})], AT) == set()
        assert change_status(session, [_accept(ids[0], requires={"hold_key": None})], AT) == {ids[0]}


@pytest.mark.parametrize(
    "moves",
    [[Event.RESCHEDULE], [Event.REVISE, Event.APPROVE]],
    ids=["rescheduled", "revised and approved anew"],
)
def test_a_worker_that_claimed_before_a_person_changed_the_message_cannot_send_it(
    database: Database, ids: list[uuid.UUID], moves: list[Event]
) -> None:
    was = Status.SCHEDULED
    with database.write() as session:
        for event in moves:
            assert change_status(
                session, [Change(message_id=ids[0], was=was, event=event, actor="user:1")], AT
            )
            was = Status.PROPOSED if event is Event.REVISE else Status.SCHEDULED
    assert _row(database, ids[0]).status == "scheduled"
    with database.write() as session:
        assert change_many(session, [_start(ids[0])], AT) == set()


def test_an_unknown_message_moves_nothing(database: Database) -> None:
    with database.write() as session:
        assert change_status(session, [_start(new_id())], AT) == set()
