"""Who goes through the suite: every provider's worlds, and those that bring in what is not pushed.

A provider that an account may name and that is not here fails `test_complete.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tests.contract.fetched import BatchGatewayWorld, GatewayOffers
from tests.contract.mailbox import DovecotOffers
from tests.contract.relay import RelayOffers, RelayWorld
from tests.contract.worlds import GatewayWorld, MailWorld, QueryGatewayWorld, SimulatorWorld, World
from wenhou.core.channels import CallbackParser, Listener

WORLDS: dict[str, Callable[[], World]] = {
    "simulator-sms": lambda: SimulatorWorld("sms"),
    "simulator-email": lambda: SimulatorWorld("email"),
    "simulator-wechat": lambda: SimulatorWorld("wechat"),
    "simulator-wecom": lambda: SimulatorWorld("wecom"),
    "sms_http": GatewayWorld,
    "sms_http-query": QueryGatewayWorld,
    "sms_http-batch": BatchGatewayWorld,
    "email_smtp": MailWorld,
    "relay": RelayWorld,
}
OVER_HTTP = tuple(name for name in WORLDS if name != "email_smtp")


class Offers(Protocol):
    """A provider that does not push: it holds a customer's words until somebody took them."""

    provider: str

    def listener(self) -> Listener:
        """One that would fetch them."""
        ...

    def parser(self) -> CallbackParser:
        """Who understands what it brings."""
        ...

    def put(self, text: str) -> None:
        """A customer's words arrive at the provider."""
        ...

    def waiting(self) -> int:
        """How many the provider would hand out again: neither acknowledged nor marked."""
        ...

    def break_down(self) -> None:
        """The provider cannot be asked any more."""
        ...

    def close(self) -> None:
        """Stop it."""
        ...


OFFERS: dict[str, Callable[[], Offers]] = {
    "relay": RelayOffers,
    "sms_http": GatewayOffers,
    "email_smtp-dovecot": DovecotOffers,
}
