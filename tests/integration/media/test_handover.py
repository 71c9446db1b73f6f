"""A message and its card, from the store to the phone: given once, given anew when forgotten, never without."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import update

from integrations.email_smtp.message import build_mail
from integrations.email_smtp.settings import SmtpSettings
from integrations.registry import build_sender, read_account
from integrations.simulator.provider import PretendProvider, SimulatorConfig
from integrations.simulator.server import create_app
from scheduler.carriers import Carriers
from scheduler.dispatch import Dispatcher
from store.models.campaigns import MediaUpload
from templates import email_skeleton
from tests.contract.worlds import WebServer
from tests.factories import Reach
from tests.integration.media.test_cards import COMPLIANCE, DRAFT, OPERATIONS
from tests.integration.scheduler.world import CountingSender, World
from tests.unit.templates.mail.letters import SAMPLE
from wenhou.core.channels import (
    MEDIA_UNKNOWN,
    Content,
    Outcome,
    OutgoingMessage,
    Transient,
    UploadedMedia,
)
from wenhou.core.digests import content_digest
from wenhou.core.errors import ChannelFaultError, TransientSendError
from wenhou.core.statuses import Status
from wenhou.services import media

SECRETS = {"wechat": "a secret of tests", "email": "another of tests"}


class Uploading(CountingSender):
    """A sender whose provider wants images first; `fails` plays refusals of the upload, `lasts` how long it keeps one."""

    def __init__(self, *, fails: Sequence[Exception] = (), lasts: timedelta | None = None) -> None:
        super().__init__("wechat")
        self.uploads = 0
        self._fails, self._lasts = list(fails), lasts
        self.real: datetime | None = None

    def upload(self, digest: str, mime: str, body: bytes) -> UploadedMedia:
        assert (mime, body) == ("image/png", DRAFT.body)
        if self._fails:
            raise self._fails.pop(0)
        self.uploads += 1
        until = self.real + self._lasts if self.real and self._lasts else None
        return UploadedMedia(provider_media_id=f"{digest[7:15]}-{self.uploads}", expires_at=until)


@pytest.fixture
def card(world: World) -> media.MediaRow:
    media.add_media(world.context, OPERATIONS, DRAFT)
    return media.approve_media(world.context, COMPLIANCE, DRAFT.key)


def with_card(world: World, card: media.MediaRow, channel: str = "wechat") -> uuid.UUID:
    """A message on one channel whose words go with the card."""
    openid = f"o{uuid.uuid4().hex[:27]}"
    customer = world.customer(reach=Reach(openid=openid, email=f"{openid}@example.com"))
    content = Content(channel=channel, sender="江城银行", text="中秋安康。", media=(card.digest,))
    if channel == "email":
        parameters = {
            **SAMPLE,
            "card": card.digest,
            "card_alt": card.alt_zh,
            "card_width": str(card.width),
            "card_height": str(card.height),
        }
        mail = email_skeleton.build("letter/1", parameters)
        content = replace(
            content,
            text=mail.text,
            html=mail.html,
            subject=SAMPLE["subject"],
            provider_template="letter/1",
            parameters=parameters,
        )
    return world.message(customer, channels=(channel,), contents=(content,))


def test_a_card_is_part_of_what_is_approved(world: World, card: media.MediaRow) -> None:
    content = Content(channel="wechat", sender="江城银行", text="中秋安康。", media=(card.digest,))
    other = replace(content, media=("sha256:" + "0" * 64,))

    digests = {content_digest(b"k", one) for one in (content, other, replace(content, media=()))}

    assert len(digests) == 3


def test_a_card_is_given_once_and_shown_by_its_id_in_every_message(
    world: World, card: media.MediaRow
) -> None:
    sender = Uploading()
    ids = [with_card(world, card) for _ in range(5)]

    world.dispatcher(sender).run_once()

    assert {world.status(one) for one in ids} == {Status.SENT}
    assert sender.uploads == 1
    assert {message.media_ids for message in sender.taken} == {(f"{card.digest[7:15]}-1",)}


def test_a_card_that_its_provider_forgets_soon_is_given_anew(world: World, card: media.MediaRow) -> None:
    sender = Uploading(lasts=timedelta(days=3))
    sender.real = world.clock.real()
    dispatcher = world.dispatcher(sender)
    with_card(world, card)
    dispatcher.run_once()
    assert sender.uploads == 1
    with world.context.db.write() as session:
        session.execute(update(MediaUpload).values(expires_at=world.clock.real() + timedelta(minutes=5)))

    with_card(world, card)
    dispatcher.run_once()

    assert sender.uploads == 2
    assert [message.media_ids[0][-1] for message in sender.taken] == ["1", "2"]


@pytest.mark.parametrize("fault", [TransientSendError("busy"), OSError("no line"), ValueError("odd")])
def test_when_a_card_cannot_be_given_the_message_stays_and_goes_later(
    world: World, card: media.MediaRow, fault: Exception
) -> None:
    sender = Uploading(fails=[fault])
    message_id = with_card(world, card)
    dispatcher = world.dispatcher(sender)

    dispatcher.run_once()
    assert (world.status(message_id), world.row(message_id).reason) == (Status.SCHEDULED, "retry")
    assert sender.calls == 0
    assert [attempt.outcome for attempt in world.attempts(message_id)] == ["transient"]
    world.clock.advance(timedelta(seconds=5))
    dispatcher.run_once()

    assert (world.status(message_id), sender.uploads, sender.calls) == (Status.SENT, 1, 1)


def test_an_account_at_fault_is_paused_by_its_upload_too(world: World, card: media.MediaRow) -> None:
    sender = Uploading(fails=[ChannelFaultError("no credentials", provider_code="40001")])
    message_id = with_card(world, card)

    world.dispatcher(sender).run_once()

    assert (world.status(message_id), world.row(message_id).reason) == (Status.SCHEDULED, "channel_paused")


def test_a_card_the_provider_no_longer_knows_is_given_anew(world: World, card: media.MediaRow) -> None:
    class Forgetful(Uploading):
        def send(self, batch: Sequence[OutgoingMessage]) -> Mapping[uuid.UUID, Outcome]:
            if self.uploads == 1:
                return {message.attempt_id: Transient(code=MEDIA_UNKNOWN) for message in batch}
            return super().send(batch)

    sender, message_id = Forgetful(), with_card(world, card)
    dispatcher = world.dispatcher(sender)

    dispatcher.run_once()
    world.clock.advance(timedelta(seconds=5))
    dispatcher.run_once()

    assert (world.status(message_id), sender.uploads) == (Status.SENT, 2)


def test_a_line_that_carries_no_images_does_not_send_the_words_without(
    world: World, card: media.MediaRow
) -> None:
    sender, message_id = CountingSender("wechat"), with_card(world, card)

    world.dispatcher(sender).run_once()

    assert (world.status(message_id), sender.calls) == (Status.FAILED, 0)
    assert [attempt.code for attempt in world.attempts(message_id)] == ["media_unsupported"]


def test_a_card_taken_back_goes_out_with_nothing(world: World, card: media.MediaRow) -> None:
    sender, message_id = Uploading(), with_card(world, card)
    media.retire_media(world.context, COMPLIANCE, card.key)

    world.dispatcher(sender).run_once()

    assert (world.status(message_id), world.row(message_id).reason) == (Status.PROPOSED, "content_changed")
    assert (sender.uploads, sender.calls) == (0, 0)


def test_a_mail_carries_its_card_inside(world: World, card: media.MediaRow) -> None:
    class Carrying(CountingSender):
        def __init__(self) -> None:
            super().__init__("email")
            self.capabilities = replace(self.capabilities, carries_images=True)

    sender, message_id = Carrying(), with_card(world, card, "email")

    world.dispatcher(sender).run_once()

    assert world.status(message_id) == Status.SENT
    settings = SmtpSettings(
        account="mail", host="127.0.0.1", from_address="care@bank.example", domain="bank.example"
    )
    mail = message_from_bytes(build_mail(sender.taken[0], settings, world.clock.now()), policy=policy.default)
    picture = next(part for part in mail.walk() if part.get_content_type() == "image/png")
    assert picture.get_payload(decode=True) == DRAFT.body
    assert f"cid:{picture['Content-ID'][1:-1]}" in str(sender.taken[0].content.html)


@pytest.fixture
def phones(world: World) -> Iterator[tuple[PretendProvider, Dispatcher, str]]:
    """The simulator on a port of its own, and a worker that hands over to it."""
    app = create_app(SimulatorConfig(secrets=SECRETS, delivered_after_seconds=0.0))
    served = WebServer(app, threads=4)
    blocks = [
        {"channel": one, "provider": "simulator", "account": one, "base_url": served.url, "secret": secret}
        for one, secret in SECRETS.items()
    ]
    carriers = Carriers(senders={str(one["channel"]): build_sender(read_account(one)) for one in blocks})
    worker = Dispatcher(world.context, carriers)
    yield app.extensions["simulator"], worker, served.url
    worker.close()
    carriers.close()
    served.close()
    app.extensions["simulator"].close()


@pytest.mark.parametrize("channel", ["wechat", "email"])
def test_the_simulated_phone_shows_the_card_and_asks_again_for_one_it_forgot(
    world: World, card: media.MediaRow, phones: tuple[PretendProvider, Dispatcher, str], channel: str
) -> None:
    provider, worker, _ = phones
    first, second = with_card(world, card, channel), with_card(world, card, channel)

    worker.run_once()
    assert {world.status(first), world.status(second)} == {Status.SENT}
    assert provider.state.uploads() == 1
    provider.state.forget_images()
    third = with_card(world, card, channel)
    worker.run_once()
    world.clock.advance(timedelta(seconds=5))
    worker.run_once()

    assert world.status(third) == Status.SENT
    assert provider.state.uploads() == 2

    def _shown() -> list[object]:
        return [
            provider.state.images_of(line.delivery.message_id)
            for who, address, *_ in provider.state.threads()
            for line in provider.state.thread(who, address)
            if line.delivery
        ]

    for _ in range(100):  # until the phones have them
        if len(_shown()) == 3:
            break
        threading.Event().wait(0.05)
    assert _shown() == [[("image/png", DRAFT.body)]] * 3
