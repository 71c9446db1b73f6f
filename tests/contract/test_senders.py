"""The contract of every sender (DESIGN §11): each outcome of a hand-over is one of five, whoever carries it."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.contract.messages import CANARIES, as_outcome, hand_over, make_message
from tests.contract.provided import WORLDS
from tests.contract.worlds import SITUATIONS, World
from tests.ports import free_port
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Permanent,
    TaskCreated,
    Transient,
    Unknown,
)
from wenhou.core.errors import SendError

ALL = pytest.mark.parametrize("name", WORLDS)


@pytest.fixture
def world(name: str) -> Iterator[World]:
    made = WORLDS[name]()
    yield made
    made.close()


def _outcome_in(world: World, situation: str) -> object:
    """The outcome of one message in a situation; situations a provider has not are nothing to test there."""
    address = world.arrange(situation)
    if address is None:
        return None
    sender = world.sender()
    try:
        return hand_over(sender, make_message(world.channel, address))
    finally:
        sender.close()


@ALL
def test_a_message_the_provider_takes_is_accepted_or_a_task(world: World) -> None:
    outcome = _outcome_in(world, "accepted")
    assert isinstance(outcome, Accepted | TaskCreated)
    assert isinstance(outcome, TaskCreated) == (world.channel == "wecom")
    assert world.accepted() == 1


@ALL
def test_http_200_with_an_error_inside_is_a_failure(world: World) -> None:
    outcome = _outcome_in(world, "refused_in_a_success_answer")
    assert outcome is None or isinstance(outcome, Permanent)


@ALL
def test_throttling_is_transient_and_says_when_to_come_back(world: World) -> None:
    outcome = _outcome_in(world, "throttled")
    assert isinstance(outcome, Transient)
    assert outcome.retry.after is not None
    assert outcome.retry.after >= timedelta(seconds=1)


@ALL
def test_a_refusal_for_good_is_permanent_without_blaming_the_address(world: World) -> None:
    outcome = _outcome_in(world, "permanent")
    assert isinstance(outcome, Permanent)
    assert outcome.suppress is None


@ALL
def test_an_address_that_must_not_be_used_again_is_named_so(world: World) -> None:
    outcome = _outcome_in(world, "opted_out")
    assert isinstance(outcome, Permanent)
    assert outcome.suppress in {"opted_out", "address_invalid"}


@ALL
def test_a_fault_of_the_account_is_not_the_messages(world: World) -> None:
    outcome = _outcome_in(world, "channel_fault")
    assert isinstance(outcome, ChannelFault)
    assert outcome.reason


@ALL
def test_a_refused_connection_is_transient(world: World) -> None:
    sender = world.sender(port=free_port())
    outcome = hand_over(sender, make_message(world.channel))
    sender.close()
    assert isinstance(outcome, Transient)
    assert world.accepted() == 0


@ALL
def test_a_connection_lost_after_the_message_left_is_unknown(world: World) -> None:
    assert isinstance(_outcome_in(world, "lost_after_sending"), Unknown)
    assert world.accepted() == 1, "the provider has it: sending again would be twice"


@ALL
def test_no_answer_in_time_is_unknown(world: World) -> None:
    outcome = _outcome_in(world, "slow_after_sending")
    assert outcome is None or isinstance(outcome, Unknown)


@ALL
def test_the_next_message_after_any_outcome_still_goes_out(world: World) -> None:
    sender = world.sender()
    for situation in SITUATIONS:
        address = world.arrange(situation)
        if address is not None and situation != "slow_after_sending":
            hand_over(sender, make_message(world.channel, address))
    last = hand_over(sender, make_message(world.channel, world.arrange("accepted")))
    sender.close()
    assert isinstance(last, Accepted | TaskCreated)


@ALL
def test_no_canary_stands_in_logs_exceptions_or_reprs(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    sender = world.sender()
    seen = [repr(sender), repr(getattr(sender, "_settings", "")), repr(sender.capabilities)]
    attached: list[BaseException | None] = []
    for situation in SITUATIONS:
        address = world.arrange(situation)
        if address is None:
            continue
        message = make_message(world.channel, address)
        try:
            seen.append(repr(sender.send([message])))
        except SendError as error:
            seen += [
                repr(error),
                str(error),
                "".join(traceback.format_exception(error)),
                repr(as_outcome(error)),
            ]
            attached.append(error.__context__)
    sender.close()
    assert not any(attached), "the library's exception holds the address: it must not be attached"
    ours = [record for record in caplog.records if record.name != "mail.log"]  # that is the tests' own server
    seen += [repr(record.__dict__) + record.getMessage() for record in ours]
    found = {canary for canary in CANARIES for text in seen if canary in text}
    assert found == set()
