"""Dead numbers, soft failures, forwards and new owners: what they do to the address, to what waits, and to the advisor."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from store.models.customers import ContactEvidence, ContactPoint, Customer, CustomerContact, Suppression
from store.models.handover import Attempt
from store.models.hearing import Task
from store.models.messages import Message, MessageContent
from tests.factories import Reach, actor_for, make_customer
from tests.integration.hearing.world import MAIL, PHONE, World, point_of
from wenhou.core.channels import EMAIL, SMS
from wenhou.core.contact_quality import Cause, Evidence, State
from wenhou.core.statuses import Status
from wenhou.services import contact_quality, intake, tasks
from wenhou.services.contact_checks import verify_contact
from wenhou.services.contact_quality import Told, learn
from wenhou.services.explain_why import explain

DEAD = {"suppress": "number_invalid", "code": "MK:0001"}


def point(world: World, channel: str = SMS) -> ContactPoint:
    found: ContactPoint = next(row for row in world.rows(ContactPoint) if row.channel == channel)
    return found


def die(world: World, **more: Any) -> tuple[Message, Attempt]:
    message, attempt = world.sent()
    world.hear(world.receipt(attempt, "undelivered", **(DEAD | more)))
    return message, attempt


def asks(world: World) -> list[Task]:
    return [row for row in world.rows(Task) if row.kind == contact_quality.ASK]


def tell(world: World, evidence: Evidence, by: str, *, channel: str = SMS, **more: Any) -> None:
    """Let the address be known by one thing, as a receipt or a person would."""
    with world.context.db.write() as session:
        point = point_of(session, world.customer, channel)
        learn(session, world.context, point, Told(evidence=evidence, by=by, at=world.clock.now(), **more))


def test_a_dead_number_is_banned_and_its_advisor_is_asked_once_for_a_new_one(world: World) -> None:
    die(world)
    die(world)
    found = point(world)
    assert (found.state, found.reachable, found.quality, found.state_reason) == (
        "dead",
        "no",
        0,
        "number_invalid",
    )
    assert [(row.purpose, row.reason) for row in world.rows(Suppression)] == [("all", "number_invalid")]
    (task,) = asks(world)
    assert task.assignee_id == world.people.advisor.id
    with world.context.db.read() as session:
        advisor = actor_for(session, world.people.advisor)
    (row,) = tasks.list_open(world.context, advisor)
    assert row.name == "向客户要新的联系方式"
    assert row.note == "短信 138****8000：号码是空号或邮箱地址不存在（MK:0001）"
    assert PHONE not in repr(row)


def test_without_an_advisor_the_pool_of_the_branch_is_asked(world: World) -> None:
    with world.context.db.write() as session:
        session.get_one(Customer, world.customer.id).main_advisor_id = None
    die(world)
    (task,) = asks(world)
    assert (task.assignee_id, task.org_id) == (None, world.tree.outlet.id)


def test_ten_thousand_replays_of_a_receipt_leave_the_effects_of_one(world: World) -> None:
    message, attempt = world.sent()
    receipt = world.receipt(attempt, "undelivered", **DEAD)
    many = [receipt | {"replay": number} for number in range(10_000)]
    for start in range(0, len(many), 1_000):
        world.post(*many[start : start + 500])
    for _ in range(60):
        intake.apply_pending(world.context, world.parsers)
    assert world.status(message) is Status.UNDELIVERED
    assert (len(world.rows(Suppression)), len(asks(world)), len(world.rows(ContactEvidence))) == (1, 1, 1)
    assert set(world.callbacks()) == {"done"}


def test_what_waits_for_a_dead_number_takes_the_next_channel_of_its_plan(world: World) -> None:
    waiting, alone = world.planned("care"), world.planned("marketing")
    with world.context.db.write() as session:
        row = session.get_one(Message, waiting.id)
        row.channel_plan = "sms,email"
        for content in session.query(MessageContent).filter_by(message_id=waiting.id):
            copied = {
                column.name: getattr(content, column.name) for column in MessageContent.__table__.columns
            }
            session.add(MessageContent(**(copied | {"channel": EMAIL})))
            break
    die(world)
    moved, skipped = world.message(waiting), world.message(alone)
    assert (moved.status, moved.channel, moved.contact_point_id) == (Status.SCHEDULED, EMAIL, None)
    assert (skipped.status, skipped.reason) == (Status.SKIPPED, "address_dead")


def test_an_explanation_names_the_dead_number_masked(world: World) -> None:
    waiting = world.planned("care")
    die(world)
    with world.context.db.read() as session:
        advisor = actor_for(session, world.people.advisor)
    found = explain(
        world.context, advisor, world.customer.external_ref, "campaign_care", on=waiting.planned_for
    )
    assert "138****8000" in found.sentence_zh
    assert "MK:0001" in found.sentence_zh
    assert "138****8000" in found.sentence_en


def test_a_code_that_may_mean_an_empty_number_is_believed_on_its_second_day(world: World) -> None:
    tell(world, Evidence.SUSPECTED, "a", cause=Cause.NUMBER_INVALID)
    tell(world, Evidence.SUSPECTED, "b", cause=Cause.NUMBER_INVALID)
    assert point(world).state == State.SOFT_FAILING
    world.clock.advance(timedelta(days=1))
    tell(world, Evidence.SUSPECTED, "c", cause=Cause.NUMBER_INVALID)
    assert point(world).state == State.DEAD


def test_three_campaigns_in_a_row_make_a_person_look_and_stop_nothing(world: World) -> None:
    for number, campaign in enumerate(("care", "service", "marketing")):
        tell(world, Evidence.FAILED_SOFTLY, f"{number}", campaign_id=world.campaigns[campaign].id)
        tell(world, Evidence.FAILED_SOFTLY, f"{number}-again", campaign_id=world.campaigns[campaign].id)
    found = point(world)
    assert (found.state, found.soft_failures, found.reachable) == ("soft_failing", 3, "yes")
    assert world.rows(Suppression) == []
    assert len(asks(world)) == 1


def test_a_delivery_between_failures_begins_the_count_anew(world: World) -> None:
    for campaign in ("care", "service"):
        tell(world, Evidence.FAILED_SOFTLY, campaign, campaign_id=world.campaigns[campaign].id)
        world.clock.advance(timedelta(hours=1))
    _, attempt = world.sent()
    world.hear(world.receipt(attempt, "delivered"))
    tell(world, Evidence.FAILED_SOFTLY, "again", campaign_id=world.campaigns["care"].id)
    found = point(world)
    assert (found.state, found.soft_failures) == ("soft_failing", 1)


def test_a_mail_address_that_keeps_failing_for_a_fortnight_rests(world: World) -> None:
    for campaign in ("care", "service", "marketing"):
        tell(world, Evidence.FAILED_SOFTLY, campaign, channel=EMAIL, campaign_id=world.campaigns[campaign].id)
        world.clock.advance(timedelta(days=8))
    (ban,) = world.rows(Suppression)
    assert (ban.reason, ban.channel) == ("soft_failures", EMAIL)
    assert ban.until is not None
    tell(world, Evidence.REPLIED, "they wrote", channel=EMAIL)
    assert world.rows(Suppression) == []
    assert [task.state for task in asks(world)] == ["done"]


def test_our_own_fault_is_not_the_addresss(world: World) -> None:
    tell(world, Evidence.BLAMELESS, "spam filter")
    assert (point(world).state, point(world).soft_failures) == ("unverified", 0)


def test_a_bounce_after_the_customers_answer_is_a_forwards(world: World) -> None:
    _, attempt = world.sent(channel=EMAIL)
    reference = world.context.vault.reference_of(attempt.id)
    world.hear(world.says("好的，谢谢", address=MAIL, account=EMAIL, reference=reference), account=EMAIL)
    bounce = world.receipt(attempt, "undelivered", suppress="address_invalid", address=MAIL)
    world.hear(bounce, account=EMAIL)
    assert point(world, EMAIL).state == State.GOOD
    assert world.rows(Suppression) == []
    assert "forwarded" in {row.evidence for row in world.rows(ContactEvidence)}


def test_the_to_do_closes_itself_when_the_number_proves_alive(world: World) -> None:
    die(world)
    world.clock.advance(timedelta(minutes=5))
    world.hear(world.says("你好"))
    assert (point(world).state, point(world).reachable) == ("good", "yes")
    assert world.rows(Suppression) == []
    assert [(task.state, task.outcome) for task in asks(world)] == [("done", "working_contact")]


def test_a_delivery_of_before_the_death_does_not_raise_the_dead(world: World) -> None:
    _, other = world.sent()
    before = (world.clock.now() - timedelta(hours=3)).isoformat()
    die(world)
    world.hear(world.receipt(other, "delivered", at=before))
    assert point(world).state == State.DEAD


def test_the_to_do_closes_itself_when_a_working_number_arrives(world: World) -> None:
    die(world)
    with world.context.db.write() as session:
        other = make_customer(
            session, world.context.vault, org=world.tree.outlet, reach=Reach(phone="+8613900000001")
        )
        session.add(
            CustomerContact(
                customer_id=world.customer.id,
                contact_point_id=point_of(session, other, SMS).id,
                relation="family",
                created_at=world.clock.now(),
            )
        )
    assert contact_quality.close_satisfied_asks(world.context) == 1
    assert [task.state for task in asks(world)] == ["done"]


def test_a_number_the_carrier_gave_out_anew_is_retired_until_a_person_verifies_it(world: World) -> None:
    tell(world, Evidence.NOT_THEIRS, "carrier", cause=Cause.RECYCLED)
    found = point(world)
    assert (found.state, found.retired_reason) == ("recycled", "recycled")
    assert len(asks(world)) == 1
    world.hear(world.says("你好"))
    assert point(world).state == State.RECYCLED
    with world.context.db.read() as session:
        advisor = actor_for(session, world.people.advisor)
    verify_contact(world.context, advisor, world.customer.external_ref)
    found = point(world)
    assert (found.state, found.retired_at) == ("good", None)
    assert [task.state for task in asks(world)] == ["done"]


@pytest.mark.parametrize("act", ["bounce", "reply"])
def test_an_opt_out_is_never_lifted_by_a_living_number(world: World, act: str) -> None:
    world.hear(world.says("TD"))
    stops = len(world.rows(Suppression))
    assert stops
    if act == "bounce":
        die(world)
    world.hear(world.says("在吗"))
    assert {row.reason for row in world.rows(Suppression)} == {"opted_out"}
    assert len(world.rows(Suppression)) == stops
