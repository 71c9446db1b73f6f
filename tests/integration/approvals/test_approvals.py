"""An approval is bound to the words that were seen, and to the person who may give it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from store.approvals import load_contents
from store.models.customers import ContactPoint, CustomerContact
from store.models.messages import Approval, Message, MessageEvent
from store.models.records import AuditRow
from tests.factories import Reach, make_customer
from tests.integration.approvals.conftest import Branch
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import AccessDenied, Refused
from wenhou.core.statuses import Status
from wenhou.services import approvals
from wenhou.services.context import Context
from wenhou.services.wording import Edit

Propose = Callable[..., Message]


def message_of(context: Context, message_id: uuid.UUID) -> Message:
    with context.db.read() as session:
        return session.get_one(Message, message_id)


def seen(message: Message) -> bytes:
    assert message.content_hash is not None
    return message.content_hash


def test_the_advisor_of_record_approves_and_the_message_is_scheduled_with_event_and_audit(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()

    approvals.approve(context, branch.actors["advisor"], message.id, seen(message))

    assert message_of(context, message.id).status == Status.SCHEDULED
    with context.db.read() as session:
        events = session.scalars(
            select(MessageEvent.event).where(MessageEvent.message_id == message.id)
        ).all()
        audited = session.scalars(select(AuditRow.act).where(AuditRow.subject_id == message.id)).all()
    assert "approve" in events
    assert audited == ["message.approved"]


def test_an_approved_message_is_not_due_before_the_undo_time_has_passed(
    context: Context, branch: Branch, propose: Propose, clock: ShiftedClock
) -> None:
    message = propose()
    clock.move_to(message.due_at + timedelta(minutes=1))

    done = approvals.approve(context, branch.actors["advisor"], message.id, seen(message))

    assert done.due_at == clock.now() + timedelta(seconds=10)


def test_words_that_changed_after_they_were_seen_are_not_approved(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()
    approvals.edit(
        context, branch.actors["deputy"], message.id, {"sms": Edit(text="王女士，生日安康！")}, seen(message)
    )

    with pytest.raises(Refused, match="重新查看"):
        approvals.approve(context, branch.actors["advisor"], message.id, seen(message))

    assert message_of(context, message.id).status == Status.PROPOSED


@pytest.mark.parametrize("who", ["advisor", "deputy", "supervisor"])
def test_those_who_may_approve_on_one_persons_level(
    context: Context, branch: Branch, propose: Propose, who: str
) -> None:
    message = propose()

    assert (
        approvals.approve(context, branch.actors[who], message.id, seen(message)).status == Status.SCHEDULED
    )


@pytest.mark.parametrize("who", ["other_advisor", "operations", "administrator"])
def test_for_others_the_message_does_not_exist(
    context: Context, branch: Branch, propose: Propose, who: str
) -> None:
    message = propose()

    with pytest.raises(AccessDenied):
        approvals.approve(context, branch.actors[who], message.id, seen(message))


def test_compliance_alone_cannot_approve_a_greeting(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()

    with pytest.raises(Refused, match="不能批准"):
        approvals.approve(context, branch.actors["compliance"], message.id, seen(message))


@pytest.mark.parametrize("second", ["supervisor", "compliance"])
def test_a_two_person_level_needs_a_supervisor_or_compliance_after_the_advisor(
    context: Context, branch: Branch, propose: Propose, second: str
) -> None:
    message = propose(level=2)

    first = approvals.approve(context, branch.actors["advisor"], message.id, seen(message))
    with pytest.raises(Refused, match="主管或合规"):
        approvals.approve(context, branch.actors["deputy"], message.id, seen(message))
    last = approvals.approve(context, branch.actors[second], message.id, seen(message))

    assert (first.status, first.approvals) == (Status.PROPOSED, 1)
    assert (last.status, last.approvals) == (Status.SCHEDULED, 2)


def test_the_same_person_never_gives_both_approvals(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose(level=2)
    approvals.approve(context, branch.actors["supervisor"], message.id, seen(message))

    with pytest.raises(Refused, match="另一位"):
        approvals.approve(context, branch.actors["supervisor"], message.id, seen(message))


def test_nobody_approves_their_own_edit_on_a_two_person_level(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose(level=2)
    actor = branch.actors["advisor"]
    new = approvals.edit(context, actor, message.id, {"sms": Edit(text="王女士，生日安康！")}, seen(message))

    with pytest.raises(Refused, match="改过"):
        approvals.approve(context, actor, message.id, new)


def test_an_edit_voids_the_first_approval_and_keeps_the_message_waiting(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose(level=2)
    approvals.approve(context, branch.actors["advisor"], message.id, seen(message))

    approvals.edit(
        context,
        branch.actors["supervisor"],
        message.id,
        {"sms": Edit(text="王女士，生日安康！")},
        seen(message),
    )

    now = message_of(context, message.id)
    assert (now.status, now.approvals, now.reason) == (Status.PROPOSED, 0, "edited")
    with context.db.read() as session:
        vote = session.scalars(select(Approval).where(Approval.message_id == message.id)).one()
    assert vote.void_reason == "edited"


def test_an_edited_text_message_keeps_signature_and_opt_out_line(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()
    approvals.edit(
        context, branch.actors["advisor"], message.id, {"sms": Edit(text="王女士，生日安康")}, seen(message)
    )

    with context.db.read() as session:
        contents = load_contents(session, context.vault, session.get_one(Message, message.id))
    assert contents["sms"].text == "【江城银行】王女士，生日安康。拒收请回复R"


def test_words_that_promise_returns_are_refused_with_the_rules_sentence(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()

    with pytest.raises(Refused) as refusal:
        approvals.edit(
            context,
            branch.actors["advisor"],
            message.id,
            {"sms": Edit(text="王女士，这款产品保本稳赚，无风险！")},
            seen(message),
        )

    assert refusal.value.code == "content_blocked"
    assert message_of(context, message.id).content_hash == message.content_hash


@pytest.mark.parametrize("words", ["您有5万元到期", "3月8日到期，请来网点", "年化2.15％"])
def test_no_amount_rate_or_day_is_written_to_a_number_that_others_read(
    context: Context, branch: Branch, propose: Propose, words: str
) -> None:
    message = propose()
    with context.db.write() as session:
        phone = session.scalars(select(ContactPoint).where(ContactPoint.channel == "sms")).one()
        other = make_customer(session, context.vault, name="王建", reach=Reach(email="jian@example.com"))
        session.add(
            CustomerContact(
                customer_id=other.id,
                contact_point_id=phone.id,
                relation="family",
                created_at=context.clock.now(),
            )
        )

    with pytest.raises(Refused) as refusal:
        approvals.edit(
            context, branch.actors["advisor"], message.id, {"sms": Edit(text=words)}, seen(message)
        )

    assert refusal.value.code == "shared_address"
    approvals.edit(
        context, branch.actors["advisor"], message.id, {"sms": Edit(text="生日安康")}, seen(message)
    )


def test_an_approval_can_be_taken_back_within_ten_seconds_and_not_later(
    context: Context, branch: Branch, propose: Propose, clock: ShiftedClock
) -> None:
    message, other = propose(), propose()
    actor = branch.actors["advisor"]
    for one in (message, other):
        approvals.approve(context, actor, one.id, seen(one))

    clock.advance(timedelta(seconds=5))
    approvals.undo(context, actor, message.id)
    clock.advance(timedelta(seconds=30))
    with pytest.raises(Refused, match="撤回时间已过"):
        approvals.undo(context, actor, other.id)

    assert message_of(context, message.id).status == Status.PROPOSED
    approvals.approve(context, actor, message.id, seen(message))


def test_of_two_who_approve_at_once_one_is_told_who_was_first(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()

    def go(name: str) -> str:
        try:
            approvals.approve(context, branch.actors[name], message.id, seen(message))
        except Refused as refusal:
            return str(refusal)
        return "ok"

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(go, ("advisor", "supervisor")))

    assert answers[0] == "ok"
    assert "已由" in answers[1]
    with context.db.read() as session:
        assert len(session.scalars(select(Approval).where(Approval.message_id == message.id)).all()) == 1


def test_a_rejection_keeps_its_reason_and_ends_the_message(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()

    approvals.reject(context, branch.actors["advisor"], message.id, "wording")

    now = message_of(context, message.id)
    assert (now.status, now.reason) == (Status.REJECTED, "wording")


def test_greeting_in_person_ends_the_machines_message(
    context: Context, branch: Branch, propose: Propose
) -> None:
    message = propose()

    approvals.greeted_in_person(context, branch.actors["advisor"], message.id)

    now = message_of(context, message.id)
    assert (now.status, now.reason) == (Status.CANCELLED, "already_greeted")


def test_a_message_past_its_window_is_not_approved(
    context: Context, branch: Branch, propose: Propose, clock: ShiftedClock
) -> None:
    message = propose()
    clock.move_to(message.expires_at)

    with pytest.raises(Refused, match="有效期"):
        approvals.approve(context, branch.actors["advisor"], message.id, seen(message))


def test_all_green_ones_go_at_once_and_the_rest_is_counted_by_why(
    context: Context, branch: Branch, propose: Propose
) -> None:
    propose()
    propose()
    propose(level=2)
    edited = propose()
    actor = branch.actors["advisor"]
    approvals.edit(context, actor, edited.id, {"sms": Edit(text="王女士，生日安康！")}, seen(edited))

    done = approvals.approve_all(context, actor)

    assert (done.approved, done.left) == (2, {"two_persons": 1, "edited": 1})


def test_what_is_refused_among_many_leaves_the_others_approved(
    context: Context, branch: Branch, propose: Propose
) -> None:
    good, stale = propose(), propose()

    done = approvals.approve_many(
        context, branch.actors["advisor"], [(good.id, seen(good)), (stale.id, b"\0" * 32)]
    )

    assert done.approved == [good.id]
    assert "重新查看" in done.refused[stale.id]
