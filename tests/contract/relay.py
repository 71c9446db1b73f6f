"""The example package's relay: a server that behaves as told, and the world of the suite around it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable

from integrations.registry import build_listeners, build_parser, build_sender, read_account
from tests.contract.messages import ADDRESSES, SECRET_CANARY
from tests.contract.worlds import GatewayHandler, GatewayServer, answering
from wenhou.core.channels import (
    Accepted,
    CallbackParser,
    Listener,
    Outcome,
    Permanent,
    Sender,
    Transient,
    Unknown,
)

_STATUSES = {
    "+8613800000001": "refused",
    "+8613800000002": "busy",
    "+8613800000003": "opted_out",
    "+8613800000004": "no_balance",
}
LEFT_OUT = "+8613800000005"
_SITUATIONS = {
    "accepted": ADDRESSES["sms"],
    "refused_in_a_success_answer": "+8613800000001",
    "permanent": "+8613800000001",
    "opted_out": "+8613800000003",
    "channel_fault": "+8613800000004",
}


def relay_account(port: int, **more: object) -> dict[str, object]:
    """The account's block of settings."""
    return {
        "channel": "sms",
        "provider": "relay",
        "account": "relay",
        "base_url": f"http://127.0.0.1:{port}",
        "token": SECRET_CANARY,
        "push_secret": SECRET_CANARY,
        "read_seconds": 1,
        "poll_seconds": 0.1,
    } | more


class RelayWorld:
    """The relay of docs/examples, in front of a server of this run."""

    provider = "relay"
    channel = "sms"

    def __init__(self) -> None:
        self.server = GatewayServer()
        self.server.behave = self._talk
        self.taken: list[str] = []
        self.events: list[dict[str, object]] = []
        self._lock = threading.Lock()

    @property
    def port(self) -> int:
        return self.server.port

    def arrange(self, situation: str) -> str | None:
        special: dict[str, Callable[[GatewayHandler], None]] = {
            "throttled": answering({}, 429, {"Retry-After": "3"}),
            "lost_after_sending": self._lose,
            "slow_after_sending": self._dawdle,
        }
        self.server.behave = special.get(situation, self._talk)
        return _SITUATIONS.get(situation, ADDRESSES["sms"])

    def sender(self, *, port: int | None = None) -> Sender:
        return build_sender(read_account(relay_account(port or self.port, batch_size=1)))

    def tls_sender(self, port: int, ca_file: str | None) -> Sender:
        block = relay_account(port, base_url=f"https://127.0.0.1:{port}", ca_file=ca_file)
        return build_sender(read_account(block))

    def batch_sender(self) -> Sender | None:
        return build_sender(read_account(relay_account(self.port)))

    def mixed(self) -> dict[str, type[Outcome]]:
        return {
            ADDRESSES["sms"]: Accepted,
            "+8613800000001": Permanent,
            "+8613800000002": Transient,
            LEFT_OUT: Unknown,
        }

    def accepted(self) -> int:
        return len(self.taken)

    def close(self) -> None:
        self.server.stop()

    def _talk(self, handler: GatewayHandler) -> None:
        said: dict[str, object] = {"ok": True}
        if handler.path.endswith("/v1/messages"):
            said = {"results": self._results(handler.body)}
        elif handler.path.endswith("/v1/events"):
            said = {"events": self.events}
        elif handler.path.endswith("/v1/events/ack"):
            done = set(json.loads(handler.body)["ids"])
            self.events = [event for event in self.events if event["id"] not in done]
        handler.answer(200, json.dumps(said).encode())

    def _results(self, body: bytes) -> list[dict[str, object]]:
        results: list[dict[str, object]] = []
        for message in json.loads(body)["messages"]:
            status = _STATUSES.get(message["to"], "queued")
            if status == "queued" and message["to"] != LEFT_OUT:
                with self._lock:
                    self.taken.append(message["id"])
            if message["to"] != LEFT_OUT:
                results.append({"id": message["id"], "status": status, "message_id": f"r-{message['id']}"})
        return results

    def _lose(self, handler: GatewayHandler) -> None:
        self._results(handler.body)
        handler.drop()

    def _dawdle(self, handler: GatewayHandler) -> None:
        time.sleep(1.6)
        handler.drop()


class RelayOffers:
    """The relay as one that cannot push: what it holds until it is acknowledged."""

    provider = "relay"

    def __init__(self) -> None:
        self._world = RelayWorld()
        self._block = relay_account(self._world.port, polls=True, push_secret=None)
        self._put = 0

    def listener(self) -> Listener:
        (listener,) = build_listeners(read_account(self._block))
        return listener

    def parser(self) -> CallbackParser:
        return build_parser(read_account(self._block))

    def put(self, text: str) -> None:
        self._put += 1
        event: dict[str, object] = {
            "id": f"e{self._put}",
            "at": "2027-01-30T09:00:00+08:00",
            "from": ADDRESSES["sms"],
        }
        self._world.events.append(event | {"text": text})

    def waiting(self) -> int:
        return len(self._world.events)

    def break_down(self) -> None:
        self._world.server.behave = answering({"error": "down"}, 503)

    def close(self) -> None:
        self._world.close()
