"""DKIM signatures, verified by another implementation, also after a real Postfix handed the mail on."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import dkim
import pytest
from aiosmtpd.controller import Controller
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.email_smtp.dkim_signer import DkimKey, DkimSigner, relaxed_body
from integrations.email_smtp.message import build_mail
from integrations.email_smtp.sender import SmtpSender
from tests.contract.messages import hand_over, make_message
from tests.contract.worlds import MailHandler
from tests.integration.mail_out.scripted import account
from tests.peers.postfix import REMOTE, running_postfix
from tests.ports import free_port
from wenhou.core.channels import Accepted
from wenhou.core.errors import ConfigurationError

AT = datetime(2026, 1, 30, 1, 0, tzinfo=UTC)  # a signature of the future is none
RSA, ED = rsa.generate_private_key(65537, 2048), ed25519.Ed25519PrivateKey.generate()
URL = "https://u.bank.test/p/" + "t" * 120


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    encoding, no = serialization.Encoding.PEM, serialization.NoEncryption()
    return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, no).decode()


def record(name: bytes, timeout: int = 5) -> bytes:
    """The DNS, for this test."""
    raw, spki = serialization.Encoding.Raw, serialization.PublicFormat.SubjectPublicKeyInfo
    if name.startswith(b"ed."):
        public = ED.public_key().public_bytes(raw, serialization.PublicFormat.Raw)
        return b"v=DKIM1; k=ed25519; p=" + base64.b64encode(public)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(
        RSA.public_key().public_bytes(serialization.Encoding.DER, spki)
    )


class VerifyKey:
    """The curve's arithmetic, which dkimpy leaves to PyNaCl: everything else of the check is dkimpy's own."""

    def __init__(self, public: bytes, encoder: object = None) -> None:
        self._key = ed25519.Ed25519PublicKey.from_public_bytes(base64.b64decode(public))

    def verify(self, digest: bytes, signature: bytes) -> bytes:
        self._key.verify(signature, digest)
        return digest


@pytest.fixture(autouse=True, scope="module")
def curve() -> Iterator[None]:
    exceptions = SimpleNamespace(ValueError=ValueError, BadSignatureError=InvalidSignature)
    encoding = SimpleNamespace(Base64Encoder=None)
    with pytest.MonkeyPatch.context() as patch:
        signing = SimpleNamespace(VerifyKey=VerifyKey)
        nacl = SimpleNamespace(signing=signing, encoding=encoding, exceptions=exceptions)
        patch.setattr(dkim, "nacl", nacl, raising=False)
        yield


KEYS = {
    "rsa": DkimKey.model_validate({"selector": "rsa", "domain": "bank.test", "key": pem(RSA)}),
    "ed": DkimKey.model_validate({"selector": "ed", "domain": "bank.test", "key": pem(ED)}),
}


def signed(which: str, mail: bytes) -> bytes:
    return DkimSigner(KEYS[which]).header(mail, AT) + mail


@pytest.mark.parametrize("which", KEYS)
def test_another_implementation_verifies_it_and_sees_any_change(which: str) -> None:
    message = make_message("email", html="<p>王先生</p>", unsubscribe_url=URL)
    mail = signed(which, build_mail(message, account(25), AT))
    assert dkim.verify(mail, dnsfunc=record)
    assert (
        max(len(line) for line in mail.split(b"\r\n\r\n")[0].split(b"\r\n") if URL.encode() not in line) <= 78
    )
    for changed in (
        mail.replace(b"List-Unsubscribe-Post: List", b"List-Unsubscribe-Post: Lost"),
        mail.replace(URL.encode(), URL.encode()[:-1] + b"u"),
        mail.replace(b"\r\n\r\n", b"\r\n\r\nmore\r\n", 1),
        b"From: somebody@else.test\r\n" + mail,
        b"Subject: another\r\n" + mail,
        mail.replace(b"List-Id: <care", b"List-Id: <mart"),
    ):
        assert changed != mail
        assert not dkim.verify(changed, dnsfunc=record)


LINES = st.lists(st.text(st.sampled_from("ab \t.=\u738b"), max_size=12), max_size=8)


@settings(max_examples=200, deadline=None)
@given(lines=LINES, subject=st.text(st.sampled_from("ab \t.,"), max_size=90))
def test_any_body_and_any_blanks_verify(lines: list[str], subject: str) -> None:
    body = "".join(f"{line}\r\n" for line in lines).encode()
    head = f"From:  a@bank.test \r\nTo: b@mail.test\r\nsUbject:{subject}x\r\n\tfolded\r\nDate: x\r\n\r\n"
    assert dkim.verify(signed("ed", head.encode() + body), dnsfunc=record)


def test_the_canonical_body_is_the_rfcs_own_example() -> None:
    assert relaxed_body(b" C \r\nD \t E\r\n\r\n\r\n") == b" C\r\nD E\r\n"
    assert relaxed_body(b"\r\n\r\n") == b""


@pytest.mark.parametrize("text", ["", "no key", pem(ec.generate_private_key(ec.SECP256R1()))])
def test_a_key_that_cannot_sign_stops_the_start_and_is_not_shown(text: str) -> None:
    key = DkimKey.model_validate({"selector": "s", "domain": "bank.test", "key": text})
    with pytest.raises(ConfigurationError, match="dkim s") as caught:
        DkimSigner(key)
    assert "PRIVATE" not in str(caught.value)


@pytest.fixture
def remote() -> Iterator[tuple[MailHandler, int]]:
    handler = MailHandler()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield handler, controller.port
    controller.stop()


def test_signatures_stand_after_postfix_handed_the_mail_on(
    remote: tuple[MailHandler, int], tmp_path: Path
) -> None:
    handler, port = remote
    key_file = tmp_path / "dkim.pem"
    key_file.write_text(pem(RSA))
    dkim_block = [
        {"selector": "rsa", "domain": "bank.test", "key_file": str(key_file)},
        {"selector": "ed", "domain": "bank.test", "key": pem(ED)},
    ]
    with running_postfix(remote={REMOTE: port}) as postfix:
        sender = SmtpSender(account(postfix.port, dkim=dkim_block, command_seconds=20, data_reply_seconds=20))
        message = make_message("email", f"ok@{REMOTE}", html="<p>.王先生</p>", unsubscribe_url=URL)
        assert isinstance(hand_over(sender, replace(message, in_reply_to="x" * 100 + "@qq.com")), Accepted)
        sender.close()
        for _ in range(200):
            if handler.taken:
                break
            postfix.flush()
    content = handler.taken[0].content
    assert isinstance(content, bytes)
    assert b"Received:" in content
    assert [dkim.DKIM(content).verify(number, dnsfunc=record) for number in (0, 1)] == [True, True]
