"""A reply to a number and an extension code answers the message that went out with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from store.callbacks import Arrival
from store.models.hearing import ConversationEntry
from store.models.lines import SmsExtension
from tests.factories import Reach
from tests.integration.scheduler.world import CountingSender, World
from wenhou.core.channels import CallbackAnswer, RawCallback, ReplyEvent, Transient
from wenhou.services import intake

PHONE = "+8613700990001"


def line(*ranges: tuple[int, int], **more: object) -> CountingSender:
    made = CountingSender("sms", batch_size=10, **more)  # type: ignore[arg-type]
    made.capabilities = replace(made.capabilities, extension_digits=2, extension_ranges=ranges)
    return made


class _Parser:
    """Reads replies that stand in JSON as they are."""

    provider, account, channel = "counting", "sms", "sms"

    def verify(self, callback: RawCallback) -> None:
        """Nothing is pushed here."""

    def split(self, callback: RawCallback) -> Sequence[bytes]:
        return [callback.body]

    def parse(self, item: bytes) -> Sequence[ReplyEvent]:
        said = json.loads(item)
        return [
            ReplyEvent(key=said["text"], address=PHONE, text=said["text"], at=None, extension=said["ext"])
        ]

    def answer(self) -> CallbackAnswer:
        return CallbackAnswer()


def hear(world: World, text: str, ext: str) -> ConversationEntry:
    item = json.dumps({"text": text, "ext": ext}).encode()
    arrival = Arrival(provider="counting", account="sms", received_at=world.context.clock.real())
    intake.take_in(world.context, arrival, [item])
    intake.apply_pending(world.context, {("counting", "sms"): _Parser()})
    with world.context.db.read() as session:
        found = session.scalars(
            select(ConversationEntry).where(ConversationEntry.direction == "in")
            .order_by(ConversationEntry.id.desc())
        ).first()  # fmt: skip
        assert found is not None
        session.expunge_all()
        return found


def test_each_message_to_a_number_has_a_code_of_its_own(world: World) -> None:
    sender, customer = line((10, 12)), world.customer()
    for campaign in ("birthday", "spring", "autumn"):
        world.message(customer, campaign=campaign, purpose="service")
    other = world.message(world.customer(), campaign="birthday", purpose="service")
    world.dispatcher(sender).run_once()
    mine = [one.extension for one in sender.taken if one.message_id != other]
    assert sorted(mine) == ["10", "11", "12"]
    assert [one.extension for one in sender.taken if one.message_id == other] == ["10"]


def test_a_used_up_range_gives_back_the_code_this_number_saw_longest_ago(world: World) -> None:
    sender, customer = line((7, 8)), world.customer()
    dispatcher = world.dispatcher(sender)
    for number in range(5):
        world.message(customer, campaign=f"c{number}", purpose="service")
        dispatcher.run_once()
        world.clock.move_to(world.clock.now() + timedelta(minutes=1))
    assert [one.extension for one in sender.taken] == ["07", "08", "07", "08", "07"]
    with world.context.db.read() as session:
        assert len(session.scalars(select(SmsExtension)).all()) == 2


def test_a_second_try_keeps_its_code(world: World) -> None:
    sender = line((10, 99), answers=[Transient(code="busy")])
    world.message(purpose="service")
    dispatcher = world.dispatcher(sender)
    dispatcher.run_once()
    world.clock.move_to(world.clock.now() + timedelta(minutes=1))
    dispatcher.run_once()
    assert [one.extension for one in sender.taken] == ["10", "10"]


def test_a_reply_with_a_code_answers_that_message_and_not_the_newest(world: World) -> None:
    sender, customer = line((10, 99)), world.customer(reach=Reach(phone=PHONE))
    dispatcher = world.dispatcher(sender)
    first = world.message(customer, campaign="first", purpose="service")
    dispatcher.run_once()
    second = world.message(customer, campaign="second", purpose="service")
    dispatcher.run_once()
    assert hear(world, "谢谢", "10").answers_message_id == first
    assert hear(world, "收到", "11").answers_message_id == second
    assert hear(world, "好的", "77").answers_message_id == second


def test_a_code_says_which_of_two_people_with_one_phone_answered(world: World) -> None:
    sender = line((10, 99))
    wife, husband = (world.customer(reach=Reach(phone=PHONE)) for _ in range(2))
    world.message(wife, campaign="hers", purpose="service")
    world.message(husband, campaign="his", purpose="service")
    world.dispatcher(sender).run_once()
    codes = {one.message_id: one.extension for one in sender.taken}
    for message_id, code in codes.items():
        heard = hear(world, f"谢谢{code}", code)
        assert heard.answers_message_id == message_id
        assert heard.customer_id == world.row(message_id).customer_id
