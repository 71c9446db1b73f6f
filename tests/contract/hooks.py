"""All providers' hooks of a bank with one customer, over HTTP and into the store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient

from store.models.handover import Attempt
from store.models.messages import Message
from tests.contract.dialects import DIALECTS, Dialect
from tests.integration.hearing.world import World, make_world
from webhooks.blueprint import make_blueprint
from wenhou.core.channels import CallbackParser
from wenhou.core.clock import ShiftedClock
from wenhou.core.statuses import Event, Receipt, Status
from wenhou.services import intake
from wenhou.services.context import Context


@dataclass(kw_only=True)
class Hooks:
    """The bank, its web side, and the ways in which providers speak to it."""

    world: World
    client: FlaskClient
    parsers: dict[tuple[str, str], CallbackParser]
    dialects: dict[str, Dialect] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """Wall time, by which signatures are fresh."""
        return self.world.context.clock.real()

    def push(self, dialect: Dialect, body: bytes, *, at: datetime | None = None) -> int:
        """A signed push; the status of the answer."""
        headers = dialect.sign(body, at or self.now)
        return self.client.post(dialect.path, data=body, headers=headers).status_code

    def hear(self, dialect: Dialect, body: bytes) -> None:
        """Take a push in and apply whatever is due."""
        assert self.push(dialect, body) == 200
        self.apply()

    def apply(self) -> None:
        """Apply what is stored and due."""
        intake.apply_pending(self.world.context, self.parsers)

    def sent(self, dialect: Dialect, *, upto: Event | None = Event.ACCEPT) -> tuple[Message, Attempt, str]:
        """A message in this provider's hands, its attempt, and the reference that comes back in receipts."""
        parser = dialect.parser
        message, attempt = self.world.sent(channel=parser.channel, upto=upto)
        with self.world.context.db.write() as session:
            row = session.get_one(Attempt, attempt.id)
            row.provider, row.account = parser.provider, parser.account
        return message, attempt, self.world.context.vault.reference_of(attempt.id)

    def status(self, message: Message) -> Status:
        """What became of it."""
        return self.world.status(message)


def make_hooks(context: Context, clock: ShiftedClock) -> Hooks:
    """Every provider's account at one bank."""
    world = make_world(context, clock)
    dialects = {name: make() for name, make in DIALECTS.items()}
    parsers = {(one.parser.provider, one.parser.account): one.parser for one in dialects.values()}
    app = Flask("tests.contract")
    app.url_map.merge_slashes = False  # as wenhou.web makes it
    app.register_blueprint(make_blueprint(parsers, world.context))
    return Hooks(world=world, client=app.test_client(), parsers=parsers, dialects=dialects)


def ends_as(dialect: Dialect, receipt: Receipt) -> Status:
    """The status that a receipt alone leads to."""
    del dialect
    return {
        Receipt.ACCEPTED: Status.SENT,
        Receipt.DELIVERED: Status.DELIVERED,
        Receipt.UNDELIVERED: Status.UNDELIVERED,
    }[receipt]
