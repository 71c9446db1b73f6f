"""Alerts really leave by Apprise, to receivers on this machine; none leaves it outside production."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from integrations.alerts import AppriseAlerter
from tests.ports import free_port
from wenhou.bootstrap import open_alerter
from wenhou.core.alerts import NobodyToTell
from wenhou.core.errors import ConfigurationError
from wenhou.settings import Settings

SECRET = "hunter2secret"


@pytest.fixture
def hook() -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """A webhook's port and what came to it."""
    came: list[dict[str, Any]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port, came
    server.shutdown()
    server.server_close()


def test_a_webhook_and_a_mailbox_hear_the_words(hook: tuple[int, list[dict[str, Any]]]) -> None:
    mails: list[Any] = []

    class Keep(MessageHandler):
        def handle_message(self, message: Any) -> None:
            mails.append(message)

    box = Controller(Keep(), hostname="127.0.0.1", port=free_port())
    box.start()
    try:
        mail_port = box.port
        port, came = hook
        alerter = AppriseAlerter(
            [
                f"json://127.0.0.1:{port}/alerts",
                f"mailto://127.0.0.1:{mail_port}/?from=wenhou@bank.example&to=duty@bank.example&mode=insecure",
            ],
            loopback_only=True,
        )
        assert alerter.alert("问候：短信通道已暂停", "怎么办：检查网络")
    finally:
        box.stop()

    assert (came[0]["title"], came[0]["message"]) == ("问候：短信通道已暂停", "怎么办：检查网络")
    assert "duty@bank.example" in mails[0]["To"]


def test_an_address_that_does_not_answer_stops_nothing(hook: tuple[int, list[dict[str, Any]]]) -> None:
    port, came = hook
    alerter = AppriseAlerter(["json://127.0.0.1:9/nobody", f"json://127.0.0.1:{port}/"], loopback_only=True)
    assert alerter.alert("标题", "内容") is False
    assert len(came) == 1


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (f"json://alerts.example/{SECRET}", "leaves this machine"),
        (f"nonsense://127.0.0.1/{SECRET}", "is none"),
    ],
)
def test_an_address_that_may_not_be_used_is_refused_and_not_repeated(address: str, said: str) -> None:
    settings = Settings(mode="test", alerts=f"json://127.0.0.1:1/ {address}")  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match=f"address 2 {said}") as refused:
        open_alerter(settings)
    assert SECRET not in str(refused.value)


def test_without_an_address_nobody_outside_is_told() -> None:
    assert isinstance(open_alerter(Settings(mode="test")), NobodyToTell)
