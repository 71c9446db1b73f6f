"""The bytes of a mail, read back by the standard library's parser."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.email_smtp.message import build_mail
from integrations.email_smtp.settings import SmtpSettings
from templates import email_skeleton
from templates.mail.letter_1 import content_id
from tests.unit.templates.mail.letters import CARD, SAMPLE
from wenhou.core.channels import Content, InlineImage, OutgoingMessage

AT = datetime(2027, 1, 30, 1, 0, tzinfo=UTC)
SETTINGS = SmtpSettings(
    account="mail", host="127.0.0.1", from_address="care@bank.example", domain="mail.bank.example"
)
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), min_size=1, max_size=400)


def outgoing(parameters: dict[str, str], images: tuple[InlineImage, ...] = ()) -> OutgoingMessage:
    mail = email_skeleton.build("letter/1", parameters)
    content = Content(
        channel="email",
        sender="江城银行",
        text=mail.text,
        html=mail.html,
        subject=parameters["subject"],
        media=tuple(image.digest for image in images),
        provider_template="letter/1",
        parameters=parameters,
    )
    return OutgoingMessage(
        message_id=uuid.uuid4(),
        attempt_id=uuid.uuid4(),
        reference="abcdefghij234567",
        address="wang@example.com",
        display_name="王芳",
        content=content,
        purpose="care",
        deadline=AT,
        unsubscribe_url="https://care.example/u/" + "t" * 90,
        images=images,
    )


def read(mail: bytes) -> EmailMessage:
    found = message_from_bytes(mail, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@settings(max_examples=200, deadline=None)
@given(paragraphs=st.lists(WORDS, min_size=1, max_size=4), bank=WORDS)
def test_any_words_come_out_as_they_went_in(paragraphs: list[str], bank: str) -> None:
    message = outgoing({**SAMPLE, "paragraphs": "\n\n".join(paragraphs), "bank": bank})

    mail = build_mail(message, SETTINGS, AT)

    parsed = read(mail)
    assert body(parsed, "plain") == message.content.text
    assert body(parsed, "html") == message.content.html
    assert max(len(line) for line in mail.split(b"\r\n")) <= 998
    assert b"\n" not in mail.replace(b"\r\n", b"")


def test_every_line_but_an_unbreakable_token_is_short() -> None:
    mail = build_mail(outgoing(dict(SAMPLE)), SETTINGS, AT)

    long = [line for line in mail.split(b"\r\n") if len(line) > 78]
    assert [line.split(b":")[0] for line in long] == [b"List-Unsubscribe"]


def test_a_card_rides_inside_beside_the_html_that_names_it() -> None:
    picture = bytes(range(256)) * 40
    image = InlineImage(
        digest=CARD.digest, mime="image/png", body=picture, content_id=content_id(CARD.digest)
    )

    parsed = read(build_mail(outgoing({**SAMPLE, **CARD.parameters("zh-CN")}, (image,)), SETTINGS, AT))

    kinds = [part.get_content_type() for part in parsed.walk()]
    assert kinds == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/png",
    ]
    part = next(part for part in parsed.walk() if part.get_content_type() == "image/png")
    assert part.get_payload(decode=True) == picture
    assert part["Content-ID"] == f"<{image.content_id}>"
    assert f'src="cid:{image.content_id}"' in body(parsed, "html")
    assert part.get_content_disposition() == "inline"


def test_another_card_under_another_digest_is_not_taken_for_the_first() -> None:
    mails = []
    for number in (1, 2):
        digest = f"sha256:{number:064d}"
        image = InlineImage(
            digest=digest, mime="image/jpeg", body=bytes([number]) * 90, content_id=content_id(digest)
        )
        mails.append(read(build_mail(outgoing(dict(SAMPLE), (image,)), SETTINGS, AT)))

    pictures = [
        part.get_payload(decode=True)
        for mail in mails
        for part in mail.walk()
        if part.get_content_maintype() == "image"
    ]
    assert pictures == [b"\x01" * 90, b"\x02" * 90]
