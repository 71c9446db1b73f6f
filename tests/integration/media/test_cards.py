"""A card is kept once, agreed to by a second person, and given to a provider anew when it was forgotten."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta

import pytest

from store.media import record_upload
from tests.unit.core import pictures
from wenhou.core.actors import Actor, Role
from wenhou.core.errors import AccessDenied, InputError, Refused
from wenhou.services import media
from wenhou.services.context import Context

OPERATIONS = Actor(kind="user", user_id=uuid.uuid4(), name="李伟", roles=frozenset({Role.OPERATIONS}))
COMPLIANCE = Actor(kind="user", user_id=uuid.uuid4(), name="周敏", roles=frozenset({Role.COMPLIANCE}))
ADVISOR = Actor(kind="user", user_id=uuid.uuid4(), name="陈静", roles=frozenset({Role.ADVISOR}))
DRAFT = media.CardDraft(
    key="mid_autumn", body=pictures.png(), alt_zh="一枝桂花，一轮圆月", alt_en="Osmanthus under a full moon"
)


def add(context: Context) -> media.MediaRow:
    row, outcome = media.add_media(context, OPERATIONS, DRAFT)
    assert outcome == "created"
    return row


def test_a_card_is_kept_once_by_its_digest_and_comes_back_byte_for_byte(context: Context) -> None:
    row = add(context)

    again, outcome = media.add_media(context, OPERATIONS, DRAFT)

    assert outcome == "unchanged"
    assert again == row
    assert (row.state, row.mime, row.width, row.height) == ("waiting", "image/png", 128, 96)
    for name in ("mid_autumn", row.digest, row.digest[:20]):
        assert media.get_media(context, name) == (row, DRAFT.body)
    assert media.list_media(context) == [row]


def test_only_an_approved_card_is_in_force_by_key_and_digest(context: Context) -> None:
    row = add(context)
    with context.db.read() as session:
        assert media.cards_in_force(session) == {}

    media.approve_media(context, COMPLIANCE, "mid_autumn")

    with context.db.read() as session:
        cards = media.cards_in_force(session)
    assert cards["mid_autumn"] is cards[row.digest]
    assert cards["mid_autumn"].parameters("en")["card_alt"] == "Osmanthus under a full moon"

    media.retire_media(context, COMPLIANCE, "mid_autumn")

    with context.db.read() as session:
        assert media.cards_in_force(session) == {}


def test_nobody_approves_their_own_card_and_only_compliance_any(context: Context) -> None:
    row, _ = media.add_media(context, COMPLIANCE, DRAFT)

    with pytest.raises(Refused, match="somebody else"):
        media.approve_media(context, COMPLIANCE, row.key)
    with pytest.raises(AccessDenied):
        media.approve_media(context, OPERATIONS, row.key)
    with pytest.raises(AccessDenied):
        media.add_media(context, ADVISOR, DRAFT)


def test_an_approved_card_is_not_approved_again_and_a_retired_one_stays_so(context: Context) -> None:
    add(context)
    media.approve_media(context, COMPLIANCE, "mid_autumn")

    with pytest.raises(Refused):
        media.approve_media(context, COMPLIANCE, "mid_autumn")
    media.retire_media(context, OPERATIONS, "mid_autumn")
    with pytest.raises(Refused):
        media.approve_media(context, COMPLIANCE, "mid_autumn")


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"key": "Mid Autumn"}, "--key"),
        ({"alt_zh": " "}, "--alt-zh"),
        ({"alt_zh": "稳赚不赔的圆月"}, "--alt-zh"),
        ({"alt_en": "moon\nBcc: x"}, "--alt-en"),
        ({"alt_en": "x" * 121}, "--alt-en"),
    ],
)
def test_words_and_key_of_a_card_are_checked(context: Context, change: dict[str, str], column: str) -> None:
    with pytest.raises(InputError) as refused:
        media.add_media(context, OPERATIONS, replace(DRAFT, **change))  # type: ignore[arg-type]

    assert refused.value.column == column
    assert media.list_media(context) == []


def test_a_key_is_never_given_to_another_picture_nor_other_words_to_a_picture(context: Context) -> None:
    add(context)

    with pytest.raises(Refused, match="another picture"):
        media.add_media(context, OPERATIONS, replace(DRAFT, body=pictures.png(shade=12)))
    with pytest.raises(Refused, match="kept already as mid_autumn"):
        media.add_media(context, OPERATIONS, replace(DRAFT, key="moon"))


def test_a_picture_that_is_none_is_not_kept(context: Context) -> None:
    with pytest.raises(InputError, match="after the picture's end"):
        media.add_media(context, OPERATIONS, replace(DRAFT, body=DRAFT.body + b"PK"))

    assert media.list_media(context) == []


def test_an_upload_is_good_until_its_provider_soon_forgets_it(context: Context) -> None:
    row = add(context)
    now = context.clock.now()

    def upload(account: str, hours: int | None) -> None:
        with context.db.write() as session:
            record_upload(
                session,
                row.digest,
                provider="simulator",
                account=account,
                provider_media_id=f"{account}-{hours}",
                uploaded_at=now,
                expires_at=None if hours is None else now + timedelta(hours=hours),
            )

    def known(account: str, hours: float) -> str | None:
        with context.db.read() as session:
            at = now + timedelta(hours=hours)
            return media.upload_for(session, row.digest, provider="simulator", account=account, at=at)

    assert known("wechat", 0) is None
    upload("wechat", 72)
    assert known("wechat", 0) == "wechat-72"
    assert known("wechat", 71.6) is None
    assert known("email", 0) is None
    upload("wechat", 100)
    assert known("wechat", 71.6) == "wechat-100"
    upload("email", None)
    assert known("email", 10_000) == "email-None"
    assert [one["account"] for one in media.uploads_of(context, "mid_autumn")] == ["email", "wechat"]
