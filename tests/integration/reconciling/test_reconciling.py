"""Paused accounts are resumed and unknown messages settled by the people who may, and nothing is sent again."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from store.accounts import ensure_account, list_accounts, pause_account
from store.models.messages import ContactLedger, Message, MessageEvent
from store.models.records import AuditRow
from tests.factories import actor_for, make_campaign, make_customer, make_message, make_people, make_tree
from wenhou.core.actors import Actor
from wenhou.core.channels import SMS
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.core.statuses import Status
from wenhou.services.context import Context
from wenhou.services.reconciling import resume_channel, settle_unknown


@pytest.fixture
def unknown(context: Context) -> tuple[uuid.UUID, Actor, Actor]:
    """A message whose outcome nobody knows, a supervisor above it, and its advisor."""
    with context.db.write() as session:
        tree = make_tree(session)
        people = make_people(session, tree)
        customer = make_customer(session, context.vault, org=tree.outlet, advisor=people.advisor)
        message = make_message(
            session, context.vault, customer, make_campaign(session), status=Status.UNKNOWN
        )
        ledger = ContactLedger(
            message_id=message.id,
            customer_id=customer.id,
            on_day=message.planned_for,
            purpose="care",
            channel=SMS,
            state="committed",
        )
        session.add(ledger)
        return message.id, actor_for(session, people.supervisor), actor_for(session, people.advisor)


def _message(context: Context, message_id: uuid.UUID) -> Message:
    with context.db.read() as session:
        return session.get_one(Message, message_id)


def test_a_supervisor_settles_an_unknown_message_as_sent(
    context: Context, unknown: tuple[uuid.UUID, Actor, Actor]
) -> None:
    message_id, supervisor, _ = unknown
    settled = settle_unknown(context, supervisor, message_id, was_sent=True, known_by="provider_record")
    assert settled is Status.SENT
    assert _message(context, message_id).status == "sent"
    with context.db.read() as session:
        acts = list(session.scalars(select(AuditRow.act)))
        last = session.scalars(select(MessageEvent).order_by(MessageEvent.id.desc())).first()
    assert "message.settle" in acts
    assert last is not None
    assert last.actor == supervisor.label


def test_a_message_that_was_not_sent_fails_and_gives_its_place_in_the_caps_back(
    context: Context, unknown: tuple[uuid.UUID, Actor, Actor]
) -> None:
    message_id, supervisor, _ = unknown
    settle_unknown(context, supervisor, message_id, was_sent=False, known_by="customer_said")
    message = _message(context, message_id)
    assert (message.status, message.reason, message.released_at) == ("failed", "settled_not_sent", None)
    with context.db.read() as session:
        assert session.scalars(select(ContactLedger.state)).one() == "released"


def test_settling_twice_is_refused(context: Context, unknown: tuple[uuid.UUID, Actor, Actor]) -> None:
    message_id, supervisor, _ = unknown
    settle_unknown(context, supervisor, message_id, was_sent=True, known_by="other")
    with pytest.raises(Refused):
        settle_unknown(context, supervisor, message_id, was_sent=False, known_by="other")


def test_an_advisor_may_not_settle_and_a_reason_must_be_named(
    context: Context, unknown: tuple[uuid.UUID, Actor, Actor]
) -> None:
    message_id, supervisor, advisor = unknown
    with pytest.raises(AccessDenied):
        settle_unknown(context, advisor, message_id, was_sent=True, known_by="other")
    with pytest.raises(InputError):
        settle_unknown(context, supervisor, message_id, was_sent=True, known_by="a feeling")


def test_operations_resumes_a_paused_account_once(context: Context) -> None:
    now = context.clock.now()
    with context.db.write() as session:
        people = make_people(session, make_tree(session))
        operations, advisor = actor_for(session, people.operations), actor_for(session, people.advisor)
        ensure_account(session, channel=SMS, provider="p", account="a", rate=20, real=context.clock.real())
        pause_account(session, provider="p", account="a", code="balance", reason="no balance", at=now)
    with pytest.raises(AccessDenied):
        resume_channel(context, advisor, "p", "a")
    resume_channel(context, operations, "p", "a")
    with context.db.read() as session:
        assert [account.paused_at for account in list_accounts(session)] == [None]
    with pytest.raises(InputError):
        resume_channel(context, operations, "p", "a")
