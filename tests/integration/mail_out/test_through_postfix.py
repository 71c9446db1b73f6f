"""Mail through a real Postfix to a remote server with whims: what fails there comes back as bounces."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from integrations.email_smtp.sender import SmtpSender
from tests.contract.messages import make_message
from tests.integration.mail_out.scripted import account
from tests.peers.postfix import REMOTE, running_postfix
from tests.ports import free_port
from wenhou.core.channels import Accepted, OutgoingMessage

SAID = {
    "unknown": "550 5.1.1 no such user",
    "full": "552 5.2.2 mailbox full",
    "policy": "550 5.7.1 policy",
    "noenh": "550 no such user",
}


class Whims:
    """The local part decides."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    async def handle_RCPT(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        said = SAID.get(address.partition("@")[0])
        if said is None:
            envelope.rcpt_tos.append(address)
        return said or "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        (recipient,) = envelope.rcpt_tos
        if recipient.startswith("datareject"):
            return "554 5.6.0 content refused"
        self.taken.append(recipient)
        return "250 ok"


@pytest.fixture
def remote() -> Iterator[tuple[Whims, int]]:
    whims, port = Whims(), free_port()
    controller = Controller(whims, hostname="127.0.0.1", port=port)
    controller.start()
    yield whims, port
    controller.stop()


def test_postfix_takes_a_pipelined_batch_and_every_refusal_comes_back_with_its_tag(
    remote: tuple[Whims, int],
) -> None:
    whims, port = remote
    messages: dict[str, OutgoingMessage] = {
        name: make_message("email", f"{name}@{REMOTE}") for name in ("ok", *SAID, "datareject", "again")
    }
    with running_postfix(remote={REMOTE: port}) as postfix:
        sender = SmtpSender(account(postfix.port, command_seconds=20, data_reply_seconds=20))
        outcomes = sender.send(list(messages.values()))
        sender.close()
        bounces = postfix.wait_for_mails("bounce", count=len(SAID) + 1)
        for _ in range(100):
            if len(whims.taken) == 2:
                break
            threading.Event().wait(0.1)
    assert [type(outcome) for outcome in outcomes.values()] == [Accepted] * 7, "a relay takes everything"
    assert sorted(whims.taken) == [f"again@{REMOTE}", f"ok@{REMOTE}"]
    tags = {str(message_from_bytes(bounce)["X-Original-To"]) for bounce in bounces}
    refused = [*SAID, "datareject"]
    assert tags == {f"bounce+{messages[name].reference}@bank.test" for name in refused}
    envids = b"".join(bounces)
    for name in refused:
        assert f"Original-Envelope-Id: {messages[name].reference}".encode() in envids


def test_postfix_with_a_small_limit_refuses_what_is_too_large_before_it_is_sent() -> None:
    with running_postfix(settings={"message_size_limit": "20000"}) as postfix:
        sender = SmtpSender(account(postfix.port, command_seconds=20, data_reply_seconds=20))
        small, large = make_message("email"), make_message("email", text="王" * 20_000)
        outcomes = sender.send([large, small])
        assert outcomes[large.attempt_id].code == "too_large"  # type: ignore[union-attr]
        assert sender.probe().ok
        sender.close()
