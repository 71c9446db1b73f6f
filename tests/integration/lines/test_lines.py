"""What a line asks of a message at hand-over: a filed signature by carrier, and its own hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta

import pytest

from store.filed_texts import Filing, write_filing
from tests.factories import Reach
from tests.integration.scheduler.world import CountingSender, World

MOBILE, UNICOM, UNLISTED = "+8613800990001", "+8613000990002", "+8612000990003"


def signed_line() -> CountingSender:
    made = CountingSender("sms")
    made.capabilities = replace(made.capabilities, checks_signature=True)
    return made


def file_signature(world: World, **states: str) -> None:
    """Carrier → state; `every` for the row of all carriers."""
    with world.context.db.write() as session:
        for carrier, state in states.items():
            row = Filing(
                provider="counting", account="sms", kind="signature", code="江城银行", state=state,
                carrier="" if carrier == "every" else carrier,
            )  # fmt: skip
            write_filing(session, row, None, world.clock.now())


def sent_to(world: World, phone: str) -> tuple[str, str | None]:
    message = world.message(world.customer(reach=Reach(phone=phone)), purpose="service", campaign=phone)
    world.dispatcher(signed_line()).run_once()
    row = world.row(message)
    return row.status, row.reason


@pytest.mark.parametrize(
    ("states", "phone", "leaves"),
    [
        ({}, MOBILE, False),
        ({"every": "approved"}, MOBILE, True),
        ({"every": "submitted"}, MOBILE, False),
        ({"移动": "approved", "联通": "refused"}, MOBILE, True),
        ({"移动": "approved", "联通": "refused"}, UNICOM, False),
        ({"中国移动": "approved", "CUCC": "submitted"}, MOBILE, True),
        ({"every": "approved", "联通": "submitted"}, UNICOM, False),
        ({"移动": "approved"}, UNICOM, False),
        ({"移动": "approved", "联通": "approved"}, UNLISTED, True),
        ({"移动": "approved", "联通": "refused"}, UNLISTED, False),
    ],
)
def test_a_signature_leaves_only_to_carriers_that_filed_it(
    world: World, states: dict[str, str], phone: str, *, leaves: bool
) -> None:
    file_signature(world, **states)
    expected = ("sent", None) if leaves else ("skipped", "signature_not_filed")
    assert sent_to(world, phone)[0] == expected[0]
    if not leaves:
        assert sent_to(world, phone)[1] == "signature_not_filed"


def test_what_one_line_does_not_carry_goes_by_the_next_channel(world: World) -> None:
    message = world.message(channels=("sms", "email"), purpose="service")
    mail = CountingSender("email")
    world.dispatcher(signed_line(), mail).run_until_empty(patience_seconds=1)
    assert world.status(message) == "sent"
    assert len(mail.taken) == 1


def test_a_line_outside_its_hours_holds_until_it_opens(world: World) -> None:
    sender = CountingSender("sms")
    sender.capabilities = replace(sender.capabilities, hours=(time(10), time(11)))
    message = world.message(purpose="service")
    dispatcher = world.dispatcher(sender)
    dispatcher.run_once()
    row = world.row(message)
    assert (row.status, row.reason, sender.calls) == ("scheduled", "outside_window", 0)
    assert row.due_at is not None
    assert row.due_at.astimezone(world.context.bank.zone).time() == time(10)
    world.clock.move_to(row.due_at + timedelta(seconds=1))
    dispatcher.run_once()
    assert world.status(message) == "sent"
