"""What hand-over promises, each once broken."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from store.models.customers import ConsentState, Customer
from store.models.handover import ProviderTask
from store.models.messages import Message
from store.models.records import AuditRow
from tests.factories import Reach, grant, make_contact
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.channels import Permanent, ReceiptEvent, TapEvent, TaskCreated, Transient
from wenhou.core.statuses import Receipt
from wenhou.logs import redact
from wenhou.services import receipts


def test_a_message_that_was_delivered_after_all_is_not_sent_again(world: World) -> None:
    sender = CountingSender(answers=[Transient(code="503")])
    message = world.message()
    worker = world.dispatcher(sender)
    worker.run_once()
    (attempt,) = world.attempts(message)
    assert world.status(message) == "scheduled"
    event = ReceiptEvent(
        key="k",
        receipt=Receipt.DELIVERED,
        at=None,
        provider_message_id=None,
        reference=world.context.vault.reference_of(attempt.id),
        address=None,
        code="DELIVRD",
        definite=True,
        suppress=None,
    )
    with world.context.db.write() as session:
        receipts.apply_receipt(session, world.context, "counting", "sms", event)
    world.clock.advance(timedelta(hours=1))
    worker.run_once()
    assert (sender.calls, world.status(message)) == (1, "delivered")


def test_two_messages_of_one_day_in_one_group_leave_one_not_none(world: World) -> None:
    """Two planners at once may each have planned one: the day's cap then takes one of them, never both."""
    sender = CountingSender()
    customer = world.customer()
    world.message(customer, campaign="birthday")
    world.message(customer, campaign="festival")
    world.dispatcher(sender).run_once()
    assert world.statuses() == Counter({"sent": 1, "skipped": 1})


def test_a_shared_phone_counts_a_greeting_that_came_by_fallback(world: World) -> None:
    shared = Reach(phone="+8613900009999", openid="openid-of-fallback")
    other = Reach(phone="+8613900009999")
    first, second = world.customer(reach=shared), world.customer(reach=other)
    by_fallback = world.message(first, channels=("wechat", "sms"))
    sms = CountingSender()
    worker = world.dispatcher(CountingSender("wechat", answers=[Permanent(code="refused")]), sms)
    worker.run_until_empty(patience_seconds=0.2)
    assert world.status(by_fallback) == "sent"
    world.message(second)
    worker.run_until_empty(patience_seconds=0.2)
    assert sms.counts["+8613900009999"] == 1


def test_a_greeting_held_to_the_next_day_counts_on_the_day_it_leaves(world: World) -> None:
    sender = CountingSender()
    customer = world.customer()
    world.message(customer, expires_at=world.clock.now() + timedelta(days=3))
    with world.context.db.write() as session:  # held over night
        tomorrow = world.clock.now() + timedelta(days=1)
        session.execute(update(Message).values(due_at=tomorrow))
    world.clock.advance(timedelta(days=1))
    worker = world.dispatcher(sender)
    worker.run_once()
    assert sender.calls == 1
    world.message(customer, campaign="festival")
    worker.run_once()
    assert sender.calls == 1


def test_values_stay_out_of_a_database_error(world: World) -> None:
    def write() -> None:
        with world.context.db.write() as session:
            session.add(Customer(external_ref="C-1", name="金丝雀", gender="nonsense"))

    with pytest.raises(IntegrityError) as caught:
        write()
    line = redact(None, "error", {"event": "job_failed", "exception": f"Traceback …\n{caught.value}"})
    assert "金丝雀" not in str(line)


def test_a_tap_after_the_customers_refusal_is_recorded_as_a_breach(world: World) -> None:
    customer = world.customer()
    with world.context.db.write() as session:
        here = session.get_one(Customer, customer.id)
        make_contact(session, world.context.vault, here, "wecom", "wm-of-a-customer")
        grant(session, here, "wecom", "care")
    message = world.message(customer, channels=("wecom",))
    world.dispatcher(CountingSender("wecom", answers=[TaskCreated(provider_task_id="t1")])).run_once()
    tap = TapEvent(key="k", provider_task_id="t1", sent=True, at=None)
    with world.context.db.write() as session:
        refused = ConsentState.customer_id == customer.id
        session.execute(update(ConsentState).where(refused).values(state="withdrawn"))
        receipts.apply_tap(session, world.context, "counting", "wecom", tap)
    with world.context.db.read() as session:
        assert session.scalars(select(ProviderTask.state)).one() == "breached"
        assert "task.breached" in session.scalars(select(AuditRow.act)).all()
    assert world.status(message) == "sent"
