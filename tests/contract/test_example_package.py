"""The example package, really installed: named in the settings, it sends a customer's message and hears of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from tests import databases
from tests.contract.dialects import DIALECTS
from tests.contract.relay import RelayWorld, relay_account
from tests.integration.scheduler.world import World
from webhooks.blueprint import make_blueprint
from wenhou.bootstrap import open_accounts, open_carriers, open_parsers
from wenhou.core.clock import ShiftedClock
from wenhou.core.errors import ConfigurationError
from wenhou.core.statuses import Receipt, Status
from wenhou.services import intake
from wenhou.services.context import Context
from wenhou.settings import Settings

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def relay() -> Iterator[RelayWorld]:
    made = RelayWorld()
    yield made
    made.close()


@pytest.fixture
def settings(relay: RelayWorld) -> Settings:
    return Settings(mode="test", accounts=[relay_account(relay.port)], allow_loopback_providers=True)


@pytest.fixture
def carriers(context: Context, settings: Settings) -> Iterator[Carriers]:
    opened = open_carriers(context, settings)
    yield opened
    opened.close()


def test_a_message_is_handed_over_by_the_package_and_its_receipt_comes_home(
    context: Context, clock: ShiftedClock, relay: RelayWorld, settings: Settings, carriers: Carriers
) -> None:
    world = World(context=context, clock=clock)
    message_id = world.message()
    dispatcher = Dispatcher(context, carriers)
    dispatcher.run_once()
    dispatcher.close()
    assert world.status(message_id) == Status.SENT
    (attempt,) = world.attempts(message_id)
    assert relay.taken == [str(attempt.id)]
    assert (attempt.provider, attempt.account) == ("relay", "relay")

    parsers = open_parsers(settings)
    app = Flask("tests.example")
    app.register_blueprint(make_blueprint(parsers, context))
    dialect = DIALECTS["relay"]()
    body = dialect.says(context.vault.reference_of(attempt.id), Receipt.DELIVERED)
    answer = app.test_client().post("/hooks/relay/relay", data=body, headers=dialect.sign(body, clock.real()))
    assert answer.status_code == 200
    assert intake.apply_pending(context, parsers) == 1
    assert world.status(message_id) == Status.DELIVERED


def test_outside_production_the_package_stays_on_this_machine_too(context: Context) -> None:
    del context
    away = relay_account(1, base_url="https://relay.example/api")
    with pytest.raises(ConfigurationError, match="account relay"):
        open_accounts(Settings(mode="test", accounts=[away], allow_loopback_providers=True))


def test_the_command_line_tells_what_the_package_can_do(
    example_package: Path, database_url: str, tmp_path: Path
) -> None:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("WENHOU_")},
        "PYTHONPATH": str(example_package),
        "WENHOU_DATABASE_URL": database_url,
        "WENHOU_DATA_DIR": str(tmp_path / "data"),
        "WENHOU_ALLOW_LOOPBACK_PROVIDERS": "true",
        "WENHOU_ACCOUNTS": json.dumps([relay_account(1, quota_kinds=["same_number"])]),
        "WENHOU_SECRET_KEY": databases.SECRET_KEY.decode(),
    }
    said = subprocess.run(
        [sys.executable, "-m", "wenhou", "channels", "can", "--json"],
        capture_output=True, text=True, check=False, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    facts = {row["what"]: row["said"] for row in json.loads(said.stdout)}
    assert facts["batch"] == "100 message(s)"
    assert facts["idempotent"] == "yes"
    assert facts["quotas_owed"].startswith("no figures yet for same_number")
