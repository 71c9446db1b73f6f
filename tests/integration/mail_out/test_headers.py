"""Headers of a mail for any words and names: nothing is added, broken or lost."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.email_smtp.message import build_mail, clean
from tests.contract.messages import make_message
from tests.integration.mail_out.scripted import account
from wenhou.core.channels import OutgoingMessage

AT = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
SECRET = {"inbound_secret": "s" * 32}
ANY = st.text(max_size=300)
KNOWN = {
    "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "auto-submitted",
    "x-auto-response-suppress", "feedback-id", "in-reply-to", "references", "list-id", "list-unsubscribe",
    "list-unsubscribe-post", "content-type", "content-transfer-encoding",
}  # fmt: skip


def build(message: OutgoingMessage, **changes: object) -> tuple[bytes, EmailMessage]:
    mail = build_mail(message, account(25, **changes), AT)
    read = message_from_bytes(mail, policy=policy.default)
    assert isinstance(read, EmailMessage)
    return mail.partition(b"\r\n\r\n")[0], read


@settings(max_examples=400, deadline=None)
@given(name=ANY, subject=ANY, sender=ANY, answered=ANY, url=ANY)
def test_no_words_make_a_header_or_a_long_line(
    name: str, subject: str, sender: str, answered: str, url: str
) -> None:
    message = replace(
        make_message("email", name=name, subject=subject, sender=sender, unsubscribe_url=url),
        in_reply_to=answered,
    )
    head, mail = build(message, **SECRET)
    names = [key.lower() for key in mail]
    assert set(names) <= KNOWN
    assert len(names) == len(set(names))
    assert all(len(line) <= 998 for line in head.split(b"\r\n"))
    assert b"\n" not in head.replace(b"\r\n", b"")
    assert b"\r" not in head.replace(b"\r\n", b"")
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^\s]*\?=", head))
    assert [address.addr_spec for address in mail["To"].addresses] == [message.address]
    assert [address.addr_spec for address in mail["From"].addresses] == ["care@bank.test"]


def shown(header: str) -> str:
    """The name in an address header, as most programs read it: the words' bytes joined."""
    name = parseaddr(header.replace("\r\n", ""))[0]
    return str(make_header(decode_header(name)))


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=60)


@settings(max_examples=300, deadline=None)
@given(name=NAMES, subject=NAMES)
def test_names_and_subjects_come_back_as_they_were(name: str, subject: str) -> None:
    head, mail = build(make_message("email", name=name, subject=subject, sender=name))
    raw = message_from_bytes(head + b"\r\n\r\n", policy=policy.compat32)
    assert shown(raw["To"]) == shown(raw["From"]) == clean(name)
    assert mail["Subject"] == clean(subject)
    if len(name.encode()) <= 45:  # the newer parser puts a blank between two encoded words of a name
        assert mail["To"].addresses[0].display_name == clean(name)


LONG = "AAMkADY0" * 14 + "@APCPR01MB1234.apcprd01.prod.exchangelabs.com"


def test_long_ids_and_addresses_are_never_encoded_or_broken() -> None:
    url = "https://u.bank.test/p/" + "t" * 200
    message = replace(make_message("email", unsubscribe_url=url), in_reply_to=LONG)
    head, mail = build(message, **SECRET)
    for token in (url, LONG):
        assert f"<{token}>".encode() in head
    assert mail["In-Reply-To"] == mail["References"] == f"<{LONG}>"
    assert mail["List-Unsubscribe"].split(", ") == [
        f"<{url}>", f"<mailto:unsub+{message.reference}@bank.test?subject=unsubscribe>",
    ]  # fmt: skip
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "<care.bank.test>"


@pytest.mark.parametrize("separator", "+-_=")
def test_every_tagged_address_takes_the_accounts_separator(separator: str) -> None:
    message = make_message("email", unsubscribe_url="https://u.bank.test/p/t")
    _, mail = build(message, separator=separator, **SECRET)
    assert mail["Reply-To"] == f"care{separator}{message.reference}@bank.test"
    assert f"<mailto:unsub{separator}{message.reference}@" in mail["List-Unsubscribe"]


def test_what_cannot_be_refused_is_no_list_and_unheard_boxes_are_not_named() -> None:
    _, service = build(make_message("email"), **SECRET)
    assert {"List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"} & set(service.keys()) == set()
    url = "https://u.bank.test/p/t"
    for changes in ({}, {"tagged": False, **SECRET}):
        _, mail = build(make_message("email", unsubscribe_url=url), **changes)
        assert mail["List-Unsubscribe"] == f"<{url}>"
