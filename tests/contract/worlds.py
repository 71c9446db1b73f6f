"""One world a provider: a real server on loopback that can be told how to behave, and the sender that talks to it.

A world answers the same questions for each provider, so that the contract is one suite.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from waitress import wasyncore
from waitress.server import BaseWSGIServer, create_server

from integrations.registry import build_sender, read_account
from integrations.simulator.magic import Behaviour, magic_addresses
from integrations.simulator.provider import PretendProvider, SimulatorConfig
from integrations.simulator.server import create_app
from tests.contract.messages import ADDRESSES, SECRET_CANARY
from tests.ports import free_port
from wenhou.core.channels import (
    CHANNELS,
    Accepted,
    Outcome,
    Permanent,
    Sender,
    TaskCreated,
    Transient,
)

SITUATIONS = (
    "accepted",
    "refused_in_a_success_answer",
    "throttled",
    "opted_out",
    "permanent",
    "channel_fault",
    "lost_after_sending",
    "slow_after_sending",
)


class World(Protocol):
    """A provider that can be put into a situation. `port`: where its server listens."""

    provider: str
    channel: str

    @property
    def port(self) -> int:
        """Where it listens."""
        ...

    def arrange(self, situation: str) -> str | None:
        """The recipient to write to so that the situation happens; None where this provider has no such thing."""
        ...

    def sender(self, *, port: int | None = None) -> Sender:
        """A sender to this world, or to another port."""
        ...

    def tls_sender(self, port: int, ca_file: str | None) -> Sender:
        """A sender that speaks TLS to a port; `ca_file` where the provider's settings know one."""
        ...

    def batch_sender(self) -> Sender | None:
        """A sender of many messages a call, None where a call carries one."""
        ...

    def mixed(self) -> dict[str, type[Outcome]]:
        """Addresses and what becomes of each in one batch; Unknown: the provider's answer leaves it out."""
        ...

    def accepted(self) -> int:
        """How many messages the provider really took."""
        ...

    def close(self) -> None:
        """Stop the server."""
        ...


class WebServer:
    """A WSGI application on a free port of loopback, in threads of its own."""

    def __init__(self, app: Flask, threads: int = 4) -> None:
        server = create_server(app, host="127.0.0.1", port=0, threads=threads)
        assert isinstance(server, BaseWSGIServer)
        self._server = server
        self.port = int(server.getsockname()[1])
        self._thread = threading.Thread(target=server.run, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Workers first, then the loop from inside itself: closed from here it would select on dead sockets."""
        self._server.task_dispatcher.shutdown()
        server: Any = self._server  # what follows is not in its stubs
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map))  # noqa: SLF001
        self._thread.join(timeout=5)


class SimulatorWorld:
    """The simulator's own server."""

    provider = "simulator"

    def __init__(self, channel: str) -> None:
        self.channel = channel
        secrets = dict.fromkeys(CHANNELS, SECRET_CANARY)
        self.app = create_app(SimulatorConfig(secrets=secrets, drop_after_seconds=0.0))
        self._server = WebServer(self.app)
        self._port = self._server.port

    def arrange(self, situation: str) -> str | None:
        behaviour = {
            "refused_in_a_success_answer": Behaviour.REFUSED,
            "throttled": Behaviour.THROTTLED,
            "opted_out": Behaviour.OPTED_OUT,
            "permanent": Behaviour.REFUSED,
            "channel_fault": Behaviour.CHANNEL_FAULT,
            "lost_after_sending": Behaviour.TIMEOUT_AFTER_ACCEPTING,
        }.get(situation)
        if situation == "accepted":
            return ADDRESSES[self.channel]
        return magic_addresses(behaviour)[self.channel] if behaviour else None

    @property
    def port(self) -> int:
        return self._server.port

    def sender(self, *, port: int | None = None) -> Sender:
        return self._sender(base_url=f"http://127.0.0.1:{port or self._port}")

    def tls_sender(self, port: int, ca_file: str | None) -> Sender:
        del ca_file  # its settings know none: only what the system trusts
        return self._sender(base_url=f"https://127.0.0.1:{port}")

    def batch_sender(self) -> Sender | None:
        return self._sender(base_url=f"http://127.0.0.1:{self._port}", batch_size=10)

    def mixed(self) -> dict[str, type[Outcome]]:
        taken: type[Outcome] = TaskCreated if self.channel == "wecom" else Accepted
        found: dict[str, type[Outcome]] = {
            magic_addresses(Behaviour.REFUSED)[self.channel]: Permanent,
            magic_addresses(Behaviour.THROTTLED)[self.channel]: Transient,
            ADDRESSES[self.channel]: taken,
        }
        return found

    def _sender(self, **more: object) -> Sender:
        block = {
            "channel": self.channel,
            "provider": "simulator",
            "account": self.channel,
            "secret": SECRET_CANARY,
            "read_seconds": 2,
        }
        return build_sender(read_account(block | more))

    def accepted(self) -> int:
        provider = cast("PretendProvider", self.app.extensions["simulator"])
        return sum(provider.state.counts().values()) + len(provider.state.waiting())

    def close(self) -> None:
        self._server.close()
        self.app.extensions["simulator"].close()


SMS_BLOCK: dict[str, object] = {
    "channel": "sms",
    "provider": "sms_http",
    "account": "gateway",
    "read_seconds": 1,
    "secrets": {"password": SECRET_CANARY, "push": SECRET_CANARY},
    "request": {
        "url": "http://127.0.0.1:1/sms/send",
        "body": "form",
        "charset": "gb18030",
        "fields": {
            "account": "jcyh",
            "mobile": "{phone}",
            "content": "{text}",
            "ref": "{reference}",
            "ts": "{ts}",
            "sign": "{digest:sign}",
        },
        "ts": "%Y%m%d%H%M%S",
        "digests": {"sign": {"algorithm": "md5", "over": "jcyh{secret:password}{ts}"}},
    },
    "answer": {
        "code": "result",
        "id": "data.msgid",
        "success": ["0"],
        "codes": {
            "7": {"outcome": "transient", "retry_after_seconds": 30},
            "9": {"outcome": "permanent", "suppress": "opted_out"},
            "11": {"outcome": "channel_fault", "reason": "balance"},
        },
    },
}


class GatewayHandler(BaseHTTPRequestHandler):
    """A bank's SMS platform as the tests tell it to be; keeps what it was sent."""

    protocol_version = "HTTP/1.1"
    server: GatewayServer
    body = b""

    def do_POST(self) -> None:
        self.body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, dict(self.headers), self.body))
        self.server.behave(self)

    def do_GET(self) -> None:
        self.server.requests.append((self.path, dict(self.headers), b""))
        self.server.behave(self)

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Say it."""
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def drop(self) -> None:
        """Close without a word."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the overridden name
        """Say nothing on stderr."""


class GatewayServer(ThreadingHTTPServer):
    """The platform; `behave` is how it answers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), GatewayHandler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.behave: Callable[[GatewayHandler], None] = answering({"result": 0, "data": {"msgid": "m-1"}})
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no error here."""

    def stop(self) -> None:
        """Close the socket and end the thread."""
        self.shutdown()
        self.server_close()
        self.thread.join(timeout=5)


def answering(
    body: object, status: int = 200, headers: Mapping[str, str] | None = None
) -> Callable[[GatewayHandler], None]:
    """A behaviour: one JSON answer to everything."""
    return lambda handler: handler.answer(status, json.dumps(body).encode(), headers)


def _slow(handler: GatewayHandler) -> None:
    time.sleep(1.6)
    handler.drop()


class GatewayWorld:
    """A generic HTTP gateway and the profile that describes it."""

    provider = "sms_http"
    channel = "sms"

    def __init__(self) -> None:
        self.server = GatewayServer()
        self._taken: list[bool] = []

    def arrange(self, situation: str) -> str | None:
        behaviours: dict[str, Callable[[GatewayHandler], None]] = {
            "accepted": answering({"result": 0, "data": {"msgid": "m-1"}}),
            "refused_in_a_success_answer": answering({"result": 99, "why": "content"}),
            "throttled": answering({"result": 7}, 429, {"Retry-After": "3"}),
            "opted_out": answering({"result": "9"}),
            "permanent": answering({"result": 99}, 400),
            "channel_fault": answering({"result": 11}),
            "lost_after_sending": GatewayHandler.drop,
            "slow_after_sending": _slow,
        }
        self.server.behave = behaviours[situation]
        return ADDRESSES["sms"]

    @property
    def port(self) -> int:
        return self.server.port

    def sender(self, *, port: int | None = None) -> Sender:
        return self._sender(f"http://127.0.0.1:{port or self.server.port}/sms/send")

    def tls_sender(self, port: int, ca_file: str | None) -> Sender:
        return self._sender(f"https://127.0.0.1:{port}/sms/send", ca_file=ca_file)

    def batch_sender(self) -> Sender | None:
        return None

    def mixed(self) -> dict[str, type[Outcome]]:
        return {}

    def _sender(self, url: str, **more: object) -> Sender:
        request = dict(SMS_BLOCK["request"]) | {"url": url}  # type: ignore[call-overload]
        return build_sender(read_account(SMS_BLOCK | {"request": request} | more))

    def accepted(self) -> int:
        return len(self.server.requests)

    def close(self) -> None:
        self.server.stop()


class QueryGatewayWorld(GatewayWorld):
    """A platform that takes everything in the address, secrets and words included, and answers one line of text."""

    def arrange(self, situation: str) -> str | None:
        lines: dict[str, Callable[[GatewayHandler], None]] = {
            "accepted": _line("0: Accepted for delivery"),
            "refused_in_a_success_answer": _line("99: refused"),
            "throttled": _line("7: slowly", 429, {"Retry-After": "3"}),
            "opted_out": _line("9: refused by its owner"),
            "permanent": _line("99: refused", 400),
            "channel_fault": _line("11: no balance"),
            "lost_after_sending": GatewayHandler.drop,
            "slow_after_sending": _slow,
        }
        self.server.behave = lines[situation]
        return ADDRESSES["sms"]

    def _sender(self, url: str, **more: object) -> Sender:
        request = {
            "url": url,
            "method": "GET",
            "body": "query",
            "fields": {"user": "bank", "password": "{secret:password}", "to": "{phone}", "text": "{text}"},
        }
        answer = {
            "pattern": r"^(?P<code>\d+):",
            "success": ["0"],
            "codes": {
                "7": {"outcome": "transient", "retry_after_seconds": 30},
                "9": {"outcome": "permanent", "suppress": "opted_out"},
                "11": {"outcome": "channel_fault", "reason": "balance"},
            },
        }
        return build_sender(read_account(SMS_BLOCK | {"request": request, "answer": answer} | more))


def _line(
    text: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Callable[[GatewayHandler], None]:
    return lambda handler: handler.answer(status, text.encode(), headers)


class MailHandler:
    """A mail server's mind: replies by script, keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.rcpt_reply: str | None = None
        self.replies: dict[str, str] = {}
        self.data_reply = "250 2.0.0 queued"
        self.drop_after_data = False
        self.wait_seconds = 0.0

    async def handle_RCPT(  # noqa: N802 - the library's protocol
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        refusal = self.rcpt_reply or self.replies.get(address)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_reply.startswith("2"):
            self.taken.append(envelope)
        if self.wait_seconds:
            await asyncio.sleep(self.wait_seconds)
        if self.drop_after_data and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return self.data_reply


class MailWorld:
    """A plain SMTP server; encryption and authentication have tests of their own."""

    provider = "email_smtp"
    channel = "email"

    def __init__(self) -> None:
        self.handler = MailHandler()
        self.controller = Controller(self.handler, hostname="127.0.0.1", port=free_port())
        self.controller.start()

    def arrange(self, situation: str) -> str | None:
        if situation == "refused_in_a_success_answer":
            return None
        self.handler.rcpt_reply = {
            "throttled": "450 4.7.1 greylisted, try again",
            "permanent": "550 5.7.1 content policy",
            "opted_out": "550 5.1.1 no such user canary.address@mail.example",
        }.get(situation)
        self.handler.data_reply = (
            "554 relay access denied" if situation == "channel_fault" else "250 2.0.0 queued"
        )
        self.handler.drop_after_data = situation == "lost_after_sending"
        self.handler.wait_seconds = 1.3 if situation == "slow_after_sending" else 0.0
        return ADDRESSES["email"]

    @property
    def port(self) -> int:
        return self.controller.port

    def sender(self, *, port: int | None = None) -> Sender:
        return self._sender(port=port or self.controller.port, tls="plain")

    def tls_sender(self, port: int, ca_file: str | None) -> Sender:
        return self._sender(port=port, tls="implicit", ca_file=ca_file)

    def batch_sender(self) -> Sender | None:
        sender = self.sender()
        return sender if sender.capabilities.batch_size > 1 else None

    def mixed(self) -> dict[str, type[Outcome]]:
        self.handler.replies = {
            "gone@mail.example": "550 5.1.1 no such user",
            "grey@mail.example": "450 4.7.1 later",
        }
        return {
            ADDRESSES["email"]: Accepted,
            "gone@mail.example": Permanent,
            "grey@mail.example": Transient,
            "b@mail.example": Accepted,
        }

    def _sender(self, **more: object) -> Sender:
        block = {
            "channel": "email",
            "provider": "email_smtp",
            "account": "mail",
            "host": "127.0.0.1",
            "from_address": "care@bank.example",
            "domain": "mail.bank.example",
            "connect_seconds": 2,
            "command_seconds": 3,
            "greeting_seconds": 2,
            "data_reply_seconds": 1,
        }
        return build_sender(read_account(block | more))

    def accepted(self) -> int:
        return len(self.handler.taken)

    def close(self) -> None:
        self.controller.stop()
