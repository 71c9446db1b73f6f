"""Encryption, signing in and probing: every failure has a word that says what to do, in both languages."""

from __future__ import annotations

import base64
import contextlib
import hmac
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from integrations.email_smtp.sender import SmtpSender
from tests.contract.messages import hand_over, make_message
from tests.contract.worlds import MailHandler
from tests.integration.mail_out.scripted import Answer, Scripted, account, obliging, scripted
from tests.ports import free_port
from wenhou.core.channels import Accepted, ChannelFault, Outcome, Probe, Prober, Transient
from wenhou.core.clock import SystemClock


def certificate(folder: Path, *, address: str = "127.0.0.1", ends_in: timedelta = timedelta(days=1)) -> Path:
    """A self-signed certificate and its key in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = SystemClock().real()
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + ends_in)
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoding, no = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / f"{address}-{int(ends_in.total_seconds())}.pem"
    file.write_bytes(
        key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no) + made.public_bytes(encoding)
    )
    return file


@contextmanager
def tls_server(file: Path) -> Iterator[int]:
    """TLS from the first byte."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    port = free_port()
    server = Controller(MailHandler(), hostname="127.0.0.1", port=port, ssl_context=context)
    server.start()
    yield port
    server.stop()


def tried(port: int, **changes: object) -> tuple[Outcome, Probe]:
    """What a mail and a probe say of the same account."""
    sender = SmtpSender(account(port, **changes))
    assert isinstance(sender, Prober)
    try:
        return hand_over(sender, make_message("email")), sender.probe()
    finally:
        sender.close()


def test_a_good_certificate_carries_mail_and_is_probed_well(tmp_path: Path) -> None:
    file = certificate(tmp_path)
    with tls_server(file) as port:
        outcome, probe = tried(port, tls="implicit", ca_file=str(file))
    assert isinstance(outcome, Accepted)
    assert probe.ok
    assert all(probe.tried)


@pytest.mark.parametrize(
    ("address", "days", "is_known", "code"),
    [
        ("127.0.0.1", 1, False, "certificate"),
        ("127.0.0.1", -1, True, "certificate_expired"),
        ("127.0.0.9", 1, True, "certificate_of_another_name"),
    ],
)
def test_a_bad_certificate_faults_the_account_and_says_how(
    tmp_path: Path, address: str, days: int, is_known: bool, code: str
) -> None:
    file = certificate(tmp_path, address=address, ends_in=timedelta(days=days))
    with tls_server(file) as port:
        outcome, probe = tried(port, tls="implicit", ca_file=str(file) if is_known else None)
    assert outcome == ChannelFault(code=code, reason="tls")
    assert (probe.ok, probe.code) == (False, code)
    assert all(probe.advice)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_server_of_old_tls_is_a_fault(tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate(tmp_path))
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_refuse_hands, args=(listening, context), daemon=True)
        thread.start()
        outcome, probe = tried(listening.getsockname()[1], tls="implicit")
        thread.join(timeout=5)
    assert outcome == ChannelFault(code="handshake", reason="tls")
    assert "1.2" in probe.advice[1]


def _refuse_hands(listening: socket.socket, context: ssl.SSLContext) -> None:
    for _ in range(2):
        connection, _ = listening.accept()
        with connection, contextlib.suppress(OSError):
            context.wrap_socket(connection, server_side=True).close()


def test_a_missing_ca_file_is_a_fault_and_nothing_is_connected() -> None:
    with scripted(obliging) as server:
        outcome, probe = tried(server.port, tls="starttls", ca_file="/nowhere/ca.pem")
    assert outcome == ChannelFault(code="ca_file", reason="tls")
    assert "ca_file" in probe.advice[0]
    assert server.connections == 0


def test_words_said_in_clear_before_starttls_are_forgotten(tmp_path: Path) -> None:
    """What a stranger slips in behind the go-ahead must not count as said under encryption."""
    file = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_slip_in, args=(listening, context, heard), daemon=True)
        thread.start()
        settings = account(
            listening.getsockname()[1], tls="starttls", ca_file=str(file), user="care", password="pw"
        )
        outcome = hand_over(SmtpSender(settings), make_message("email"))
        thread.join(timeout=5)
    assert outcome == ChannelFault(code="not_supported", reason="tls_or_auth_missing")
    assert not any(line.startswith(b"AUTH") for line in heard)


def _slip_in(listening: socket.socket, context: ssl.SSLContext, heard: list[bytes]) -> None:
    connection, _ = listening.accept()
    with connection:
        connection.sendall(b"220 here\r\n")
        connection.recv(1000)
        connection.sendall(b"250-here\r\n250 STARTTLS\r\n")
        connection.recv(1000)
        connection.sendall(b"220 go\r\n250-here\r\n250 AUTH PLAIN\r\n")
        with contextlib.suppress(OSError), context.wrap_socket(connection, server_side=True) as inside:
            while line := inside.recv(1000):
                heard.append(line)
                inside.sendall(b"250 here\r\n")


def authenticating(mechanism: bytes, *, takes: list[bytes], last: bytes = b"235 ok\r\n") -> Answer:
    """Offers one mechanism and keeps what was said for it."""

    def answer(server: Scripted, command: bytes) -> bytes | None:
        if command.lower().startswith(b"ehlo"):
            return b"250-here\r\n250 AUTH " + mechanism + b"\r\n"
        if command.startswith(b"AUTH"):
            takes.append(command)
            wants_more = mechanism in (b"LOGIN", b"CRAM-MD5") or (
                mechanism == b"XOAUTH2" and last[:1] == b"5"
            )
            return b"334 " + base64.b64encode(b"<challenge>") + b"\r\n" if wants_more else last
        if takes and not command.startswith((b"MAIL", b"RCPT", b"DATA", b".", b"noop", b"quit")):
            takes.append(command)
            return b"334 cGFzcw==\r\n" if mechanism == b"LOGIN" and len(takes) % 3 == 2 else last
        return obliging(server, command)

    return answer


def spoken(mechanism: bytes, **changes: object) -> tuple[Outcome, list[bytes]]:
    said: list[bytes] = []
    with scripted(authenticating(mechanism, takes=said)) as server:
        outcome, _ = tried(server.port, user="care", password="pw", **changes)
    return outcome, said


def test_each_mechanism_is_spoken_as_its_server_expects() -> None:
    code = base64.b64encode
    digest = hmac.new(b"pw", b"<challenge>", "md5").hexdigest().encode()
    expected = {
        b"PLAIN": [b"AUTH PLAIN " + code(b"\0care\0pw")],
        b"LOGIN": [b"AUTH LOGIN", code(b"care"), code(b"pw")],
        b"CRAM-MD5": [b"AUTH CRAM-MD5", code(b"care " + digest)],
    }
    for mechanism, lines in expected.items():
        outcome, said = spoken(mechanism)
        assert isinstance(outcome, Accepted)
        assert said[: len(lines)] == lines
    outcome, said = spoken(b"XOAUTH2", auth="xoauth2")
    assert isinstance(outcome, Accepted)
    assert said[0] == b"AUTH XOAUTH2 " + code(b"user=care\x01auth=Bearer pw\x01\x01")


def test_a_mechanism_that_is_not_offered_is_a_fault() -> None:
    outcome, said = spoken(b"GSSAPI")
    assert outcome == ChannelFault(code="not_supported", reason="tls_or_auth_missing")
    assert said == []


@pytest.mark.parametrize("mechanism", [b"PLAIN", b"XOAUTH2"])
def test_wrong_credentials_fault_the_account_and_the_advice_names_the_authorisation_code(
    mechanism: bytes,
) -> None:
    said: list[bytes] = []
    with scripted(authenticating(mechanism, takes=said, last=b"535 5.7.8 no\r\n")) as server:
        auth = "xoauth2" if mechanism == b"XOAUTH2" else "auto"
        outcome, probe = tried(server.port, user="care", password="pw", auth=auth)
    assert outcome == ChannelFault(code="535", reason="credentials")
    assert (probe.ok, probe.code) == (False, "535")
    assert "授权码" in probe.advice[0]
    assert "pw" not in repr(probe)


def test_a_token_file_is_read_at_every_connection(tmp_path: Path) -> None:
    file = tmp_path / "token"
    said: list[bytes] = []
    with scripted(authenticating(b"PLAIN", takes=said)) as server:
        for token in ("one", "two"):
            file.write_text(f"{token}\n")
            tried(server.port, user="care", password_file=str(file))
        file.unlink()
        outcome, _ = tried(server.port, user="care", password_file=str(file))
    assert [base64.b64decode(line.split()[-1]).split(b"\0")[-1] for line in said] == [b"one"] * 2 + [
        b"two"
    ] * 2
    assert outcome == ChannelFault(code="password_file", reason="credentials")


@pytest.mark.parametrize(
    "greeting", [None, b"", b"554 5.7.1 not you\r\n", b"421 busy\r\n", b"HTTP/1.1 400\r\n"]
)
def test_a_probe_of_a_server_that_will_not_speak_says_what_to_do(greeting: bytes | None) -> None:
    with scripted(obliging, greeting=greeting) as server:
        outcome, probe = tried(server.port)
    assert isinstance(outcome, Transient | ChannelFault)
    assert not probe.ok
    assert probe.code
    assert all(probe.advice)
    assert all(probe.tried)


def test_a_probe_of_a_closed_port_and_of_an_unknown_name() -> None:
    assert (
        SmtpSender(account(free_port())).probe().advice[1] == "nobody listens there: check port and firewall"
    )
    unknown = account(25).model_copy(update={"host": "no-such-host.invalid"})
    assert "DNS" in SmtpSender(unknown).probe().advice[1]


def test_a_probe_sends_no_mail() -> None:
    with scripted(obliging) as server:
        assert SmtpSender(account(server.port)).probe().ok
    assert [command[:4].lower() for command in server.commands] == [b"ehlo", b"noop", b"quit"]
