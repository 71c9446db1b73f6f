"""The stage of a story: a real SMTP server, the pretend SMS provider and our own web side, all on loopback."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from werkzeug.serving import make_server

from integrations.registry import build_parser, build_sender, read_account
from integrations.simulator.provider import PretendProvider, SimulatorConfig
from integrations.simulator.server import create_app
from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher, Tally
from scheduler.planning import Planner
from store.accounts import ensure_account
from tests.ports import free_port
from webhooks.blueprint import make_blueprint
from wenhou.services.context import Context
from wenhou.services.intake import apply_pending

SECRET = "a shared secret of the stage"


class Postbox:
    """What a real SMTP server received."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        body = envelope.original_content or b""
        mail = message_from_bytes(body, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 2.0.0 Ok: queued"


@dataclass
class Stage:
    """Everything a story touches."""

    context: Context
    carriers: Carriers
    planner: Planner
    provider: PretendProvider
    postbox: Postbox
    hooks_url: str
    parsers: dict[tuple[str, str], object]

    def dispatch(self) -> Tally:
        """One worker until nothing is due."""
        worker = Dispatcher(self.context, self.carriers)
        try:
            return worker.run_until_empty(patience_seconds=0.2)
        finally:
            worker.close()

    def hear(self) -> int:
        """Wait until the pretend provider has told everything, then apply it."""
        self.provider.caller.wait_until_idle()
        applied = 0
        while amount := apply_pending(self.context, self.parsers):  # type: ignore[arg-type]
            applied += amount
        return applied

    def wait(self, is_so: Callable[[], bool], seconds: float = 10) -> bool:
        """Whether something comes true in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if is_so():
                return True
            time.sleep(0.02)
        return False


@contextmanager
def open_stage(context: Context) -> Iterator[Stage]:
    """Start the servers, hand over the stage, end what was started."""
    web_port = free_port()
    hooks_url = f"http://127.0.0.1:{web_port}"
    pretend = create_app(
        SimulatorConfig(
            secrets={"sms": SECRET}, hooks_url=hooks_url, delivered_after_seconds=0.02, clock=context.clock
        )
    )
    with _served(pretend) as provider_url, _mail_server() as (postbox, mail_port):
        accounts = [
            read_account(
                {"channel": "sms", "provider": "simulator", "account": "sms", "base_url": provider_url, "secret": SECRET,
                 "rate_per_second": 500}
            ),
            read_account(
                {"channel": "email", "provider": "email_smtp", "account": "bank", "host": "127.0.0.1",
                 "port": mail_port, "tls": "plain", "from_address": "care@mail.bank.example",
                 "domain": "mail.bank.example", "rate_per_second": 500}
            ),
        ]  # fmt: skip
        with context.db.write() as session:
            for account in accounts:
                ensure_account(
                    session,
                    channel=account.channel,
                    provider=account.provider,
                    account=account.account,
                    rate=account.rate_per_second,
                    real=context.clock.real(),
                )
        parsers = {("simulator", "sms"): build_parser(accounts[0])}
        carriers = Carriers(senders={account.channel: build_sender(account) for account in accounts})
        web = Flask("stage")
        web.register_blueprint(make_blueprint(parsers, context))
        with _served(web, web_port):
            yield Stage(
                context=context,
                carriers=carriers,
                planner=Planner(context, carriers),
                provider=pretend.extensions["simulator"],
                postbox=postbox,
                hooks_url=hooks_url,
                parsers=dict(parsers),
            )
        pretend.extensions["simulator"].close()
        carriers.close()


@contextmanager
def _served(app: Flask, port: int | None = None) -> Iterator[str]:
    port = port or free_port()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        thread.join(timeout=5)
        server.server_close()


@contextmanager
def _mail_server() -> Iterator[tuple[Postbox, int]]:
    postbox, port = Postbox(), free_port()
    controller = Controller(postbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield postbox, port
    finally:
        controller.stop()
