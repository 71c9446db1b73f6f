"""Mail over real SMTP servers on loopback: encryption, authentication, reuse, and bytes that every client reads."""

from __future__ import annotations

import ipaddress
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.email_smtp.line import Envelope, Line
from integrations.email_smtp.opening import open_line
from integrations.email_smtp.sender import SmtpSender
from integrations.email_smtp.settings import SmtpSettings
from tests.contract.messages import hand_over, make_message
from tests.contract.worlds import MailHandler
from tests.ports import free_port
from wenhou.core.channels import (
    Accepted,
    ChannelFault,
    Outcome,
    OutgoingMessage,
    Permanent,
    Transient,
    Unknown,
)
from wenhou.core.clock import SystemClock

PASSWORD = "right-password"
SINK = shutil.which("smtp-sink") or shutil.which("/usr/sbin/smtp-sink")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = SystemClock().real()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return cert_file, key_file


def _context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def _authenticator(
    server: object, session: object, envelope: object, mechanism: str, data: object
) -> AuthResult:
    right = isinstance(data, LoginPassword) and data.password == PASSWORD.encode()
    return AuthResult(success=right, handled=right)


class Server(Controller):
    """A counting server: how many connections it saw."""

    connections = 0

    def factory(self) -> SMTP:
        self.connections += 1
        made: SMTP = super().factory()  # type: ignore[no-untyped-call]
        return made


def _server(handler: MailHandler, **options: Any) -> Server:
    made = Server(handler, hostname="127.0.0.1", port=free_port(), **options)
    made.start()
    return made


@pytest.fixture
def handler() -> MailHandler:
    return MailHandler()


@pytest.fixture
def plain(handler: MailHandler) -> Iterator[Server]:
    made = _server(handler)
    yield made
    made.stop()


def _settings(port: int, **changes: object) -> SmtpSettings:
    block = {
        "account": "mail",
        "channel": "email",
        "host": "127.0.0.1",
        "port": port,
        "tls": "plain",
        "from_address": "care@bank.example",
        "domain": "mail.bank.example",
        "connect_seconds": 5,
        "command_seconds": 5,
        "data_reply_seconds": 2,
    }
    return SmtpSettings.model_validate(block | changes)


def _send(settings: SmtpSettings, message: OutgoingMessage | None = None) -> Outcome:
    sender = SmtpSender(settings)
    try:
        return hand_over(sender, message or make_message("email"))
    finally:
        sender.close()


def _taken(handler: MailHandler, number: int = -1) -> EmailMessage:
    content = handler.taken[number].content
    assert isinstance(content, bytes)
    read = message_from_bytes(content, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_starttls_with_a_verified_certificate_carries_credentials(
    handler: MailHandler, certificate: tuple[Path, Path]
) -> None:
    server = _server(
        handler,
        tls_context=_context(certificate),
        require_starttls=True,
        auth_required=True,
        authenticator=_authenticator,
    )
    known = {"tls": "starttls", "ca_file": str(certificate[0]), "user": "care"}
    right = _send(_settings(server.port, **known, password=PASSWORD))
    wrong = _send(_settings(server.port, **known, password="wrong-password"))
    server.stop()
    assert isinstance(right, Accepted)
    assert wrong == ChannelFault(code="535", reason="credentials")
    assert len(handler.taken) == 1


def test_implicit_tls_works_and_an_unknown_certificate_does_not(
    handler: MailHandler, certificate: tuple[Path, Path]
) -> None:
    server = _server(handler, ssl_context=_context(certificate))
    right = _send(_settings(server.port, tls="implicit", ca_file=str(certificate[0])))
    unknown = _send(_settings(server.port, tls="implicit"))
    server.stop()
    assert isinstance(right, Accepted)
    assert unknown == ChannelFault(code="certificate", reason="tls")


def test_an_unknown_certificate_stops_starttls(handler: MailHandler, certificate: tuple[Path, Path]) -> None:
    server = _server(handler, tls_context=_context(certificate))
    outcome = _send(_settings(server.port, tls="starttls"))
    server.stop()
    assert outcome == ChannelFault(code="certificate", reason="tls")
    assert handler.taken == []


def test_a_server_without_tls_is_never_spoken_to_in_clear_unless_told_so(
    handler: MailHandler, plain: Server
) -> None:
    assert isinstance(_send(_settings(plain.port, tls="starttls")), ChannelFault)
    assert handler.taken == []
    assert isinstance(_send(_settings(plain.port, tls="plain")), Accepted)


def test_one_connection_carries_many_mails_and_is_replaced_when_worn(
    handler: MailHandler, plain: Server
) -> None:
    before = plain.connections
    sender = SmtpSender(_settings(plain.port, messages_per_connection=4))
    outcomes = [hand_over(sender, make_message("email")) for _ in range(10)]
    sender.close()
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert plain.connections - before == 3


def test_a_refused_recipient_leaves_the_connection_usable(handler: MailHandler, plain: Server) -> None:
    before = plain.connections
    sender = SmtpSender(_settings(plain.port))
    handler.rcpt_reply = "550 5.1.1 no such user"
    refused = hand_over(sender, make_message("email"))
    handler.rcpt_reply = None
    taken = hand_over(sender, make_message("email"))
    sender.close()
    assert isinstance(refused, Permanent)
    assert isinstance(taken, Accepted)
    assert plain.connections - before == 1


def test_a_connection_the_server_closed_while_idle_is_replaced_without_a_word(handler: MailHandler) -> None:
    server = _server(handler)
    sender = SmtpSender(_settings(server.port))
    first = hand_over(sender, make_message("email"))
    port = server.port
    server.stop()
    again = Server(handler, hostname="127.0.0.1", port=port)
    again.start()
    second = hand_over(sender, make_message("email"))
    sender.close()
    again.stop()
    assert isinstance(first, Accepted)
    assert isinstance(second, Accepted)
    assert len(handler.taken) == 2


@pytest.mark.parametrize(
    ("reply", "kind", "detail"),
    [
        ("421 4.7.0 too many connections", Transient, 900),
        ("450 4.2.1 greylisted", Transient, 300),
        ("451 4.3.0 server trouble", Transient, None),
        ("452 4.2.2 mailbox full", Transient, 86_400),
        ("550 Ip frequency limited", Transient, 900),
        ("550 Mailbox unavailable or access denied", Transient, 3600),
        ("550 5.1.1 User unknown", Permanent, "address_invalid"),
        ("550 邮箱不存在", Permanent, "address_invalid"),
        ("552 5.2.2 quota", Permanent, None),
        ("550 5.7.1 policy", Permanent, None),
        ("554 5.7.1 Relay access denied", ChannelFault, "relay_denied"),
        ("550 5.7.26 unauthenticated", ChannelFault, "unauthenticated_mail"),
        ("554 blocked using spamhaus", ChannelFault, "ip_blocked"),
        ("530 5.7.0 authentication required", ChannelFault, "credentials"),
    ],
)
def test_the_servers_words_and_codes_decide(
    handler: MailHandler, plain: Server, reply: str, kind: type, detail: object
) -> None:
    handler.rcpt_reply = reply
    outcome = _send(_settings(plain.port))
    assert isinstance(outcome, kind)
    if isinstance(outcome, Transient):
        after = outcome.retry.after
        assert (after.total_seconds() if after else None) == detail
    elif isinstance(outcome, Permanent):
        assert outcome.suppress == detail
    elif isinstance(outcome, ChannelFault):
        assert outcome.reason == detail


def test_a_refusal_after_the_dot_is_no_unknown(handler: MailHandler, plain: Server) -> None:
    handler.data_reply = "451 4.3.0 try later"
    assert isinstance(_send(_settings(plain.port)), Transient)


def test_the_mail_is_what_was_approved_in_text_and_html(handler: MailHandler, plain: Server) -> None:
    url = "https://u.bank.example/p/" + "x" * 150
    text = "王先生：\n.一行以点开头\n" + "愿家人团圆、四季平顺。" * 40
    message = make_message(
        "email",
        text=text,
        html="<p>王先生</p>",
        unsubscribe_url=url,
        subject="除夕安康，" * 20,
        sender="江城银行 Care",
    )
    assert isinstance(_send(_settings(plain.port), message), Accepted)
    envelope, mail = handler.taken[-1], _taken(handler)
    reference = message.reference
    assert envelope.mail_from == f"bounce+{reference}@mail.bank.example"
    assert envelope.rcpt_tos == [message.address]
    assert mail["Message-ID"] == f"<{reference}@mail.bank.example>"
    assert mail["Reply-To"] == f"care+{reference}@mail.bank.example"
    assert mail["From"].addresses[0].display_name == "江城银行 Care"
    assert mail["From"].addresses[0].addr_spec == "care@bank.example"
    assert mail["To"].addresses[0].addr_spec == message.address
    assert mail["Subject"] == "除夕安康，" * 20
    assert mail["List-Unsubscribe"] == f"<{url}>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain_part, html_part = mail.iter_parts()
    assert plain_part.get_content().replace("\r\n", "\n") == text
    assert html_part.get_content() == "<p>王先生</p>"
    assert mail.defects == []


def test_no_line_is_long_and_no_token_is_broken(handler: MailHandler, plain: Server) -> None:
    url = "http://127.0.0.1:8000/p/" + "y" * 200
    message = make_message("email", unsubscribe_url=url, subject="An English subject " * 12, html="<p>x</p>")
    _send(_settings(plain.port), message)
    raw = handler.taken[-1].content
    assert isinstance(raw, bytes)
    assert f"<{url}>".encode() in raw
    long = [line for line in raw.split(b"\r\n") if len(line) > 78 and url.encode() not in line]
    assert long == []
    assert _taken(handler)["Subject"] == ("An English subject " * 12).strip()


@pytest.mark.parametrize(
    "evil", ["王先生\r\nBcc: all@bank.example", "x\nSubject: y", "a\u2028b", 'q"uo\\te <z@z>']
)
def test_a_name_cannot_add_a_header(handler: MailHandler, plain: Server, evil: str) -> None:
    message = make_message("email", name=evil, subject=evil, sender=evil)
    assert isinstance(_send(_settings(plain.port), message), Accepted)
    mail = _taken(handler)
    assert mail["Bcc"] is None
    assert mail.get_all("Subject") is not None
    assert len(mail.get_all("Subject") or []) == 1
    assert [address.addr_spec for address in mail["To"].addresses] == [message.address]


@pytest.mark.parametrize(
    "evil", ["a@b.example>\r\nRCPT TO:<c@d.example", "a b@c.example", "nobody", "a@b@c.example", ""]
)
def test_an_address_cannot_add_a_command(handler: MailHandler, plain: Server, evil: str) -> None:
    message = make_message("email")
    assert _send(_settings(plain.port), replace(message, address=evil)) == Permanent(
        code="address_syntax", suppress="address_invalid"
    )
    assert handler.taken == []


def test_a_line_that_begins_with_a_dot_arrives_whole(handler: MailHandler, plain: Server) -> None:
    line = open_line(_settings(plain.port))
    assert isinstance(line, Line)
    envelope = Envelope(sender="a@bank.example", recipient="b@mail.example", reference="r")
    assert isinstance(line.transact(envelope, b"Subject: x\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n"), Accepted)
    line.close()
    assert handler.taken[-1].content == b"Subject: x\r\n\r\n.one\r\n..two\r\n.\r\nend\r\n"


def test_untagged_addresses_for_mailboxes_that_allow_no_others(handler: MailHandler, plain: Server) -> None:
    _send(_settings(plain.port, tagged=False))
    assert handler.taken[-1].mail_from == "care@bank.example"
    assert _taken(handler)["Reply-To"] == "care@bank.example"


def test_a_server_that_hangs_up_at_every_stage_is_unknown_only_after_the_dot() -> None:
    """A hand-made server, because no real one hangs up on command."""
    seen: dict[str, type] = {}
    for stage in ("greeting", "MAIL", "RCPT", "DATA", "body"):
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
            thread = threading.Thread(target=_hang_up_at, args=(listening, stage), daemon=True)
            thread.start()
            seen[stage] = type(_send(_settings(port)))
            thread.join(timeout=5)
    assert seen == {
        "greeting": Transient, "MAIL": Transient, "RCPT": Transient, "DATA": Transient, "body": Unknown,
    }  # fmt: skip


def _hang_up_at(listening: socket.socket, stage: str) -> None:
    connection, _ = listening.accept()
    with connection, connection.makefile("rwb") as stream:
        if stage == "greeting":
            return
        stream.write(b"220 here\r\n")
        stream.flush()
        for line in stream:
            if line.upper().startswith(stage.encode()) or (stage == "body" and line == b".\r\n"):
                return
            replies = {b"DATA": b"354 go\r\n"}
            if line[:4] in {b"ehlo", b"MAIL", b"RCPT", b"DATA", b"rset", b"quit"}:
                stream.write(replies.get(line[:4], b"250 ok\r\n"))
                stream.flush()


@pytest.mark.skipif(SINK is None, reason="smtp-sink is missing: apt-get install postfix")
def test_postfix_smtp_sink_takes_a_hundred_mails_over_reused_connections(tmp_path: Path) -> None:
    port = free_port()
    assert SINK is not None
    process = subprocess.Popen(
        [SINK, *(["-u", "nobody"] if os.getuid() == 0 else []), "-c", f"127.0.0.1:{port}", "10"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(port)
        sender = SmtpSender(_settings(port))
        outcomes = [hand_over(sender, make_message("email")) for _ in range(100)]
        sender.close()
    finally:
        process.terminate()
        process.wait(timeout=10)
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail("smtp-sink did not start")
