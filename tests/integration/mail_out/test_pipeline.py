"""Batches over one connection: each mail its own outcome, whatever the server does in the middle."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from integrations.email_smtp.sender import SmtpSender
from tests.contract.messages import make_message
from tests.integration.mail_out.scripted import PIPELINES, Answer, Scripted, account, obliging, scripted
from wenhou.core.channels import NOT_TRIED, Accepted, ChannelFault, Outcome, Permanent, Transient, Unknown

ADDRESSES = [f"c{number}@mail.example" for number in range(5)]


def send(port: int, addresses: list[str] = ADDRESSES, **changes: object) -> list[Outcome]:
    sender = SmtpSender(account(port, **changes))
    messages = [make_message("email", address) for address in addresses]
    try:
        outcomes = sender.send(messages)
    finally:
        sender.close()
    assert set(outcomes) == {message.attempt_id for message in messages}
    return [outcomes[message.attempt_id] for message in messages]


def kinds(outcomes: list[Outcome]) -> list[str]:
    return [type(outcome).__name__ for outcome in outcomes]


def but(**changes: bytes | None) -> Answer:
    """An obliging server, save for commands that hold a word: `c2_` → what it says to RCPT TO:<c2@…>."""

    def answer(server: Scripted, command: bytes) -> bytes | None:
        for word, said in changes.items():
            if word.replace("_", "@").encode() in command:
                return said
        return obliging(server, command)

    return answer


def test_a_batch_goes_over_one_connection_in_groups_that_end_with_data() -> None:
    with scripted(obliging) as server:
        outcomes = send(server.port)
    assert kinds(outcomes) == ["Accepted"] * 5
    assert server.connections == 1
    assert len(server.mails) == 5
    words = [command[:4].upper() for command in server.commands]
    assert words == [b"EHLO", *[b"MAIL", b"RCPT", b"DATA"] * 5, b"QUIT"]


def test_without_the_extension_nothing_is_said_before_the_answer() -> None:
    def strict(server: Scripted, command: bytes) -> bytes | None:
        time.sleep(0.005)  # what came too early would already wait in the socket
        return b"250 here\r\n" if command.lower().startswith(b"ehlo") else obliging(server, command)

    with scripted(strict) as server:
        assert kinds(send(server.port)) == ["Accepted"] * 5
    assert not any(b"SIZE" in command for command in server.commands)


def test_a_refused_recipient_is_alone_and_its_data_is_ended_with_an_empty_mail() -> None:
    with scripted(but(c1_=b"550 5.1.1 no such user\r\n")) as server:
        outcomes = send(server.port)
    assert kinds(outcomes) == ["Accepted", "Permanent", "Accepted", "Accepted", "Accepted"]
    assert [len(mail) > 0 for mail in server.mails] == [True, False, True, True, True]
    assert server.connections == 1


def test_a_server_that_refuses_data_after_a_refused_recipient_is_reset() -> None:
    refused = False

    def answer(server: Scripted, command: bytes) -> bytes | None:
        nonlocal refused
        if b"c1@" in command:
            refused = True
            return b"550 5.1.1 no such user\r\n"
        if command == b"DATA" and refused:
            refused = False
            return b"503 5.5.1 no recipients\r\n"
        return obliging(server, command)

    with scripted(answer) as server:
        assert kinds(send(server.port))[1:3] == ["Permanent", "Accepted"]
    assert b"rset" in server.commands
    assert len(server.mails) == 4


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_connection_cut_after_a_dot_leaves_that_mail_unknown_and_the_others_not(pipelining: bool) -> None:
    def answer(server: Scripted, command: bytes) -> bytes | None:
        return None if command == b"." and len(server.mails) == 2 else obliging(server, command)

    with scripted(answer) as server:
        outcomes = send(server.port, pipelining=pipelining)
    assert kinds(outcomes) == ["Accepted", "Unknown", "Transient", "Transient", "Transient"]
    assert len(server.mails) == 2


def test_a_connection_cut_between_two_mails_is_replaced_for_those_of_which_nothing_was_heard() -> None:
    seen = 0

    def answer(server: Scripted, command: bytes) -> bytes | None:
        nonlocal seen
        if command.startswith(b"MAIL"):
            seen += 1
            return None if seen == 3 else b"250 ok\r\n"
        return obliging(server, command)

    with scripted(answer) as server:
        assert kinds(send(server.port)) == ["Accepted"] * 5
    assert (server.connections, len(server.mails)) == (2, 5)


def test_a_server_that_closes_with_421_in_the_middle_is_not_asked_again_at_once() -> None:
    with scripted(but(c2_=b"421 4.7.0 too many messages\r\n")) as server:
        outcomes = send(server.port)
    assert kinds(outcomes) == ["Accepted", "Accepted", "Transient", "Transient", "Transient"]
    last = outcomes[-1]
    assert isinstance(last, Transient)
    assert last.retry.after is not None
    assert server.connections == 1


@pytest.mark.parametrize("said", [b"what?\r\n", b"354 go on\r\n"])
def test_an_answer_after_the_dot_that_is_no_answer_is_unknown(said: bytes) -> None:
    def answer(server: Scripted, command: bytes) -> bytes | None:
        return said if command == b"." else obliging(server, command)

    with scripted(answer) as server:
        assert kinds(send(server.port, ADDRESSES[:1])) == ["Unknown"]


def test_a_slow_server_gets_the_rest_later_and_it_is_no_try() -> None:
    def answer(server: Scripted, command: bytes) -> bytes | None:
        time.sleep(0.1 if command == b"." else 0)
        return obliging(server, command)

    with scripted(answer) as server:
        outcomes = send(server.port, batch_seconds=0.15)
    assert kinds(outcomes)[:2] == ["Accepted", "Accepted"]
    assert outcomes[-1] == Transient(code=NOT_TRIED)


def _drip(server: Scripted, command: bytes) -> bytes | None:
    if not command.startswith(b"MAIL"):
        return obliging(server, command)
    for _ in range(40):
        time.sleep(0.1)
        server._open[0].send(b"2")  # noqa: SLF001 - a byte at a time
    return None


HOSTILE: dict[str, tuple[Answer, type]] = {
    "silence after MAIL": (but(MAIL=b""), Transient),
    "a reply without end": (but(MAIL=b"250-more\r\n" * 50_000), Transient),
    "a giant line": (but(MAIL=b"250 " + b"x" * 500_000 + b"\r\n"), Transient),
    "a drip": (_drip, Transient),
    "no SMTP at all": (but(MAIL=b"HTTP/1.1 400 Bad Request\r\n\r\n"), Transient),
    "a third class": (but(RCPT=b"354 go\r\n"), Transient),
    "silence after the dot": (lambda server, command: b"" if command == b"." else obliging(server, command), Unknown),
    "greylisting": (but(RCPT=b"451 4.7.1 greylisted, come back\r\n"), Transient),
    "a giant greeting": (but(ehlo=b"250-x\r\n" * 50_000), Transient),
    "no 8BITMIME, no SIZE": (but(ehlo=b"250-here\r\n250 PIPELINING\r\n"), Accepted),
    "HELO only": (but(ehlo=b"502 what\r\n"), Accepted),
    "too small": (but(ehlo=PIPELINES.replace(b"8BITMIME", b"SIZE 100")), Permanent),
    "refused at EHLO": (but(ehlo=b"554 5.7.1 go away\r\n"), ChannelFault),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_server_costs_a_bounded_time_and_a_true_outcome(what: str) -> None:
    answer, expected = HOSTILE[what]
    began = time.monotonic()
    with scripted(answer) as server:
        (outcome,) = send(server.port, ADDRESSES[:1])
    assert isinstance(outcome, expected)
    assert time.monotonic() - began < 8


def test_a_reply_without_end_is_given_up_for_its_length() -> None:
    with scripted(but(MAIL=b"250-more\r\n" * 50_000)) as server:
        assert send(server.port, ADDRESSES[:1]) == [Transient(code="endless_at_mail")]


@pytest.mark.parametrize("greeting", [b"", b"220-wait", None, b"554 5.7.1 no\r\n", b"421 busy\r\n"])
def test_a_greeting_that_is_late_or_refuses_sends_nothing(greeting: bytes | None) -> None:
    with scripted(obliging, greeting=greeting) as server:
        (outcome,) = send(server.port, ADDRESSES[:1])
    assert isinstance(outcome, Transient | ChannelFault)
    assert server.mails == []


def test_a_reused_connection_that_died_is_replaced_and_loses_nothing() -> None:
    with scripted(obliging) as server:
        sender = SmtpSender(account(server.port))
        one: Callable[[], list[str]] = lambda: kinds(  # noqa: E731
            list(sender.send([make_message("email", ADDRESSES[0])]).values())
        )
        assert one() == ["Accepted"]
        server._open[0].close()  # noqa: SLF001 - the server goes away
        assert one() == ["Accepted"]
        sender.close()
    assert len(server.mails) == 2
