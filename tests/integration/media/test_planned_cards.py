"""A bank's own template with a greeting card, from the file to the phone: planned, agreed to, handed over with it."""

from __future__ import annotations

from datetime import date

import pytest

from templates.library import bundled
from tests.factories import Reach
from tests.integration.media.test_cards import DRAFT
from tests.integration.media.test_handover import Uploading
from tests.integration.planning.town import Town, make_town
from wenhou.core.clock import ShiftedClock
from wenhou.services import approvals, media, template_life
from wenhou.services.context import Context
from wenhou.services.template_checks import TemplateText
from wenhou.services.template_standing import VersionRef

EVE = date(2027, 9, 14)
FESTIVAL = """
key: mid_autumn
name: {zh-CN: 中秋问候, en: Mid-Autumn greeting}
purpose: care
trigger: {type: festival, festival: mid_autumn, days_before: 1}
audience:
  all:
    - {field: state, is: [active]}
template: mid_autumn
channels: [wechat]
approval: advisor
send_at: "09:10"
until: "18:00"
"""


@pytest.fixture
def town(context: Context, clock: ShiftedClock) -> Town:
    town = make_town(context, clock, capable=Uploading())
    town.carriers = type(town.carriers)(senders={"wechat": town.sender})
    town.planner = type(town.planner)(context, town.carriers)
    town.go_live(FESTIVAL)
    return town


def _our_own_words(town: Town, card: str) -> None:
    source = bundled().get("mid_autumn").source
    text = source.replace("key: mid_autumn\n", f"key: mid_autumn\ncard: {card}\n", 1)
    ref = VersionRef(key="mid_autumn")
    template_life.save_drafts(
        town.context, town.actors["operations"], [TemplateText(text=text, locale="zh-CN", file="own.yaml")]
    )
    template_life.submit(town.context, town.actors["operations"], ref)
    template_life.approve(town.context, town.actors["compliance"], ref)


def _planned(town: Town) -> None:
    town.customer(reach=Reach(openid="oJC7aee589762ea000001"), consents=(("wechat", "care"),))
    town.at(EVE, 7)
    town.plan(EVE)


def test_a_card_goes_from_the_template_to_the_phone_and_binds_the_approval(town: Town) -> None:
    media.add_media(town.context, town.actors["operations"], DRAFT)
    row = media.approve_media(town.context, town.actors["compliance"], DRAFT.key)
    _our_own_words(town, DRAFT.key)
    _planned(town)
    (message,) = town.messages()
    assert message.status == "proposed"
    advisor = town.actors["advisor"]
    seen = approvals.current_hash(town.context, advisor, message.id)

    approvals.approve(town.context, advisor, message.id, seen, undo_seconds=0)
    town.at(EVE, 10)
    assert town.dispatch() == 1

    (left,) = town.sender.taken
    assert left.content.media == (row.digest,)
    assert left.media_ids == (f"{row.digest[7:15]}-1",)


def test_without_an_approved_card_nothing_goes_and_the_reason_says_so(town: Town) -> None:
    media.add_media(town.context, town.actors["operations"], DRAFT)
    _our_own_words(town, DRAFT.key)

    _planned(town)

    assert town.standing() == [("skipped", "placeholder_missing")]


def test_a_card_that_is_retired_sends_what_waits_back_for_good(town: Town) -> None:
    media.add_media(town.context, town.actors["operations"], DRAFT)
    media.approve_media(town.context, town.actors["compliance"], DRAFT.key)
    _our_own_words(town, DRAFT.key)
    _planned(town)
    advisor = town.actors["advisor"]
    (message,) = town.messages()
    seen = approvals.current_hash(town.context, advisor, message.id)
    approvals.approve(town.context, advisor, message.id, seen, undo_seconds=0)

    media.retire_media(town.context, town.actors["compliance"], DRAFT.key)
    town.at(EVE, 10)

    assert town.dispatch() == 0
    assert town.messages()[0].status == "proposed"
