"""The hand-over through the simulator over real HTTP: every magic recipient ends in its own status, counted once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from integrations.registry import build_sender, read_account
from integrations.simulator.magic import Behaviour, magic_addresses
from integrations.simulator.provider import SimulatorConfig
from integrations.simulator.server import create_app
from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from store.accounts import list_accounts
from tests.contract.worlds import WebServer
from tests.factories import Reach
from tests.integration.scheduler.world import World
from wenhou.core.statuses import Status

SECRETS = {"sms": "a secret of tests", "email": "another of tests"}


class Simulator:
    """The simulator on a port of its own."""

    def __init__(self) -> None:
        self._app = create_app(SimulatorConfig(secrets=SECRETS, drop_after_seconds=0.0))
        self._server = WebServer(self._app, threads=8)
        self.url = self._server.url

    def counts(self) -> dict[str, int]:
        """Messages taken, by address."""
        return dict(self._app.extensions["simulator"].state.counts("address"))

    def close(self) -> None:
        """Stop serving."""
        self._server.close()
        self._app.extensions["simulator"].close()


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    served = Simulator()
    yield served
    served.close()


@pytest.fixture
def dispatcher(world: World, simulator: Simulator) -> Iterator[Dispatcher]:
    blocks = [
        {
            "channel": channel,
            "provider": "simulator",
            "account": channel,
            "base_url": simulator.url,
            "secret": secret,
            "rate_per_second": 500,
            "read_seconds": 1,
        }
        for channel, secret in SECRETS.items()
    ]
    carriers = Carriers(senders={str(one["channel"]): build_sender(read_account(one)) for one in blocks})
    made = Dispatcher(world.context, carriers)
    yield made
    made.close()
    carriers.close()


def _taken(simulator: Simulator, address: str) -> int:
    return simulator.counts().get(address, 0)


@pytest.mark.parametrize(
    ("behaviour", "status", "reason", "taken"),
    [
        (Behaviour.ACCEPTED, Status.SENT, None, 1),
        (Behaviour.DELIVERED_LATE, Status.SENT, None, 1),
        (Behaviour.REFUSED, Status.FAILED, "refused", 0),
        (Behaviour.OPTED_OUT, Status.FAILED, "refused", 0),
        (Behaviour.INVALID_ADDRESS, Status.FAILED, "refused", 0),
        (Behaviour.THROTTLED, Status.SCHEDULED, "retry", 0),
        (Behaviour.NEEDS_TAP, Status.AWAITING_TAP, None, 0),
        (Behaviour.TIMEOUT_AFTER_ACCEPTING, Status.UNKNOWN, "no_answer", 1),
        (Behaviour.NEVER_ANSWERS, Status.UNKNOWN, "no_answer", 0),
        (Behaviour.CHANNEL_FAULT, Status.SCHEDULED, "channel_paused", 0),
    ],
)
def test_a_magic_recipient_ends_as_its_name_says(
    world: World,
    simulator: Simulator,
    dispatcher: Dispatcher,
    behaviour: Behaviour,
    status: Status,
    reason: str | None,
    taken: int,
) -> None:
    address = magic_addresses(behaviour)["sms"]
    message_id = world.message(world.customer(reach=Reach(phone=address)))

    dispatcher.run_once()
    dispatcher.run_once()

    row = world.row(message_id)
    assert (row.status, row.reason, _taken(simulator, address)) == (status, reason, taken)


def test_a_throttled_recipient_is_reached_at_the_second_try(
    world: World, simulator: Simulator, dispatcher: Dispatcher
) -> None:
    address = magic_addresses(Behaviour.THROTTLED)["sms"]
    message_id = world.message(world.customer(reach=Reach(phone=address)))

    dispatcher.run_once()
    world.clock.advance(timedelta(minutes=1))
    dispatcher.run_once()

    assert (world.status(message_id), _taken(simulator, address)) == (Status.SENT, 1)


def test_a_refused_phone_is_reached_by_mail(
    world: World, simulator: Simulator, dispatcher: Dispatcher
) -> None:
    phone = magic_addresses(Behaviour.REFUSED)["sms"]
    customer = world.customer(reach=Reach(phone=phone, email="wang@example.com"))
    message_id = world.message(customer, channels=("sms", "email"))

    dispatcher.run_once()

    assert world.status(message_id) == Status.SENT
    assert _taken(simulator, "wang@example.com") == 1


def test_an_account_without_money_is_paused_and_the_other_goes_on(
    world: World, simulator: Simulator, dispatcher: Dispatcher
) -> None:
    phone = magic_addresses(Behaviour.CHANNEL_FAULT)["sms"]
    world.message(world.customer(reach=Reach(phone=phone)))
    mail = world.message(channels=("email",))

    dispatcher.run_until_empty(patience_seconds=3600)

    assert world.status(mail) == Status.SENT
    with world.context.db.read() as session:
        paused = {one.account: one.paused_code for one in list_accounts(session) if one.paused_at}
    assert paused == {"sms": "INSUFFICIENT_BALANCE"}


def test_a_hundred_messages_arrive_once_each(
    world: World, simulator: Simulator, dispatcher: Dispatcher
) -> None:
    for _ in range(100):
        world.message()

    tally = dispatcher.run_until_empty(patience_seconds=1)

    counts = simulator.counts()
    assert (tally.sent, len(counts), max(counts.values())) == (100, 100, 1)
