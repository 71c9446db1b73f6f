"""At hand-over every gate is asked again: what became true since planning counts, with the campaign as it was planned."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from scheduler import dispatch
from store.models.campaigns import CampaignVersion, Occurrence
from store.models.handover import QuotaUse
from store.models.hearing import Case
from store.models.messages import ContactLedger, Message
from store.mourning import add_mourning
from store.quotas import Booking, take
from store.transitions import Change, change_status
from store.waves import open_wave, wave_hold_key
from tests.integration.policy.test_quotas import quota
from tests.integration.policy.world import TODAY
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.clock import ShiftedClock
from wenhou.core.ids import new_id
from wenhou.core.statuses import HANDED_OVER, TRANSITIONS, Event, Status
from wenhou.services.context import Context

DAY = timedelta(days=1)
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def world(context: Context, clock: ShiftedClock) -> Iterator[World]:
    made = World(context=context, clock=clock)
    yield made
    for dispatcher in made.dispatchers:
        dispatcher.close()


def document(world: World, message_id: uuid.UUID, **known: Any) -> None:
    """The campaign's version as it was planned."""
    row = world.row(message_id)
    with world.context.db.write() as session:
        version = session.get_one(CampaignVersion, row.campaign_version_id)
        version.document = {
            "key": "notice",
            "name": {"zh-CN": "告知", "en": "Notice"},
            "purpose": row.purpose,
            "trigger": {"type": "business_event", "event": "service_done"},
            "template": "callback_account_opened",
            "channels": ["sms"],
            **known,
        }


def rows(world: World, model: type[Any]) -> list[Any]:
    with world.context.db.read() as session:
        return list(session.scalars(select(model)))


def complain(world: World, message_id: uuid.UUID) -> uuid.UUID:
    customer = world.row(message_id).customer_id
    now = world.clock.now()
    with world.context.db.write() as session:
        case = Case(
            id=new_id(),
            number=f"T{new_id().hex[:12]}",
            customer_id=customer,
            kind="complaint",
            opened_at=now,
            first_answer_due_at=now,
            solution_due_at=now,
            regulator_due_on=TODAY,
        )
        session.add(case)
    return case.id


def test_a_complaint_since_planning_holds_even_service(world: World) -> None:
    message = world.message(purpose="service", campaign="notice")
    case = complain(world, message)
    world.dispatcher(sender := CountingSender()).run_once()

    assert (world.status(message), world.row(message).hold_key) == ("scheduled", f"case:{case}")
    assert sender.calls == 0


def test_a_statutory_notice_passes_a_complaint(world: World) -> None:
    message = world.message(purpose="service", campaign="notice")
    complain(world, message)
    document(world, message, statutory=True)
    world.dispatcher(CountingSender()).run_once()

    assert world.status(message) == "sent"


def test_mourning_since_planning_rests_a_greeting(world: World) -> None:
    message = world.message(expires_at=world.clock.now() + 3 * DAY)
    with world.context.db.write() as session:
        add_mourning(
            session, org_id=None, days=(TODAY, TODAY), reason="哀悼日", by=None, at=world.clock.now()
        )
    world.dispatcher(CountingSender()).run_once()

    row = world.row(message)
    assert (row.status, row.reason) == ("scheduled", "mourning")
    assert row.due_at.astimezone(world.context.bank.zone).isoformat() == "2027-01-31T08:00:00+08:00"


def test_in_mourning_service_goes_on_but_festive_words_of_service_rest(world: World) -> None:
    plain = world.message(purpose="service", campaign="plain")
    with world.context.db.write() as session:
        add_mourning(
            session, org_id=None, days=(TODAY, TODAY), reason="哀悼日", by=None, at=world.clock.now()
        )
    world.dispatcher(CountingSender()).run_once()

    assert (world.status(plain), world.row(plain).reason) == ("skipped", "mourning"), "生日快乐 is festive"


def test_a_wave_that_may_not_leave_is_held_whatever_released_it(world: World) -> None:
    message = world.message()
    row = world.row(message)
    with world.context.db.write() as session:
        run = Occurrence(
            campaign_id=row.campaign_id,
            campaign_version_id=row.campaign_version_id,
            on_day=TODAY,
            created_at=world.clock.now(),
            updated_at=world.clock.now(),
        )
        session.add(run)
        session.flush()
        session.execute(update(Message).values(wave=1, occurrence_id=run.id))
    dispatcher = world.dispatcher(CountingSender())
    dispatcher.run_once()
    held = world.row(message)
    assert (held.status, held.reason, held.hold_key) == (
        "scheduled",
        "wave_waiting",
        wave_hold_key(run.id, 1),
    )

    with world.context.db.write() as session:
        assert open_wave(session, run.id, 1, {}, at=world.clock.now())
        session.execute(update(Message).values(hold_key=None))
    dispatcher.run_once()
    assert world.status(message) == "sent"


def test_no_more_leave_than_the_platform_allows_and_the_rest_waits_for_its_next_day(world: World) -> None:
    with world.context.db.write() as session:
        session.add(quota(amount=3))
    messages = [world.message(expires_at=world.clock.now() + 3 * DAY) for _ in range(5)]
    sender = CountingSender()
    dispatcher = world.dispatcher(sender)
    dispatcher.run_once()
    world.clock.advance(timedelta(minutes=2))
    dispatcher.run_once()

    assert sum(sender.counts.values()) == 3
    waiting = [world.row(one) for one in messages if world.status(one) == "scheduled"]
    assert [one.reason for one in waiting] == ["quota_exhausted"] * 2
    assert {one.due_at.astimezone(world.context.bank.zone).date() for one in waiting} == {date(2027, 1, 31)}
    assert [(use.reserved, use.taken) for use in rows(world, QuotaUse)] == [(0, 3)]


def test_words_that_waited_too_long_for_their_call_are_judged_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "_GATES_SECONDS", -1.0)
    message = world.message()
    sender = CountingSender()
    dispatcher = world.dispatcher(sender)
    dispatcher.deliver([*_claimed(dispatcher)])

    assert (sender.calls, world.status(message), world.row(message).tries) == (0, "scheduled", 0)
    assert world.attempts(message)[0].code == "stale"


def _claimed(dispatcher: dispatch.Dispatcher) -> list[Any]:
    dispatcher.release()
    return list(dispatcher.claim())


def reach(status: Status) -> list[Event]:
    """A shortest way from scheduled to a status."""
    ways: dict[Status, list[Event]] = {Status.SCHEDULED: []}
    queue = [Status.SCHEDULED]
    while queue:
        at = queue.pop(0)
        for (was, event), after in TRANSITIONS.items():
            if was is at and after not in ways:
                ways[after] = [*ways[at], event]
                queue.append(after)
    return ways[status]


def walk(world: World, message_id: uuid.UUID, events: list[Event]) -> None:
    for event in events:
        with world.context.db.write() as session:
            was = Status(session.get_one(Message, message_id).status)
            change = Change(message_id=message_id, was=was, event=event, actor="test")
            assert change_status(session, [change], world.clock.now()) == {message_id}


@ONE
@pytest.mark.parametrize("status", list(Status))
def test_every_status_settles_its_place_in_caps_and_limits(world: World, status: Status) -> None:
    with world.context.db.write() as session:
        session.add(quota(amount=3))
    message = world.message()
    with world.context.db.write() as session:
        place = Booking(message_id=message, channel="sms", purpose="care", at=world.clock.now())
        take(session, [place], accounts={"sms": ("counting", "sms")})
    walk(world, message, reach(status))

    dead = status in {Status.SKIPPED, Status.REJECTED, Status.CANCELLED, Status.EXPIRED, Status.FAILED}
    (contact,), (use,) = rows(world, ContactLedger), rows(world, QuotaUse)
    expected = "released" if dead else "committed" if status in HANDED_OVER else "reserved"
    assert contact.state == expected
    assert use.taken == (0 if dead else 1)


@ONE
@given(st.lists(st.sampled_from(list(Event)), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_happens_to_a_message_its_place_says_the_same(world: World, events: list[Event]) -> None:
    message = world.message()
    for event in events:
        status = Status(world.status(message))
        if (status, event) in TRANSITIONS:
            walk(world, message, [event])
    status = Status(world.status(message))
    with world.context.db.read() as session:
        contact = session.get_one(ContactLedger, message)
    if status in HANDED_OVER:
        assert contact.state == "committed"
    elif status in {Status.PROPOSED, Status.SCHEDULED, Status.SENDING, Status.AWAITING_TAP}:
        assert contact.state == "reserved"
    else:
        assert contact.state == "released"
