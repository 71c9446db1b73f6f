"""A mailbox that wants to know who asks, knows neither IDLE nor MOVE, and numbers its mails anew."""

from __future__ import annotations

import pytest

from integrations.email_in.imap import ImapListener
from integrations.email_in.settings import InboundSettings
from tests.integration.integrations.strict_imap import StrictMailbox, running_strict_imap
from tests.integration.integrations.test_imap_dovecot import Running, wait_for
from wenhou.core.errors import TransientSendError

ONE, TWO = b"From: a@b.example\r\n\r\none\r\n", b"From: a@b.example\r\n\r\ntwo\r\n"


def listener(box: StrictMailbox) -> ImapListener:
    block = {
        "mode": "imap", "port": box.port, "tls": "plain", "user": "care", "password": "x" * 8, "poll_seconds": 0.1,
        "io_seconds": 5,
    }  # fmt: skip
    return ImapListener(InboundSettings.model_validate(block), provider="email_smtp", account="mail")


def test_the_mailbox_is_told_who_asks_before_a_folder_is_opened_and_polled() -> None:
    with running_strict_imap(StrictMailbox(mails={5: ONE})) as box:
        run = Running(listener(box))
        wait_for(lambda: run.items == [ONE] and not box.mails)
        box.mails[6] = TWO
        wait_for(lambda: run.items == [ONE, TWO] and not box.mails)
        run.stop()
        assert run.error is None
        assert box.done == [ONE, TWO]
        words = [said.partition(" ")[0] for said in box.said]
        assert words.index("ID") < words.index("SELECT")
        assert not any("n:*" in said or ":*" in said for said in box.said)


def test_a_session_that_ends_between_storing_and_moving_brings_the_mail_again() -> None:
    with running_strict_imap(StrictMailbox(mails={5: ONE}, hang_up_after="UID COPY")) as box:
        run = Running(listener(box))
        wait_for(lambda: run.error is not None)
        run.stop()
        assert isinstance(run.error, TransientSendError)
        again = Running(listener(box))
        wait_for(lambda: not box.mails)
        again.stop()
        assert run.items == again.items == [ONE]


def test_a_mailbox_that_numbers_its_mails_anew_loses_none() -> None:
    with running_strict_imap(StrictMailbox(mails={700: ONE}, hang_up_after="NOOP")) as box:
        run = Running(listener(box))
        wait_for(lambda: run.error is not None)
        run.stop()
        box.validity, box.mails, box.deleted = 2, {1: TWO}, set()
        again = Running(listener(box))
        wait_for(lambda: again.items == [TWO])
        again.stop()


@pytest.mark.parametrize("word", ["LOGIN", "SELECT", "UID SEARCH", "UID FETCH", "UID STORE", "NOOP"])
def test_a_line_that_dies_anywhere_is_a_matter_of_time_and_loses_nothing(word: str) -> None:
    with running_strict_imap(StrictMailbox(mails={5: ONE}, hang_up_after=word)) as box:
        run = Running(listener(box))
        wait_for(lambda: run.error is not None)
        run.stop()
        assert isinstance(run.error, TransientSendError)
        assert run.error.provider_code in {"imap_lost", "imap_refused"}
        again = Running(listener(box))
        wait_for(lambda: not [uid for uid in box.mails if uid not in box.deleted])
        again.stop()
        assert set(run.items + again.items) == {ONE}
