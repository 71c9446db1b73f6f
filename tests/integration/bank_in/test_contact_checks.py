"""Verifying a number: by the advisor's answer, at the shell, or by the customer's own reply."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from store.models.customers import ContactPoint, Customer
from store.models.hearing import Task
from tests.integration.bank_in.conftest import Branch, Tell, restrictions
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services.contact_checks import answer_number, ask_dormant, verified_by_reply, verify_contact
from wenhou.services.context import Context


def _phone(context: Context) -> ContactPoint:
    with context.db.read() as session:
        return session.scalars(select(ContactPoint).where(ContactPoint.channel == "sms")).one()


def _task(context: Context) -> Task:
    with context.db.read() as session:
        return session.scalars(select(Task).where(Task.kind == "verify_number")).one()


def _in_force(context: Context) -> bool:
    today = context.clock.now().astimezone(context.bank.zone).date()
    return any(one.until_on is None or one.until_on >= today for one in restrictions(context))


def test_a_right_number_lets_a_dormant_customer_be_greeted_again(
    context: Context, branch: Branch, tell: Tell
) -> None:
    tell("account_dormant")
    assert _in_force(context)
    answer_number(context, branch.actors["advisor"], _task(context).id, "right")
    assert _phone(context).verified_at == context.clock.now()
    assert not _in_force(context)
    assert _task(context).state == "done"
    with context.db.read() as session:
        assert session.get_one(Customer, branch.customer.id).state == "dormant", "the account still sleeps"


def test_a_wrong_number_is_used_no_more(context: Context, branch: Branch, tell: Tell) -> None:
    tell("account_dormant")
    answer_number(context, branch.actors["advisor"], _task(context).id, "wrong")
    assert _phone(context).retired_reason == "wrong_person"
    assert _in_force(context)
    with context.db.read() as session:
        assert "ask_new_contact" in set(session.scalars(select(Task.kind)))
    with pytest.raises(Refused):
        answer_number(context, branch.actors["advisor"], _task(context).id, "right")


def test_a_number_called_wrong_is_used_again_once_verified(
    context: Context, branch: Branch, tell: Tell
) -> None:
    tell("wrong_person")
    assert verify_contact(context, branch.actors["advisor"], "C-1") == 1
    assert not _in_force(context)
    assert _task(context).state == "done"


def test_nobody_out_of_sight_verifies(context: Context, branch: Branch) -> None:
    with context.db.write() as session:
        session.execute(update(Customer).values(main_advisor_id=branch.people.other_advisor.id))
    with pytest.raises(AccessDenied):
        verify_contact(context, branch.actors["advisor"], "C-1")


def test_a_channel_without_address_is_bad_input(context: Context, branch: Branch) -> None:
    with pytest.raises(InputError):
        verify_contact(context, branch.actors["advisor"], "C-1", "wecom")


def test_the_customers_own_reply_verifies_their_number(context: Context, branch: Branch, tell: Tell) -> None:
    tell("account_dormant")
    with context.db.write() as session:
        verified_by_reply(session, context, branch.customer.id, _phone(context).id)
    assert not _in_force(context)


def test_customers_a_file_calls_dormant_are_asked_after_once(context: Context, branch: Branch) -> None:
    with context.db.write() as session:
        session.execute(update(Customer).values(state="dormant"))
    assert ask_dormant(context) == 1
    assert ask_dormant(context) == 0
    assert (_task(context).kind, _task(context).assignee_id) == ("verify_number", branch.people.advisor.id)
