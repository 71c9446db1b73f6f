"""Postfix, Dovecot and Kannel of the tests do what channels' tests ask of them."""

from __future__ import annotations

import http.server
import imaplib
import smtplib
import threading
import urllib.parse
from collections.abc import Iterator
from email import message_from_bytes

import pytest
import requests
from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.peers.dovecot import running_dovecot
from tests.peers.kannel import Kannel, running_kannel
from tests.peers.postfix import REMOTE, running_postfix
from tests.peers.process import is_listening
from tests.ports import free_port

MAIL = b"From: care@bank.test\r\nTo: ok@remote.test\r\nSubject: hello\r\n\r\nhello\r\n"


class _Remote:
    """Takes mail for `ok`, refuses everybody else for good."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if not address.startswith("ok@"):
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        del server, session
        assert isinstance(envelope.content, bytes)
        self.taken.append(envelope.content)
        return "250 ok"


@pytest.fixture
def remote() -> Iterator[tuple[_Remote, int]]:
    handler, port = _Remote(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


def test_postfix_hands_mail_on_and_bounces_what_is_refused(remote: tuple[_Remote, int]) -> None:
    handler, port = remote
    with running_postfix(remote={REMOTE: port}) as postfix:
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as client:
            client.sendmail("bounce+ref1@bank.test", ["ok@remote.test"], MAIL)
            client.sendmail("bounce+ref2@bank.test", ["gone@remote.test"], MAIL)
        (bounce,) = postfix.wait_for_mails("bounce")
        assert len(handler.taken) == 1
    report = message_from_bytes(bounce)
    assert report.get_content_type() == "multipart/report"
    assert b"bounce+ref2@bank.test" in bounce
    assert b"Status: 5.1.1" in bounce
    assert not is_listening(postfix.port)


def test_postfix_hands_the_banks_own_mail_to_an_lmtp_port_and_waits_while_it_is_shut() -> None:
    handler, port = _Remote(), free_port()

    class _Lmtp(Controller):
        def factory(self) -> LMTP:
            return LMTP(self.handler)

    with running_postfix(lmtp_port=port) as postfix:
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as client:
            client.sendmail("x@remote.test", ["care+abc@bank.test"], MAIL)
        controller = _Lmtp(_TakeAll(handler), hostname="127.0.0.1", port=port)
        controller.start()
        try:
            for _ in range(200):
                if handler.taken:
                    break
                threading.Event().wait(0.1)
        finally:
            controller.stop()
    assert len(handler.taken) == 1


class _TakeAll:
    def __init__(self, inner: _Remote) -> None:
        self._inner = inner

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        return await self._inner.handle_DATA(server, session, envelope)


def test_dovecot_shows_over_imap_what_postfix_put_into_the_mailbox() -> None:
    with running_postfix() as postfix, running_dovecot(maildirs=postfix.maildirs) as dovecot:
        with smtplib.SMTP("127.0.0.1", postfix.port, timeout=20) as client:
            client.sendmail("x@remote.test", ["care+abc@bank.test"], MAIL)
        postfix.wait_for_mails("care")
        client_in = imaplib.IMAP4("127.0.0.1", dovecot.port, timeout=20)
        client_in.login("care", dovecot.password)
        assert "IDLE" in client_in.capability()[1][0].decode()
        assert client_in.select("INBOX")[1] == [b"1"]
        client_in.logout()
    assert not is_listening(dovecot.port)


def test_dovecot_alone_takes_mails_put_into_a_folder_and_refuses_a_wrong_password() -> None:
    with running_dovecot() as dovecot:
        dovecot.put("care", "1.test", MAIL)
        client = imaplib.IMAP4("127.0.0.1", dovecot.port, timeout=20)
        with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
            client.login("care", "wrong")
        client.login("care", dovecot.password)
        assert client.select("INBOX")[1] == [b"1"]
        client.logout()


@pytest.fixture
def heard() -> Iterator[tuple[list[str], str]]:
    """The addresses that Kannel called, and where it calls."""
    calls: list[str] = []

    class _Ear(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            calls.append(self.path)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", free_port()), _Ear)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield calls, f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def _wait(calls: list[str], path: str, count: int = 1) -> list[str]:
    for _ in range(150):
        if len(found := [call for call in calls if call.startswith(path)]) >= count:
            return found
        threading.Event().wait(0.1)
    pytest.fail(f"{path} was not called: {calls}")


def test_kannel_sends_to_a_phone_reports_it_and_brings_the_phones_words(heard: tuple[list[str], str]) -> None:
    calls, place = heard
    with running_kannel(mo_url=f"{place}/mo?from=%p&to=%P&coding=%c&raw=%b&id=%I") as kannel:
        answer = _send(kannel, "您好，新春快乐", f"{place}/dlr?type=%d&ref=abc")
        assert answer.startswith("0: Accepted")
        sms = kannel.phones.take()
        assert (sms.receiver, sms.text) == ("13812345678", "您好，新春快乐")
        kinds = {
            urllib.parse.parse_qs(urllib.parse.urlsplit(call).query)["type"][0]
            for call in _wait(calls, "/dlr", 1)
        }
        assert kinds & {"1", "8"}
        kannel.phones.write("13812345678", "106900", "谢谢，收到")
        (call,) = _wait(calls, "/mo")
        raw = urllib.parse.parse_qsl(urllib.parse.urlsplit(call).query, encoding="latin-1")
        said = dict(raw)
        assert said["from"] == "13812345678"
        assert said["raw"].encode("latin-1").decode("utf-16-be") == "谢谢，收到"
        assert "online" in requests.get(kannel.status_url, timeout=10).text


def _send(kannel: Kannel, text: str, dlr_url: str) -> str:
    query = {
        "username": kannel.user, "password": kannel.password, "from": "106900", "to": "13812345678",
        "text": text, "coding": "2", "charset": "UTF-8", "dlr-mask": "31", "dlr-url": dlr_url,
    }  # fmt: skip
    return requests.get(kannel.sendsms_url, params=query, timeout=10).text
